#include "fhir/terminology/external_systems.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

using namespace cpis::fhir;
namespace data = boost::unit_test::data;

namespace {

constexpr auto yes = Membership::yes;
constexpr auto no = Membership::no;
constexpr auto unknown = Membership::unknown;

struct Case {
  std::string_view system;
  std::string_view code;
  Membership wanted;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.code << ' ' << c.why; }

constexpr Case cases[] = {
    {"urn:ietf:bcp:13", "application/fhir+json", yes, "a media type"},
    {"urn:ietf:bcp:13", "text/plain; charset=utf-8", yes, "with a parameter"},
    {"urn:ietf:bcp:13", "text/plain;charset=\"utf-8\"; q=1", yes, "quoted, and two of them"},
    {"urn:ietf:bcp:13", "json", yes, "FHIR's short form"},
    {"urn:ietf:bcp:13", "x-own/thing", yes, "a private type"},
    {"urn:ietf:bcp:13", "pdf", no, "no subtype"},
    {"urn:ietf:bcp:13", "documents/pdf", no, "no such type"},
    {"urn:ietf:bcp:13", "text/", no, "an empty subtype"},
    {"urn:ietf:bcp:13", "text/pl ain", no, "a blank inside"},
    {"urn:ietf:bcp:13", "text/plain;charset", no, "a parameter without value"},
    {"urn:ietf:bcp:13", "", no, "nothing"},
    {"urn:ietf:bcp:47", "en", yes, "a language"},
    {"urn:ietf:bcp:47", "en-GB", yes, "with region"},
    {"urn:ietf:bcp:47", "EN-gb", yes, "letter case does not count"},
    {"urn:ietf:bcp:47", "en-UK", no, "the region is GB"},
    {"urn:ietf:bcp:47", "en_GB", no, "an underscore"},
    {"urn:ietf:bcp:47", "zh-Hant-TW", yes, "with script"},
    {"urn:ietf:bcp:47", "de-CH-1996", yes, "with variant"},
    {"urn:ietf:bcp:47", "sl-rozaj-biske", yes, "two variants"},
    {"urn:ietf:bcp:47", "es-419", yes, "a numeric region"},
    {"urn:ietf:bcp:47", "en-a-bbb-x-a-ccc", yes, "extension and private use"},
    {"urn:ietf:bcp:47", "x-whatever", yes, "private use alone"},
    {"urn:ietf:bcp:47", "i-klingon", yes, "registered before the grammar"},
    {"urn:ietf:bcp:47", "xx", no, "no such language"},
    {"urn:ietf:bcp:47", "cym", unknown, "three letters are not listed here"},
    {"urn:ietf:bcp:47", "english", unknown, "well-formed, not listed here"},
    {"urn:ietf:bcp:47", "en-", no, "an empty subtag"},
    {"urn:ietf:bcp:47", "", no, "nothing"},
    {"urn:ietf:bcp:47", "e1", no, "a digit in the language"},
    {"urn:iso:std:iso:4217", "GBP", yes, "the pound"},
    {"urn:iso:std:iso:4217", "gbp", no, "upper case only"},
    {"urn:iso:std:iso:4217", "GB", no, "too short"},
    {"urn:iso:std:iso:4217", "P A", no, "must not match across the list"},
    {"urn:iso:std:iso:4217", "ZZZ", no, "no such currency"},
    {"urn:iso:std:iso:3166", "GB", yes, "alpha-2"},
    {"urn:iso:std:iso:3166", "UK", no, "not a country code"},
    {"urn:iso:std:iso:3166", "GBR", unknown, "alpha-3 is not listed here"},
    {"urn:iso:std:iso:3166", "Britain", no, "a name"},
    {"http://snomed.info/sct", "342191000000101", unknown, "right check digit, content unknown"},
    {"http://snomed.info/sct", "342191000000102", no, "wrong check digit"},
    {"http://snomed.info/sct", "22298006", unknown, "a short id"},
    {"http://snomed.info/sct", "12345", no, "too short"},
    {"http://snomed.info/sct", "73211009:363698007=1", unknown, "an expression"},
    {"http://loinc.org", "8302-2", unknown, "right check digit, content unknown"},
    {"http://loinc.org", "8302-3", no, "wrong check digit"},
    {"http://loinc.org", "LA9658-1", unknown, "an answer code"},
    {"http://loinc.org", "height", no, "a word"},
    {"http://loinc.org", "LA9658", no, "an answer code without check digit"},
    {"http://unitsofmeasure.org", "mm[Hg]", yes, "a unit"},
    {"http://unitsofmeasure.org", "kg/m2", yes, "a quotient"},
    {"http://unitsofmeasure.org", "kilos", no, "no unit"},
    {"http://example.org/own", "x", unknown, "a system nobody knows"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(external_systems_tests)

BOOST_DATA_TEST_CASE(codes_of_systems_without_a_list, data::make(cases), c) {
  BOOST_TEST_CONTEXT(c.system << ' ' << c.code << ": " << c.why) {
    BOOST_TEST((external_membership(c.system, c.code) == c.wanted));
  }
}

BOOST_AUTO_TEST_CASE(a_snomed_constraint_that_lists_ids_is_read) {
  const auto ids = listed_snomed_ids("(342191000000101 |On a plan| OR 764841000000100)");
  BOOST_REQUIRE((ids && ids->size() == 2));
  BOOST_TEST(ids->back() == "764841000000100");
  BOOST_TEST(listed_snomed_ids("22298006").has_value());
  for (const char* other : {"<22298006", "22298006 AND 73211009", "22298006 OR", "", "()",
                            "22298006 OR <73211009", "22298006 |open", "22298007"}) {
    BOOST_TEST(!listed_snomed_ids(other).has_value());
  }
}

BOOST_AUTO_TEST_CASE(only_systems_that_can_say_yes_are_known) {
  BOOST_TEST(is_external_system("urn:ietf:bcp:13"));
  BOOST_TEST(!is_external_system("http://snomed.info/sct"));
  BOOST_TEST(!is_external_system("http://example.org/own"));
}

BOOST_AUTO_TEST_SUITE_END()
