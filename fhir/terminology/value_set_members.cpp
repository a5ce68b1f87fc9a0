#include "fhir/terminology/value_set_members.h"

#include "fhir/terminology/external_systems.h"

namespace cpis::fhir {

namespace {

std::string lower(std::string_view text) {
  std::string small{text};
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return small;
}

CodeAnswer only(Membership membership) {
  CodeAnswer answer;
  answer.membership = membership;
  return answer;
}

CodeAnswer from(const ExpandedConcept& one) {
  return {Membership::yes, one.system, one.display, one.abstract, one.inactive};
}

}  // namespace

CodeAnswer ValueSetMembers::find_listed(const Clause& clause, std::string_view code) {
  auto known = clause.codes.find(code);
  if (known == clause.codes.end() && clause.fold_case) {
    const auto folded = clause.folded.find(lower(code));
    if (folded != clause.folded.end()) known = clause.codes.find(folded->second);
  }
  return known == clause.codes.end() ? only(Membership::no) : from(known->second);
}

CodeAnswer ValueSetMembers::find_in_system(const Clause& clause, std::string_view code) {
  CodeAnswer answer;
  if (clause.index != nullptr) answer = clause.index->find(code);
  if (answer.membership != Membership::unknown) return answer;
  answer.membership = external_membership(clause.system, code);
  if (answer.membership == Membership::yes) answer.system = clause.system;
  return answer;
}

CodeAnswer ValueSetMembers::find_in(const Clause& clause, std::string_view system,
                                    std::string_view code) {
  if (!clause.system.empty() && !system.empty() && system != clause.system) {
    return only(Membership::no);
  }
  CodeAnswer answer = only(Membership::yes);
  if (clause.reach == Reach::listed) {
    answer = find_listed(clause, code);
  } else if (clause.reach != Reach::only_sets) {
    answer = find_in_system(clause, code);
    if (clause.reach == Reach::undecided) {
      answer.membership = both(answer.membership, Membership::unknown);
    }
  }
  for (const ValueSetMembers* set : clause.sets) {
    if (answer.membership == Membership::no) break;
    const CodeAnswer one = set->answer(system.empty() ? clause.system : system, code);
    const Membership together = both(answer.membership, one.membership);
    if (answer.system.empty()) answer = one;
    answer.membership = together;
  }
  if (clause.missing_set) answer.membership = both(answer.membership, Membership::unknown);
  return answer;
}

CodeAnswer ValueSetMembers::find_in(const std::vector<Clause>& clauses, std::string_view system,
                                    std::string_view code) const {
  CodeAnswer best = only(Membership::no);
  for (const Clause& clause : clauses) {
    const CodeAnswer one = find_in(clause, system, code);
    if (one.membership == Membership::yes) return one;
    if (one.membership == Membership::unknown) best = one;
  }
  return best;
}

/// The expansion the author stored with the set decides what we cannot.
CodeAnswer ValueSetMembers::find_stored(std::string_view system, std::string_view code) const {
  const auto [first, last] = stored_.equal_range(code);
  for (auto at = first; at != last; ++at) {
    if (system.empty() || at->second->system == system) return from(*at->second);
  }
  return only(set_->expansion_complete ? Membership::no : Membership::unknown);
}

CodeAnswer ValueSetMembers::answer(std::string_view system, std::string_view code) const {
  CodeAnswer found = includes_.empty() ? CodeAnswer{} : find_in(includes_, system, code);
  if (found.membership == Membership::unknown && !stored_.empty()) {
    return find_stored(system, code);
  }
  if (found.membership == Membership::no || excludes_.empty()) return found;
  const CodeAnswer excluded = find_in(excludes_, system.empty() ? found.system : system, code);
  if (excluded.membership == Membership::yes) return only(Membership::no);
  if (excluded.membership == Membership::unknown) found.membership = Membership::unknown;
  return found;
}

CodeAnswer ValueSetMembers::find(std::string_view system, std::string_view code) const {
  return answer(system, code);
}

CodeAnswer ValueSetMembers::find_code(std::string_view code) const { return answer({}, code); }

}  // namespace cpis::fhir
