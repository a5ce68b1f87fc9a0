#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "fhir/json/reader.h"
#include "gateway/fhir_api/capability.h"
#include "profiles/fhir/artefacts.h"

using namespace cpis;

namespace {

/// `Flag search-type`, `Flag ?patient`, `Flag +Flag:detail`: one line for each thing offered.
std::set<std::string> offers(std::string_view json) {
  fhir::Document document;
  fhir::Issues issues;
  BOOST_REQUIRE(fhir::json::read(std::string{json}, document, issues));
  std::set<std::string> all;
  for (const fhir::Element& resource : document.root().first("rest")->children("resource")) {
    const std::string type{resource.value_of("type")};
    for (const fhir::Element& one : resource.children("interaction")) {
      all.insert(type + ' ' + std::string{one.value_of("code")});
    }
    for (const fhir::Element& one : resource.children("searchParam")) {
      all.insert(type + " ?" + std::string{one.value_of("name")} + ' ' +
                 std::string{one.value_of("type")});
    }
    for (const fhir::Element& one : resource.children("searchInclude")) {
      all.insert(type + " +" + std::string{one.value()});
    }
    for (const fhir::Element& one : resource.children("operation")) {
      all.insert(type + " $" + std::string{one.value_of("name")} + ' ' +
                 std::string{one.value_of("definition")});
    }
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(capability_tests)

// The statement we publish and the one the server makes from its routes must offer the same.
BOOST_AUTO_TEST_CASE(what_is_published_is_what_is_served) {
  const auto published = offers(profiles::artefact("CapabilityStatement", "cpis-gateway"));
  const auto served = offers(fhir_api::capability_statement("http://127.0.0.1/FHIR/R4", false));
  BOOST_TEST(published.size() > 30U);
  for (const std::string& one : published) BOOST_TEST(served.contains(one), "not served: " << one);
  for (const std::string& one : served) BOOST_TEST(published.contains(one), "unpublished: " << one);
}

BOOST_AUTO_TEST_SUITE_END()
