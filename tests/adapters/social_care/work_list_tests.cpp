#include "adapters/social_care/work_list.h"

#include <boost/test/unit_test.hpp>

#include "adapters/social_care/json/json_tree.h"

namespace sc = cpis::social_care;
using cpis::PlanType;
using cpis::RecordOutcome;
using sc::WorkKind;

namespace {

cpis::Date day(std::string_view text) { return *cpis::parse_iso_date(text); }
const cpis::Date today = day("2026-06-15");
const cpis::Date tomorrow = day("2026-06-16");

sc::CanonicalRecord held(sc::Rule rule) {
  sc::CanonicalRecord out;
  out.person_key = "C1";
  out.start = day("2026-06-01");
  out.state = sc::RecordState::held;
  out.rules.add(rule);
  return out;
}

// An open plan was accepted, its end was rejected.
sc::KnownRecord rejected_end() {
  const sc::Content open{*cpis::NhsNumber::parse("9990000018"), {}, {}, true, 1};
  sc::Content ended = open;
  ended.open = false;
  ended.end = today;
  sc::KnownRecord known;
  known.key = {"C2", PlanType::cpp, day("2026-01-01")};
  known = after_outcome(after_sending(known, open, 1, today), 1, RecordOutcome::cpr06, today);
  return after_outcome(after_sending(known, ended, 2, today), 2, RecordOutcome::cpr03, today);
}

std::vector<sc::WorkItem> items_of(const std::vector<sc::CanonicalRecord>& records,
                                   const std::vector<sc::KnownRecord>& known,
                                   const sc::Difference& difference = {},
                                   const sc::Counts& counts = {},
                                   const std::vector<sc::InactiveNumber>& inactive = {}) {
  sc::WorkItems items{today};
  for (const auto& record : records) items.add(record);
  for (const auto& one : known) items.add(one);
  for (const auto& doubt : difference.doubts) items.add(doubt);
  for (const auto& number : inactive) items.add(number);
  for (const auto& [label, count] : counts.unknown_labels) items.add_label(label, count);
  return items.sorted();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(work_list_tests)

// A child stays flagged who should not be: nothing is more urgent.
BOOST_AUTO_TEST_CASE(an_end_that_was_not_loaded_comes_first) {
  sc::Difference difference;
  difference.doubts.push_back({sc::Rule::d01, {"C3", PlanType::lac, today}});
  const auto items = items_of({held(sc::Rule::c01)}, {rejected_end()}, difference);
  BOOST_REQUIRE_EQUAL(items.size(), 3U);
  BOOST_TEST((items[0].kind == WorkKind::end_not_acknowledged));
  BOOST_TEST(items[0].reason == "CPR03");
  BOOST_TEST(items[0].text.starts_with("CP-IS still shows this plan as open"));
  BOOST_TEST((items[1].kind == WorkKind::vanished));
  BOOST_TEST((items[2].kind == WorkKind::held));
  BOOST_TEST(*items[2].days_on_plan == 14);
}

BOOST_AUTO_TEST_CASE(each_reason_has_its_list) {
  auto reasoned = held(sc::Rule::p02);
  reasoned.no_number = sc::NoNumberReason::newborn_awaited;
  auto asked = held(sc::Rule::p07);
  asked.state = sc::RecordState::queried;
  sc::Counts counts;
  counts.unknown_labels["S20 homeless"] = 3;
  const auto items = items_of({reasoned, asked}, {}, {}, counts, {{"C9", false}});
  BOOST_REQUIRE_EQUAL(items.size(), 4U);
  BOOST_TEST((items[0].kind == WorkKind::inactive_number));
  BOOST_TEST((items[1].kind == WorkKind::missing_number));
  BOOST_TEST(items[1].reason == "P02 NEWBORN_AWAITED");
  BOOST_TEST((items[2].kind == WorkKind::unborn_past_due));
  BOOST_TEST((items[3].kind == WorkKind::unmatched_label));
  BOOST_TEST(items[3].subject == "S20 homeless");
}

BOOST_AUTO_TEST_CASE(what_is_ready_or_rightly_left_out_is_no_work) {
  auto ready = held(sc::Rule::l03);
  ready.state = sc::RecordState::ready;
  auto skipped = held(sc::Rule::c05);
  skipped.state = sc::RecordState::skipped;
  BOOST_TEST(items_of({ready, skipped}, {}).empty());
}

BOOST_AUTO_TEST_CASE(an_item_opens_is_taken_is_resolved_and_comes_back) {
  const auto items = items_of({held(sc::Rule::c01)}, {});
  auto entries = sc::update({}, items, today);
  BOOST_REQUIRE_EQUAL(entries.size(), 1U);
  BOOST_TEST(sc::take(entries, items[0].id(), "ann", today));
  BOOST_TEST(!sc::take(entries, "held|nobody|", "ann", today));
  entries = sc::update(entries, items, tomorrow);
  BOOST_TEST(entries[0].owner == "ann");
  BOOST_TEST((entries[0].since == today));
  entries = sc::update(entries, {}, tomorrow);
  BOOST_TEST(!entries[0].open);
  BOOST_TEST(!sc::take(entries, items[0].id(), "bob", tomorrow));
  entries = sc::update(entries, items, day("2026-07-01"));
  BOOST_TEST(entries[0].open);
  std::vector<sc::WorkEntry::Event> events;
  for (const auto& step : entries[0].history) events.push_back(step.event);
  using enum sc::WorkEntry::Event;
  BOOST_TEST((events == std::vector{opened, taken, resolved, reopened}));
  entries = sc::update(entries, {}, day("2026-07-02"));
  BOOST_TEST(sc::update(entries, {}, day("2028-07-02")).empty());
}

BOOST_AUTO_TEST_CASE(two_different_people_approve_what_the_item_says_now) {
  sc::Difference difference;
  difference.doubts.push_back({sc::Rule::p04, {"C3", PlanType::lac, day("2026-01-01")}, "0a1b2"});
  auto entries = sc::update({}, items_of({}, {}, difference), today);
  const std::string id = entries[0].item.id();
  BOOST_REQUIRE(sc::approve(entries, id, "ann", today));
  BOOST_TEST(sc::approvals_of(entries).empty());
  BOOST_TEST((sc::approve(entries, id, "Ann", today).error().kind == cpis::ErrorKind::conflict));
  BOOST_REQUIRE(sc::approve(entries, id, "bob", today));
  const auto approvals = sc::approvals_of(entries);
  BOOST_REQUIRE_EQUAL(approvals.size(), 1U);
  BOOST_TEST(approvals[0].stands());
  BOOST_TEST((approvals[0].about == sc::Approval::About::number));
  BOOST_TEST((approvals[0].key == sc::RecordKey{"C3", PlanType::lac, day("2026-01-01")}));
  BOOST_TEST(approvals[0].proposal == "0a1b2");
  difference.doubts[0].proposal = "fffff";
  entries = sc::update(entries, items_of({}, {}, difference), tomorrow);
  BOOST_TEST(sc::approvals_of(entries).empty());
  BOOST_TEST(sc::approvers_of(entries[0]).empty());
  entries = sc::update({}, items_of({held(sc::Rule::c01)}, {}), today);
  BOOST_TEST((sc::approve(entries, entries[0].item.id(), "ann", today).error().kind ==
              cpis::ErrorKind::bad_input));
}

BOOST_AUTO_TEST_CASE(the_lists_say_how_long_it_waits_and_hide_what_is_sensitive) {
  auto sensitive = rejected_end();
  sensitive.outcome = RecordOutcome::cpr02;
  const auto entries = sc::update({}, items_of({held(sc::Rule::c01)}, {sensitive}), today);
  const auto csv = sc::work_list_csv(entries, tomorrow);
  BOOST_TEST(csv.find("held|C1|CPP 2026-06-01,held,open,C1,CPP 2026-06-01,C01,") !=
             std::string::npos);
  BOOST_TEST(csv.find(",2026-06-15,1,,,14\r\n") != std::string::npos);
  BOOST_TEST(csv.find("C2") == std::string::npos);
  const auto json = sc::read_json(sc::work_list_json(entries, tomorrow), 1000);
  BOOST_REQUIRE(json);
  BOOST_REQUIRE_EQUAL(json->items.size(), 2U);
  BOOST_TEST(json->items[0].find("restricted")->truth);
  BOOST_TEST(json->items[1].find("days_waiting")->text == "1");
}

BOOST_AUTO_TEST_SUITE_END()
