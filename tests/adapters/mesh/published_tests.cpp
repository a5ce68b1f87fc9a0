// The calls of this product against the OpenAPI that NHS England publishes, when it is at hand.
#include <boost/test/unit_test.hpp>
#include <cctype>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/mesh/call.h"

using namespace cpis::mesh;

BOOST_AUTO_TEST_SUITE(published_tests)

namespace {

// Method and path of each operation, in the order of the file.
std::vector<std::pair<std::string, std::string>> published_calls(std::istream& openapi) {
  const std::set<std::string> methods{"get", "put", "post", "head", "delete", "patch"};
  std::vector<std::pair<std::string, std::string>> calls;
  std::string path;
  for (std::string line; std::getline(openapi, line);) {
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == std::string::npos || line.back() != ':') continue;
    const std::string key = line.substr(indent, line.size() - indent - 1);
    if (indent == 2) path = key.starts_with("/messageexchange") ? key : "";
    if (indent != 4 || path.empty() || methods.count(key) == 0) continue;
    std::string method;
    for (const char c : key) {
      method += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    calls.emplace_back(method, path);
  }
  return calls;
}

// The path with values of ours, and what it asks for where the query is required.
std::string filled(std::string path) {
  const std::map<std::string, std::string> values{
      {"{mailbox_id}", "X26ABC1"}, {"{message_id}", "M1"}, {"{chunk_number}", "2"},
      {"{local_id}", "L1"},        {"{ods_code}", "x26"},  {"{workflow_id}", "CPIS_UPLOAD"}};
  for (const auto& [name, value] : values) {
    const std::size_t at = path.find(name);
    if (at != std::string::npos) path.replace(at, name.size(), value);
  }
  return path.ends_with("/tracking") ? path + "?messageID=M1" : path;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_published_operation_is_one_of_ours_and_none_is_missing) {
  std::ifstream openapi{std::string{CPIS_SOURCE} +
                        "/../shared/corpora/spine/mesh-api/specification/mesh-api.yaml"};
  if (!openapi) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  std::set<Operation> found;
  for (const auto& [method, path] : published_calls(openapi)) {
    BOOST_TEST_CONTEXT(method << ' ' << path) {
      const std::string target = filled(path);
      const auto call = read_call(method, target);
      BOOST_REQUIRE(call.has_value());
      const Line line = write_call(*call);
      BOOST_TEST(line.method == method);
      BOOST_TEST(line.target == target);
      BOOST_TEST(found.insert(call->operation).second);
    }
  }
  BOOST_TEST(found.size() == operations);
}

BOOST_AUTO_TEST_SUITE_END()
