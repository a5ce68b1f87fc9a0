// What the README and the CapabilityStatement promise is what the routes offer.

#include <boost/test/unit_test.hpp>
#include <string>

#include "gateway/fhir_api/capability.h"
#include "gateway/fhir_api/routes.h"
#include "tests/support/golden.h"

using namespace cpis::fhir_api;

BOOST_AUTO_TEST_SUITE(readme_tests)

BOOST_AUTO_TEST_CASE(the_readme_lists_exactly_the_routes) {
  std::string want = "| path | interaction | parameters |\n|---|---|---|\n";
  for (const Route& route : routes()) {
    want += "| " + std::string{route.type} + " | " + std::string{route.interaction} + " |";
    const char* separator = " ";
    for (const SearchParam& param : route.params) {
      want += separator + std::string{param.name};
      separator = ", ";
    }
    want += " |\n";
  }
  const std::string readme = cpis::test::read_file(std::string{CPIS_SOURCE} + "/README.md");
  const std::string opening = "held by a test -->\n";
  const std::size_t begin = readme.find(opening) + opening.size();
  BOOST_TEST(readme.substr(begin, readme.find("<!-- /routes -->") - begin) == want);
}

BOOST_AUTO_TEST_CASE(the_capability_statement_offers_each_route_and_no_more) {
  const std::string statement = capability_statement("http://test/FHIR/R4", true);
  for (const Route& route : routes()) {
    if (!route.resource.empty()) continue;
    const std::size_t at = statement.find("\"type\":\"" + std::string{route.type} + "\"");
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, route.type);
    const std::size_t end = statement.find("\"type\":\"", statement.find("\"versioning\"", at));
    const std::string part = statement.substr(at, end - at);
    BOOST_TEST(
        part.find("\"code\":\"" + std::string{route.interaction} + "\"") != std::string::npos,
        route.type << " " << route.interaction);
  }
  BOOST_TEST(statement.find("\"create\"") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
