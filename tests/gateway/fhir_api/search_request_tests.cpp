#include "gateway/fhir_api/search_request.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string_view>

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::fhir_api;

BOOST_AUTO_TEST_SUITE(search_request_tests)

namespace {

http::QueryString query(std::string_view text) { return *http::QueryString::parse(text); }

struct PatientCase {
  std::string_view text;
  std::string_view id;  // empty: refused
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const PatientCase& c) { return out << c.why; }

constexpr PatientCase patients[] = {
    {"patient=9990123454", "9990123454", "a bare number"},
    {"patient=999%20012%203454", "9990123454", "with spaces"},
    {"patient=Patient/9990123454", "9990123454", "a reference"},
    {"patient=https://x/FHIR/R4/Patient/9990123454", "9990123454", "an absolute reference"},
    {"subject=Patient/9990123454", "9990123454", "by subject"},
    {"patient:identifier=https://fhir.nhs.uk/Id/nhs-number|9990123454", "9990123454",
     "an identifier"},
    {"patient=0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef",
     "someone without a number"},
    {"patient=9990123455", "", "a wrong check digit"},
    {"patient=Practitioner/1", "", "no patient"},
    {"patient:identifier=urn:other|9990123454", "", "another system"},
    {"patient=", "", "nothing"},
    {"patient=9990123454&patient=9990000018", "", "two people"},
};

struct DateCase {
  std::string_view value;
  std::string_view from;  // empty: not readable; "-": open
  std::string_view to;
};
std::ostream& operator<<(std::ostream& out, const DateCase& c) { return out << c.value; }

constexpr DateCase dates[] = {
    {"2026-01-05", "2026-01-05T00:00:00.000Z", "2026-01-06T00:00:00.000Z"},
    {"2026-07-05", "2026-07-04T23:00:00.000Z", "2026-07-05T23:00:00.000Z"},
    {"2026-01", "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"},
    {"2026", "2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"},
    {"ge2026-01-05", "2026-01-05T00:00:00.000Z", "-"},
    {"gt2026-01-05", "2026-01-06T00:00:00.000Z", "-"},
    {"lt2026-01-05", "-", "2026-01-05T00:00:00.000Z"},
    {"le2026-01-05", "-", "2026-01-06T00:00:00.000Z"},
    {"2026-01-05T09:00:00Z", "2026-01-05T09:00:00.000Z", "2026-01-05T09:00:01.000Z"},
    {"xx2026-01-05", "", ""},
    {"2026-02-30", "", ""},
    {"tomorrow", "", ""},
};

}  // namespace

BOOST_DATA_TEST_CASE(patients_are_named_in_many_forms, data::make(patients), c) {
  const auto read = read_patient(query(c.text));
  BOOST_TEST_CONTEXT(c.why) {
    const auto* patient = std::get_if<PatientParam>(&read);
    BOOST_REQUIRE_EQUAL(patient != nullptr, !c.id.empty());
    if (patient != nullptr) BOOST_TEST(patient->id == c.id);
  }
}

BOOST_DATA_TEST_CASE(dates_stand_for_ranges, data::make(dates), c) {
  const std::string text = "date=" + std::string{c.value};
  const auto range = read_dates(query(text), "date");
  BOOST_REQUIRE_EQUAL(range.has_value(), !c.from.empty());
  if (!range) return;
  BOOST_TEST((range->from == Time::min() ? "-" : to_iso(range->from)) == c.from);
  BOOST_TEST((range->to == Time::max() ? "-" : to_iso(range->to)) == c.to);
}

BOOST_AUTO_TEST_CASE(an_unknown_parameter_is_refused_with_the_valid_names) {
  constexpr SearchParam known[] = {{"patient", "reference", ""}, {"status", "token", ""}};
  BOOST_TEST(!refuse_unknown(query("patient=1&_count=5"), known).has_value());
  const auto refused = refuse_unknown(query("patinet=1"), known);
  BOOST_REQUIRE(refused.has_value());
  BOOST_TEST(refused->status == 400);
  BOOST_TEST(refused->body.find("patient, status") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(tokens_match_by_system_and_code) {
  BOOST_TEST(read_token("a|b").matches("a", "b"));
  BOOST_TEST(!read_token("a|b").matches("c", "b"));
  BOOST_TEST(read_token("b").matches("c", "b"));
  BOOST_TEST(read_token("a|").matches("a", "anything"));
  BOOST_TEST(!read_token("|b").matches("a", "b"));
  BOOST_TEST((alternatives("a,b\\,c") == std::vector<std::string>{"a", "b,c"}));
}

BOOST_AUTO_TEST_SUITE_END()
