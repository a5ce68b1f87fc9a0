#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/definitions/model.h"
#include "fhir/terminology/membership.h"

namespace cpis::fhir {

/// One loaded code system, ready to be asked. Immutable.
class CodeSystemIndex {
 public:
  /// `system` must outlive the index.
  explicit CodeSystemIndex(const CodeSystem& system);

  const CodeSystem& system() const { return *system_; }
  /// A code that is not there is `no` only when the system says it is complete.
  CodeAnswer find(std::string_view code) const;
  std::optional<std::uint32_t> position(std::string_view code) const;
  /// Is `descendant` the same as, or below, `ancestor`? Both are positions.
  bool is_a(std::uint32_t descendant, std::uint32_t ancestor) const;
  /// Positions of the concepts that pass the filter; none when it cannot be decided here (an
  /// unknown property, a regular expression, a hierarchy that means something else).
  std::optional<std::vector<std::uint32_t>> select(const ValueSetFilter& filter) const;

 private:
  std::vector<std::uint32_t> descendants(std::uint32_t root, bool with_root) const;
  std::optional<std::vector<std::uint32_t>> select_by_hierarchy(const ValueSetFilter& filter) const;
  std::optional<bool> passes(const CodeSystemConcept& one, const ValueSetFilter& filter) const;

  const CodeSystem* system_;
  std::unordered_map<std::string_view, std::uint32_t> positions_;
  std::unordered_map<std::string, std::uint32_t> folded_;  ///< lower case, where case is ignored
  std::vector<std::vector<std::uint32_t>> children_;
};

}  // namespace cpis::fhir
