// The examples of gateway/docs/fhir are true: each block marked `http` is sent as it stands.

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/gateway_fixture.h"
#include "tests/support/golden.h"

using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(fhir_examples_tests)

namespace {

struct Example {
  std::string method, path, headers, body, status, says;
};

std::string cut_line(std::string& text) {
  const std::size_t end = text.find('\n');
  std::string line = text.substr(0, end);
  text.erase(0, end == std::string::npos ? text.size() : end + 1);
  return line;
}

Example read_example(std::string block) {
  Example example;
  const std::string first = cut_line(block);
  example.method = first.substr(0, first.find(' '));
  example.path = first.substr(first.find(' ') + 1);
  bool in_body = false;
  while (!block.empty()) {
    const std::string line = cut_line(block);
    if (line.starts_with("> ")) {
      example.status = line.substr(2, 3);
      example.says = line.size() > 6 ? line.substr(6) : "";
    } else if (line.empty()) {
      in_body = true;
    } else if (in_body) {
      example.body += line;
    } else {
      example.headers += line + "\r\n";
    }
  }
  return example;
}

std::vector<Example> examples_of(const std::string& page) {
  constexpr std::string_view opening = "```http\n";
  std::vector<Example> examples;
  for (std::size_t at = page.find(opening); at != std::string::npos; at = page.find(opening, at)) {
    at += opening.size();
    examples.push_back(read_example(page.substr(at, page.find("```", at) - at)));
  }
  return examples;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_example_of_the_pages_gets_the_answer_it_promises) {
  std::vector<std::string> pages;
  const std::string folder = std::string{CPIS_SOURCE} + "/gateway/docs/fhir";
  for (const auto& file : std::filesystem::directory_iterator{folder}) {
    pages.push_back(file.path().string());
  }
  std::sort(pages.begin(), pages.end());
  std::size_t run = 0;
  for (const std::string& page : pages) {
    const auto examples = examples_of(read_file(page));
    if (examples.empty()) continue;
    const RunningGateway gateway;
    for (const Example& each : examples) {
      const std::string answer = gateway.request(each.method, each.path, each.headers, each.body);
      BOOST_TEST_CONTEXT(page << ": " << each.method << ' ' << each.path << "\n" << answer) {
        BOOST_TEST(answer.substr(0, 3) == each.status);
        BOOST_TEST(answer.find(each.says) != std::string::npos);
      }
      ++run;
    }
  }
  BOOST_TEST(run > 30U);
}

BOOST_AUTO_TEST_SUITE_END()
