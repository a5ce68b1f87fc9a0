#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "fhir/path/decimal.h"
#include "fhir/path/temporal.h"
#include "fhir/path/ucum.h"

namespace data = boost::unit_test::data;
using namespace cpis::fhir::path;

BOOST_AUTO_TEST_SUITE(quantity_tests)

namespace {

struct Conversion {
  std::string_view value;
  std::string_view from;
  std::string_view to;
  std::string_view want;  // empty: there is none
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Conversion& c) { return out << c.why; }

constexpr Conversion conversions[] = {
    {"185", "[lb_av]", "kg", "83.91458845", "a pound is exact in grams"},
    {"37", "Cel", "[degF]", "98.6", "scales with zero points of their own"},
    {"-40", "[degF]", "Cel", "-40", "where both scales meet"},
    {"0", "Cel", "K", "273.15", "to the base unit"},
    {"120", "mm[Hg]", "kPa", "15.99864", "a prefix on a unit with brackets"},
    {"5.5", "mmol/L", "umol/mL", "5.5", "quotients of prefixed units"},
    {"1", "ug/(kg.min)", "mg/kg/h", "0.06", "brackets"},
    {"1", "10*9/L", "/nL", "1", "powers of ten are units"},
    {"1", "m2", "cm2", "10000", "exponents"},
    {"180", "deg", "rad", "3.1415926535897932384626433832795029", "a factor with pi"},
    {"1", "{score}", "1", "1", "annotations are unity"},
    {"1", "%", "1", "0.01", "per cent"},
    {"7", "[pH]", "[pH]", "7", "a unit against itself"},
    {"1", "[iU]", "U", "", "arbitrary units measure nothing else"},
    {"1", "m", "g", "", "other dimensions"},
    {"1", "foo", "m", "", "no unit"},
};

}  // namespace

BOOST_DATA_TEST_CASE(converts_units, data::make(conversions), c) {
  BOOST_TEST_CONTEXT(c.why) {
    const auto result = ucum::convert(*Decimal::parse(c.value), c.from, c.to);
    BOOST_TEST((result ? result->text() : "") == c.want);
  }
}

namespace {

struct Code {
  std::string_view text;
  bool good;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Code& c) { return out << c.why; }

constexpr Code codes[] = {
    {"mg/dL", true, "two prefixed units"},
    {"/min", true, "a leading solidus"},
    {"10*-3", true, "a negative power of ten"},
    {"kg{body'weight}.m-2", true, "annotation behind a unit"},
    {"[in_i'H2O]", true, "an apostrophe inside brackets"},
    {"m[H2O]", true, "a bracket inside a code"},
    {"", false, "nothing"},
    {"MG/DL", false, "case matters"},
    {"mg//dL", false, "two operators"},
    {"(mg", false, "an open bracket"},
    {"k[lb_av]", false, "no prefix on a unit that is not metric"},
    {"Cel2", false, "a temperature scale has no powers"},
    {"mg dL", false, "a blank"},
    {"{open", false, "an open annotation"},
    {"0", false, "zero is no factor"},
    {"m0", false, "an exponent of zero"},
    {"m999", false, "an absurd exponent"},
};

}  // namespace

BOOST_DATA_TEST_CASE(knows_what_is_a_unit, data::make(codes), c) {
  BOOST_TEST_CONTEXT(c.why) { BOOST_TEST(ucum::parse(c.text).has_value() == c.good); }
}

BOOST_AUTO_TEST_CASE(deep_and_long_units_are_refused) {
  const std::string deep = std::string(40, '(') + 'm' + std::string(40, ')');
  BOOST_TEST(!ucum::parse(deep).has_value());
  std::string wide = "m";
  while (wide.size() <= ucum::code_bytes_max) wide += ".m";
  BOOST_TEST(!ucum::parse(wide).has_value());
}

BOOST_AUTO_TEST_CASE(comparable_quantities_share_their_canonical_unit) {
  const auto a = ucum::canonical(*Decimal::parse("1.5"), "g/L");
  const auto b = ucum::canonical(*Decimal::parse("150"), "mg/dL");
  BOOST_REQUIRE((a && b));
  BOOST_TEST(a->unit == b->unit);
  BOOST_TEST((a->value == b->value));
}

namespace {

struct Sum {
  std::string_view a;
  char op;
  std::string_view b;
  std::string_view want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Sum& c) { return out << c.why; }

constexpr Sum sums[] = {
    {"0.1", '+', "0.2", "0.3", "no binary rounding"},
    {"1.50", '+', "1", "2.50", "the longer scale stays"},
    {"99999999999999999999999999999999999999", '+', "1", "100000000000000000000000000000000000000",
     "one digit too many is rounded"},
    {"1", '-', "1.000", "0.000", "zero keeps its scale"},
    {"1.10", '*', "2.0", "2.200", "scales add"},
    {"12345678901234567890.5", '*', "98765432109876543210",
     "1219326311370217952286846517166201798500", "38 significant digits of a longer product"},
    {"1", '/', "8", "0.125", "finite quotients are exact"},
    {"1", '/', "3", "0.3333333333333333333333333333", "28 digits"},
    {"2", '/', "3", "0.6666666666666666666666666667", "half up"},
    {"1", '/', "0", "", "no division by zero"},
    {"-7", 'd', "2", "-3", "div cuts towards zero"},
    {"-7", 'm', "2", "-1", "mod has the sign of the left"},
    {"5.5", 'm', "0.7", "0.6", "mod of decimals"},
    {"1e400", '*', "1e400", "", "beyond the bounds"},
};

std::optional<Decimal> compute(const Sum& c) {
  const Decimal a = *Decimal::parse(c.a);
  const Decimal b = *Decimal::parse(c.b);
  switch (c.op) {
    case '+':
      return Decimal::add(a, b);
    case '-':
      return Decimal::subtract(a, b);
    case '*':
      return Decimal::multiply(a, b);
    case '/':
      return Decimal::divide(a, b);
    case 'd':
      return Decimal::quotient(a, b);
    default:
      return Decimal::remainder(a, b);
  }
}

}  // namespace

BOOST_DATA_TEST_CASE(calculates_to_the_digit, data::make(sums), c) {
  BOOST_TEST_CONTEXT(c.why) {
    const auto result = compute(c);
    BOOST_TEST((result ? result->text() : "") == c.want);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_decimal_is_refused) {
  for (const std::string_view text :
       {"", "-", ".5", "5.", "1e", "1e999", "0x10", "1,5", " 1", "NaN"}) {
    BOOST_TEST(!Decimal::parse(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(decimals_order_by_value_whatever_their_scale) {
  BOOST_TEST((*Decimal::parse("1.0") == *Decimal::parse("1")));
  BOOST_TEST((*Decimal::parse("1e30") > *Decimal::parse("1e-30")));
  BOOST_TEST((*Decimal::parse("-2") < *Decimal::parse("-1.999999999999999999999999")));
  BOOST_TEST((Decimal{0} == *Decimal::parse("-0.00")));
}

BOOST_AUTO_TEST_CASE(dates_are_written_as_they_were_read) {
  for (const std::string_view text :
       {"2015", "2015-03", "2015-03-04", "2015-03-04T10", "2015-03-04T10:11",
        "2015-03-04T10:11:12Z", "2015-03-04T10:11:12.050+01:00", "2015-03-04T10:11:12-00:00"}) {
    const auto read = Temporal::parse_date_time(text);
    BOOST_REQUIRE(read.has_value());
    if (text.find("-00:00") == std::string_view::npos) BOOST_TEST(read->text() == text);
  }
  for (const std::string_view text : {"", "15", "2015-3", "2015-02-30", "2015-03-04T", "2015-03T10",
                                      "2015-03-04T10:11:12+15:00", "2015-03-04T10:61", "0000"}) {
    const auto read = Temporal::parse_date_time(text);
    BOOST_TEST((!read || text == "2015-03-04T"), text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
