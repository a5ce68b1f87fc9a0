#include <boost/test/unit_test.hpp>
#include <string>

#include "adapters/fhir_r4/searchset.h"
#include "fhir/json/writer.h"

using namespace cpis;

BOOST_AUTO_TEST_SUITE(incomplete_tests)

// FHIR R4 bundle.html, searchset: an entry of mode `outcome` is beside the matches, not one of
// them.
BOOST_AUTO_TEST_CASE(a_warning_stands_beside_the_matches_and_is_not_counted) {
  fhir::Document doc;
  fhir_r4::Searchset set{doc, "http://h/FHIR/R4", "http://h/FHIR/R4/Flag?patient=1", ""};
  set.match("Flag", "f1");
  set.warn("incomplete", "More is held than is shown.");
  set.finish(1);
  const std::string bundle = fhir::json::write(doc.root());
  BOOST_TEST_CONTEXT(bundle) {
    BOOST_TEST(bundle.find("\"total\":1") != std::string::npos);
    BOOST_TEST(bundle.find("\"mode\":\"outcome\"") != std::string::npos);
    BOOST_TEST(bundle.find("\"severity\":\"warning\",\"code\":\"incomplete\"") !=
               std::string::npos);
    BOOST_TEST(bundle.find("More is held than is shown.") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
