#include "adapters/fhir_r4/v2_map/convert.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <map>
#include <string>

#include "adapters/hl7v2/batch.h"
#include "adapters/hl7v2/message_fields.h"
#include "adapters/hl7v2/understanding.h"
#include "fhir/json/writer.h"
#include "fhir/terminology/terminology.h"
#include "fhir/validate/validator.h"
#include "profiles/v2_to_fhir/v2_tables.h"
#include "tests/support/golden.h"

using namespace cpis;
using namespace cpis::fhir_r4::v2;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(convert_tests)

namespace {

const Tables& tables() {
  static const Tables shipped = [] {
    Tables made;
    for (const profiles::V2Table& table : profiles::v2_tables()) {
      BOOST_REQUIRE(made.add(table.json));
    }
    return made;
  }();
  return shipped;
}

ConversionContext context() {
  ConversionContext made;
  made.recorded = *parse_iso_time("2026-01-05T10:20:00Z");
  return made;
}

std::optional<fhir::Document> converted(std::string_view bytes) {
  const hl7v2::FeedSettings feed;
  const hl7v2::Understanding u = hl7v2::understand(bytes, feed);
  if (!u.event) return std::nullopt;
  const hl7v2::MessageFields fields{*u.message, feed};
  Findings findings;
  return convert(fields, *u.event, tables(), context(), findings);
}

fhir::Validator& validator() {
  static const fhir::Terminology terminology{fhir::Definitions::r4()};
  static fhir::Validator made{fhir::Definitions::r4(), &terminology};
  return made;
}

// Errors of the base definitions; what needs terminology that is not here is no error.
std::string errors_in(fhir::Document& bundle) {
  fhir::Issues issues;
  validator().validate(bundle, issues, {});
  std::string text;
  for (const fhir::Issue& issue : issues) {
    if (issue.severity > fhir::Severity::error) continue;
    text += issue.path + " " + issue.rule + " " + issue.diagnostics + "\n";
  }
  return text;
}

std::string bundle_of(const std::string& input) {
  const auto bundle = converted(input);
  return bundle ? fhir::json::write(bundle->root(), {.pretty = true}) + "\n" : "not converted\n";
}

const fhir::Element* find_resource(const fhir::Document& bundle, std::string_view type) {
  for (const fhir::Element& entry : bundle.root().children("entry")) {
    const fhir::Element* resource = entry.first("resource");
    if (resource != nullptr && resource->resource_type() == type) return resource;
  }
  return nullptr;
}

std::string golden_message(const std::string& name) {
  std::string text =
      cpis::test::read_file(std::string{CPIS_TEST_DATA} + "/hl7v2/" + name + "/input.hl7");
  std::replace(text.begin(), text.end(), '\n', '\r');
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(messages_become_the_agreed_resources) {
  cpis::test::check_golden_cases("v2_to_fhir", 6, bundle_of);
}

BOOST_AUTO_TEST_CASE(every_dialect_becomes_valid_fhir) {
  std::size_t bundles = 0;
  for (const auto& entry : fs::directory_iterator{fs::path{CPIS_TEST_DATA} / "hl7v2"}) {
    const std::string name = entry.path().filename().string();
    auto bundle = converted(golden_message(name));
    if (!bundle) continue;
    ++bundles;
    const std::string wrong = errors_in(*bundle);
    BOOST_TEST(wrong.empty(), name << "\n" << wrong);
    BOOST_TEST(find_resource(*bundle, "Provenance") != nullptr, name);
  }
  BOOST_REQUIRE_GE(bundles, 30U);
}

BOOST_AUTO_TEST_CASE(a_message_sent_again_updates_and_a_correction_too) {
  std::string text = golden_message("itk-a04-emergency-child");
  const auto ids_of = [](const fhir::Document& bundle) {
    std::vector<std::string> ids;
    for (const fhir::Element& entry : bundle.root().children("entry")) {
      const std::string url{entry.first("request")->value_of("url")};
      if (!url.starts_with("Provenance/")) ids.push_back(url);
    }
    return ids;
  };
  const auto first = ids_of(*converted(text));
  text.replace(text.find("4711000000001"), 13, "4711000000002");
  text.replace(text.find("Fell from climbing frame"), 24, "Fell from a tall swing!!");
  BOOST_TEST(first == ids_of(*converted(text)), boost::test_tools::per_element());
  BOOST_TEST(first.size() > 6U);
}

// The guide maps A04 to `planned`; the child is in the department.
BOOST_AUTO_TEST_CASE(an_arrival_in_the_emergency_department_is_in_progress) {
  const auto bundle = converted(golden_message("itk-a04-emergency-child"));
  const fhir::Element* encounter = find_resource(*bundle, "Encounter");
  BOOST_REQUIRE(encounter != nullptr);
  BOOST_TEST(encounter->value_of("status") == "in-progress");
  BOOST_TEST(encounter->first("class")->value_of("code") == "EMER");
  BOOST_TEST(find_resource(*bundle, "Patient")->value_of("id") == "9991000003");
}

BOOST_AUTO_TEST_CASE(nothing_tells_where_a_shielded_child_lives) {
  std::string text = golden_message("shielded-child-has-no-address");
  text += "NK1|1|OAK^MOSS|13|9 SECRET WAY^^TOWN^^ZZ99 9ZZ|01632960111\r";
  const auto bundle = converted(text);
  const std::string json = fhir::json::write(bundle->root());
  for (const std::string_view secret : {"SECRET", "01632960111", "Y99903", "MOSS", "ZZ99"}) {
    BOOST_TEST(json.find(secret) == std::string::npos, secret);
  }
  const fhir::Element* patient = find_resource(*bundle, "Patient");
  BOOST_TEST(patient->first("meta")->first("security")->value_of("code") == "R");
}

BOOST_AUTO_TEST_CASE(a_merged_record_stays_and_names_its_survivor) {
  const auto bundle = converted(golden_message("a34-merge-by-id-only"));
  bool seen = false;
  for (const fhir::Element& entry : bundle->root().children("entry")) {
    const fhir::Element& resource = *entry.first("resource");
    if (resource.value_of("id") != "9991000070") continue;
    seen = true;
    BOOST_TEST(resource.value_of("active") == "false");
    BOOST_TEST(resource.first("link")->value_of("type") == "replaced-by");
    BOOST_TEST(resource.first("link")->first("other")->value_of("reference") ==
               "Patient/9991000003");
  }
  BOOST_TEST(seen);
}

// Other people's messages: a bundle without an error against the base definitions, or no event.
BOOST_AUTO_TEST_CASE(the_corpus_becomes_valid_fhir) {
  const fs::path root = fs::path{CPIS_SOURCE} / ".." / "shared" / "corpora" / "hl7v2";
  if (!fs::exists(root)) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  std::map<std::string, std::size_t> resources;
  std::size_t bundles = 0;
  for (const auto& entry : fs::recursive_directory_iterator{root}) {
    if (entry.path().extension() != ".hl7") continue;
    const std::string bytes = cpis::test::read_file(entry.path().string());
    Findings findings;
    for (const std::string_view message : hl7v2::split_batch(bytes, findings).messages) {
      auto bundle = converted(message);
      if (!bundle) continue;
      ++bundles;
      const std::string wrong = errors_in(*bundle);
      BOOST_TEST(wrong.empty(), entry.path().filename().string() << "\n" << wrong);
      for (const fhir::Element& each : bundle->root().children("entry")) {
        ++resources[std::string{each.first("resource")->resource_type()}];
      }
    }
  }
  BOOST_TEST_MESSAGE(bundles << " bundles");
  for (const auto& [type, count] : resources) BOOST_TEST_MESSAGE("  " << type << " " << count);
  BOOST_REQUIRE_GE(bundles, 100U);
}

BOOST_AUTO_TEST_SUITE_END()
