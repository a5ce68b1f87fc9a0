#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/definitions/model.h"
#include "fhir/terminology/code_system_index.h"
#include "fhir/terminology/membership.h"

namespace cpis::fhir {

class Terminology;

/// One value set, made ready for questions: what can be enumerated is in hash tables, what cannot
/// answers `unknown`. Immutable; made and owned by Terminology.
class ValueSetMembers {
 public:
  const ValueSet& value_set() const { return *set_; }
  /// A Coding. Precondition: `system` is not empty.
  CodeAnswer find(std::string_view system, std::string_view code) const;
  /// A bare code, as an element of type `code` has: in any of the systems of the set.
  CodeAnswer find_code(std::string_view code) const;

  /// Whole systems and filters that cannot be enumerated here, by system url; empty when `concepts`
  /// is everything.
  const std::vector<std::string_view>& open_systems() const { return open_; }
  /// What is enumerated, excluded codes left out, in the order of the definition.
  const std::vector<ExpandedConcept>& concepts() const { return concepts_; }

 private:
  friend class Terminology;
  enum class Reach : std::uint8_t {
    listed,        ///< exactly `codes`
    whole_system,  ///< whatever the system has
    undecided,     ///< some of the system, nobody here knows which
    only_sets,     ///< no system: whatever is in all `sets`
  };
  struct Clause {
    std::string_view system;
    Reach reach = Reach::listed;
    bool fold_case = false;
    const CodeSystemIndex* index = nullptr;
    std::unordered_map<std::string_view, ExpandedConcept> codes;
    std::unordered_map<std::string, std::string_view> folded;  ///< lower case -> code
    std::vector<const ValueSetMembers*> sets;
    bool missing_set = false;  ///< refers to a value set that is not here
  };

  explicit ValueSetMembers(const ValueSet& set) : set_{&set} {}
  CodeAnswer find_in(const std::vector<Clause>& clauses, std::string_view system,
                     std::string_view code) const;
  static CodeAnswer find_in(const Clause& clause, std::string_view system, std::string_view code);
  static CodeAnswer find_listed(const Clause& clause, std::string_view code);
  static CodeAnswer find_in_system(const Clause& clause, std::string_view code);
  CodeAnswer find_stored(std::string_view system, std::string_view code) const;
  CodeAnswer answer(std::string_view system, std::string_view code) const;

  const ValueSet* set_;
  std::vector<Clause> includes_;
  std::vector<Clause> excludes_;
  std::unordered_multimap<std::string_view, const ExpandedConcept*> stored_;
  std::vector<ExpandedConcept> concepts_;
  std::vector<std::string_view> open_;
  std::size_t level_ = 0;  ///< how deep value sets are nested in it
};

}  // namespace cpis::fhir
