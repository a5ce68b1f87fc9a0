// conformance/MATRIX.md names tests that exist.

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "tests/support/golden.h"

BOOST_AUTO_TEST_SUITE(matrix_tests)

BOOST_AUTO_TEST_CASE(each_test_that_the_matrix_names_exists) {
  const std::string root{CPIS_SOURCE};
  std::string tests;
  for (const auto& file : std::filesystem::recursive_directory_iterator{root + "/tests"}) {
    if (file.path().extension() != ".cpp") continue;
    tests += cpis::test::read_file(file.path().string());
  }
  const std::string matrix = cpis::test::read_file(root + "/conformance/MATRIX.md");
  const std::size_t from = matrix.find("## R4 RESTful API and search");
  BOOST_REQUIRE(from != std::string::npos);
  const std::string section = matrix.substr(from, matrix.find("\n## ", from + 1) - from);
  std::size_t named = 0;
  for (std::size_t at = section.find("| `"); at != std::string::npos;
       at = section.find("| `", at + 1)) {
    const std::string name = section.substr(at + 3, section.find('`', at + 3) - at - 3);
    ++named;
    BOOST_TEST((tests.find("CASE(" + name) != std::string::npos), name);
  }
  BOOST_TEST(named > 50U);
}

BOOST_AUTO_TEST_SUITE_END()
