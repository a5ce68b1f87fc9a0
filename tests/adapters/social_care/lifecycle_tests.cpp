#include "adapters/social_care/lifecycle.h"

#include <boost/test/unit_test.hpp>

namespace sc = cpis::social_care;
using cpis::RecordOutcome;
using sc::Life;

namespace {

const cpis::Date today = *cpis::parse_iso_date("2026-06-15");

sc::Content content(bool open = true) {
  return {*cpis::NhsNumber::parse("9990000018"), {}, {}, open, 1};
}

sc::KnownRecord sent(bool open = true) {
  sc::KnownRecord known;
  known.key = {"C1", cpis::PlanType::cpp, today};
  return after_sending(known, content(open), 7, today);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lifecycle_tests)

BOOST_AUTO_TEST_CASE(an_acceptance_moves_what_was_sent_to_what_cp_is_holds) {
  const auto known = after_outcome(sent(), 7, RecordOutcome::cpr06, today);
  BOOST_TEST((known.life == Life::accepted));
  BOOST_TEST((known.accepted == content()));
  BOOST_TEST(!known.attempted);
  BOOST_TEST((after_outcome(sent(false), 7, RecordOutcome::cpr06, today).life == Life::ended));
}

BOOST_AUTO_TEST_CASE(a_deleted_record_is_told_apart) {
  auto gone = content(false);
  gone.deleted = today;
  const auto known = after_sending({}, gone, 8, today);
  BOOST_TEST((after_outcome(known, 8, RecordOutcome::cpr06, today).life == Life::deleted));
}

// Answers may come late, twice, or for another upload.
BOOST_AUTO_TEST_CASE(an_answer_counts_once_and_only_for_its_upload) {
  const auto known = sent();
  BOOST_TEST((after_outcome(known, 6, RecordOutcome::cpr06, today).life == Life::sent));
  const auto rejected = after_outcome(known, 7, RecordOutcome::cpr03, today);
  BOOST_TEST((rejected.life == Life::rejected));
  BOOST_TEST((after_outcome(rejected, 7, RecordOutcome::cpr06, today).life == Life::rejected));
}

BOOST_AUTO_TEST_CASE(a_rejection_leaves_what_was_accepted_before) {
  auto known = after_outcome(sent(), 7, RecordOutcome::cpr06, today);
  known = after_sending(known, content(false), 8, today);
  known = after_outcome(known, 8, RecordOutcome::cpr03, today);
  BOOST_TEST((known.life == Life::rejected));
  BOOST_TEST(known.accepted->open);
  BOOST_TEST(!known.attempted->open);
}

BOOST_AUTO_TEST_CASE(an_upload_without_effect_puts_the_record_back) {
  BOOST_TEST((after_no_effect(sent(), 7, today).life == Life::draft));
  auto known = after_outcome(sent(), 7, RecordOutcome::cpr06, today);
  known = after_sending(known, content(false), 8, today);
  BOOST_TEST((after_no_effect(known, 8, today).life == Life::accepted));
  BOOST_TEST((after_no_effect(known, 7, today).life == Life::sent));
}

BOOST_AUTO_TEST_CASE(every_code_has_its_rule) {
  using cpis::FileOutcome;
  BOOST_TEST((sc::rule_of(FileOutcome::cpf02).action == sc::FileAction::advance));
  BOOST_TEST((sc::rule_of(FileOutcome::cpf03).action == sc::FileAction::by_record));
  BOOST_TEST((sc::rule_of(FileOutcome::cpf05).action == sc::FileAction::resubmit));
  BOOST_TEST((sc::rule_of(FileOutcome::unknown).action == sc::FileAction::stop));
  for (int i = 0; i <= static_cast<int>(FileOutcome::unknown); ++i) {
    BOOST_TEST((sc::rule_of(static_cast<FileOutcome>(i)).outcome == static_cast<FileOutcome>(i)));
  }
  for (int i = 0; i <= static_cast<int>(RecordOutcome::unknown); ++i) {
    const auto outcome = static_cast<RecordOutcome>(i);
    BOOST_TEST((sc::rule_of(outcome).outcome == outcome));
    const bool loaded = outcome == RecordOutcome::cpr06;
    BOOST_TEST((sc::rule_of(outcome).queue == sc::Queue::none) == loaded);
  }
  BOOST_TEST(sc::rule_of(RecordOutcome::cpr02).restricted);
}

// The digest is kept for years: it must not change with the compiler or the machine.
BOOST_AUTO_TEST_CASE(the_digest_of_the_details_is_fixed) {
  sc::CanonicalRecord record;
  record.subject = cpis::PlanSubject{
      *cpis::NhsNumber::parse("9990000018"), "C1", "X99:T", {"Ada", "Aspen"}, today, false};
  const auto one = sc::content_of(record);
  BOOST_REQUIRE(one);
  BOOST_TEST(one->details == 994341186870218772U);
  record.subject->name = {"AdaA", "spen"};
  BOOST_TEST(sc::content_of(record)->details != one->details);
  record.subject.reset();
  BOOST_TEST(!sc::content_of(record));
}

BOOST_AUTO_TEST_SUITE_END()
