// Messages that other people wrote: read, or refused for a reason that is true, and never a crash.
// The collection is not part of the project; without it the cases say so and pass.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/hl7v2/ack_writer.h"
#include "adapters/hl7v2/batch.h"
#include "adapters/hl7v2/explain.h"
#include "adapters/hl7v2/understanding.h"
#include "tests/support/golden.h"

using namespace cpis;
using namespace cpis::hl7v2;

BOOST_AUTO_TEST_SUITE(corpus_tests)

namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_min = 100;

std::vector<fs::path> files_ending(std::string_view ending) {
  std::vector<fs::path> files;
  const fs::path root = fs::path{CPIS_SOURCE} / ".." / "shared" / "corpora" / "hl7v2";
  if (!fs::exists(root)) return files;
  for (const auto& entry : fs::recursive_directory_iterator{root}) {
    if (entry.path().filename().string().ends_with(ending)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool is_here(const std::vector<fs::path>& files) {
  if (files.empty()) BOOST_TEST_MESSAGE("skipped: ../shared is not here");
  return !files.empty();
}

struct Tally {
  std::size_t files = 0, messages = 0, events = 0, with_number = 0, with_visit = 0;
  std::map<std::string, std::size_t> refused;
};

// One row for each source: what was read of it, and why the rest was not.
std::string table_of(const std::map<std::string, Tally>& tallies) {
  std::string text =
      "| source | files | messages | events | with an NHS number | with a visit | not used |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const auto& [source, tally] : tallies) {
    text += "| " + source;
    for (const std::size_t number :
         {tally.files, tally.messages, tally.events, tally.with_number, tally.with_visit}) {
      text += " | " + std::to_string(number);
    }
    text += " |";
    for (const auto& [rule, count] : tally.refused)
      text += ' ' + rule + ' ' + std::to_string(count);
    text += " |\n";
  }
  return text;
}

void read_one(std::string_view bytes, Tally& tally) {
  const Understanding u = understand(bytes, {});
  ++tally.messages;
  if (u.event) {
    ++tally.events;
    tally.with_number += u.event->patient.nhs_number ? 1U : 0U;
    tally.with_visit += u.event->visit ? 1U : 0U;
    BOOST_TEST((u.event->patient.nhs_number || u.event->patient.nhs_number_ambiguous ||
                !u.event->patient.local_ids.empty() || !u.event->visit->number.empty()));
  } else {
    BOOST_TEST((u.intake != Intake::stored));
    BOOST_TEST(has_errors(u.findings));
    ++tally.refused[u.findings.back().rule];
  }
  const auto code = ack_code(u.intake, u.header, AckMode::automatic, false);
  BOOST_REQUIRE(code);
  const std::string ack = write_ack(u.header, *code, u.intake, u.findings, {"1", Time{}, "GW"});
  Findings ack_findings;
  const auto answer = Message::parse(ack, ack_findings);
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->field("MSA", 2).raw() == u.header.control_id);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_message_is_read_or_refused_for_a_reason) {
  const auto files = files_ending(".hl7");
  if (!is_here(files)) return;
  BOOST_REQUIRE_GE(files.size(), files_min);
  std::map<std::string, Tally> tallies;
  for (const fs::path& path : files) {
    Tally& tally = tallies[path.parent_path().filename().string()];
    BOOST_TEST_CONTEXT(path.filename().string()) {
      const std::string bytes = cpis::test::read_file(path.string());
      Findings findings;
      const Batch batch = split_batch(bytes, findings);
      ++tally.files;
      for (const std::string_view message : batch.messages) read_one(message, tally);
      if (batch.messages.empty()) read_one(bytes, tally);
      BOOST_TEST(!explain(bytes, {}).empty());
    }
  }
  const std::string table = table_of(tallies);
  BOOST_TEST_MESSAGE(table);
  cpis::test::check_golden_file("v2_coverage/reading.md", table);
}

namespace {

// The independent reading that stands beside some messages: `key: value` at the top, or a key with
// a `value:` below it.
std::map<std::string, std::string> read_expected(const std::string& text) {
  std::map<std::string, std::string> expected;
  std::string key;
  const auto unquoted = [](std::string value) {
    std::erase(value, '"');
    while (value.starts_with(' ')) value.erase(0, 1);
    while (value.ends_with(' ') || value.ends_with('\r')) value.pop_back();
    return value;
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || line.starts_with('"')) continue;
    const std::string value = unquoted(line.substr(colon + 1));
    if (!line.starts_with(' ')) {
      key = line.substr(0, colon);
      if (!value.empty()) expected[key] = value;
    } else if (line.starts_with("  value:")) {
      expected[key] = value;
    }
  }
  return expected;
}

// 2013-02-11T10:00:52Z, as the other reading writes it.
std::string to_seconds(const std::optional<Time>& time) {
  return time ? to_iso(*time).substr(0, 19) + "Z" : std::string{};
}

std::string class_word(const VisitDetails& visit) {
  if (visit.class_as_sent == "DAY CASE") return "DAY_CASE";
  switch (visit.patient_class) {
    case PatientClass::emergency:
      return "EMERGENCY";
    case PatientClass::inpatient:
      return "INPATIENT";
    case PatientClass::outpatient:
      return "OUTPATIENT";
    default:
      return "other";
  }
}

std::string carets(std::string location) {
  for (std::size_t at = 0; (at = location.find(", ", at)) != std::string::npos;) {
    location.replace(at, 2, "^");
  }
  return location;
}

std::string first_given(const PatientDetails& details) {
  if (details.names.empty() || details.names[0].given.empty()) return {};
  return details.names[0].given[0];
}

std::string our_value(const std::string& key, const AdtEvent& event) {
  const PatientDetails& details = event.details;
  const VisitDetails visit = event.visit.value_or(VisitDetails{});
  if (key == "mrn") return event.patient.local_ids.empty() ? "" : event.patient.local_ids[0].value;
  if (key == "previousMrn") {
    return event.merged_away.empty() ? "" : event.merged_away[0].local_ids.at(0).value;
  }
  if (key == "visitNumber") return visit.number;
  if (key == "previousVisitNumber") return event.previous_visit_number;
  if (key == "recordedDateTime") return to_seconds(event.recorded);
  if (key == "eventOccurredDateTime" || key == "cancelledDateTime") {
    return to_seconds(event.occurred);
  }
  if (key == "admissionDateTime" || key == "presentationDateTime") return to_seconds(visit.started);
  if (key == "dischargeDateTime") return to_seconds(visit.ended);
  if (key == "fullLocationString") return carets(visit.location);
  if (key == "patientBirthDate") return details.birth_date ? to_iso(*details.birth_date) : "";
  if (key == "patientClass") return class_word(visit);
  if (key == "patientIsAlive") return details.deceased ? "false" : "true";
  if (key == "patientFamilyName") return details.names.empty() ? "" : details.names[0].family;
  if (key == "patientGivenName") return first_given(details);
  if (key == "patientTitle") return details.names.empty() ? "" : details.names[0].prefix;
  if (key == "patientSex") return details.sex == Sex::female ? "F" : "M";
  if (key == "modeOfArrival") return visit.arrival_mode;
  if (key == "patientZipOrPostalCode") {
    return details.addresses.empty() ? "" : details.addresses[0].postcode;
  }
  return "(not compared)";
}

}  // namespace

// An independent reading of the same UK messages: identifiers, class, location and times in UTC.
// It takes all-nines as an NHS number, which ours refuses: that key is left out.
BOOST_AUTO_TEST_CASE(the_other_reading_of_uclh_messages_agrees) {
  const auto files = files_ending(".expected-interchange.yaml");
  if (!is_here(files)) return;
  std::size_t compared = 0;
  struct Count {
    std::size_t values = 0, same = 0;
  };
  std::map<std::string, Count> counts;
  for (const fs::path& path : files) {
    std::string message_path = path.string();
    message_path.replace(message_path.find(".expected-interchange"), std::string::npos, ".hl7");
    if (!fs::exists(message_path)) continue;
    const std::string bytes = cpis::test::read_file(message_path);
    const Understanding u = understand(bytes, {});
    BOOST_TEST_CONTEXT(path.filename().string()) {
      BOOST_REQUIRE(u.event);
      for (const auto& [key, want] : read_expected(cpis::test::read_file(path.string()))) {
        const std::string ours = our_value(key, *u.event);
        if (ours == "(not compared)") continue;
        BOOST_TEST(ours == want, key << ": " << ours << " against " << want);
        ++compared;
        ++counts[key].values;
        counts[key].same += ours == want ? 1U : 0U;
      }
    }
  }
  BOOST_TEST_MESSAGE(compared << " values compared in " << files.size() << " messages");
  BOOST_REQUIRE_GE(compared, 100U);
  std::string table = "| what | values | the same |\n|---|---|---|\n";
  for (const auto& [key, row] : counts) {
    table +=
        "| " + key + " | " + std::to_string(row.values) + " | " + std::to_string(row.same) + " |\n";
  }
  cpis::test::check_golden_file("v2_coverage/uclh.md", table);
}

BOOST_AUTO_TEST_SUITE_END()
