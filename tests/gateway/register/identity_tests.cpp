#include "gateway/register/identity.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string_view>

#include "gateway/register/caller_text.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::registry;

BOOST_AUTO_TEST_SUITE(identity_tests)

namespace {

const NhsNumber number = *NhsNumber::parse("9990123454");

struct Case {
  std::string_view given;
  std::string_view family;
  std::string_view birth;
  RecordOutcome want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

// The index knows: Mary-Ann Rose O'Sample, born 2015-05-31.
constexpr Case cases[] = {
    {"Mary-Ann Rose", "O'Sample", "2015-05-31", RecordOutcome::cpr06, "the same"},
    {"MARY ANN ROSE", "OSAMPLE", "2015-05-31", RecordOutcome::cpr06, "case and punctuation"},
    {"Mary-Ann", "O'Sample", "2015-05-31", RecordOutcome::cpr06, "first given name only"},
    {"Rose", "O'Sample", "2015-05-31", RecordOutcome::cpr06, "first given name with any"},
    {"Anna", "O'Sample", "2015-05-31", RecordOutcome::cpr03, "another given name"},
    {"Mary-Ann", "Sample", "2015-05-31", RecordOutcome::cpr03, "another family name"},
    {"Mary-Ann", "O'Sample", "2015-05-30", RecordOutcome::cpr03, "another birth date"},
    {"", "O'Sample", "2015-05-31", RecordOutcome::cpr03, "no given name"},
};

}  // namespace

BOOST_DATA_TEST_CASE(people_are_matched_as_cp_is_does, data::make(cases), c) {
  const IndexedPerson indexed{
      number, {"Mary-Ann Rose", "O'Sample"}, parse_iso_date("2015-05-31"), false, false};
  const PlanSubject subject{
      number, "", "", {std::string{c.given}, std::string{c.family}}, parse_iso_date(c.birth),
      false};
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_TEST(words_of(match_identity(subject, indexed)).code == words_of(c.want).code);
  }
}

BOOST_AUTO_TEST_CASE(unknown_sensitive_and_superseded_people_have_their_codes) {
  const PlanSubject subject{number, "", "", {"Mary", "Sample"}, parse_iso_date("2015-05-31"),
                            false};
  IndexedPerson indexed{number, {"Mary", "Sample"}, parse_iso_date("2015-05-31"), false, false};
  BOOST_TEST((match_identity(subject, std::nullopt) == RecordOutcome::cpr01));
  indexed.sensitive = true;
  BOOST_TEST((match_identity(subject, indexed) == RecordOutcome::cpr02));
  indexed = {number, {"Mary", "Sample"}, parse_iso_date("2015-05-31"), false, true};
  BOOST_TEST((match_identity(subject, indexed) == RecordOutcome::cpr05));
}

BOOST_AUTO_TEST_CASE(a_caller_survives_its_column) {
  Caller caller;
  caller.kind = Caller::Kind::system;
  caller.setting = CareSetting::scheduled;
  caller.organisation_code = "RXX01";
  caller.organisation_name = "Testshire | Royal \\ Infirmary";
  caller.person_name = "Zoë Ünder";
  caller.system_id = "200000000205";
  BOOST_TEST((from_text(to_text(caller)) == caller));
  BOOST_TEST(!from_text("p\x1Fu\x1Fonly").has_value());
  BOOST_TEST(!from_text("").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
