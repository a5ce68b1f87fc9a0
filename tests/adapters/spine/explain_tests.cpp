#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "adapters/core/nhs_number.h"
#include "adapters/spine/explain.h"
#include "tests/adapters/spine/schema.h"
#include "tests/support/golden.h"

namespace fs = std::filesystem;
using namespace cpis;
using namespace cpis::spine;

BOOST_AUTO_TEST_SUITE(explain_tests)

namespace {

std::string in_full(const Explanation& explanation) {
  std::string out = explanation.kind + "\n" + explanation.text;
  for (const Finding& finding : explanation.findings) {
    out += finding.rule + " " + finding.source + " line " + std::to_string(finding.line) + " " +
           finding.field + ": " + finding.text + "\n";
  }
  return out;
}

// A run of exactly ten digits that is an NHS number; longer runs are ASIDs and telephones.
bool shows_a_number(std::string_view text) {
  constexpr std::string_view digits = "0123456789";
  std::size_t at = text.find_first_of(digits);
  while (at != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_not_of(digits, at), text.size());
    if (end - at == 10 && NhsNumber::parse(text.substr(at, 10))) return true;
    at = text.find_first_of(digits, end);
  }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(messages_are_told_in_words) {
  test::check_golden_cases("spine/explain", 12,
                           [](const std::string& input) { return in_full(explain(input)); });
}

// Whatever the public samples hold, the reader either understands it or says where it stopped.
BOOST_AUTO_TEST_CASE(every_public_sample_is_understood_or_refused_with_a_reason) {
  if (test::shared_folder().empty()) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  std::size_t understood = 0;
  std::size_t files = 0;
  for (const char* folder :
       {"reference/hl7v3-samples", "reference/itk-smsp-samples", "corpora/spine"}) {
    for (const auto& entry : fs::recursive_directory_iterator{test::shared_folder() / folder}) {
      if (!entry.is_regular_file()) continue;
      const Explanation told = explain(test::read_file(entry.path().string()));
      ++files;
      understood += told.understood ? 1U : 0U;
      BOOST_TEST(!told.kind.empty());
      BOOST_TEST((told.understood || !told.findings.empty()), entry.path().string());
      BOOST_TEST(!shows_a_number(in_full(told)), entry.path().string());
    }
  }
  BOOST_TEST(files > 50U);
  BOOST_TEST(understood > 15U);
}

// These are CP-IS messages: none of them may be refused.
BOOST_AUTO_TEST_CASE(every_public_cpis_message_is_understood) {
  if (test::shared_folder().empty()) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  std::size_t files = 0;
  const auto check = [&](const fs::path& path) {
    const Explanation told = explain(test::read_file(path.string()));
    BOOST_TEST(told.understood, path.string() << ": " << in_full(told));
    ++files;
  };
  for (const char* folder : {"reference/hl7v3-samples", "reference/itk-smsp-samples",
                             "corpora/spine/derived-from-spine-stylesheets"}) {
    for (const auto& entry : fs::recursive_directory_iterator{test::shared_folder() / folder}) {
      if (entry.path().extension() == ".xml") check(entry.path());
    }
  }
  BOOST_TEST(files >= 14U);
}

BOOST_AUTO_TEST_SUITE_END()
