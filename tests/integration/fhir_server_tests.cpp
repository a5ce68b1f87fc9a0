// The FHIR server through its real door: writes, versions, searches, Bundles, forms of answers.

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
using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(fhir_server_tests)

namespace {

const std::string json_type = "Content-Type: application/fhir+json\r\n";
const std::string base = "/FHIR/R4/";

std::string person(std::string_view number, std::string_view family = "Sample",
                   std::string_view more = "") {
  return R"({"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number",)"
         R"("value":")" +
         std::string{number} + R"("}],"name":[{"family":")" + std::string{family} +
         R"(","given":["Alex"]}],"birthDate":"2018-04-12")" + std::string{more} + "}";
}

std::string attendance(std::string_view patient, std::string_view start,
                       std::string_view status = "in-progress", std::string_view code = "EMER") {
  return R"({"resourceType":"Encounter","status":")" + std::string{status} +
         R"(","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":")" +
         std::string{code} + R"("},"subject":{"reference":"Patient/)" + std::string{patient} +
         R"("},"period":{"start":")" + std::string{start} + '"' +
         (status == "finished" ? R"(,"end":")" + std::string{start.substr(0, 10)} + "T12:00:00Z\""
                               : "") +
         "}}";
}

std::string allergy_flag(std::string_view patient) {
  return R"({"resourceType":"Flag","status":"active","code":{"text":"Latex allergy"},)"
         R"("subject":{"reference":"Patient/)" +
         std::string{patient} + R"("}})";
}

std::string id_of(const std::string& answer) { return between(answer, "\"id\":\"", "\""); }

struct Server : RunningGateway {
  explicit Server(std::string_view more = "") : RunningGateway{more} {
    upload_people(gateway->registry());
  }
  std::string post(const std::string& path, const std::string& body,
                   const std::string& headers = "") const {
    return request("POST", base + path, json_type + headers, body);
  }
  std::string put(const std::string& path, const std::string& body,
                  const std::string& headers = "") const {
    return request("PUT", base + path, json_type + headers, body);
  }
  std::string read(const std::string& path, const std::string& headers = "") const {
    return get(base + path, headers);
  }
  std::size_t alerts() const {
    std::ifstream in{folder.file("alerts.jsonl")};
    return static_cast<std::size_t>(
        std::count(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}, '\n'));
  }
};

std::size_t occurrences(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_resource_is_created_read_changed_and_deleted_with_all_its_versions) {
  Server server;
  const std::string created = server.post("Patient", person(child_on_plan));
  BOOST_TEST_CONTEXT(created) {
    BOOST_TEST(created.substr(0, 3) == "201");
    BOOST_TEST(has(created, "Location: http://test/FHIR/R4/Patient/9990123454/_history/1"));
    BOOST_TEST(has(created, "ETag: W/\"1\""));
    BOOST_TEST(has(created, "\"versionId\":\"1\""));
  }
  BOOST_TEST(has(server.read("Patient/9990123454"), "Last-Modified: "));
  BOOST_TEST(server.read("Patient/9990123454", "If-None-Match: W/\"1\"\r\n").substr(0, 3) == "304");
  const std::string changed = person(child_on_plan, "Example", R"(,"id":"9990123454")");
  BOOST_TEST(server.put("Patient/9990123454", changed, "If-Match: W/\"7\"\r\n").substr(0, 3) ==
             "412");
  const std::string updated = server.put("Patient/9990123454", changed, "If-Match: W/\"1\"\r\n");
  BOOST_TEST_CONTEXT(updated) { BOOST_TEST(updated.substr(0, 3) == "200"); }
  BOOST_TEST(has(server.read("Patient/9990123454/_history/1"), "\"family\":\"Sample\""));
  BOOST_TEST(has(server.read("Patient/9990123454/_history/2"), "\"family\":\"Example\""));
  BOOST_TEST(server.read("Patient/9990123454/_history/9").substr(0, 3) == "404");
  BOOST_TEST(server.request("DELETE", base + "Patient/9990123454", "", "").substr(0, 3) == "204");
  BOOST_TEST(server.read("Patient/9990123454").substr(0, 3) == "410");
  const std::string history = server.read("Patient/9990123454/_history");
  BOOST_TEST_CONTEXT(history) {
    BOOST_TEST(has(history, "\"total\":3"));
    BOOST_TEST(has(history, "\"method\":\"DELETE\""));
  }
  BOOST_TEST(has(server.read("Patient/_history?_count=1"), "\"relation\":\"next\""));
  BOOST_TEST(server.read("Patient/9990000026").substr(0, 3) == "404");
}

BOOST_AUTO_TEST_CASE(an_encounter_written_over_fhir_is_checked_as_an_arrival_once) {
  Server server;
  BOOST_REQUIRE(server.post("Patient", person(child_on_plan)).substr(0, 3) == "201");
  const std::string created =
      server.post("Encounter", attendance(child_on_plan, "2026-11-20T09:00:00Z"));
  BOOST_TEST_CONTEXT(created) { BOOST_REQUIRE(created.substr(0, 3) == "201"); }
  BOOST_TEST(eventually([&] { return server.alerts() == 1; }));
  const std::string id = id_of(created);
  std::string again = attendance(child_on_plan, "2026-11-20T09:00:00Z");
  again.insert(again.find(",\"status\""), R"(,"id":")" + id + '"');
  BOOST_TEST(server.put("Encounter/" + id, again).substr(0, 3) == "200");
  server.settle();
  server.restart();
  server.settle();
  BOOST_TEST(server.alerts() == 1);
  BOOST_TEST(has(server.get("/admin/attendances?patient=9990123454"), id));
}

BOOST_AUTO_TEST_CASE(every_write_is_audited) {
  Server server;
  server.post("Patient", person(child_without_record));
  std::size_t rows = 0;
  BOOST_REQUIRE(server.gateway->database().read([&](cpis::store::Session& session) {
    return session.query("SELECT COUNT(*) FROM audit WHERE action = ? AND subject = ?",
                         {"Patient.create", child_without_record},
                         [&](const cpis::store::Row& row) -> cpis::Status {
                           rows = static_cast<std::size_t>(row.integer(0));
                           return cpis::done;
                         });
  }));
  BOOST_TEST(rows == 1);
}

namespace {

struct Refusal {
  std::string_view method, path, headers, body, status, says, why;
};
std::ostream& operator<<(std::ostream& out, const Refusal& c) { return out << c.why; }

constexpr Refusal refusals[] = {
    {"POST", "Patient", "Content-Type: text/plain\r\n", "{}", "415", "application/fhir", "a type"},
    {"POST", "Patient", "Content-Type: application/fhir+json; charset=latin1\r\n", "{}", "415",
     "UTF-8", "another character set"},
    {"POST", "Patient", "Content-Type: application/fhir+json\r\n", "{", "400", "OperationOutcome",
     "no JSON"},
    {"POST", "Patient", "Content-Type: application/fhir+json\r\n",
     R"({"resourceType":"Encounter"})", "400", "no Patient", "another resource"},
    {"POST", "Patient", "Content-Type: application/fhir+json\r\n",
     R"({"resourceType":"Patient","gender":"unclear"})", "422", "gender", "not valid"},
    {"POST", "Patient", "Content-Type: application/fhir+json\r\n",
     R"({"resourceType":"Patient","identifier":[{"system":)"
     R"("https://fhir.nhs.uk/Id/nhs-number","value":"9990123455"}]})",
     "422", "NHS number", "a wrong check digit"},
    {"PUT", "Patient/9990000026", "Content-Type: application/fhir+json\r\n",
     R"({"resourceType":"Patient","id":"9990000026"})", "422", "that number",
     "a number in the id only"},
    {"PUT", "Patient/a", "Content-Type: application/fhir+json\r\n",
     R"({"resourceType":"Patient","id":"b"})", "400", "that of the URL", "two ids"},
    {"POST", "Encounter", "Content-Type: application/fhir+json\r\n",
     R"({"resourceType":"Encounter","status":"planned","class":{"code":"AMB"},)"
     R"("subject":{"reference":"Patient/nobody"}})",
     "422", "not known here", "nobody's attendance"},
    {"POST", "Flag", "Content-Type: application/fhir+json\r\n",
     R"({"resourceType":"Flag","status":"active","subject":{"reference":"Patient/x"},"code":)"
     R"({"coding":[{"system":"http://snomed.info/sct","code":"342191000000101"}]}})",
     "422", "national record", "a flag that would be taken for a national one"},
    {"DELETE", "CareTeam/1", "", "", "405", "Allow: GET", "read-only"},
    {"POST", "Patient/$nothing", "", "", "404", "OperationOutcome", "no such operation"},
    {"PATCH", "Patient/1", "Content-Type: application/json-patch+json\r\n", "[]", "404",
     "no such Patient", "nothing to patch"},
    {"GET", "Patient?_format=pdf", "", "", "406", "application/fhir+xml", "a format"},
    {"GET", "metadata", "Accept: application/fhir+json; fhirVersion=3.0\r\n", "", "406", "4.0",
     "another version of FHIR"},
    {"GET", "Encounter?pateint=1", "", "", "400", "valid ones are", "misspelt"},
    {"GET", "Patient?name=Sample", "", "", "400", "too wide", "by name alone"},
    {"GET", "Patient", "", "", "400", "too wide", "all people"},
    {"GET", "Patient?_has:Flag:patient:status=active&identifier=1", "", "", "400",
     "a look at the record", "people by their flags"},
    {"GET", "Patient?identifier=1&_revinclude=Flag:patient", "", "", "400", "a look at the record",
     "flags with people"},
    {"GET", "Encounter?date=tomorrow", "", "", "400", "http.date", "no date"},
    {"GET", "Encounter?patient=9990123455", "", "", "400", "Invalid NHS number", "check digit"},
    {"GET", "Encounter?_page=abc", "", "", "400", "not one of ours", "a made up page"},
    {"GET", "Encounter?date=2026-01-01&_summary=some", "", "", "400", "_summary", "no such"},
    {"POST", "Patient/_search", "Content-Type: application/json\r\n", "{}", "415", "urlencoded",
     "a search that is no form"},
    {"POST", "", "Content-Type: application/fhir+json\r\n",
     R"({"resourceType":"Bundle",)"
     R"("type":"collection"})",
     "400", "batch or transaction", "another Bundle"},
    {"HEAD", "Flag?patient=9990123454", "", "", "405", "Allow: GET", "a look nobody sees"},
};

}  // namespace

BOOST_DATA_TEST_CASE(what_cannot_be_done_is_refused_and_says_why, data::make(refusals), c) {
  static Server shared;
  const std::string answer = shared.request(std::string{c.method}, base + std::string{c.path},
                                            std::string{c.headers}, std::string{c.body});
  BOOST_TEST_CONTEXT(c.why << ": " << answer) {
    BOOST_TEST(answer.substr(0, 3) == c.status);
    BOOST_TEST(has(answer, c.says));
  }
}

BOOST_AUTO_TEST_CASE(a_national_flag_is_read_only_and_a_local_one_stands_beside_it) {
  Server server;
  server.post("Patient", person(child_on_plan));
  const std::string national = server.read("Flag?patient=9990123454");
  const std::string id = between(national, "/FHIR/R4/Flag/", "\"");
  BOOST_REQUIRE(!id.empty());
  const std::string deleted = server.request("DELETE", base + "Flag/" + id, "", "");
  BOOST_TEST_CONTEXT(deleted) {
    BOOST_TEST(deleted.substr(0, 3) == "405");
    BOOST_TEST(has(deleted, "mirrors the national record"));
  }
  const std::string local = server.post("Flag", allergy_flag(child_on_plan));
  BOOST_TEST_CONTEXT(local) { BOOST_REQUIRE(local.substr(0, 3) == "201"); }
  const std::string both = server.read("Flag?patient=9990123454&_include=Flag:patient");
  BOOST_TEST_CONTEXT(both) {
    BOOST_TEST(has(both, "\"total\":2"));
    BOOST_TEST(has(both, "Latex allergy"));
    BOOST_TEST(has(both, "342191000000101"));
    BOOST_TEST(has(both, "\"mode\":\"include\""));
  }
  BOOST_TEST(has(server.read("Flag?patient=9990123454&status:not=active"), "\"total\":0"));
  BOOST_TEST(has(server.read("Flag/" + id_of(local)), "Latex allergy"));
}

BOOST_AUTO_TEST_CASE(patches_of_both_kinds_change_a_resource_or_nothing) {
  Server server;
  server.post("Patient", person(child_without_record));
  const std::string path = base + "Patient/" + std::string{child_without_record};
  const std::string one =
      server.request("PATCH", path, "Content-Type: application/json-patch+json\r\n",
                     R"([{"op":"replace","path":"/name/0/family","value":"Example"}])");
  BOOST_TEST_CONTEXT(one) {
    BOOST_TEST(one.substr(0, 3) == "200");
    BOOST_TEST(has(one, "\"family\":\"Example\""));
  }
  const std::string two = server.request(
      "PATCH", path, json_type,
      R"({"resourceType":"Parameters","parameter":[{"name":"operation","part":[)"
      R"({"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.gender"},)"
      R"({"name":"value","valueCode":"female"}]}]})");
  BOOST_TEST_CONTEXT(two) { BOOST_TEST(two.substr(0, 3) == "422"); }
  const std::string three = server.request(
      "PATCH", path, json_type,
      R"({"resourceType":"Parameters","parameter":[{"name":"operation","part":[)"
      R"({"name":"type","valueCode":"add"},{"name":"path","valueString":"Patient"},)"
      R"({"name":"name","valueString":"gender"},{"name":"value","valueCode":"female"}]}]})");
  BOOST_TEST_CONTEXT(three) {
    BOOST_TEST(three.substr(0, 3) == "200");
    BOOST_TEST(has(three, "\"gender\":\"female\""));
    BOOST_TEST(has(three, "\"versionId\":\"3\""));
  }
}

BOOST_AUTO_TEST_CASE(conditions_find_one_none_or_too_many) {
  Server server;
  const std::string numbered =
      R"({"resourceType":"Patient","identifier":[{"system":"urn:ward","value":"H1"}]})";
  const std::string condition = "If-None-Exist: identifier=urn:ward%7CH1\r\n";
  BOOST_TEST(server.post("Patient", numbered, condition).substr(0, 3) == "201");
  BOOST_TEST(server.post("Patient", numbered, condition).substr(0, 3) == "200");
  const std::string found = server.put("Patient?identifier=urn:ward%7CH1", numbered);
  BOOST_TEST_CONTEXT(found) { BOOST_TEST(has(found, "\"versionId\":\"2\"")); }
  server.post("Patient", numbered);
  BOOST_TEST(server.post("Patient", numbered, condition).substr(0, 3) == "412");
  BOOST_TEST(
      server.request("DELETE", base + "Patient?identifier=urn:ward%7CH1", "", "").substr(0, 3) ==
      "412");
  BOOST_TEST(
      server.request("DELETE", base + "Patient?identifier=urn:ward%7CH9", "", "").substr(0, 3) ==
      "204");
}

BOOST_AUTO_TEST_CASE(answers_come_in_the_form_that_was_asked_for) {
  Server server;
  server.post("Patient", person(child_without_record));
  const std::string path = "Patient/" + std::string{child_without_record};
  const std::string xml = server.read(path, "Accept: application/fhir+xml\r\n");
  BOOST_TEST_CONTEXT(xml) {
    BOOST_TEST(has(xml, "Content-Type: application/fhir+xml"));
    BOOST_TEST(has(xml, "<Patient xmlns=\"http://hl7.org/fhir\">"));
  }
  BOOST_TEST(has(server.read(path + "?_format=xml"), "<family value=\"Sample\"/>"));
  BOOST_TEST(has(server.read(path + "?_pretty=true"), "\n  \"id\""));
  const std::string elements = server.read(path + "?_elements=birthDate");
  BOOST_TEST_CONTEXT(elements) {
    BOOST_TEST(has(elements, "SUBSETTED"));
    BOOST_TEST(has(elements, "birthDate"));
    BOOST_TEST(!has(elements, "Sample"));
  }
  const std::string sent = xml.substr(xml.find("<Patient"));
  std::string changed = sent;
  changed.replace(changed.find("Sample"), 6, "Example");
  const std::string put =
      server.request("PUT", base + path, "Content-Type: application/fhir+xml\r\n", changed);
  BOOST_TEST_CONTEXT(put) {
    BOOST_TEST(put.substr(0, 3) == "200");
    BOOST_TEST(has(put, "\"family\":\"Example\""));
  }
  const std::string minimal =
      server.put(path, person(child_without_record, "Sample", R"(,"id":"9990000026")"),
                 "Prefer: return=minimal\r\n");
  BOOST_TEST_CONTEXT(minimal) { BOOST_TEST(has(minimal, "Content-Length: 0")); }
  BOOST_TEST(has(server.read("metadata", "Accept-Encoding: gzip\r\n"), "Content-Encoding: gzip"));
  BOOST_TEST(has(server.request("OPTIONS", base + path, "", ""), "Allow: GET, HEAD, PUT"));
  BOOST_TEST(has(server.request("HEAD", base + path, "", ""), "ETag: W/\"3\""));
  BOOST_TEST(has(server.read("openapi.json"), "\"openapi\":\"3.1.0\""));
}

BOOST_AUTO_TEST_CASE(searches_follow_the_definitions) {
  Server server;
  server.post("Patient", person(child_on_plan));
  server.post("Patient", person(child_without_record, "Other"));
  server.post("Encounter", attendance(child_on_plan, "2026-11-01T09:00:00Z", "finished"));
  server.post("Encounter", attendance(child_on_plan, "2026-11-02T09:00:00Z"));
  server.post("Encounter", attendance(child_without_record, "2026-11-03T09:00:00Z", "planned"));
  struct Case {
    std::string query;
    std::size_t matches;
    std::string says;
  };
  const Case cases[] = {
      {"Encounter?patient=9990123454", 2, "\"total\":2"},
      {"Encounter?patient:identifier=https://fhir.nhs.uk/Id/nhs-number%7C9990123454", 2, ""},
      {"Encounter?patient.identifier=https://fhir.nhs.uk/Id/nhs-number%7C9990123454", 2, ""},
      {"Encounter?patient=9990123454&status:not=finished", 1, "2026-11-02"},
      {"Encounter?date=ge2026-11-02", 2, "\"total\":2"},
      {"Encounter?date=ge2026-11-02&date=lt2026-11-03&status=in-progress", 1, "2026-11-02"},
      {"Encounter?date=ge2026-11-01&class=EMER&_sort=date", 3, ""},
      {"Encounter?date=ge2026-11-01&_summary=count", 0, "\"total\":3"},
      {"Encounter?date=gt2027", 0, "\"total\":2"},
      {"Encounter?patient=9990123454&_include=Encounter:patient", 2, "\"mode\":\"include\""},
      {"Patient?identifier=9990123454&_revinclude=Encounter:patient", 1, "\"mode\":\"include\""},
      {"Patient?birthdate=2018-04-12&family=sampl", 1, "Sample"},
      {"Patient?birthdate=2018-04-12&family:exact=sampl&given=alex", 0, "\"total\":0"},
      {"Patient?birthdate=2018-04-12&given=alex&_sort=-family", 2, ""},
      {"Patient?_id=9990123454,9990000026&_has:Encounter:patient:status=planned", 1, "Other"},
      {"Patient/9990123454/Encounter", 2, ""},
      {"Patient?_id=9990123454&_lastUpdated=ge2020", 1, ""},
      {"Patient?_id=9990123454&_tag=none", 0, "\"total\":0"},
      {"Patient?identifier=https://fhir.nhs.uk/Id/nhs-number%7C9990123454", 1, ""},
  };
  for (const Case& c : cases) {
    const std::string answer = server.read(c.query);
    BOOST_TEST_CONTEXT(c.query << ": " << answer) {
      BOOST_TEST(answer.substr(0, 3) == "200");
      if (c.query.find("gt2027") == std::string::npos) {
        BOOST_TEST(occurrences(answer, "\"mode\":\"match\"") == c.matches);
        BOOST_TEST(has(answer, c.says));
      }
    }
  }
  const std::string form =
      server.request("POST", base + "Encounter/_search",
                     "Content-Type: application/x-www-form-urlencoded\r\n", "patient=9990123454");
  BOOST_TEST(occurrences(form, "\"mode\":\"match\"") == 2U);
}

BOOST_AUTO_TEST_CASE(page_links_are_sealed_and_outlive_a_restart) {
  Server server;
  server.post("Patient", person(child_on_plan));
  for (const char* day : {"01", "02", "03"}) {
    server.post("Encounter",
                attendance(child_on_plan, "2026-10-" + std::string{day} + "T09:00:00Z"));
  }
  for (const std::string query :
       {"Encounter?patient=9990123454&_count=2", "Encounter?date=ge2026-10-01&_count=2"}) {
    const std::string first = server.read(query);
    const std::string next =
        between(first, "\"relation\":\"next\",\"url\":\"http://test/FHIR/R4/", "\"");
    BOOST_TEST_CONTEXT(first) { BOOST_REQUIRE(!next.empty()); }
    BOOST_TEST(!has(next, child_on_plan));
    server.settle();
    server.restart();
    const std::string second = server.read(next);
    BOOST_TEST_CONTEXT(second) {
      BOOST_TEST(occurrences(second, "\"mode\":\"match\"") == 1U);
      BOOST_TEST(has(second, "2026-10-01"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_transaction_resolves_references_and_is_all_or_nothing) {
  Server server;
  const auto bundle = [](std::string_view status) {
    return R"({"resourceType":"Bundle","type":"transaction","entry":[)"
           R"({"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","resource":)" +
           person(child_without_record) +
           R"(,"request":{"method":"POST","url":"Patient"}},)"
           R"({"resource":{"resourceType":"Encounter","status":")" +
           std::string{status} +
           R"(","class":{"code":"AMB"},"subject":{"reference":)"
           R"("urn:uuid:11111111-1111-4111-8111-111111111111"},)"
           R"("period":{"start":"2026-11-05T09:00:00Z"}},)"
           R"("request":{"method":"POST","url":"Encounter"}},)"
           R"({"request":{"method":"GET","url":"Encounter?patient=9990000026"}}]})";
  };
  const std::string failed = server.post("", bundle("nonsense"));
  BOOST_TEST_CONTEXT(failed) { BOOST_TEST(failed.substr(0, 3) == "422"); }
  BOOST_TEST(server.read("Patient/9990000026").substr(0, 3) == "404");
  const std::string made = server.post("", bundle("planned"));
  BOOST_TEST_CONTEXT(made) {
    BOOST_TEST(made.substr(0, 3) == "200");
    BOOST_TEST(has(made, "transaction-response"));
    BOOST_TEST(occurrences(made, "\"status\":\"201\"") == 2U);
    BOOST_TEST(has(made, "\"reference\":\"Patient/9990000026\""));
    BOOST_TEST(has(made, "\"total\":1"));
  }
}

BOOST_AUTO_TEST_CASE(what_a_transaction_refuses) {
  Server server;
  const auto entry = [](std::string_view resource, std::string_view method, std::string_view url) {
    return R"({"resource":)" + std::string{resource} + R"(,"request":{"method":")" +
           std::string{method} + R"(","url":")" + std::string{url} + R"("}})";
  };
  const auto send = [&](const std::string& entries) {
    return server.post(
        "", R"({"resourceType":"Bundle","type":"transaction","entry":[)" + entries + "]}");
  };
  const std::string one = R"({"resourceType":"Patient","id":"a"})";
  BOOST_TEST(
      send(entry(one, "PUT", "Patient/a") + ',' + entry(one, "PUT", "Patient/a")).substr(0, 3) ==
      "400");
  const std::string visit =
      R"({"resourceType":"Encounter","status":"planned","class":{"code":"AMB"},)"
      R"("subject":{"reference":"Patient?identifier=urn:ward|none"}})";
  BOOST_TEST(
      send(entry(one, "PUT", "Patient/a") + ',' + entry(visit, "POST", "Encounter")).substr(0, 3) ==
      "412");
  BOOST_TEST(send(entry(one, "PUT", "CareTeam/a")).substr(0, 3) == "405");
  BOOST_TEST(server.read("Patient/a").substr(0, 3) == "404");
}

BOOST_AUTO_TEST_CASE(a_batch_answers_each_entry_and_reads_the_national_record_as_one_look) {
  Server server;
  const std::string answer =
      server.post("", R"({"resourceType":"Bundle","type":"batch","entry":[)"
                      R"({"request":{"method":"GET","url":"Flag?patient=9990123454"}},)"
                      R"({"request":{"method":"GET","url":"CareTeam?patient=9990123454"}},)"
                      R"({"request":{"method":"GET","url":"Patient/nobody"}},)"
                      R"({"request":{"method":"DELETE","url":"CareTeam/1"}}]})");
  BOOST_TEST_CONTEXT(answer) {
    BOOST_TEST(answer.substr(0, 3) == "200");
    BOOST_TEST(occurrences(answer, "\"status\":\"200\"") == 2U);
    BOOST_TEST(has(answer, "\"status\":\"404\""));
    BOOST_TEST(has(answer, "\"status\":\"405\""));
  }
  const std::string accesses = server.read("AuditEvent?patient=9990123454");
  BOOST_TEST_CONTEXT(accesses) { BOOST_TEST(has(accesses, "\"total\":1")); }
}

BOOST_AUTO_TEST_CASE(one_clinical_look_is_one_check_whatever_way_it_is_read) {
  Server server;
  server.post("Patient", person(child_on_plan));
  server.read("Flag?patient=9990123454");
  server.read("Flag?patient=9990123454");                                // a retry
  server.read("Flag?patient=9990123454", "If-None-Match: W/\"1\"\r\n");  // conditional
  server.read("Flag?patient=9990123454&_include=Flag:detail&_count=1");
  server.read("Patient/9990123454/Flag");
  server.read("Patient/9990123454/$everything");
  server.request("HEAD", base + "Flag?patient=9990123454", "", "");
  const std::string accesses = server.read("AuditEvent?patient=9990123454");
  BOOST_TEST_CONTEXT(accesses) { BOOST_TEST(has(accesses, "\"total\":1")); }
}

BOOST_AUTO_TEST_CASE(operations_on_people) {
  Server server;
  server.post("Patient", person(child_on_plan, "Sample", R"(,"meta":{"tag":[{"code":"t1"}]})"));
  server.post("Encounter", attendance(child_on_plan, "2026-11-01T09:00:00Z", "finished"));
  BOOST_TEST(has(server.read("Patient/9990123454/$meta"), "\"code\":\"t1\""));
  const std::string all = server.read("Patient/9990123454/$everything");
  BOOST_TEST_CONTEXT(all) {
    for (const char* type : {"Patient", "Encounter", "Flag", "CarePlan", "CareTeam"}) {
      BOOST_TEST(has(all, "\"resourceType\":\"" + std::string{type} + "\""), type);
    }
  }
  const std::string matched =
      server.post("Patient/$match",
                  R"({"resourceType":"Parameters","parameter":[{"name":"resource","resource":)"
                  R"({"resourceType":"Patient","name":[{"family":"SAMPLE","given":["alex"]}],)"
                  R"("birthDate":"2018-04-12"}}]})");
  BOOST_TEST_CONTEXT(matched) {
    BOOST_TEST(has(matched, "\"valueCode\":\"probable\""));
    BOOST_TEST(has(matched, "9990123454"));
  }
}

BOOST_AUTO_TEST_CASE(links_are_right_behind_a_trusted_proxy_only) {
  Server server{"http.trusted_proxies = 127.0.0.1\n"};
  const std::string forwarded =
      "Forwarded: for=10.0.0.1;proto=https;host=\"fhir.example.nhs.uk:8443\"\r\n"
      "X-Forwarded-Prefix: /cpis\r\n";
  BOOST_TEST(has(server.read("Patient?_id=1", forwarded),
                 "https://fhir.example.nhs.uk:8443/cpis/FHIR/R4/Patient?_id=1"));
  Server open;
  BOOST_TEST(has(open.read("Patient?_id=1", forwarded), "http://test/FHIR/R4/Patient?_id=1"));
}

BOOST_AUTO_TEST_CASE(web_pages_of_configured_origins_may_call) {
  Server server{"http.cors_origins = \"https://app.example.nhs.uk\"\n"};
  const std::string preflight = server.request("OPTIONS", base + "Patient/1",
                                               "Origin: https://app.example.nhs.uk\r\n"
                                               "Access-Control-Request-Method: PUT\r\n",
                                               "");
  BOOST_TEST_CONTEXT(preflight) {
    BOOST_TEST(has(preflight, "Access-Control-Allow-Origin: https://app.example.nhs.uk"));
    BOOST_TEST(has(preflight, "Access-Control-Allow-Methods: "));
  }
  BOOST_TEST(!has(server.read("metadata", "Origin: https://evil.example\r\n"),
                  "Access-Control-Allow-Origin"));
}

BOOST_AUTO_TEST_CASE(unknown_parameters_are_left_out_only_when_asked_for_and_allowed) {
  Server strict;
  const std::string lenient = "Prefer: handling=lenient\r\n";
  BOOST_TEST(strict.read("Patient?_id=1&colour=red", lenient).substr(0, 3) == "400");
  Server allowed{"search.lenient = yes\n"};
  BOOST_TEST(allowed.read("Patient?_id=1&colour=red").substr(0, 3) == "400");
  const std::string answer = allowed.read("Patient?_id=1&colour=red", lenient);
  BOOST_TEST_CONTEXT(answer) {
    BOOST_TEST(answer.substr(0, 3) == "200");
    BOOST_TEST(has(answer, "left out"));
    BOOST_TEST(has(answer, "\"url\":\"http://test/FHIR/R4/Patient?_id=1\""));
  }
}

BOOST_AUTO_TEST_SUITE_END()
