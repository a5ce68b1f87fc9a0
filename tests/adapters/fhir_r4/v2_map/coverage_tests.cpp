// How much of what other converters make of the same messages is in ours. Their outputs show gaps
// and are no truth: they disagree with each other and with UK Core. The counts are a golden table,
// so that a change of the mapping shows what it gained or lost; the messages are not ours and may
// be absent.

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/fhir_r4/v2_map/convert.h"
#include "adapters/hl7v2/batch.h"
#include "adapters/hl7v2/message_fields.h"
#include "adapters/hl7v2/understanding.h"
#include "fhir/json/reader.h"
#include "profiles/v2_to_fhir/v2_tables.h"
#include "tests/support/golden.h"

using namespace cpis;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(coverage_tests)

namespace {

using Values = std::set<std::string>;
using Facts = std::map<std::string, Values>;  // by what they are

const fhir_r4::v2::Tables& tables() {
  static const fhir_r4::v2::Tables shipped = [] {
    fhir_r4::v2::Tables made;
    for (const profiles::V2Table& table : profiles::v2_tables()) {
      BOOST_REQUIRE(made.add(table.json));
    }
    return made;
  }();
  return shipped;
}

void add(Facts& facts, const std::string& what, std::string_view value) {
  if (!value.empty()) facts[what].emplace(value);
}

// The same moment may be written with and without seconds, offset or time.
std::string day_of(std::string_view time) { return std::string{time.substr(0, 10)}; }

void add_patient(const fhir::Element& patient, Facts& facts) {
  for (const fhir::Element& one : patient.children("identifier")) {
    add(facts, "Patient.identifier", one.value_of("value"));
  }
  for (const fhir::Element& name : patient.children("name")) {
    add(facts, "Patient.name.family", name.value_of("family"));
    for (const fhir::Element& given : name.children("given")) {
      add(facts, "Patient.name.given", given.value());
    }
  }
  add(facts, "Patient.gender", patient.value_of("gender"));
  add(facts, "Patient.birthDate", day_of(patient.value_of("birthDate")));
  for (const fhir::Element& one : patient.children("address")) {
    add(facts, "Patient.address.postalCode", one.value_of("postalCode"));
    add(facts, "Patient.address.city", one.value_of("city"));
  }
  for (const fhir::Element& one : patient.children("telecom")) {
    add(facts, "Patient.telecom", one.value_of("value"));
  }
}

void add_encounter(const fhir::Element& encounter, Facts& facts) {
  for (const fhir::Element& one : encounter.children("identifier")) {
    add(facts, "Encounter.identifier", one.value_of("value"));
  }
  add(facts, "Encounter.status", encounter.value_of("status"));
  if (const fhir::Element* code = encounter.first("class")) {
    add(facts, "Encounter.class", code->value_of("code"));
  }
  if (const fhir::Element* period = encounter.first("period")) {
    add(facts, "Encounter.period.start", day_of(period->value_of("start")));
    add(facts, "Encounter.period.end", day_of(period->value_of("end")));
  }
}

// The resources that are about the patient and the visit of a bundle; merged records are not.
Facts facts_of(const fhir::Element& bundle) {
  Facts facts;
  for (const fhir::Element& entry : bundle.children("entry")) {
    const fhir::Element* resource = entry.first("resource");
    if (resource == nullptr) continue;
    const std::string_view type = resource->resource_type();
    if (type == "Patient") add_patient(*resource, facts);
    if (type == "Encounter") add_encounter(*resource, facts);
    if (type == "Location") add(facts, "Location.name", resource->value_of("name"));
    if (type == "RelatedPerson") {
      for (const fhir::Element& name : resource->children("name")) {
        add(facts, "RelatedPerson.name.family", name.value_of("family"));
      }
    }
    if (type == "Practitioner") {
      for (const fhir::Element& name : resource->children("name")) {
        add(facts, "Practitioner.name.family", name.value_of("family"));
      }
    }
  }
  return facts;
}

struct Count {
  std::size_t messages = 0, values = 0, same = 0;
};

void count(const Facts& theirs, const Facts& ours, std::map<std::string, Count>& counts) {
  for (const auto& [what, values] : theirs) {
    Count& row = counts[what];
    ++row.messages;
    row.values += values.size();
    const auto found = ours.find(what);
    if (found == ours.end()) continue;
    row.same += static_cast<std::size_t>(
        std::count_if(values.begin(), values.end(),
                      [&](const auto& value) { return found->second.contains(value); }));
  }
}

std::string table_of(const std::map<std::string, Count>& counts, std::size_t bundles) {
  std::string text = "bundles of other converters compared: " + std::to_string(bundles) + "\n\n" +
                     "| element | messages where they have it | values | in ours too |\n" +
                     "|---|---|---|---|\n";
  for (const auto& [what, row] : counts) {
    text += "| " + what + " | " + std::to_string(row.messages) + " | " +
            std::to_string(row.values) + " | " + std::to_string(row.same) + " |\n";
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_other_converters_have_is_counted) {
  const fs::path root = fs::path{CPIS_SOURCE} / ".." / "shared" / "corpora" / "hl7v2";
  if (!fs::exists(root)) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  std::map<std::string, Count> counts;
  std::size_t bundles = 0;
  const char* verbose = std::getenv("CPIS_COVERAGE");
  for (const auto& entry : fs::recursive_directory_iterator{root}) {
    std::string path = entry.path().string();
    const std::size_t ending = path.find(".expected-fhir.json");
    if (ending == std::string::npos) continue;
    fhir::Document theirs;
    fhir::Issues issues;
    const std::string expected = cpis::test::read_file(path);
    BOOST_REQUIRE(fhir::json::read_view(expected, theirs, issues));
    const std::string message = cpis::test::read_file(path.substr(0, ending) + ".hl7");
    const hl7v2::FeedSettings feed;
    const hl7v2::Understanding read = hl7v2::understand(message, feed);
    fhir::Document made;
    made.set_root("Bundle");
    if (read.event) {
      Findings findings;
      const hl7v2::MessageFields fields{*read.message, feed};
      made = fhir_r4::v2::convert(fields, *read.event, tables(), {}, findings);
    }
    ++bundles;
    const Facts want = facts_of(theirs.root());
    const Facts got = facts_of(made.root());
    count(want, got, counts);
    for (const auto& [what, values] : want) {
      for (const std::string& value : values) {
        const auto found = got.find(what);
        const bool same = found != got.end() && found->second.contains(value);
        if (verbose != nullptr && !same) {
          BOOST_TEST_MESSAGE(entry.path().filename().string() << ' ' << what << ' ' << value);
        }
      }
    }
  }
  BOOST_REQUIRE_GT(bundles, 20U);
  const std::string table = table_of(counts, bundles);
  BOOST_TEST_MESSAGE(table);
  cpis::test::check_golden_file("v2_coverage/fhir.md", table);
}

BOOST_AUTO_TEST_SUITE_END()
