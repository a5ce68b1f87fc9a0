#include "adapters/social_care/difference.h"

#include <boost/test/unit_test.hpp>

#include "adapters/social_care/upload_records.h"

namespace sc = cpis::social_care;
using cpis::PlanType;
using cpis::RecordOutcome;
using sc::ChangeKind;
using sc::Life;

namespace {

cpis::Date day(std::string_view text) { return *cpis::parse_iso_date(text); }
const cpis::Date today = day("2026-06-15");

sc::CanonicalRecord record(std::string key, std::string_view number, std::string_view start,
                           std::string_view end = {}) {
  sc::CanonicalRecord out;
  out.person_key = std::move(key);
  out.type = PlanType::cpp;
  out.start = day(start);
  out.open = end.empty();
  if (!out.open) out.end = day(end);
  out.subject = cpis::PlanSubject{*cpis::NhsNumber::parse(number),
                                  out.person_key,
                                  "X99:T",
                                  {"Ada", "Aspen"},
                                  day("2015-01-01"),
                                  false};
  return out;
}

sc::CanonicalRecord ada(std::string_view end = {}) {
  return record("C1", "9990000018", "2026-01-01", end);
}
sc::CanonicalRecord ben() { return record("C2", "9990000026", "2026-02-01"); }

sc::KnownRecord answered(const sc::CanonicalRecord& one, RecordOutcome outcome) {
  sc::KnownRecord known{key_of(one), Life::draft, {}, {}, 0, RecordOutcome::unknown, today};
  known = after_sending(known, *content_of(one), 7, today);
  return after_outcome(known, 7, outcome, today);
}
sc::KnownRecord accepted(const sc::CanonicalRecord& one) {
  return answered(one, RecordOutcome::cpr06);
}

using Records = std::vector<sc::CanonicalRecord>;
using Known = std::vector<sc::KnownRecord>;

// What came out of a comparison.
struct Compared : sc::Difference {
  std::vector<sc::Change> sent;
};

Compared compare(const Records& records, const Known& known,
                 const std::vector<sc::Approval>& approvals = {}) {
  std::vector<sc::Change> sent;
  const sc::KnownBook book{known};
  const sc::Approvals approved{approvals};
  sc::Comparison comparison{book, approved,
                            [&](sc::Change&& change) { sent.push_back(std::move(change)); }};
  for (sc::CanonicalRecord record : records) comparison.take(std::move(record));
  return {comparison.finish(), std::move(sent)};
}

std::vector<sc::Rule> doubts_of(const sc::Difference& difference) {
  std::vector<sc::Rule> rules;
  for (const auto& doubt : difference.doubts) rules.push_back(doubt.rule);
  return rules;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(difference_tests)

BOOST_AUTO_TEST_CASE(a_first_extract_creates_and_a_repeat_sends_nothing) {
  const Records records{ada(), ben()};
  const auto first = compare(records, {});
  BOOST_REQUIRE_EQUAL(first.sent.size(), 2U);
  BOOST_TEST((first.sent[0].kind == ChangeKind::create));
  BOOST_TEST(first.sent[0].record.person_key == "C1");
  const auto again = compare(records, {accepted(ada()), accepted(ben())});
  BOOST_TEST(again.sent.empty());
  BOOST_TEST(again.unchanged == 2U);
}

BOOST_AUTO_TEST_CASE(adding_an_end_sends_one_record) {
  const auto difference = compare({ada("2026-06-01"), ben()}, {accepted(ada()), accepted(ben())});
  BOOST_REQUIRE_EQUAL(difference.sent.size(), 1U);
  BOOST_TEST((difference.sent[0].kind == ChangeKind::end));
  BOOST_TEST(difference.sent[0].record.person_key == "C1");
}

// Safety: a child must not lose the flag because a row was missing.
BOOST_AUTO_TEST_CASE(removing_rows_sends_nothing_and_asks) {
  const auto difference = compare({}, {accepted(ada()), accepted(ada("2026-06-01"))});
  BOOST_TEST(difference.sent.empty());
  BOOST_TEST((doubts_of(difference) == std::vector{sc::Rule::d01}));
}

BOOST_AUTO_TEST_CASE(a_plan_that_already_ended_may_leave_the_extract) {
  const auto difference = compare({}, {accepted(ada("2026-06-01"))});
  BOOST_TEST(difference.sent.empty());
  BOOST_TEST(difference.doubts.empty());
}

BOOST_AUTO_TEST_CASE(a_held_record_keeps_what_was_accepted) {
  auto held = ada("2026-06-01");
  held.state = sc::RecordState::held;
  const auto difference = compare({held}, {accepted(ada())});
  BOOST_TEST(difference.sent.empty());
  BOOST_TEST(difference.doubts.empty());
}

BOOST_AUTO_TEST_CASE(a_changed_name_is_an_update) {
  auto renamed = ada();
  renamed.subject->name.family = "Ash";
  const auto difference = compare({renamed}, {accepted(ada())});
  BOOST_REQUIRE_EQUAL(difference.sent.size(), 1U);
  BOOST_TEST((difference.sent[0].kind == ChangeKind::update));
}

// Safety: a superseded number or an adoption must not move a plan.
BOOST_AUTO_TEST_CASE(a_changed_number_needs_two_people) {
  const auto moved = record("C1", "9990000034", "2026-01-01");
  const auto doubtful = compare({moved}, {accepted(ada())});
  BOOST_REQUIRE((doubts_of(doubtful) == std::vector{sc::Rule::p04}));
  const std::string mark = doubtful.doubts[0].proposal;
  BOOST_TEST(mark.size() == 5U);
  sc::Approval approval{key_of(moved), sc::Approval::About::number, "ann", " Ann", mark};
  BOOST_TEST(compare({moved}, {accepted(ada())}, {approval}).sent.empty());
  approval.approved_by = "bob";
  BOOST_TEST(compare({moved}, {accepted(ada())}, {approval}).sent.size() == 1U);
  // Another number than the one they looked at.
  const auto again = record("C1", "9990000042", "2026-01-01");
  const auto other = compare({again}, {accepted(ada())}, {approval});
  BOOST_TEST(other.sent.empty());
  BOOST_REQUIRE((doubts_of(other) == std::vector{sc::Rule::p04}));
  BOOST_TEST(other.doubts[0].proposal != mark);
}

BOOST_AUTO_TEST_CASE(a_changed_start_is_asked_about_and_not_sent) {
  const auto moved = record("C1", "9990000018", "2026-01-08");
  const auto difference = compare({moved}, {accepted(ada())});
  BOOST_TEST(difference.sent.empty());
  BOOST_REQUIRE((doubts_of(difference) == std::vector{sc::Rule::d02}));
  BOOST_TEST(difference.doubts[0].proposal == "2026-01-08");
  const sc::Approval approval{key_of(moved), sc::Approval::About::start, "ann", "bob"};
  BOOST_TEST(compare({moved}, {accepted(ada())}, {approval}).sent.size() == 1U);
}

// A second plan of a type is no moved one, whichever row comes first.
BOOST_AUTO_TEST_CASE(a_further_plan_beside_a_known_one_is_sent_in_any_order) {
  const auto further = record("C1", "9990000018", "2026-03-01");
  for (const Records& rows : {Records{further, ada()}, Records{ada(), further}}) {
    const auto difference = compare(rows, {accepted(ada())});
    BOOST_REQUIRE_EQUAL(difference.sent.size(), 1U);
    BOOST_TEST((difference.sent[0].record.start == further.start));
    BOOST_TEST(difference.doubts.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_delete_needs_two_people_and_something_to_delete) {
  auto error = ada();
  error.deleted = today;
  error.open = false;
  error.rules.add(sc::Rule::d03);
  error.state = sc::RecordState::held;
  BOOST_TEST((doubts_of(compare({error}, {accepted(ada())})) == std::vector{sc::Rule::d03}));
  const sc::Approval approval{key_of(error), sc::Approval::About::deletion, "ann", "bob"};
  const auto difference = compare({error}, {accepted(ada())}, {approval});
  BOOST_REQUIRE_EQUAL(difference.sent.size(), 1U);
  BOOST_TEST((difference.sent[0].kind == ChangeKind::remove));
  BOOST_TEST(sc::may_be_sent(difference.sent[0].record));
  BOOST_TEST(!sc::may_be_sent(error));
  BOOST_TEST(compare({error}, {}, {approval}).sent.empty());
  auto dated_again = error;
  dated_again.deleted = day("2026-06-16");
  BOOST_TEST(compare({dated_again}, {accepted(error)}, {approval}).sent.empty());
}

BOOST_AUTO_TEST_CASE(a_rejected_record_is_not_sent_again_until_it_changes) {
  const Known known{answered(ada(), RecordOutcome::cpr03)};
  const auto same = compare({ada()}, known);
  BOOST_TEST(same.sent.empty());
  BOOST_TEST(same.unrepaired == 1U);
  auto corrected = ada();
  corrected.subject->name.given = "Adah";
  BOOST_TEST(compare({corrected}, known).sent.size() == 1U);
  auto traced = record("C1", "9990000034", "2026-01-01");
  BOOST_TEST(compare({traced}, known).sent.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_record_in_flight_waits) {
  sc::KnownRecord known{key_of(ada()), Life::draft, {}, {}, 0, RecordOutcome::unknown, today};
  known = after_sending(known, *content_of(ada()), 7, today);
  const auto difference = compare({ada("2026-06-01")}, {known});
  BOOST_TEST(difference.sent.empty());
  BOOST_TEST(difference.waiting == 1U);
}

// An end that is found late must still reach CP-IS, however old it is.
BOOST_AUTO_TEST_CASE(a_late_end_is_sent_although_it_is_old) {
  auto old = record("C1", "9990000018", "2024-01-01", "2024-06-01");
  old.state = sc::RecordState::skipped;
  old.rules.add(sc::Rule::c05);
  BOOST_TEST(compare({old}, {}).sent.empty());
  const auto difference = compare({old}, {accepted(record("C1", "9990000018", "2024-01-01"))});
  BOOST_REQUIRE_EQUAL(difference.sent.size(), 1U);
  BOOST_TEST((difference.sent[0].kind == ChangeKind::end));
}

BOOST_AUTO_TEST_CASE(the_memory_of_a_council_finds_every_record_however_it_grew) {
  sc::KnownBook book{{accepted(ada())}};
  for (int i = 0; i < 1000; ++i) {
    book.of({"P" + std::to_string(i % 250), PlanType::cpp, cpis::add_days(today, i)}).sequence = i;
  }
  BOOST_TEST(book.size() == 1001U);
  BOOST_TEST(book.find(key_of(ada())) == 0U);
  BOOST_TEST(book.of({"P249", PlanType::cpp, cpis::add_days(today, 999)}).sequence == 999);
  BOOST_TEST(book.size() == 1001U);
  BOOST_TEST(book.find({"P249", PlanType::lac, cpis::add_days(today, 999)}) == sc::KnownBook::none);
  std::size_t of_one = 0;
  BOOST_TEST(!book.any_of_person("P7", [&](std::size_t, const sc::KnownRecord&) {
    ++of_one;
    return false;
  }));
  BOOST_TEST(of_one == 4U);
}

BOOST_AUTO_TEST_CASE(a_repeat_and_an_older_extract_are_refused) {
  const sc::ExtractIdentity last{"abc", day("2026-06-14"), {}};
  BOOST_TEST(check_extract({"abc", day("2026-06-15"), {}}, last).has_value());
  BOOST_TEST(check_extract({"abd", day("2026-06-13"), {}}, last)->rule == "F02");
  BOOST_TEST(!check_extract({"abd", day("2026-06-15"), {}}, last));
  BOOST_TEST(!check_extract({"abd", {}, {}}, last));
}

BOOST_AUTO_TEST_CASE(guards_hold_a_file_that_moves_too_much) {
  sc::Profile profile;
  const sc::ExtractIdentity last{"a", {}, {200, 100, 4}};
  const auto held = [&](std::array<std::size_t, 3> open) {
    return guard({}, {"b", {}, open}, last, profile).size();
  };
  BOOST_TEST(held({200, 100, 4}) == 0U);
  BOOST_TEST(held({190, 96, 0}) == 0U);
  BOOST_TEST(held({189, 100, 4}) == 1U);
  BOOST_TEST(held({0, 0, 4}) == 2U);
  BOOST_TEST(held({301, 100, 4}) == 1U);
  BOOST_TEST(guard({}, {"b", {}, {0, 0, 0}}, std::nullopt, profile).empty());

  sc::Difference many;
  many.changes[static_cast<std::size_t>(ChangeKind::end)] = 51;
  BOOST_TEST(guard(many, {"b", {}, {200, 100, 4}}, last, profile).size() == 1U);
  sc::Difference one_delete;
  one_delete.changes[static_cast<std::size_t>(ChangeKind::remove)] = 1;
  BOOST_TEST(guard(one_delete, {"b", {}, {200, 100, 4}}, last, profile).size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
