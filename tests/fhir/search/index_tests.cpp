#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include "fhir/json/reader.h"
#include "fhir/search/index.h"

namespace fs = std::filesystem;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(index_tests)

BOOST_AUTO_TEST_CASE(a_flag_is_found_by_each_of_its_parameters) {
  constexpr std::string_view flag =
      R"({"resourceType":"Flag","id":"f1","status":"active",
      "identifier":[{"system":"urn:ids","value":"1"}],
      "code":{"coding":[{"system":"urn:codes","code":"child-protection"}]},
      "subject":{"reference":"Patient/p1"},"encounter":{"reference":"Encounter/e1"},
      "author":{"reference":"Organization/o1"},
      "period":{"start":"2025-12-01T09:00:00Z"}})";
  Document document;
  Issues issues;
  BOOST_REQUIRE(json::read_view(flag, document, issues));
  search::Indexer indexer{Definitions::r4(), {}};
  std::set<std::string_view> names;
  for (const auto& entry : indexer.entries(document.root())) {
    names.insert(entry.parameter->code);
    if (entry.parameter->code == "date") {
      BOOST_REQUIRE_EQUAL(entry.values.size(), 1U);
      BOOST_TEST((entry.values[0].time.to == search::TimeRange::latest));
    }
  }
  for (const auto name :
       {"_id", "identifier", "subject", "patient", "encounter", "author", "date"}) {
    BOOST_TEST(names.contains(name), name);
  }
  BOOST_TEST(indexer.failures().empty());
}

// Every R4 search parameter of every official example, without one expression failing.
BOOST_AUTO_TEST_CASE(all_parameters_of_all_examples_can_be_taken_out) {
  const fs::path folder = fs::path{CPIS_SOURCE} / "../shared/corpora/fhir/roundtrip/json";
  if (!fs::exists(folder)) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  search::Indexer indexer{Definitions::r4(), {}};
  std::size_t values = 0;
  for (const auto& entry : fs::directory_iterator{folder}) {
    std::ifstream file{entry.path(), std::ios::binary};
    Document document;
    Issues issues;
    BOOST_REQUIRE(json::read({std::istreambuf_iterator<char>{file}, {}}, document, issues));
    Definitions::r4().types().annotate(document);
    for (const auto& each : indexer.entries(document.root())) values += each.values.size();
  }
  for (const auto& failure : indexer.failures()) BOOST_TEST_MESSAGE(failure);
  BOOST_TEST(indexer.failures().empty());
  BOOST_TEST(values > 3000U);
}

BOOST_AUTO_TEST_SUITE_END()
