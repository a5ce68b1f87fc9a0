#include "adapters/fhir_r4/v2_map/tables.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <set>
#include <string_view>

#include "adapters/fhir_r4/v2_map/values.h"
#include "profiles/v2_to_fhir/v2_tables.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::fhir_r4::v2;

BOOST_AUTO_TEST_SUITE(tables_tests)

namespace {

Tables shipped() {
  Tables tables;
  for (const profiles::V2Table& table : profiles::v2_tables()) {
    const Status added = tables.add(table.json);
    BOOST_REQUIRE_MESSAGE(added, table.name);
  }
  return tables;
}

struct SourceCase {
  std::string_view text;
  bool good;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const SourceCase& c) { return out << c.why; }

constexpr SourceCase source_cases[] = {
    {"PID-5", true, "a field"},
    {"PID-5.1.2", true, "component and subcomponent"},
    {"ZU1-27", true, "a Z segment"},
    {"3", true, "a component"},
    {"1.2", true, "a subcomponent"},
    {"@state", true, "a fact"},
    {"PID-", false, "no field number"},
    {"PID-0", false, "fields count from 1"},
    {"PID-5.", false, "no component"},
    {"PID-5.1.2.3", false, "a level too many"},
    {"@", false, "no name"},
    {"", false, "nothing"},
    {"x", false, "a word"},
};

struct PrimitiveCase {
  std::string_view type, text, want;  // empty: none
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const PrimitiveCase& c) { return out << c.why; }

constexpr PrimitiveCase primitive_cases[] = {
    {"string", "  a b ", "a b", "blanks around go"},
    {"string", "   ", "", "blanks alone are no value"},
    {"boolean", "y", "true", "Y"},
    {"boolean", "N", "false", "N"},
    {"boolean", "maybe", "", "a word that is neither"},
    {"integer", "2", "2", "a number"},
    {"integer", "02", "", "leading zeros are no JSON number"},
    {"integer", "2.5", "", "not whole"},
    {"decimal", "36.70", "36.70", "digits are kept"},
    {"decimal", "<5", "", "no number"},
    {"uri", "a b", "", "a blank inside"},
};

}  // namespace

BOOST_DATA_TEST_CASE(sources_are_read_or_refused, data::make(source_cases), c) {
  BOOST_TEST(Source::parse(c.text).has_value() == c.good, c.why);
}

BOOST_DATA_TEST_CASE(primitives_are_valid_or_absent, data::make(primitive_cases), c) {
  const auto value = as_primitive(c.type, c.text);
  BOOST_TEST((value ? value->text : std::string_view{}) == c.want, c.why);
}

// A name that nothing answers to would silently map nothing.
BOOST_AUTO_TEST_CASE(the_shipped_tables_name_only_what_is_there) {
  const Tables tables = shipped();
  const std::set<std::string, std::less<>> built_in{
      "string",        "code",   "uri",          "boolean",          "integer",
      "decimal",       "date",   "dateTime",     "instant",          "CodeableConcept",
      "MappedConcept", "Coding", "ContactPoint", "PatientIdentifier"};
  std::set<std::string> keys;
  std::size_t rules = 0;
  for (const ResourceRule& resource : tables.resources()) {
    keys.insert(resource.key);
    BOOST_TEST(!resource.type.empty(), resource.key);
    BOOST_TEST(!resource.id.empty(), resource.key);
    for (const Rule& rule : resource.rules) {
      ++rules;
      const bool known = built_in.contains(rule.as) || tables.find_datatype(rule.as) != nullptr;
      BOOST_TEST(known, resource.key << " " << rule.as);
      const bool made = rule.make.empty() || tables.find_template(rule.make) != nullptr;
      BOOST_TEST(made, resource.key << " " << rule.make);
      const bool referred =
          rule.reference.empty() || rule.reference == "*" || keys.contains(rule.reference);
      BOOST_TEST(referred, resource.key << " refers to " << rule.reference << " before it is made");
    }
  }
  BOOST_TEST(rules > 100U);
}

BOOST_AUTO_TEST_CASE(the_uk_s_codes_lie_over_the_guide_s) {
  const Tables tables = shipped();
  BOOST_REQUIRE(tables.find_code("NameUse", "L") != nullptr);
  BOOST_TEST(tables.find_code("NameUse", "L")->code == "usual");
  BOOST_TEST(tables.find_code("NameUse", "M")->code == "maiden");
  BOOST_TEST(tables.find_code("Relationship", "12")->code == "MTH");
  BOOST_TEST(tables.find_code("Relationship", "20")->system ==
             "https://fhir.hl7.org.uk/CodeSystem/UKCore-AdditionalPersonRelationshipRole");
  BOOST_TEST((tables.find_code("NameUse", "NOWHERE") == nullptr));
  BOOST_TEST(tables.find_code("EpisodeStatus", "NOWHERE")->code == "active");
}

BOOST_AUTO_TEST_CASE(a_feed_may_add_its_own) {
  Tables tables = shipped();
  BOOST_REQUIRE(tables.add(R"({"conceptMaps": [{"name": "IdentifierSystem", "codes": [
      {"from": "RXX", "code": "https://rxx.example/mrn"}]}]})"));
  BOOST_TEST(tables.find_code("IdentifierSystem", "RXX")->code == "https://rxx.example/mrn");
}

BOOST_AUTO_TEST_CASE(tables_that_cannot_be_meant_are_refused) {
  for (const std::string_view json :
       {"no json", R"({"resources": [{"key": "x", "extend": true, "rules": []}]})",
        R"({"resources": [{"key": "x", "rules": [{"to": "a", "from": "b"}]}]})",
        R"({"resources": [{"key": "x", "rules": [{"from": "PID-5"}]}]})",
        R"({"resources": [{"type": "Patient", "rules": []}]})"}) {
    Tables tables;
    BOOST_TEST(!tables.add(json), json);
  }
}

BOOST_AUTO_TEST_CASE(ids_are_stable_and_depend_on_every_part) {
  BOOST_TEST(stable_id({"Encounter", "RXX", "V1"}) == stable_id({"Encounter", "RXX", "V1"}));
  BOOST_TEST(stable_id({"Encounter", "RXX", "V1"}) != stable_id({"Encounter", "RXXV", "1"}));
  BOOST_TEST(is_fhir_id(stable_id({"a"})));
  // Numbers that follow each other must not meet: two patients would become one.
  std::set<std::string> ids;
  for (int n = 0; n < 20'000; ++n) {
    ids.insert(stable_id({"Patient", "PAS|RXX", "RXX", std::to_string(4'000'000 + n)}));
  }
  BOOST_TEST(ids.size() == 20'000U);
  BOOST_TEST(!is_fhir_id("a b"));
  BOOST_TEST(!is_fhir_id(""));
}

BOOST_AUTO_TEST_CASE(snomed_ids_are_told_by_their_check_digit) {
  for (const std::string_view code : {"342191000000101", "1048071000000103", "419199007"}) {
    BOOST_TEST(looks_like_snomed(code), code);
  }
  for (const std::string_view code : {"342191000000102", "12345678", "", "34219100000010X"}) {
    BOOST_TEST(!looks_like_snomed(code), code);
  }
}

BOOST_AUTO_TEST_SUITE_END()
