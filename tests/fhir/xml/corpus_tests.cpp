// The official examples, in both formats: each must give the other one, and come back.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/xml/reader.h"
#include "fhir/xml/writer.h"

namespace fs = std::filesystem;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(corpus_tests)

namespace {

const Schema& r4() { return Definitions::r4().types(); }

std::string text_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void print(const Issues& issues) {
  for (const Issue& issue : issues) {
    BOOST_TEST_MESSAGE(issue.path + " " + issue.rule + " " + std::to_string(issue.line));
  }
}

bool read_xml(std::string text, Document& document) {
  Issues issues;
  const bool read = xml::read(std::move(text), document, issues, {.schema = &r4()});
  print(issues);
  return read && issues.ok();
}

bool read_json(std::string text, Document& document) {
  Issues issues;
  const bool read = json::read(std::move(text), document, issues);
  print(issues);
  return read && issues.ok();
}

// One XML text for a tree, whatever the order it was read in.
std::string canonical(const Document& document) {
  Issues issues;
  std::string text = xml::write(document.root(), issues, {.schema = &r4()});
  print(issues);
  BOOST_TEST(issues.empty());
  return text;
}

std::vector<fs::path> files_of(const char* folder) {
  const fs::path path = fs::path{CPIS_SOURCE} / "../shared/corpora/fhir/roundtrip" / folder;
  std::vector<fs::path> files;
  if (fs::exists(path)) {
    for (const auto& entry : fs::directory_iterator{path}) files.push_back(entry.path());
  } else {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

BOOST_AUTO_TEST_CASE(xml_becomes_the_json_of_the_same_example) {
  for (const fs::path& file : files_of("xml")) {
    const fs::path twin =
        file.parent_path().parent_path() / "json" / (file.stem().string() + ".json");
    if (!fs::exists(twin)) continue;
    BOOST_TEST_CONTEXT(file.filename().string()) {
      Document from_xml;
      Document from_json;
      BOOST_TEST(read_xml(text_of(file), from_xml));
      BOOST_TEST(read_json(text_of(twin), from_json));
      BOOST_TEST((canonical(from_xml) == canonical(from_json)));
    }
  }
}

BOOST_AUTO_TEST_CASE(xml_survives_the_way_through_json) {
  for (const fs::path& file : files_of("xml")) {
    BOOST_TEST_CONTEXT(file.filename().string()) {
      Document first;
      Document second;
      BOOST_TEST(read_xml(text_of(file), first));
      BOOST_TEST(read_json(json::write(first.root(), {.schema = &r4()}), second));
      BOOST_TEST((canonical(first) == canonical(second)));
      BOOST_TEST(same_content(first.root(), second.root()));
    }
  }
}

BOOST_AUTO_TEST_CASE(json_survives_the_way_through_xml) {
  for (const fs::path& file : files_of("json")) {
    BOOST_TEST_CONTEXT(file.filename().string()) {
      Document first;
      Document second;
      BOOST_TEST(read_json(text_of(file), first));
      const std::string text = canonical(first);
      BOOST_TEST(read_xml(text, second));
      BOOST_TEST((canonical(second) == text));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
