#include "fhir/definitions/resource_writer.h"

#include <boost/test/unit_test.hpp>

#include "fhir/definitions/definitions.h"
#include "fhir/definitions/errata.h"
#include "fhir/json/writer.h"

using namespace cpis::fhir;

namespace {

std::string written(const StructureDefinition& structure) {
  Document document;
  write_structure(structure, document);
  return json::write(document.root());
}

/// Where R4 does not name the source of a constraint, the reader of a package fills it in.
std::string without_sources(std::string text) {
  constexpr std::string_view start = ",\"source\":\"";
  for (auto at = text.find(start); at != std::string::npos; at = text.find(start, at)) {
    text.erase(at, text.find('"', at + start.size()) + 1 - at);
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(resource_writer_tests)

// What is written and read again must be the same, for every structure of R4.
BOOST_AUTO_TEST_CASE(every_structure_survives_writing_and_reading) {
  std::size_t compared = 0;
  for (const char* name : {"Flag", "Patient", "Extension", "Timing", "Questionnaire", "Bundle",
                           "string", "vitalsigns", "bodyweight", "patient-birthPlace"}) {
    const auto* structure =
        Definitions::r4().structure("http://hl7.org/fhir/StructureDefinition/" + std::string{name});
    BOOST_REQUIRE(structure != nullptr);
    const std::string first = written(*structure);
    std::string moved = first;
    // Under a url of its own, because packages cannot replace what FHIR itself defines.
    const std::string url{structure->url};
    moved.replace(moved.find(url), url.size(), "http://example.org/copy");
    Issues issues;
    std::vector<Package> packages(1);
    packages[0].add_file("a.json", moved, issues);
    const Definitions definitions{std::move(packages), issues};
    BOOST_TEST(issues.empty());
    BOOST_TEST_CONTEXT(name) {
      const std::string again = written(*definitions.structure("http://example.org/copy"));
      BOOST_TEST((without_sources(again) == without_sources(moved)));
    }
    ++compared;
  }
  BOOST_TEST(compared == 10U);
}

BOOST_AUTO_TEST_CASE(fixed_values_keep_their_type) {
  const auto* weight =
      Definitions::r4().structure("http://hl7.org/fhir/StructureDefinition/bodyweight");
  BOOST_REQUIRE(weight != nullptr);
  const std::string text = written(*weight);
  BOOST_TEST(text.find(R"("fixedUri":"http://loinc.org")") != std::string::npos);
  BOOST_TEST(text.find(R"("fixedCode":"29463-7")") != std::string::npos);
}

// An erratum whose published text is not in the table would silently repair nothing.
BOOST_AUTO_TEST_CASE(every_erratum_is_applied) {
  for (const Erratum& erratum : errata()) {
    BOOST_TEST_CONTEXT(erratum.key) {
      bool repaired = false;
      for (Schema::TypeId type = 0; type < Definitions::r4().types().size(); ++type) {
        for (const ElementConstraint* one :
             Definitions::r4().types().info(type).element->constraints) {
          BOOST_TEST(one->expression != erratum.published);
          repaired = repaired || one->expression == erratum.repaired;
        }
      }
      BOOST_TEST(repaired);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
