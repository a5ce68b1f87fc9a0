#include <boost/test/unit_test.hpp>
#include <string>

#include "gateway/usecases/alert.h"
#include "tests/support/text.h"

using namespace cpis;
using namespace cpis::usecases;
using cpis::test::has;

BOOST_AUTO_TEST_SUITE(alert_tests)

namespace {

const Time nine = *parse_iso_time("2026-01-05T09:00:00Z");
constexpr std::string_view more_is_held = "More is held about this person than is shown here";

ProtectionRecord record(bool incomplete) {
  const NhsNumber child = *NhsNumber::parse("9990123454");
  HeldPlan held{{PlanType::cpp, {*parse_iso_date("2025-01-15"), 0}, {}, {}},
                {"961", "Wrenshire County Council", "01632960110", "01632960119"},
                {child, "", "", {"Robin", "Lark"}, parse_iso_date("2017-03-04"), false},
                Time{},
                "plan-1"};
  return {child, {held}, {}, incomplete};
}

AttendanceState attendance() {
  AttendanceState state;
  state.id = "att-1";
  state.patient_id = "9990123454";
  state.feed = "ed";
  return state;
}

}  // namespace

// Whoever reads the alert must not take the plans in it for all there are.
BOOST_AUTO_TEST_CASE(an_alert_says_that_more_is_held_than_could_be_read) {
  const ProtectionRecord some = record(true);
  const std::string bundle =
      alert_bundle(AlertKind::record_held, attendance(), &some, "", "", nine);
  BOOST_TEST(has(bundle, "OperationOutcome"));
  BOOST_TEST(has(bundle, "\"warning\""));
  BOOST_TEST(has(bundle, more_is_held));
  BOOST_TEST(has(bundle, "01632960119"));
  const std::string line = alert_line(AlertKind::record_held, attendance(), &some, "", nine);
  BOOST_TEST(has(line, "\"incomplete\":\"" + std::string{more_is_held}));
}

BOOST_AUTO_TEST_CASE(an_alert_of_a_whole_record_says_nothing_of_the_kind) {
  const ProtectionRecord whole = record(false);
  BOOST_TEST(!has(alert_bundle(AlertKind::record_held, attendance(), &whole, "", "", nine),
                  "OperationOutcome"));
  BOOST_TEST(
      !has(alert_line(AlertKind::record_held, attendance(), &whole, "", nine), "incomplete"));
}

BOOST_AUTO_TEST_SUITE_END()
