// The official examples must be accepted; one-error mutants of them must not, and the finding must
// stand where the error is.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <string>

#include "fhir/terminology/terminology.h"
#include "fhir/validate/validator.h"
#include "tests/fhir/validate/corpora.h"

using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(examples_tests)

namespace {

Validator& validator() {
  static const Terminology terminology{Definitions::r4()};
  static Validator made{Definitions::r4(), &terminology};
  return made;
}

Issues findings(const std::filesystem::path& path) {
  Document document;
  Issues issues;
  if (corpora::read(path, document, issues)) validator().validate(document, issues);
  return issues;
}

void tell(const std::string& file, const Issues& issues) {
  for (const Issue& issue : issues) {
    if (issue.severity > Severity::error) continue;
    BOOST_TEST_MESSAGE(file << " " << issue.path << " " << issue.rule << " " << issue.diagnostics);
  }
}

/// At the element that was changed or inside it. A resource type that does not exist is the root of
/// its own path.
bool same_place(std::string wanted, const Issues& issues) {
  if (wanted.ends_with(']')) wanted.resize(wanted.rfind('['));
  return std::any_of(issues.begin(), issues.end(), [&](const Issue& issue) {
    const std::string_view path = issue.path;
    const bool inside =
        path.starts_with(wanted) && (path.size() == wanted.size() ||
                                     std::string_view{".["}.find(path[wanted.size()]) != path.npos);
    const bool root = wanted.find('.') == std::string::npos && issue.rule == "resource-type";
    return issue.severity <= Severity::error && (inside || root);
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_invariant_of_the_base_definitions_can_be_read) {
  for (const std::string_view key : validator().unreadable()) BOOST_TEST_MESSAGE(key);
  BOOST_TEST(validator().unreadable().empty());
}

BOOST_AUTO_TEST_CASE(official_examples_are_accepted) {
  if (!corpora::here()) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  for (const char* folder : {"roundtrip/json", "roundtrip/xml"}) {
    std::size_t files = 0;
    std::size_t accepted = 0;
    for (const auto& entry : std::filesystem::directory_iterator{corpora::root() / folder}) {
      ++files;
      const Issues issues = findings(entry.path());
      if (issues.ok()) ++accepted;
      tell(entry.path().filename(), issues);
    }
    BOOST_TEST_MESSAGE(folder << ": " << accepted << " of " << files << " accepted");
    BOOST_TEST(accepted == files);
  }
}

BOOST_AUTO_TEST_CASE(mutants_are_rejected_at_the_right_place) {
  if (!corpora::here()) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  Document expected;
  Issues ignored;
  BOOST_REQUIRE(json::read(corpora::text_of(corpora::root() / "mutants/expected.json"), expected,
                           ignored, {.strict = false, .fragment = true}));
  std::size_t mutants = 0;
  std::size_t caught = 0;
  std::size_t placed = 0;
  std::map<std::string, int> missed;
  for (const Element& mutant : expected.root().children("mutants")) {
    const std::string file{mutant.value_of("file")};
    const auto path = corpora::root() / "mutants/files" / file;
    if (!std::filesystem::exists(path)) continue;
    ++mutants;
    const Issues issues = findings(path);
    const std::string wanted{mutant.value_of("path")};
    if (issues.ok()) {
      ++missed[std::string{mutant.value_of("mutation")}];
      BOOST_TEST_MESSAGE("missed " << file << " " << mutant.value_of("mutation") << " " << wanted
                                   << " " << mutant.value_of("detail"));
      continue;
    }
    ++caught;
    if (same_place(wanted, issues)) {
      ++placed;
    } else {
      BOOST_TEST_MESSAGE("elsewhere " << file << " " << mutant.value_of("mutation") << " "
                                      << wanted);
      tell(file, issues);
    }
  }
  for (const auto& [kind, count] : missed) BOOST_TEST_MESSAGE(kind << " " << count);
  BOOST_TEST_MESSAGE(caught << " of " << mutants << " caught, " << placed << " at the place");
  BOOST_TEST(caught * 100 >= mutants * 99);
  BOOST_TEST(placed * 100 >= mutants * 95);
}

BOOST_AUTO_TEST_CASE(seeds_of_the_mutants_are_accepted) {
  if (!corpora::here()) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  for (const auto& entry : std::filesystem::directory_iterator{corpora::root() / "mutants/files"}) {
    const std::string file = entry.path().filename();
    if (!file.starts_with("seed-")) continue;
    const Issues issues = findings(entry.path());
    tell(file, issues);
    BOOST_TEST_CONTEXT(file) { BOOST_TEST(issues.ok()); }
  }
}

BOOST_AUTO_TEST_SUITE_END()
