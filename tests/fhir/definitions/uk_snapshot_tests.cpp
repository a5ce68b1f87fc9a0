#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fhir/definitions/definitions.h"
#include "fhir/definitions/names.h"
#include "fhir/json/reader.h"

using namespace cpis::fhir;
namespace fs = std::filesystem;

namespace {

const fs::path corpus = fs::path{CPIS_SOURCE} / ".." / "shared" / "corpora" / "fhir";

std::string list(const ElementDefinition& element) {
  std::string text;
  for (const ElementType& type : element.types) {
    text += std::string{type.code} + '(';
    for (const std::string_view one : type.profiles) text += std::string{one} + ' ';
    text += '>';
    for (const std::string_view one : type.target_profiles) text += std::string{one} + ' ';
    text += ')';
  }
  return text;
}

std::string list(const Element& element) {
  std::string text;
  for (const Element& type : element.children("type")) {
    text += std::string{type.value_of("code")} + '(';
    for (const Element& one : type.children("profile")) text += std::string{one.value()} + ' ';
    text += '>';
    for (const Element& one : type.children("targetProfile")) {
      text += std::string{one.value()} + ' ';
    }
    text += ')';
  }
  return text;
}

std::string text_of(const ElementDefinition& element) {
  std::string text = std::to_string(element.min) + ".." +
                     (element.max == unbounded ? "*" : std::to_string(element.max)) + ' ' +
                     list(element);
  if (element.binding != nullptr) {
    text += ' ' + std::string{code_of(element.binding->strength)} + ' ' +
            std::string{element.binding->value_set};
  }
  return text;
}

std::string text_of(const Element& element) {
  std::string text = std::string{element.value_of("min")} + ".." +
                     std::string{element.value_of("max")} + ' ' + list(element);
  if (const Element* const binding = element.first("binding")) {
    text += ' ' + std::string{binding->value_of("strength")} + ' ' +
            std::string{binding->value_of("valueSet")};
  }
  return text;
}

std::string bytes_of(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(uk_snapshot_tests)

// Evidence from outside: the snapshots HL7's own generator made of published UK profiles.
BOOST_AUTO_TEST_CASE(snapshots_of_uk_profiles_equal_those_of_hl7) {
  if (!fs::exists(corpus)) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  Issues issues;
  std::vector<Package> packages;
  for (const char* folder : {"ukcore", "nhsengland", "nhsengland-programme"}) {
    auto package = Package::load(corpus / "uk" / "defs" / folder, issues);
    BOOST_REQUIRE(package.has_value());
    packages.push_back(std::move(*package));
  }
  const Definitions definitions{std::move(packages), issues};
  BOOST_TEST(issues.empty());
  std::size_t compared = 0;
  for (const auto& file : fs::directory_iterator{corpus / "snapshot" / "uk"}) {
    Document document;
    Issues findings;
    json::ReadOptions options;
    options.fragment = true;
    BOOST_REQUIRE(json::read(bytes_of(file.path()), document, findings, options));
    const auto* structure = definitions.structure(document.root().value_of("url"));
    BOOST_REQUIRE(structure != nullptr);
    BOOST_TEST_CONTEXT(structure->url) {
      BOOST_TEST(structure->elements.size() == document.root().count("elements"));
      for (const Element& wanted : document.root().children("elements")) {
        const auto found =
            std::ranges::find(structure->elements, wanted.value_of("id"), &ElementDefinition::id);
        BOOST_TEST_CONTEXT(wanted.value_of("id")) {
          BOOST_REQUIRE(found != structure->elements.end());
          BOOST_TEST(text_of(*found) == text_of(wanted));
        }
      }
    }
    ++compared;
  }
  BOOST_TEST(compared >= 20U);
}

BOOST_AUTO_TEST_SUITE_END()
