#include "tests/support/golden.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace cpis::test {
namespace {

namespace fs = std::filesystem;

fs::path find_starting_with(const fs::path& folder, const std::string& stem) {
  for (const auto& entry : fs::directory_iterator{folder}) {
    if (entry.path().stem() == stem) return entry.path();
  }
  return {};
}

bool updating() {
  const char* mode = std::getenv("CPIS_GOLDEN");
  return mode != nullptr && std::string{mode} == "update";
}

void check_case(const fs::path& folder, const Convert& convert) {
  const fs::path input_path = find_starting_with(folder, "input");
  BOOST_REQUIRE_MESSAGE(!input_path.empty(), folder.string() << " has no input file");
  std::string input = read_file(input_path.string());
  if (input_path.extension() == ".hl7") std::replace(input.begin(), input.end(), '\n', '\r');
  const std::string got = convert(input);
  fs::path want_path = find_starting_with(folder, "want");
  if (updating()) {
    if (want_path.empty()) want_path = folder / "want.txt";
    std::ofstream{want_path, std::ios::binary} << got;
    return;
  }
  BOOST_REQUIRE_MESSAGE(!want_path.empty(), folder.string() << " has no want file");
  BOOST_TEST(got == read_file(want_path.string()));
}

}  // namespace

std::string read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  BOOST_REQUIRE_MESSAGE(in.good(), "cannot read " << path);
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

void check_golden_file(const std::string& path, const std::string& got) {
  const fs::path file = fs::path{CPIS_TEST_DATA} / path;
  if (updating()) {
    fs::create_directories(file.parent_path());
    std::ofstream{file, std::ios::binary} << got;
    return;
  }
  BOOST_TEST(got == read_file(file.string()));
}

void check_golden_cases(const std::string& area, std::size_t cases_min, const Convert& convert) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator{fs::path{CPIS_TEST_DATA} / area}) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  BOOST_REQUIRE_GE(folders.size(), cases_min);
  for (const fs::path& folder : folders) {
    BOOST_TEST_CONTEXT(folder.filename().string()) { check_case(folder, convert); }
  }
}

}  // namespace cpis::test
