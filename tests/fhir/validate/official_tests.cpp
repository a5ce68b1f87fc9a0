// The official validator cases that can be decided offline: our verdict against the stored one.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fhir/terminology/terminology.h"
#include "fhir/validate/validator.h"
#include "tests/fhir/validate/corpora.h"

using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(official_tests)

namespace {

/// What one case needs besides R4.
struct World {
  std::unique_ptr<Definitions> definitions;
  std::unique_ptr<Terminology> terminology;
  std::unique_ptr<Validator> validator;
  std::string profile;
  std::vector<std::unique_ptr<Document>> others;  // what a canonical may lead to
};

void add(Package& package, const std::filesystem::path& file, Issues& issues) {
  package.add_file(file.filename().string(), corpora::text_of(file), issues);
}

void fill(World& world, const Element& test, const std::filesystem::path& files) {
  Issues issues;
  Package package;
  for (const Element& file : test.children("supporting")) {
    add(package, files / file.value(), issues);
    auto document = std::make_unique<Document>();
    Issues ignored;
    if (corpora::read(files / file.value(), *document, ignored)) {
      world.others.push_back(std::move(document));
    }
  }
  if (const std::string_view profile = test.value_of("profile"); !profile.empty()) {
    add(package, files / profile, issues);
    Document document;
    Issues ignored;
    if (corpora::read(files / profile, document, ignored)) {
      world.profile = document.root().value_of("url");
    }
  }
  std::vector<Package> packages;
  packages.push_back(std::move(package));
  world.definitions = std::make_unique<Definitions>(std::move(packages), issues);
  world.terminology = std::make_unique<Terminology>(*world.definitions);
  world.validator = std::make_unique<Validator>(*world.definitions, world.terminology.get());
  const auto* others = &world.others;
  world.validator->set_resolver([others](std::string_view canonical, const Element&) {
    const auto found = std::find_if(others->begin(), others->end(), [&](const auto& document) {
      return document->root().value_of("url") == canonical.substr(0, canonical.find('|'));
    });
    return found == others->end() ? nullptr : &(*found)->root();
  });
}

bool accepts(const Element& test, const std::filesystem::path& files, Issues& issues) {
  World world;
  fill(world, test, files);
  ValidateOptions options;
  if (!world.profile.empty()) options.profiles.push_back(world.profile);
  const Element* const wanted = test.first("options");
  options.security_checks = wanted != nullptr && wanted->value_of("security-checks") == "true";
  Document document;
  if (corpora::read(files / test.value_of("file"), document, issues)) {
    world.validator->validate(document, issues, options);
  }
  return issues.ok();
}

}  // namespace

BOOST_AUTO_TEST_CASE(verdicts_are_those_of_the_official_suite) {
  const auto folder = corpora::root() / "validator-r4";
  if (!corpora::here()) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  Document cases;
  Issues ignored;
  BOOST_REQUIRE(json::read(corpora::text_of(folder / "cases.json"), cases, ignored,
                           {.strict = false, .fragment = true}));
  std::size_t runs = 0;
  std::size_t right = 0;
  for (const Element& test : cases.root().children("cases")) {
    const auto file = folder / "files" / test.value_of("file");
    if (!std::filesystem::exists(file) || test.value_of("verdict_needs_tx") == "true") continue;
    ++runs;
    Issues issues;
    const bool valid = test.value_of("valid") == "true";
    const bool accepted = accepts(test, folder / "files", issues);
    if (accepted == valid) {
      ++right;
      continue;
    }
    BOOST_TEST_MESSAGE((valid ? "refused " : "accepted ")
                       << test.value_of("id") << " " << test.value_of("module"));
    for (const Issue& issue : issues) {
      if (issue.severity > Severity::error) continue;
      BOOST_TEST_MESSAGE("   " << issue.path << " " << issue.rule << " " << issue.diagnostics);
    }
  }
  BOOST_TEST_MESSAGE(right << " of " << runs << " verdicts right");
  BOOST_TEST(right * 100 >= runs * 92);
}

BOOST_AUTO_TEST_SUITE_END()
