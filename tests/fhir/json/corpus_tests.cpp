// Every resource of the shared corpora is read and written again. What comes out must be the text
// that went in, without the blanks and with the fewest escapes.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"

namespace fs = std::filesystem;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(corpus_tests)

namespace {

std::string text_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

// Blanks outside strings removed.
std::string minified(const std::string& text) {
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      out += text[i++];
    } else if (text[i] == '"') {
      quoted = !quoted;
    }
    if (quoted || std::string_view{" \t\r\n"}.find(text[i]) == std::string_view::npos) {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(round_trips_the_official_examples) {
  const fs::path folder = fs::path{CPIS_SOURCE} / "../shared/corpora/fhir/roundtrip/json";
  if (!fs::exists(folder)) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator{folder}) {
    const std::string text = text_of(entry.path());
    Document document;
    Issues issues;
    BOOST_TEST_CONTEXT(entry.path().filename().string()) {
      BOOST_REQUIRE(json::read(text, document, issues));
      for (const Issue& issue : issues) BOOST_TEST_MESSAGE(issue.path + " " + issue.rule);
      BOOST_TEST(issues.ok());
      BOOST_TEST((json::write(document.root()) == minified(text)));
    }
    ++files;
  }
  BOOST_TEST(files > 300U);
}

BOOST_AUTO_TEST_SUITE_END()
