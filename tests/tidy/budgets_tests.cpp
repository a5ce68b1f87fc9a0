#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "tests/tidy/source_tree.h"

BOOST_AUTO_TEST_SUITE(budgets_tests)

namespace {

constexpr std::size_t source_lines_max = 600;
constexpr std::size_t header_lines_max = 300;
constexpr std::size_t function_lines_max = 70;
constexpr std::size_t columns_max = 100;
constexpr std::size_t main_lines_max = 150;

struct Exception {
  std::string_view path;
  std::string_view why;
};
// This list may only shrink.
constexpr std::array long_files_allowed{
    Exception{"none", "no file is over its budget"},
};

struct Banned {
  std::string_view token;
  std::string_view instead;
  std::string_view allowed_in;  // path prefixes separated by spaces
};
constexpr std::array banned{
    Banned{"std::cout", "the console, or the log",
           "gateway/main.cpp gateway/console/ conformance/ tests/"},
    Banned{"printf(", "text by + and to_chars", "gateway/console/ tests/"},
    Banned{"std::regex", "a parser, or PCRE2 with match limits", ""},
    Banned{"atoi(", "std::from_chars", ""},
    Banned{"strtol(", "std::from_chars", ""},
    Banned{"strtoul(", "std::from_chars", ""},
    Banned{"strtod(", "std::from_chars", ""},
    Banned{"std::rand(", "<random> with a seed", ""},
    Banned{"sleep_for(", "wait on a condition with a limit", "gateway/ conformance/ adapters/"},
    Banned{"system_clock::now", "a Clock", "gateway/observe/clock.cpp tests/ conformance/"},
    Banned{"catch (...)", "the exception you expect", "gateway/ conformance/ tests/"},
    Banned{" new ", "a container or make_unique", ""},
    Banned{"FIXME", "an issue", ""},
};

bool is_allowed(std::string_view path, std::string_view prefixes) {
  while (!prefixes.empty()) {
    const auto space = prefixes.find(' ');
    if (path.starts_with(prefixes.substr(0, space))) return true;
    if (space == std::string_view::npos) return false;
    prefixes.remove_prefix(space + 1);
  }
  return false;
}

// clang-format puts a function's closing brace where its first line began, so a body ends at the
// first `}` of the same indentation. Counts from the line that opens the body.
struct LongFunction {
  std::size_t line = 0;
  std::size_t length = 0;
};
LongFunction longest_function(const std::vector<std::string>& lines) {
  LongFunction longest;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == std::string::npos || indent > 4 || !line.ends_with(") {")) {
      if (indent == std::string::npos || indent > 4 ||
          !(line.ends_with(") const {") || line.ends_with(") noexcept {") ||
            line.ends_with(") override {") || line.ends_with(") const override {"))) {
        continue;
      }
    }
    const std::string_view text = std::string_view{line}.substr(indent);
    if (text.starts_with("if ") || text.starts_with("for ") || text.starts_with("while ") ||
        text.starts_with("switch ") || text.starts_with("} ") || text.starts_with("else")) {
      continue;
    }
    const std::string end = std::string(indent, ' ') + "}";
    for (std::size_t j = i + 1; j < lines.size(); ++j) {
      if (!lines[j].starts_with(end)) continue;
      if (j - i + 1 > longest.length) longest = {i + 1, j - i + 1};
      break;
    }
  }
  return longest;
}

}  // namespace

BOOST_AUTO_TEST_CASE(files_keep_within_their_budget) {
  for (const auto& file : cpis::tidy::source_tree()) {
    const bool excused = std::any_of(long_files_allowed.begin(), long_files_allowed.end(),
                                     [&](const Exception& e) { return e.path == file.path; });
    if (excused) continue;
    const std::size_t limit = file.path == "gateway/main.cpp" ? main_lines_max
                              : file.path.ends_with(".h")     ? header_lines_max
                                                              : source_lines_max;
    BOOST_CHECK_MESSAGE(file.lines.size() <= limit, file.path << " has " << file.lines.size()
                                                              << " lines, budget " << limit
                                                              << ": split it by idea");
  }
}

BOOST_AUTO_TEST_CASE(functions_keep_within_seventy_lines) {
  for (const auto& file : cpis::tidy::source_tree()) {
    const LongFunction longest = longest_function(file.lines);
    BOOST_CHECK_MESSAGE(longest.length <= function_lines_max,
                        file.path << ":" << longest.line << " a function of " << longest.length
                                  << " lines: give its steps names");
  }
}

BOOST_AUTO_TEST_CASE(lines_keep_within_a_hundred_columns) {
  for (const auto& file : cpis::tidy::source_tree()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      const auto columns = static_cast<std::size_t>(
          std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
      BOOST_CHECK_MESSAGE(columns <= columns_max,
                          file.path << ":" << i + 1 << " has " << columns << " columns");
    }
  }
}

BOOST_AUTO_TEST_CASE(banned_calls_name_their_replacement) {
  for (const auto& file : cpis::tidy::source_tree()) {
    if (file.path.starts_with("tests/tidy/")) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string code = cpis::tidy::code_of(file.lines[i]);
      for (const Banned& call : banned) {
        if (code.find(call.token) == std::string::npos || is_allowed(file.path, call.allowed_in)) {
          continue;
        }
        BOOST_CHECK_MESSAGE(
            false, file.path << ":" << i + 1 << " uses " << call.token << "; use " << call.instead);
      }
      const bool header = file.path.ends_with(".h");
      BOOST_CHECK_MESSAGE(!(header && code.find("using namespace") != std::string::npos),
                          file.path << ":" << i + 1 << " has a using-directive in a header");
    }
  }
}

// A source file that no CMakeLists.txt names is never built: a forgotten test would pass.
BOOST_AUTO_TEST_CASE(every_source_file_is_in_a_build_list) {
  namespace fs = std::filesystem;
  std::string lists;
  for (const std::string_view root :
       {"fhir", "profiles", "adapters", "gateway", "conformance", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator{fs::path{CPIS_SOURCE} / root}) {
      if (entry.path().filename() != "CMakeLists.txt") continue;
      std::ifstream in{entry.path()};
      lists.append(std::istreambuf_iterator<char>{in}, {});
    }
  }
  for (const auto& file : cpis::tidy::source_tree()) {
    if (!file.path.ends_with(".cpp")) continue;
    const fs::path path{file.path};
    const std::string stem = path.stem().string();
    // Fuzz targets are listed by their name: fuzz_csv.cpp is the target csv.
    const bool fuzz = stem.starts_with("fuzz_") && lists.find(stem.substr(5)) != lists.npos;
    BOOST_CHECK_MESSAGE(fuzz || lists.find(path.filename().string()) != lists.npos,
                        file.path << " is in no CMakeLists.txt");
  }
}

BOOST_AUTO_TEST_SUITE_END()
