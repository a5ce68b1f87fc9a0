// Our own FHIRPath cases, one line each in expressions.txt.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>

#include "tests/fhir/path/suite.h"

namespace fs = std::filesystem;
using namespace cpis;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(expression_tests)

namespace {

const fs::path folder = fs::path{CPIS_SOURCE} / "tests/fhir/path";

std::string shown(const test::Outcome& outcome) {
  if (outcome.error) return "error";
  if (outcome.items.empty()) return "empty";
  std::string text;
  for (const auto& item : outcome.items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_line_of_the_table_gives_what_it_says) {
  constexpr std::string_view arrow = " => ";
  constexpr std::size_t least = 250;
  test::Resources resources{folder / "resources"};
  const auto environment = test::suite_environment();
  const Element* focus = nullptr;
  std::istringstream table{test::read_file(folder / "expressions.txt")};
  std::size_t cases = 0;
  for (std::string line; std::getline(table, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("= ")) {
      focus = line == "= none" ? nullptr : resources.get(line.substr(2));
      BOOST_REQUIRE_MESSAGE(line == "= none" || focus != nullptr, line + " cannot be read");
      continue;
    }
    const auto split = line.rfind(arrow);
    if (split == std::string::npos) continue;
    test::Question question;
    question.expression = line.substr(0, split);
    question.focus = focus;
    const std::string got = shown(test::ask(question, environment));
    BOOST_TEST(got == line.substr(split + arrow.size()), line << " but it is " << got);
    ++cases;
  }
  BOOST_TEST(cases >= least);
}

BOOST_AUTO_TEST_SUITE_END()
