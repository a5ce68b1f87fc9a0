#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "fhir/search/query.h"

namespace data = boost::unit_test::data;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(query_tests)

namespace {

search::Query read(std::string_view type, std::string_view text, Issues& issues,
                   bool strict = false) {
  search::QueryOptions options;
  options.strict = strict;
  options.own_base = "https://cpis.example/FHIR/R4";
  const auto items = search::split_query(text, issues);
  return search::read_query(type, items, Definitions::r4(), options, issues);
}

struct Bad {
  std::string_view query;
  std::string_view at;  // the parameter that the finding names
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Bad& c) { return out << c.why; }

constexpr Bad bad[] = {
    {"date=yesterday", "date", "no date"},
    {"date=2015-13", "date", "no such month"},
    {"date=zz2015", "date", "no such prefix"},
    {"date=2015-01-02T10", "date", "an hour without minutes"},
    {"date:=2015", "date:", "no modifier behind the colon"},
    {"value-quantity=many", "value-quantity", "no number"},
    {"value-quantity=5|mg", "value-quantity", "a quantity has one or three parts"},
    {"code=", "code", "nothing to look for"},
    {"code=|", "code", "a bar alone"},
    {"code:exact=x", "code:exact", "exact is for strings"},
    {"code:colour=x", "code:colour", "no such modifier"},
    {"date:contains=2015", "date:contains", "contains is for strings"},
    {"subject:missing=perhaps", "subject:missing", "missing is true or false"},
    {"code.text=x", "code.text", "only references chain"},
    {"code-value-quantity=a", "code-value-quantity", "a composite has two parts"},
    {"_count=-1", "_count", "a negative count"},
    {"_summary=short", "_summary", "no such summary"},
    {"_include=Observation", "_include", "an include names a parameter"},
    {"_include=Observation:code", "_include", "an include follows references"},
    {"_has:Observation:subject", "_has:Observation:subject", "half a _has"},
};

}  // namespace

// A criterion that is left out finds too much: what cannot be read must be an error.
BOOST_DATA_TEST_CASE(what_cannot_be_meant_is_an_error_at_its_parameter, data::make(bad), c) {
  BOOST_TEST_CONTEXT(c.why) {
    Issues issues;
    const auto query = read("Observation", c.query, issues);
    BOOST_TEST(!issues.ok());
    BOOST_TEST(issues.list().front().path == c.at);
    BOOST_TEST(query.criteria.empty());
  }
}

BOOST_AUTO_TEST_CASE(unknown_parameters_are_errors_only_when_strict) {
  Issues lenient;
  BOOST_TEST(read("Flag", "colour=red", lenient).criteria.empty());
  BOOST_TEST(lenient.ok());
  BOOST_TEST(lenient.size() == 1U);
  Issues strict;
  read("Flag", "colour=red", strict, true);
  BOOST_TEST(!strict.ok());
}

// R4 defines them without saying which elements they look at: they would find nothing.
BOOST_AUTO_TEST_CASE(parameters_without_an_expression_are_unknown) {
  for (const std::string_view query : {"_text=x", "_content=x", "_query=x"}) {
    Issues issues;
    BOOST_TEST(read("Flag", query, issues, true).criteria.empty());
    BOOST_TEST(!issues.ok(), query);
  }
}

BOOST_AUTO_TEST_CASE(values_are_cut_at_commas_that_are_not_escaped) {
  Issues issues;
  const auto query = read("Patient", R"(family=Marlow\,%20Jones,O%27Neil)", issues);
  BOOST_REQUIRE_EQUAL(query.criteria.size(), 1U);
  BOOST_REQUIRE_EQUAL(query.criteria[0].values.size(), 2U);
  BOOST_TEST(query.criteria[0].values[0].text == "Marlow, Jones");
  BOOST_TEST(query.criteria[0].values[1].text == "O'Neil");
}

BOOST_AUTO_TEST_CASE(own_absolute_references_are_relative) {
  Issues issues;
  const auto query =
      read("Flag", "patient=https://cpis.example/FHIR/R4/Patient/7&patient=Patient/7", issues);
  BOOST_REQUIRE_EQUAL(query.criteria.size(), 2U);
  for (const auto& criterion : query.criteria) {
    BOOST_TEST(criterion.values[0].reference.type == "Patient");
    BOOST_TEST(criterion.values[0].reference.id == "7");
    BOOST_TEST(criterion.values[0].reference.url.empty());
  }
}

BOOST_AUTO_TEST_CASE(an_nhs_identifier_of_a_patient_is_read_as_a_token) {
  Issues issues;
  const auto query =
      read("CareTeam", "patient:identifier=https://fhir.nhs.uk/Id/nhs-number|9990000042", issues);
  BOOST_REQUIRE_EQUAL(query.criteria.size(), 1U);
  BOOST_TEST((query.criteria[0].modifier == search::Modifier::identifier));
  BOOST_TEST(query.criteria[0].values[0].system == "https://fhir.nhs.uk/Id/nhs-number");
  BOOST_TEST(query.criteria[0].values[0].text == "9990000042");
}

BOOST_AUTO_TEST_CASE(chains_and_has_reach_other_resources) {
  Issues issues;
  const auto query = read(
      "Observation", "subject:Patient.name=Ida&_has:Provenance:target:recorded=ge2020", issues);
  BOOST_TEST(issues.ok());
  BOOST_REQUIRE_EQUAL(query.criteria.size(), 2U);
  BOOST_TEST(query.criteria[0].target == "Patient");
  BOOST_TEST(query.criteria[0].chain.front().name == "name");
  BOOST_TEST(query.criteria[1].reverse_type == "Provenance");
  BOOST_TEST((query.criteria[1].chain.front().values[0].prefix == search::Prefix::ge));
}

BOOST_AUTO_TEST_CASE(a_chain_to_several_types_is_asked_of_each_that_has_the_parameter) {
  Issues issues;
  const auto query = read("Encounter", "subject.identifier=W1&subject.birthdate=2018", issues);
  BOOST_TEST(issues.ok());
  BOOST_REQUIRE_EQUAL(query.criteria.size(), 2U);
  BOOST_REQUIRE_EQUAL(query.criteria[0].chain.size(), 2U);
  BOOST_TEST(query.criteria[0].chain[0].type == "Group");
  BOOST_TEST(query.criteria[0].chain[1].type == "Patient");
  BOOST_REQUIRE_EQUAL(query.criteria[1].chain.size(), 1U);
  BOOST_TEST(query.criteria[1].chain[0].type == "Patient");
}

BOOST_AUTO_TEST_CASE(result_parameters_are_kept_apart) {
  Issues issues;
  const auto query =
      read("AuditEvent",
           "_include=AuditEvent:entity:Patient&_include:iterate=*&_sort=-date,agent"
           "&_count=25&_summary=data&_total=accurate&_elements=id,agent&_format=json",
           issues);
  BOOST_TEST(issues.ok());
  BOOST_TEST(query.criteria.empty());
  BOOST_REQUIRE_EQUAL(query.includes.size(), 2U);
  BOOST_TEST(query.includes[0].target == "Patient");
  BOOST_TEST(query.includes[1].iterate);
  BOOST_REQUIRE_EQUAL(query.sort.size(), 2U);
  BOOST_TEST(query.sort[0].descending);
  BOOST_TEST(query.count.value_or(0) == 25U);
  BOOST_TEST((query.summary == search::Summary::data));
  BOOST_TEST((query.total == search::Total::accurate));
  BOOST_TEST(query.elements.size() == 2U);
  BOOST_TEST(query.used.size() == 7U);
}

BOOST_AUTO_TEST_CASE(broken_escapes_and_too_many_parameters_are_refused) {
  Issues escapes;
  search::split_query("name=%4", escapes);
  BOOST_TEST(!escapes.ok());
  std::string many;
  for (std::size_t i = 0; i <= search::parameters_max; ++i) many += "code=a&";
  Issues issues;
  BOOST_TEST(read("Flag", many, issues).criteria.empty());
  BOOST_TEST(!issues.ok());
  std::string chain = "subject";
  for (std::size_t i = 0; i <= search::chain_depth_max; ++i) chain += ":Patient.link";
  Issues deep;
  read("Observation", chain + "=1", deep);
  BOOST_TEST(!deep.ok());
}

BOOST_AUTO_TEST_SUITE_END()
