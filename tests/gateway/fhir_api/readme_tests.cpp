// What the README and the CapabilityStatement promise is what the routes offer.

#include <boost/test/unit_test.hpp>
#include <string>

#include "fhir/json/reader.h"
#include "gateway/fhir_api/capability.h"
#include "gateway/fhir_api/cds_cards.h"
#include "gateway/fhir_api/openapi.h"
#include "gateway/fhir_api/other_places.h"
#include "gateway/fhir_api/routes.h"
#include "tests/support/golden.h"

using namespace cpis::fhir_api;

BOOST_AUTO_TEST_SUITE(readme_tests)

BOOST_AUTO_TEST_CASE(the_readme_lists_exactly_the_routes) {
  std::string want = "| path | interactions | parameters |\n|---|---|---|\n";
  for (const Route& first : routes()) {
    if (&first != &routes().front() && (&first - 1)->type == first.type) continue;
    std::string interactions, params;
    for (const Route& route : routes()) {
      if (route.type != first.type) continue;
      const std::string name = route.operation.empty() ? std::string{route.interaction}
                                                       : "$" + std::string{route.operation};
      if (interactions.find(name) == std::string::npos) {
        interactions += (interactions.empty() ? "" : ", ") + name;
      }
      // What follows the definitions is not repeated.
      if (route.params.size() > 15) params = "all of R4";
      for (const SearchParam& param : route.params) {
        if (route.params.size() > 15) break;
        params += (params.empty() ? "" : ", ") + std::string{param.name};
      }
    }
    want += "| " + (first.type.empty() ? "(base)" : std::string{first.type}) + " | " +
            interactions + " | " + params + (params.empty() ? "|\n" : " |\n");
  }
  const std::string readme = cpis::test::read_file(std::string{CPIS_SOURCE} + "/README.md");
  const std::string opening = "held by a test -->\n";
  const std::size_t begin = readme.find(opening) + opening.size();
  BOOST_TEST(readme.substr(begin, readme.find("<!-- /routes -->") - begin) == want);
}

BOOST_AUTO_TEST_CASE(the_capability_statement_offers_each_route_and_no_more) {
  const std::string statement = capability_statement("http://test/FHIR/R4", true);
  for (const Route& route : routes()) {
    const bool of_a_resource = !route.type.empty() && route.resource.empty();
    if (!of_a_resource || !route.operation.empty()) continue;
    if (route.interaction == "search-compartment") continue;  // rest.compartment says that
    const std::size_t at = statement.find("\"type\":\"" + std::string{route.type} + "\"");
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, route.type);
    const std::size_t end = statement.find("\"type\":\"", statement.find("\"versioning\"", at));
    const std::string part = statement.substr(at, end - at);
    BOOST_TEST(
        part.find("\"code\":\"" + std::string{route.interaction} + "\"") != std::string::npos,
        route.type << " " << route.interaction);
  }
}

BOOST_AUTO_TEST_CASE(openapi_has_each_route) {
  const std::string document = openapi_document("http://test/FHIR/R4", true, true);
  for (const Route& route : routes()) {
    const std::string type{route.type.empty() ? "system" : route.type};
    const std::string name{route.operation.empty() ? route.interaction : route.operation};
    if (name == "batch") continue;  // the same path and method as transaction
    BOOST_TEST((document.find("\"operationId\":\"" + type + '-' + name + '-') != std::string::npos),
               type << ' ' << name);
  }
}

BOOST_AUTO_TEST_CASE(openapi_has_each_place_beside_the_routes_once) {
  const std::string document = openapi_document("http://test/FHIR/R4", true, true);
  cpis::fhir::Document doc;
  cpis::fhir::Issues issues;
  cpis::fhir::json::ReadOptions options;
  options.strict = false;
  options.fragment = true;
  BOOST_REQUIRE(cpis::fhir::json::read(document, doc, issues, options));
  const cpis::fhir::Element* paths = doc.root().first("paths");
  BOOST_REQUIRE(paths != nullptr);
  for (const OtherPlace& place : other_places(true)) {
    BOOST_TEST_CONTEXT(place.path) {
      BOOST_REQUIRE(paths->count(place.path) == 1U);
      const cpis::fhir::Element& path = *paths->first(place.path);
      BOOST_TEST(path.count(place.method) == 1U);
      BOOST_TEST(path.first("servers")->value_of("url") == "http://test");
    }
  }
  for (const CdsService& service : cds_services) {
    BOOST_TEST(paths->count("/cds-services/" + std::string{service.id}) == 1U);
  }
  BOOST_TEST(openapi_document("http://test/FHIR/R4", false, false).find("/oauth2/token") ==
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
