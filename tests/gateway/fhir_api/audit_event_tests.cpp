#include "gateway/fhir_api/audit_event.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "fhir/json/reader.h"
#include "tests/support/text.h"

using namespace cpis;
using namespace cpis::fhir_api;
using cpis::test::has;

BOOST_AUTO_TEST_SUITE(audit_event_tests)

namespace {

const std::string hash(32, '\x01');

store::AuditRow row_with(std::string_view action, std::string_view subject,
                         std::string_view outcome, std::string_view detail) {
  return {0,
          7,
          {*parse_iso_time("2026-01-05T09:00:00Z"), "corr-1", "nurse-1", "A. \"Ann\" Nurse",
           "Nurse", "RXX01", "epr", action, subject, outcome, detail},
          hash};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_search_is_an_event_that_names_patient_query_and_resources) {
  const std::string line = audit_event_line(
      row_with("Flag.search", "9990123454", "asked", "unscheduled; Flag/a1 CarePlan/a1"));
  fhir::Document document;
  fhir::Issues issues;
  BOOST_REQUIRE(fhir::json::read(line, document, issues));
  BOOST_TEST(has(line, R"("resourceType":"AuditEvent")"));
  BOOST_TEST(has(line, R"("code":"search-type")"));
  BOOST_TEST(has(line, R"("action":"E")"));
  BOOST_TEST(has(line, R"("recorded":"2026-01-05T09:00:00)"));
  BOOST_TEST(has(line, R"("outcome":"0")"));
  BOOST_TEST(has(line, R"("value":"9990123454")"));
  BOOST_TEST(has(line, R"("reference":"Flag/a1")"));
  BOOST_TEST(has(line, R"("reference":"CarePlan/a1")"));
  BOOST_TEST(has(line, R"("code":"XrequestId")"));
  BOOST_TEST(has(line, R"("value":"corr-1")"));
  BOOST_TEST(has(line, R"("display":"A. \"Ann\" Nurse")"));
  // Flag?patient:identifier=https://fhir.nhs.uk/Id/nhs-number|9990123454
  BOOST_TEST(has(line,
                 "RmxhZz9wYXRpZW50OmlkZW50aWZpZXI9aHR0cHM6Ly9maGlyLm5ocy51ay9JZC9uaHMtbnVt"
                 "YmVyfDk5OTAxMjM0NTQ="));
}

BOOST_AUTO_TEST_CASE(a_refusal_is_an_event_without_a_person) {
  const std::string line =
      audit_event_line(row_with("refused", "", "401", "GET Flag: the token has expired"));
  BOOST_TEST(has(line, R"("outcome":"4")"));
  BOOST_TEST(!has(line, "nhs-number"));
  BOOST_TEST(has(line, "the token has expired"));
}

BOOST_AUTO_TEST_CASE(a_read_is_a_read) {
  const std::string line = audit_event_line(row_with("Patient.read", "p1", "200", "; Patient/p1"));
  BOOST_TEST(has(line, R"("action":"R")"));
  BOOST_TEST(has(line, R"("reference":"Patient/p1")"));
}

namespace {

struct Act {
  std::string_view action, code, letter;
};
std::ostream& operator<<(std::ostream& out, const Act& act) { return out << act.action; }

constexpr Act acts[] = {
    {"Patient.read", "read", "R"},
    {"Encounter.vread", "vread", "R"},
    {"Encounter.search", "search-type", "E"},
    {"Patient.history-instance", "history-instance", "R"},
    {"Patient.create", "create", "C"},
    {"Patient.update", "update", "U"},
    {"Encounter.patch", "patch", "U"},
    {"Flag.delete", "delete", "D"},
    {"Patient.write", "update", "U"},
    {"Patient.match", "operation", "E"},
    {"Patient.everything", "operation", "E"},
    {"cds.patient-view", "operation", "E"},
    {"system.transaction", "transaction", "E"},
    {"purge", "operation", "E"},
};

}  // namespace

BOOST_DATA_TEST_CASE(an_action_is_an_interaction_of_fhir, boost::unit_test::data::make(acts), act) {
  const std::string line = audit_event_line(row_with(act.action, "", "200", ";"));
  BOOST_TEST(has(line, "restful-interaction\",\"code\":\"" + std::string{act.code} + '"'));
  BOOST_TEST(has(line, "\"action\":\"" + std::string{act.letter} + '"'));
}

BOOST_AUTO_TEST_CASE(a_search_of_several_people_says_its_query_and_all_of_them) {
  const std::string line = audit_event_line(
      row_with("Encounter.search", "", "200", "?date=2026-01-05; Encounter/a Patient/p1"));
  BOOST_TEST(has(line, "RW5jb3VudGVyP2RhdGU9MjAyNi0wMS0wNQ=="));  // Encounter?date=2026-01-05
  BOOST_TEST(has(line, R"("reference":"Encounter/a")"));
  BOOST_TEST(has(line, R"("reference":"Patient/p1")"));
}

BOOST_AUTO_TEST_CASE(the_user_of_a_cds_call_is_an_agent) {
  const std::string line = audit_event_line(row_with("cds.patient-view", "9990123454", "asked",
                                                     "unscheduled, user Practitioner/n1; Flag/a1"));
  BOOST_TEST(has(line, R"("reference":"Practitioner/n1")"));
  BOOST_TEST(has(line, R"("reference":"Flag/a1")"));
  const std::string nobody =
      audit_event_line(row_with("Flag.search", "9990123454", "asked", "unscheduled; Flag/a1"));
  BOOST_TEST(!has(nobody, "Practitioner"));
}

BOOST_AUTO_TEST_CASE(a_row_of_csv_is_quoted_and_starts_no_formula) {
  const std::string line =
      audit_csv_line(row_with("=HYPERLINK(1)", "9990123454", "asked", "a,b\n\"c\""));
  BOOST_TEST(has(line, "\"'=HYPERLINK(1)\""));
  BOOST_TEST(has(line, "\"a,b\n\"\"c\"\"\""));
  BOOST_TEST(line.ends_with("\r\n"));
  const auto commas = [](std::string_view text) {
    std::size_t count = 0;
    bool quoted = false;
    for (const char c : text) {
      if (c == '"') quoted = !quoted;
      if (c == ',' && !quoted) ++count;
    }
    return count;
  };
  BOOST_TEST(commas(line) == commas(audit_csv_header()));
}

BOOST_AUTO_TEST_SUITE_END()
