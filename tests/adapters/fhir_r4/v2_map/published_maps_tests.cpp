// What is published is what is done: the concept maps, the tables and the reader of admission feeds
// agree on every code.

#include <array>
#include <boost/test/unit_test.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fhir_r4/encounter_class.h"
#include "adapters/fhir_r4/patient_mapper.h"
#include "adapters/fhir_r4/v2_map/convert.h"
#include "adapters/hl7v2/code_tables.h"
#include "adapters/hl7v2/message_fields.h"
#include "adapters/hl7v2/understanding.h"
#include "fhir/json/reader.h"
#include "profiles/fhir/artefacts.h"
#include "profiles/v2_to_fhir/v2_tables.h"

using namespace cpis;
using namespace cpis::fhir_r4::v2;

BOOST_AUTO_TEST_SUITE(published_maps_tests)

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

// Code as sent -> `system|code display` of a published map; the system only where codings have one.
std::map<std::string, std::string> published(std::string_view id, bool with_system) {
  fhir::Document map;
  fhir::Issues issues;
  BOOST_REQUIRE(fhir::json::read_view(profiles::artefact("ConceptMap", id), map, issues));
  std::map<std::string, std::string> rows;
  for (const fhir::Element& group : map.root().children("group")) {
    for (const fhir::Element& row : group.children("element")) {
      const fhir::Element& target = *row.first("target");
      std::string to{target.value_of("code")};
      if (with_system) {
        to = std::string{group.value_of("target")} + '|' + to + ' ' +
             std::string{target.value_of("display")};
      }
      BOOST_TEST(rows.emplace(row.value_of("code"), to).second, "twice: " << row.value_of("code"));
    }
  }
  return rows;
}

std::string text_of(const fhir::Element& coding) {
  return std::string{coding.value_of("system")} + '|' + std::string{coding.value_of("code")} + ' ' +
         std::string{coding.value_of("display")};
}

struct Made {
  std::string gender, in_class;
};

// Through reader and tables, as a message goes.
Made made_of(std::string_view sex, std::string_view patient_class) {
  const std::string message =
      "MSH|^~\\&|PAS|RXX|||202601051015||ADT^A04^ADT_A01|1|P|2.4\rEVN||202601051015\r"
      "PID|1||9991000003^^^NHS||OAK^FERN||20190401|" +
      std::string{sex} + "\rPV1|1|" + std::string{patient_class} + "|ED||||||||||||||||ED0001\r";
  const hl7v2::FeedSettings feed;
  const hl7v2::Understanding read = hl7v2::understand(message, feed);
  BOOST_REQUIRE(read.event.has_value());
  Findings findings;
  const fhir::Document bundle =
      convert(hl7v2::MessageFields{*read.message, feed}, *read.event, tables(), {}, findings);
  Made made;
  for (const fhir::Element& entry : bundle.root().children("entry")) {
    const fhir::Element& resource = *entry.first("resource");
    if (resource.resource_type() == "Patient") made.gender = resource.value_of("gender");
    if (resource.resource_type() == "Encounter") made.in_class = text_of(*resource.first("class"));
  }
  // The short form, without the tables, says the same.
  fhir::Document shorter;
  fhir_r4::EncounterContext context;
  context.id = "e";
  fhir_r4::write_encounter(shorter, shorter.set_root("Encounter"), context, *read.event->visit);
  BOOST_TEST(text_of(*shorter.root().first("class")) == made.in_class, patient_class);
  return made;
}

// Every text of one or two characters that could be a code.
std::vector<std::string> short_codes() {
  constexpr std::string_view characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::vector<std::string> codes;
  for (const char a : characters) {
    codes.emplace_back(1, a);
    for (const char b : characters) codes.push_back({a, b});
  }
  return codes;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_published_class_is_what_a_message_of_it_becomes) {
  const auto rows = published("cpis-v2-class", true);
  for (const std::string_view code : {"E", "I", "O", "P", "R", "B", "C", "N", "U"}) {
    BOOST_TEST(rows.contains(std::string{code}), "HL7 table 0004 has " << code);
  }
  for (const auto& [code, to] : rows) BOOST_TEST(made_of("F", code).in_class == to, code);
}

BOOST_AUTO_TEST_CASE(every_class_of_one_letter_that_is_read_is_published) {
  const auto rows = published("cpis-v2-class", true);
  for (const std::string& code : short_codes()) {
    if (code.size() == 1) {
      BOOST_TEST(hl7v2::patient_class_of(code).has_value() == rows.contains(code), code);
    }
  }
}

// No code of FHIR's own says that a class is not known: AMB would be invented.
BOOST_AUTO_TEST_CASE(a_class_that_is_not_known_is_said_to_be_unknown) {
  const std::string unknown = "http://terminology.hl7.org/CodeSystem/v2-0004|U Unknown";
  for (const std::string_view code : {"", "U", "XYZ", "9", "unheard of"}) {
    BOOST_TEST(made_of("F", code).in_class == unknown, code);
  }
}

BOOST_AUTO_TEST_CASE(every_sex_that_is_read_is_published_and_means_the_same) {
  const auto rows = published("cpis-v2-sex", false);
  for (const auto& [code, to] : rows) BOOST_TEST(made_of(code, "E").gender == to, code);
  for (const std::string& code : short_codes()) {
    if (code.size() == 1) {
      BOOST_TEST(hl7v2::sex_of(code).has_value() == rows.contains(code), code);
    }
  }
}

// The reader has tables of its own for what the gateway decides by and shows without companions.
BOOST_AUTO_TEST_CASE(the_reader_s_tables_and_the_mapping_s_agree_on_every_code) {
  std::vector<std::string> codes = short_codes();
  for (const std::string_view map : {"NameUse", "AddressUse", "AdministrativeSex"}) {
    for (const auto& [code, row] : tables().maps().find(map)->second.codes) codes.push_back(code);
  }
  for (const std::string_view word : {"USUAL", "ALIAS", "LEGAL", "WORK", "TEMP", "MALE", "FEMALE",
                                      "OTHER", "UNKNOWN", "NOT KNOWN"}) {
    codes.emplace_back(word);
  }
  const auto mapped = [](std::string_view map, const std::string& code) {
    const MappedCode* row = tables().find_code(map, code);
    return row == nullptr ? std::string{} : row->code;
  };
  constexpr std::array<std::string_view, 4> genders{"unknown", "male", "female", "other"};
  for (const std::string& code : codes) {
    BOOST_TEST(hl7v2::name_use_of(code) == mapped("NameUse", code), "NameUse " << code);
    BOOST_TEST(hl7v2::address_use_of(code) == mapped("AddressUse", code), "AddressUse " << code);
    const auto sex = hl7v2::sex_of(code);
    const std::string_view gender = sex ? genders[static_cast<std::size_t>(*sex)] : "";
    BOOST_TEST(gender == mapped("AdministrativeSex", code), "AdministrativeSex " << code);
  }
}

BOOST_AUTO_TEST_SUITE_END()
