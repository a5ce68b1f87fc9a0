// The main job through the real doors: HL7 v2 in over MLLP, FHIR out over HTTP, alerts and notices
// as files.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <string_view>

#include "tests/integration/gateway_fixture.h"
#include "tests/support/tcp_client.h"
#include "tests/support/text.h"

namespace data = boost::unit_test::data;
namespace fs = std::filesystem;
using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(main_job_tests)

namespace {

const std::string flag_of_child = "/FHIR/R4/Flag?patient=" + std::string{child_on_plan};

std::size_t lines_of(const std::string& path) {
  std::ifstream in{path};
  return static_cast<std::size_t>(
      std::count(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}, '\n'));
}

std::size_t notices_of(const std::string& folder) {
  std::size_t count = 0;
  std::error_code none;
  for (const auto& file : fs::directory_iterator{folder + "/notices/999", none}) {
    if (file.path().extension() == ".xml") ++count;
  }
  return count;
}

struct Case {
  std::string_view path;
  std::string_view headers;
  std::string_view status;
  std::string_view says;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {"/FHIR/R4/Flag?patient=9990123454", "", "200", "\"total\":1", "a bare NHS number"},
    {"/FHIR/R4/Flag?patient=Patient/9990123454", "", "200", "\"total\":1", "a reference"},
    {"/FHIR/R4/Flag?patient:identifier=https://fhir.nhs.uk/Id/nhs-number%7C9990123454", "", "200",
     "\"total\":1", "an identifier"},
    {"/FHIR/R4/Flag?patient=9990123454&code=child-protection-information-system-flag", "", "200",
     "\"total\":1", "the kind of flag"},
    {"/FHIR/R4/Flag?patient=9990123454&code=national-reasonable-adjustment-flag", "", "200",
     "\"total\":0", "another kind of flag"},
    {"/FHIR/R4/Flag?patient=9990123454&status=inactive", "", "200", "\"total\":0",
     "the plan is in force"},
    {"/FHIR/R4/Flag?patient=9990123454&_include=Flag:detail", "", "200", "\"CareTeam\"",
     "plan and team come along"},
    {"/FHIR/R4/Flag?patient=9990000026", "", "200", "\"total\":0", "none held is an answer"},
    {"/FHIR/R4/Flag?patient=9990123455", "", "400", "Invalid NHS number", "a wrong check digit"},
    {"/FHIR/R4/Flag", "", "400", "not a directory", "no patient"},
    {"/FHIR/R4/Flag?patient=9990123454&pateint=1", "", "400", "valid ones are",
     "a misspelt parameter is refused, never ignored"},
    {"/FHIR/R4/Flag?patient=9990123454&date=tomorrow", "", "400", "http.date", "not a date"},
    {"/FHIR/R4/Flag?patient=9990123454", "IsUnscheduledAccessEvent: maybe\r\n", "400",
     "PRECONDITION_FAILED", "an invalid header"},
    {"/FHIR/R4/Flag?patient=9990123454", "Accept: text/html\r\n", "406", "only application/fhir",
     "a format we cannot send"},
    {"/FHIR/R4/Flag/0123456789abcdef0123456789abcdef", "", "404", "RESOURCE_NOT_FOUND",
     "a flag nobody has"},
    {"/FHIR/R4/Observation?patient=9990123454", "", "404", "OperationOutcome", "another resource"},
    {"/FHIR/R4/CareTeam?patient:identifier=https://fhir.nhs.uk/Id/nhs-number%7C9990123454", "",
     "200", "Testshire County Council", "the CP-IS API's form"},
    {"/FHIR/R4/CarePlan?patient=9990123454", "", "200", "342191000000101", "the plan"},
    {"/FHIR/R4/PatientFlag?patient=9990123454&code=child-protection-information-system-flag", "",
     "200", "\"CarePlan\"", "the Patient Flag API's form"},
    {"/CareTeam?patient:identifier=https://fhir.nhs.uk/Id/nhs-number%7C9990123454", "", "200",
     "01632960002", "the NHS shape at the root"},
    {"/FHIR/R4/Flag?patient=9990000018", "", "200", "Unborn child subject", "a mother's"},
    {"/FHIR/R4/Organization?identifier=999", "", "200", "\"total\":1", "the council"},
    {"/FHIR/R4/Organization/999", "", "200", "01632960001", "the council by its code"},
    {"/FHIR/R4/Encounter", "", "400", "too wide", "people are not listed"},
    {"/FHIR/R4/Patient?name=Sample", "", "400", "too wide",
     "people are not searched by name alone"},
    {"/FHIR/R4/metadata", "", "200", "CapabilityStatement", "what the server offers"},
    {"/health/live", "", "200", "alive", "health"},
    {"/health/ready", "", "200", "ready", "readiness"},
    {"/metrics", "", "200", "cpis_register_plans 2", "metrics"},
    {"/nowhere", "", "404", "OperationOutcome", "nothing is here"},
};

}  // namespace

BOOST_DATA_TEST_CASE(each_request_gets_its_answer, data::make(cases), c) {
  static RunningGateway shared;
  static bool uploaded = false;
  if (!uploaded) upload_people(shared.gateway->registry());
  uploaded = true;
  const std::string answer = shared.get(std::string{c.path}, std::string{c.headers});
  BOOST_TEST_CONTEXT(c.why << ": " << answer) {
    BOOST_TEST(answer.substr(0, 3) == c.status);
    BOOST_TEST(has(answer, c.says));
  }
}

BOOST_AUTO_TEST_CASE(an_arrival_becomes_an_alert_a_flag_and_a_notice) {
  RunningGateway running;
  upload_people(running.gateway->registry());
  BOOST_TEST(
      has(running.send(adt("A04", child_on_plan, "20180412", "E", "ED1", "C1")), "MSA|AA|C1"));
  running.settle();
  BOOST_TEST(eventually([&] { return lines_of(running.folder.file("alerts.jsonl")) == 1; }));
  BOOST_TEST(eventually([&] { return notices_of(running.folder.path()) == 1; }));
  const std::string encounter =
      running.get("/FHIR/R4/Encounter?patient=" + std::string{child_on_plan});
  BOOST_TEST(has(encounter, "\"in-progress\""));
  BOOST_TEST(has(running.get("/FHIR/R4/Patient/" + std::string{child_on_plan}), "\"SAMPLE\""));
  // The same message again, an update and a restart notify nobody a second time.
  running.send(adt("A04", child_on_plan, "20180412", "E", "ED1", "C1"));
  running.send(adt("A08", child_on_plan, "20180412", "E", "ED1", "C2"));
  running.settle();
  running.restart();
  running.settle();
  BOOST_TEST(has(running.get("/admin/accesses"), "\"shown\":1"));
  BOOST_TEST(lines_of(running.folder.file("alerts.jsonl")) == 1U);
}

BOOST_AUTO_TEST_CASE(a_child_without_a_record_raises_no_alert) {
  RunningGateway running;
  upload_people(running.gateway->registry());
  running.send(adt("A04", child_without_record, "20180412", "E", "ED2", "C3"));
  running.settle();
  BOOST_TEST(eventually([&] {
    return has(running.get("/admin/attendances?patient=" + std::string{child_without_record}),
               "none held");
  }));
  BOOST_TEST(!fs::exists(running.folder.file("alerts.jsonl")));
}

// Somebody in scope who cannot be asked about must not vanish in silence.
BOOST_AUTO_TEST_CASE(a_child_without_a_number_is_told_to_a_person) {
  RunningGateway running;
  running.send(adt("A04", "", "20180412", "E", "ED3", "C4"));
  running.settle();
  BOOST_TEST(eventually([&] { return lines_of(running.folder.file("alerts.jsonl")) == 1; }));
  std::ifstream in{running.folder.file("alerts.jsonl")};
  const std::string line{std::istreambuf_iterator<char>{in}, {}};
  BOOST_TEST(has(line, "needs-review"));
  BOOST_TEST(has(line, "no NHS number"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_used_is_answered_kept_and_put_aside) {
  RunningGateway running;
  BOOST_TEST(has(running.send("MSH|^~\\&|ED|RXX01|||20260105||ADT^A04^ADT_A01|X1|T|2.4\r"
                              "EVN||20260105\r"),
                 "MSA|AE|X1"));
  BOOST_TEST(has(running.send("no HL7 at all"), "MSA|AE|"));
  running.settle();
  const std::string page = running.get("/admin/messages");
  BOOST_TEST(has(page, "\"quarantined\":2"));
  BOOST_TEST(has(running.get("/health/ready"), "ready"));
}

// What arrives together is processed together, and still in order and once for each attendance.
BOOST_AUTO_TEST_CASE(messages_of_one_batch_are_taken_in_order_and_checked_once) {
  RunningGateway running;
  upload_people(running.gateway->registry());
  std::string batch = "BHS|^~\\&|ED|RXX01|||20260105\r";
  int control = 0;
  for (const std::string_view visit : {"B1", "B2", "B3"}) {
    for (const std::string_view event : {"A04", "A08", "A03"}) {
      batch += adt(event, child_on_plan, "20180412", "E", visit, "B" + std::to_string(++control));
    }
  }
  const std::string answer = running.send(batch + "BTS|9\r");
  BOOST_TEST(has(answer, "MSA|AA|B1"));
  BOOST_TEST(has(answer, "MSA|AA|B9"));
  running.settle();
  BOOST_TEST(eventually([&] { return lines_of(running.folder.file("alerts.jsonl")) == 3; }));
  const std::string encounters =
      running.get("/FHIR/R4/Encounter?patient=" + std::string{child_on_plan});
  BOOST_TEST(has(encounters, "\"total\":3"));
  BOOST_TEST(has(encounters, "\"finished\""));
  BOOST_TEST(!has(encounters, "\"in-progress\""));
  BOOST_TEST(has(running.get("/metrics"), "cpis_checks_asked_total 3\n"));
  BOOST_TEST(has(running.get("/admin/accesses"), "\"shown\":3"));
}

// One message whose changes the store refuses is put aside; those that came with it go on.
BOOST_AUTO_TEST_CASE(a_message_that_cannot_be_stored_holds_nobody_up) {
  RunningGateway running;
  upload_people(running.gateway->registry());
  const auto refusing = running.gateway->database().write([](cpis::store::Session& session) {
    const auto made = session.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON attendance WHEN NEW.visit_key LIKE '%REFUSED'"
        " BEGIN SELECT RAISE(ABORT, 'refused'); END");
    return made ? cpis::Status{cpis::done} : cpis::Status{made.error()};
  });
  BOOST_REQUIRE(refusing);
  const std::string batch = "BHS|^~\\&|ED|RXX01|||20260105\r" +
                            adt("A04", child_on_plan, "20180412", "E", "G1", "G1") +
                            adt("A04", child_without_record, "20180412", "E", "REFUSED", "G2") +
                            adt("A04", child_on_plan, "20180412", "E", "G3", "G3") + "BTS|3\r";
  BOOST_TEST(has(running.send(batch), "MSA|AA|G3"));
  BOOST_TEST(eventually([&] { return lines_of(running.folder.file("alerts.jsonl")) == 2; }));
  running.settle();
  const std::string page = running.get("/admin/messages");
  BOOST_TEST(has(page, "\"quarantined\":1"));
  BOOST_TEST(has(page, "the store refused what this message changes"));
  BOOST_TEST(has(running.get("/admin/accesses"), "\"shown\":2"));
  // What failed with the batch and was done again is counted once.
  const std::string metrics = running.get("/metrics");
  BOOST_TEST(has(metrics, "cpis_messages_processed_total 2\n"));
  BOOST_TEST(has(metrics, "cpis_checks_asked_total 2\n"));
}

BOOST_AUTO_TEST_CASE(reads_of_one_screen_are_one_look) {
  RunningGateway running;
  upload_people(running.gateway->registry());
  const std::string flags = running.get(flag_of_child);
  running.get("/FHIR/R4/CareTeam?patient=" + std::string{child_on_plan});
  running.get(flag_of_child);
  const std::size_t at = flags.find("/Flag/") + 6;
  const std::string flag = running.get("/FHIR/R4/Flag/" + flags.substr(at, 32));
  BOOST_TEST(flag.substr(0, 3) == "200");
  BOOST_TEST(has(running.get("/admin/accesses"), "\"shown\":1"));
  BOOST_TEST(has(running.request("HEAD", flag_of_child, "", "").substr(0, 3), "405"));
}

BOOST_AUTO_TEST_CASE(planned_care_leaves_no_access) {
  RunningGateway running;
  upload_people(running.gateway->registry());
  const std::string answer = running.get(flag_of_child, "IsUnscheduledAccessEvent: false\r\n");
  BOOST_TEST(has(answer, "\"total\":1"));
  BOOST_TEST(has(running.get("/admin/accesses"), "\"shown\":0"));
}

BOOST_AUTO_TEST_CASE(a_search_by_post_hides_the_number_from_the_url) {
  RunningGateway running;
  upload_people(running.gateway->registry());
  const std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
  const std::string answer = running.request("POST", "/FHIR/R4/Flag/_search", form,
                                             "patient=" + std::string{child_on_plan});
  BOOST_TEST(has(answer, "\"total\":1"));
  BOOST_TEST(running.request("POST", "/FHIR/R4/Flag/_search", "", "patient=1").substr(0, 3) ==
             "415");
}

BOOST_AUTO_TEST_CASE(messages_also_come_over_http_and_can_be_converted) {
  RunningGateway running;
  upload_people(running.gateway->registry());
  const std::string type = "Content-Type: application/hl7-v2\r\n";
  const std::string message = adt("A04", child_on_plan, "20180412", "E", "H1", "HT1");
  const std::string answer = running.request("POST", "/HL7/v2", type, message);
  BOOST_TEST(answer.substr(0, 3) == "200");
  BOOST_TEST(has(answer, "MSA|AA|HT1"));
  running.settle();
  BOOST_TEST(eventually([&] { return lines_of(running.folder.file("alerts.jsonl")) == 1; }));
  const std::string bundle = running.request("POST", "/HL7/v2/$convert", type, message);
  BOOST_TEST(bundle.substr(0, 3) == "200");
  BOOST_TEST(has(bundle, "\"Encounter\""));
  BOOST_TEST(has(bundle, "\"in-progress\""));
  BOOST_TEST(running.request("POST", "/HL7/v2/$convert", type, "no HL7").substr(0, 3) == "422");
  BOOST_TEST(running.request("POST", "/HL7/v2", "", message).substr(0, 3) == "415");
  BOOST_TEST(running.get("/HL7/v2").substr(0, 3) == "405");
}

BOOST_AUTO_TEST_CASE(resources_are_validated_and_nothing_is_stored) {
  RunningGateway running;
  const std::string type = "Content-Type: application/fhir+json\r\n";
  const std::string good = R"({"resourceType":"Patient","active":true})";
  BOOST_TEST(
      has(running.request("POST", "/FHIR/R4/Patient/$validate", type, good), "\"information\""));
  const std::string bad = R"({"resourceType":"Patient","gender":"none"})";
  const std::string answer = running.request("POST", "/FHIR/R4/$validate", type, bad);
  BOOST_TEST(answer.substr(0, 3) == "200");
  BOOST_TEST(has(answer, "Patient.gender"));
  BOOST_TEST(running.request("POST", "/FHIR/R4/Flag/$validate", type, good).substr(0, 3) == "400");
  BOOST_TEST(running.request("POST", "/FHIR/R4/$validate", type, "{").substr(0, 3) == "400");
}

BOOST_AUTO_TEST_CASE(codes_are_looked_up_and_what_is_unknown_is_said_to_be) {
  RunningGateway running;
  const std::string kinds = running.get("/FHIR/R4/ValueSet/cpis-plan-type/$expand");
  BOOST_TEST(kinds.substr(0, 3) == "200");
  BOOST_TEST(has(kinds, "\"342191000000101\""));
  const std::string unknown =
      running.get("/FHIR/R4/CodeSystem/$validate-code?url=http://example.org/colours&code=red");
  BOOST_TEST(unknown.substr(0, 3) == "422");
  BOOST_TEST(!has(unknown, "\"valueBoolean\""));
  BOOST_TEST(running.request("DELETE", "/FHIR/R4/ValueSet/$expand", "", "").substr(0, 3) == "405");
}

// A council's export that is dropped into the folder, whole, is taken without stopping anything.
BOOST_AUTO_TEST_CASE(an_export_in_the_intake_folder_is_taken) {
  const ScratchFolder intake;
  RunningGateway running{
      "intake.folder = \"" + intake.path() + "\"\nintake.profile = cohort\n" +
      "council.999.dfe_code = 999\ncouncil.999.name = Testshire\n"
      "council.999.office_phone = 01632960001\ncouncil.999.emergency_phone = 01632960002\n"};
  const std::string rows =
      "source_plan_key,la_person_id,nhs_number,no_nhs_number_reason,surname,given_names,"
      "birth_date,expected_birth_date,plan_type,plan_start,plan_end,delete_date,delete_reason,"
      "legal_status,mother_la_person_id,mother_nhs_number,mother_surname,mother_given_names,"
      "mother_birth_date,owning_la\n"
      "p1,LCS-1,9990123454,,Sample,Alex,2018-04-12,,CPP,2025-01-15,,,,,,,,,,999\n"
      "#END,1\n";
  std::ofstream{intake.file(".cohort.csv")} << rows;
  fs::rename(intake.file(".cohort.csv"), intake.file("cohort.csv"));
  BOOST_TEST(eventually([&] { return has(running.get(flag_of_child), "\"total\":1"); }));
  BOOST_TEST(eventually([&] { return !fs::exists(intake.file("cohort.csv")); }));
  BOOST_TEST(fs::exists(intake.file("done")));
}

BOOST_AUTO_TEST_CASE(without_a_token_nobody_sees_anything) {
  // The token is `secret`; its hash stands in the configuration.
  RunningGateway running{
      "http.auth = token\n"
      "client.epr.token = "
      "sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\n"
      "client.epr.organisation_code = RXX01\nclient.epr.organisation_name = Testshire Royal\n"
      "client.epr.role_code = R0260\nclient.epr.role_name = Doctor\n"
      "client.epr.person_name = Dr Token\nclient.epr.user_id = t2\n"};
  upload_people(running.gateway->registry());
  BOOST_TEST(running.get(flag_of_child).substr(0, 3) == "401");
  BOOST_TEST(running.get(flag_of_child, "Authorization: Bearer wrong\r\n").substr(0, 3) == "401");
  BOOST_TEST(running.get(flag_of_child, "Authorization: Basic secret\r\n").substr(0, 3) == "401");
  BOOST_TEST(has(running.get(flag_of_child, "Authorization: Bearer secret\r\n"), "\"total\":1"));
  BOOST_TEST(running.get("/admin/notices", "Authorization: Bearer secret\r\n").substr(0, 3) ==
             "403");
  BOOST_TEST(running.get("/FHIR/R4/metadata").substr(0, 3) == "200");
}

BOOST_AUTO_TEST_SUITE_END()
