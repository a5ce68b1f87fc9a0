#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/definitions/definitions.h"
#include "fhir/terminology/membership.h"
#include "fhir/terminology/value_set_members.h"

namespace cpis::fhir {

/// Value sets nested deeper than this are not decided.
inline constexpr std::size_t value_set_nesting_max = 8;

struct ExpansionRequest {
  std::string_view filter;  ///< part of the code or display, letter case ignored; empty: all
  bool active_only = false;
  std::size_t offset = 0;
  std::size_t count = 1'000;
};

struct Expansion {
  std::vector<ExpandedConcept> concepts;  ///< the page asked for
  std::size_t total = 0;                  ///< before paging
  /// Systems of which not every member could be listed. When not empty, the list is a part only and
  /// must not be given out as the expansion.
  std::vector<std::string_view> missing_systems;
};

/// Answers questions about codes from what is loaded, offline (FHIR R4 terminology-service.html).
/// Value sets and code systems are prepared on first use and kept; safe to share between threads.
/// Answers point into the definitions and into this object.
class Terminology {
 public:
  /// `definitions` must outlive this.
  explicit Terminology(const Definitions& definitions);
  ~Terminology();
  Terminology(const Terminology&) = delete;
  Terminology& operator=(const Terminology&) = delete;

  /// The set behind a canonical (a binding), null when nobody knows it. Stays valid; callers keep
  /// it.
  const ValueSetMembers* members(std::string_view canonical) const;

  /// Is this a code of the system? Unknown systems answer `unknown`.
  CodeAnswer lookup(std::string_view system, std::string_view code) const;
  /// Can codes of this system be told from others at all?
  bool knows_system(std::string_view system) const;
  /// Is `special` the same as, or below, `general`? None when the system or a code is not here.
  std::optional<bool> subsumes(std::string_view system, std::string_view general,
                               std::string_view special) const;

  /// $validate-code: `unknown` when the value set is unknown. Without system, any in the set.
  CodeAnswer validate(std::string_view value_set, std::string_view system,
                      std::string_view code) const;
  /// $expand; none when the value set is unknown.
  std::optional<Expansion> expand(std::string_view value_set,
                                  const ExpansionRequest& request) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cpis::fhir
