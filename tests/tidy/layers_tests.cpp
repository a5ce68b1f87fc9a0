#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <sstream>
#include <string>
#include <string_view>

#include "tests/tidy/source_tree.h"

BOOST_AUTO_TEST_SUITE(layers_tests)

namespace {

struct Layer {
  std::string_view folder;
  std::string_view may_include;  // folders, separated by spaces
};

// The dependency rule, in full. The first row that matches a file counts.
constexpr std::array layers{
    Layer{"conformance/", "conformance/ adapters/ fhir/ profiles/ gateway/register/"},
    Layer{"gateway/", "gateway/ adapters/ profiles/ fhir/"},
    Layer{"profiles/", "profiles/ fhir/"},
    Layer{"adapters/fhir_r4/", "adapters/fhir_r4/ adapters/core/ fhir/ profiles/"},
    Layer{"adapters/hl7v2/", "adapters/hl7v2/ adapters/core/"},
    Layer{"adapters/mesh/", "adapters/mesh/ adapters/core/"},
    Layer{"adapters/social_care/", "adapters/social_care/ adapters/core/"},
    Layer{"adapters/spine/", "adapters/spine/ adapters/core/"},
    Layer{"adapters/core/", "adapters/core/"},
    Layer{"fhir/", "fhir/"},
};

struct Home {
  std::string_view header;   // how the include begins
  std::string_view folders;  // where it may stand, separated by spaces
};

// One library has one home.
constexpr std::array homes{
    Home{"Poco/", "gateway/ conformance/ tests/"},
    Home{"openssl/", "gateway/net/ gateway/store/sha256.cpp tests/ conformance/peers/"},
    Home{"sqlite3.h", "gateway/store/ tests/"},
    Home{"cppconn/", "gateway/store/ tests/"},
    Home{"mysql_", "gateway/store/ tests/"},
    Home{"libxml/", "fhir/xml/ adapters/spine/ adapters/social_care/ tests/"},
    Home{"boost/", "tests/"},
    Home{"CLI/", "gateway/console/ conformance/"},
};

bool any_prefix(std::string_view path, std::string_view folders) {
  std::istringstream words{std::string{folders}};
  for (std::string word; words >> word;) {
    if (path.starts_with(word)) return true;
  }
  return false;
}

const Layer* layer_of(std::string_view path) {
  const auto* found = std::find_if(layers.begin(), layers.end(), [&](const Layer& layer) {
    return path.starts_with(layer.folder);
  });
  return found == layers.end() ? nullptr : found;
}

// The text between the delimiters of an #include line; empty when it is none.
std::string_view included(std::string_view line, char open, char close) {
  if (!line.starts_with("#include ")) return {};
  const auto from = line.find(open);
  const auto to = line.rfind(close);
  if (from == std::string_view::npos || to <= from) return {};
  return line.substr(from + 1, to - from - 1);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_include_of_ours_follows_an_arrow) {
  std::size_t looked_at = 0;
  for (const auto& file : cpis::tidy::source_tree()) {
    const Layer* layer = layer_of(file.path);
    if (layer == nullptr) continue;
    for (const std::string& line : file.lines) {
      const std::string_view header = included(line, '"', '"');
      if (header.empty()) continue;
      ++looked_at;
      BOOST_CHECK_MESSAGE(any_prefix(header, layer->may_include),
                          file.path << " must not include " << header);
    }
  }
  BOOST_TEST(looked_at > 10U);
}

BOOST_AUTO_TEST_CASE(every_library_stays_in_its_home) {
  for (const auto& file : cpis::tidy::source_tree()) {
    for (const std::string& line : file.lines) {
      const std::string_view header = included(line, '<', '>');
      for (const Home& home : homes) {
        if (!header.starts_with(home.header)) continue;
        BOOST_CHECK_MESSAGE(
            any_prefix(file.path, home.folders),
            file.path << " must not include <" << header << ">; its home is " << home.folders);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_rule_refuses_a_planted_violation) {
  BOOST_TEST(!any_prefix("gateway/http/routes.h", layer_of("adapters/core/x.h")->may_include));
  BOOST_TEST(!any_prefix("fhir/issues.h", layer_of("adapters/hl7v2/x.h")->may_include));
  BOOST_TEST(included("#include \"fhir/a.h\"", '"', '"') == "fhir/a.h");
}

BOOST_AUTO_TEST_SUITE_END()
