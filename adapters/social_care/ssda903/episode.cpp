#include "adapters/social_care/ssda903/episode.h"

#include <utility>

#include "adapters/social_care/text.h"

namespace cpis::social_care::ssda903 {

void add_episode(Extract& extract, const Episode& episode) {
  if (episode.child.empty()) return extract.report(Rule::p01, episode.at, "CHILD", "blank");
  const auto status = extract.status_in_scope(episode.legal_status, episode.at, "LS");
  if (!status) return;
  if (episode.start.wrong) extract.report(Rule::t01, episode.at, "DECOM", "not a date");
  if (episode.end.wrong) extract.report(Rule::t01, episode.at, "DEC", "not a date");
  StatusEntry entry;
  entry.person = extract.person(episode.child);
  entry.at = episode.at;
  entry.status = *status;
  entry.start = episode.start.day;
  entry.end = episode.end.day == no_day ? open_day : episode.end.day;
  entry.continues = equal_folded(episode.reason_ended, "X1") && entry.end != open_day;
  entry.adopted =
      equal_folded(episode.reason_ended, "E11") || equal_folded(episode.reason_ended, "E12");
  extract.add_status(entry, episode.start.wrong || episode.end.wrong);
}

void add_child(Extract& extract, std::string_view child, DayValue birth, RowRef at) {
  if (child.empty()) return extract.report(Rule::p01, at, "CHILD", "blank");
  const PersonId person = extract.person(child);
  if (birth.wrong) {
    extract.people[person].rules.add(Rule::t01);
    extract.report(Rule::t01, at, "DOB", "not a date");
  }
  PersonFacts facts;
  facts.birth = birth.day;
  extract.describe(person, std::move(facts), at);
}

}  // namespace cpis::social_care::ssda903
