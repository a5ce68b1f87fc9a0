#include "fhir/validate/primitives.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string_view>

namespace data = boost::unit_test::data;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(primitives_tests)

namespace {

struct Case {
  std::string_view type;
  std::string_view literal;
  bool good;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {"boolean", "true", true, "a boolean"},
    {"boolean", "True", false, "a capital letter"},
    {"integer", "-2147483648", true, "the least integer"},
    {"integer", "-2147483649", false, "below it"},
    {"integer", "2147483648", false, "above the greatest"},
    {"integer", "007", false, "leading zeros"},
    {"integer", "-0", false, "a negative zero"},
    {"integer", "1.0", false, "a decimal"},
    {"unsignedInt", "0", true, "nothing"},
    {"unsignedInt", "-1", false, "negative"},
    {"positiveInt", "0", false, "not positive"},
    {"positiveInt", "1", true, "the least positive"},
    {"decimal", "12500.00", true, "trailing zeros"},
    {"decimal", "1.0e-24", true, "an exponent"},
    {"decimal", "01.5", false, "a leading zero"},
    {"decimal", "1.", false, "no digit behind the point"},
    {"decimal", "NaN", false, "not a number"},
    {"string", "", false, "empty"},
    {"string", "a\x01", false, "a control character"},
    {"string", "a\tb\n", true, "tab and line feed"},
    {"uri", "has space", false, "a blank"},
    {"uri", "urn:oid:1.2.3", true, "an OID"},
    {"uri", "urn:oid:01.2", false, "an OID with a leading zero"},
    {"uri", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520", true, "a UUID"},
    {"uri", "urn:uuid:c757873d", false, "half a UUID"},
    {"uri", "urn:uuid:C757873D-EC9A-4326-A141-556F43239520", true, "a UUID in capitals"},
    {"uuid", "urn:uuid:C757873D-ec9a-4326-a141-556f43239520", false, "a UUID with capitals"},
    {"oid", "1.2.3", false, "an OID without its prefix"},
    {"uuid", "http://example.org", false, "no UUID"},
    {"id", "A-1.b", true, "an id"},
    {"id", "a_b", false, "an underscore"},
    {"id", "1234567890123456789012345678901234567890123456789012345678901234", true, "64 letters"},
    {"id", "12345678901234567890123456789012345678901234567890123456789012345", false,
     "65 letters"},
    {"code", "a b", true, "one blank inside"},
    {"code", "a  b", false, "two blanks"},
    {"code", " a", false, "a blank before"},
    {"base64Binary", "YWJj", true, "base64"},
    {"base64Binary", "YWJj\nYQ==", true, "base64 in lines"},
    {"base64Binary", "YWJ", false, "a letter missing"},
    {"base64Binary", "YW=j", false, "padding inside"},
    {"base64Binary", "YQ= =\r\n", true, "a blank in the padding and lines behind"},
    {"base64Binary", "YQ==YQ==", false, "two texts one behind the other"},
    {"base64Binary", "Y===", false, "too much padding"},
    {"base64Binary", "YW-j", false, "a letter of the other alphabet"},
    {"base64Binary", "YW\xC3\xA4", false, "a letter of no alphabet"},
    {"base64Binary", "  ", false, "blanks only"},
    {"date", "2020-02-29", true, "a leap day"},
    {"date", "2019-02-29", false, "no leap year"},
    {"date", "1900-02-29", false, "no leap year either"},
    {"date", "2000-02-29", true, "a leap year of a century"},
    {"date", "2019-13", false, "no such month"},
    {"date", "2019-04-31", false, "no such day"},
    {"date", "19", false, "half a year"},
    {"date", "0000", false, "year zero"},
    {"date", "2019-01-01T00:00:00Z", false, "a time"},
    {"dateTime", "2019", true, "a year"},
    {"dateTime", "2019-01-01T10:00:00Z", true, "with a zone"},
    {"dateTime", "2019-01-01T10:00:00.123+14:00", true, "with a fraction and an offset"},
    {"dateTime", "2019-01-01T10:00:00", false, "no zone"},
    {"dateTime", "2019-01-01T10:00Z", false, "no seconds"},
    {"dateTime", "2019-01-01T24:00:00Z", false, "hour 24"},
    {"dateTime", "2019-01-01T23:59:60Z", true, "a leap second"},
    {"dateTime", "2019-01-01T10:00:00+14:30", false, "an offset beyond the date line"},
    {"instant", "2019-01-01", false, "a day is no instant"},
    {"instant", "2019-01-01T10:00:00.5Z", true, "an instant"},
    {"time", "10:00:00", true, "a time"},
    {"time", "10:00", false, "no seconds"},
    {"time", "10:00:00Z", false, "a zone"},
};

}  // namespace

BOOST_DATA_TEST_CASE(judges_literals, data::make(cases), c) {
  BOOST_TEST_CONTEXT(c.type << " " << c.why) {
    const Primitive type = primitive_named(c.type);
    BOOST_REQUIRE((type != Primitive::none));
    BOOST_TEST((literal_fault(type, c.literal) == nullptr) == c.good);
  }
}

BOOST_AUTO_TEST_CASE(a_text_of_blanks_says_nothing) {
  BOOST_TEST(only_blanks(" "));
  BOOST_TEST(only_blanks("\t\r\n "));
  BOOST_TEST(!only_blanks(" a"));
  BOOST_TEST(!only_blanks("a "));
  BOOST_TEST(!only_blanks(""));
}

BOOST_AUTO_TEST_CASE(a_datatype_is_no_primitive) {
  BOOST_TEST((primitive_named("HumanName") == Primitive::none));
}

BOOST_AUTO_TEST_SUITE_END()
