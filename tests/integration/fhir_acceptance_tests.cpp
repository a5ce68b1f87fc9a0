// What somebody with other data and other clients than ours asks of the FHIR server.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

#include "tests/integration/gateway_fixture.h"
#include "tests/support/text.h"

using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(fhir_acceptance_tests)

namespace {

const std::string json_type = "Content-Type: application/fhir+json\r\n";
const std::string base = "/FHIR/R4/";

std::string person(std::string_view id, std::string_view more = "") {
  return R"({"resourceType":"Patient","id":")" + std::string{id} + '"' + std::string{more} + '}';
}

std::string visit(std::string_view subject, std::string_view more = "") {
  return R"({"resourceType":"Encounter","status":"planned","class":{"code":"AMB"},)"
         R"("subject":{"reference":")" +
         std::string{subject} + "\"}" + std::string{more} + '}';
}

std::string entry(const std::string& resource, std::string_view method, std::string_view url,
                  std::string_view full_url = "", std::string_view more = "") {
  std::string text = "{";
  if (!full_url.empty()) text += R"("fullUrl":")" + std::string{full_url} + R"(",)";
  if (!resource.empty()) text += R"("resource":)" + resource + ',';
  return text + R"("request":{"method":")" + std::string{method} + R"(","url":")" +
         std::string{url} + '"' + std::string{more} + "}}";
}

struct Server : RunningGateway {
  explicit Server(std::string_view more = "") : RunningGateway{more} {
    upload_people(gateway->registry());
  }
  std::string put(const std::string& path, const std::string& body,
                  const std::string& headers = "") const {
    return request("PUT", base + path, json_type + headers, body);
  }
  std::string post(const std::string& path, const std::string& body,
                   const std::string& headers = "") const {
    return request("POST", base + path, json_type + headers, body);
  }
  std::string read(const std::string& path) const { return get(base + path); }
  std::string transaction(const std::string& entries) const {
    return post("", R"({"resourceType":"Bundle","type":"transaction","entry":[)" + entries + "]}");
  }
};

std::string status_of(const std::string& answer) { return answer.substr(0, 3); }

constexpr std::string_view uuid = "urn:uuid:11111111-1111-4111-8111-111111111111";

}  // namespace

// FHIR R4 3.1.0.11.2: also the ids of conditional updates are known before references are resolved.
BOOST_AUTO_TEST_CASE(references_lead_to_what_a_conditional_update_makes_or_finds) {
  const Server server;
  const std::string patient =
      R"({"resourceType":"Patient","identifier":[{"system":"urn:ward","value":"W1"}]})";
  const std::string entries = entry(patient, "PUT", "Patient?identifier=urn:ward|W1", uuid) + ',' +
                              entry(visit(uuid), "POST", "Encounter");
  const std::string made = server.transaction(entries);
  BOOST_TEST_CONTEXT(made) { BOOST_REQUIRE(status_of(made) == "200"); }
  const std::string id = between(made, "\"reference\":\"Patient/", "\"");
  BOOST_TEST(has(server.read("Patient/" + id), "\"value\":\"W1\""));
  const std::string again = server.transaction(entries);
  BOOST_TEST(between(again, "\"reference\":\"Patient/", "\"") == id, again);
}

// Bundle 2.36.4.1: relative references go by the root of the entry's own fullUrl.
BOOST_AUTO_TEST_CASE(a_relative_reference_leads_to_the_entry_with_that_full_url) {
  const Server server;
  const std::string made = server.transaction(
      entry(person("p7"), "POST", "Patient", "http://ehr.example/fhir/Patient/p7") + ',' +
      entry(visit("Patient/p7"), "POST", "Encounter", "http://ehr.example/fhir/Encounter/v9"));
  BOOST_TEST_CONTEXT(made) {
    BOOST_TEST(status_of(made) == "200");
    const std::string id = between(made, "\"reference\":\"Patient/", "\"");
    BOOST_TEST(id != "p7");
    BOOST_TEST(has(made, "/Patient/" + id + "/_history/1"));
  }
}

BOOST_AUTO_TEST_CASE(a_transaction_makes_no_twins_and_guesses_no_reference) {
  const Server server;
  const std::string patient =
      R"({"resourceType":"Patient","identifier":[{"system":"urn:ward","value":"W2"}]})";
  const std::string_view unless = R"(,"ifNoneExist":"identifier=urn:ward|W2")";
  const std::string twins = server.transaction(entry(patient, "POST", "Patient", "", unless) + ',' +
                                               entry(patient, "POST", "Patient", "", unless));
  BOOST_TEST(status_of(twins) == "400", twins);
  BOOST_TEST(has(twins, "Bundle.entry[1]"), twins);
  const std::string ambiguous = server.transaction(
      entry(person("a"), "PUT", "Patient/a", uuid) + ',' +
      entry(person("b"), "PUT", "Patient/b", uuid) + ',' + entry(visit(uuid), "POST", "Encounter"));
  BOOST_TEST(status_of(ambiguous) == "400", ambiguous);
  BOOST_TEST(status_of(server.read("Patient/a")) == "404");
}

BOOST_AUTO_TEST_CASE(a_transaction_says_which_entry_is_at_fault) {
  const Server server;
  const std::string wrong =
      server.transaction(entry(person("a"), "PUT", "Patient/a") + ',' +
                         entry(R"({"resourceType":"Encounter","class":{"code":"AMB"},)"
                               R"("subject":{"reference":"Patient/a"}})",
                               "POST", "Encounter"));
  BOOST_TEST(status_of(wrong) == "422", wrong);
  BOOST_TEST(has(wrong, "Bundle.entry[1].resource.status"), wrong);
}

BOOST_AUTO_TEST_CASE(any_version_is_what_if_match_with_a_star_demands) {
  const Server server;
  BOOST_TEST(status_of(server.put("Patient/a", person("a"), "If-Match: *\r\n")) == "412");
  BOOST_TEST(status_of(server.put("Patient/a", person("a"))) == "201");
  BOOST_TEST(status_of(server.put("Patient/a", person("a"), "If-Match: *\r\n")) == "200");
}

BOOST_AUTO_TEST_CASE(another_version_of_fhir_is_not_taken_for_this_one) {
  const Server server;
  const auto send = [&](const std::string& type) {
    return status_of(
        server.request("PUT", base + "Patient/a", "Content-Type: " + type + "\r\n", person("a")));
  };
  BOOST_TEST(send("application/fhir+json; fhirVersion=3.0") == "415");
  BOOST_TEST(send("application/fhir+json; fhirVersion=4.0") == "201");
  BOOST_TEST(send("application/fhir+json; fhirVersion=\"4.0\"") == "200");
}

namespace {

struct Found {
  std::string_view query;
  std::string_view ids;  ///< of matches and of what was included, in order
  std::string_view why;
};

constexpr Found found[] = {
    {"Encounter?subject.identifier=urn:ward|W1", "e1 e2", "a chain to one of several types"},
    {"Encounter?patient.identifier=urn:ward|W1", "e1 e2", "the same by patient"},
    {"Encounter?_id=e1&_revinclude=Encounter:part-of", "e1 e2", "what is a part of an attendance"},
    {"Encounter?_id=e2&_revinclude=Encounter:part-of", "e2", "nothing is a part of the part"},
    {"Patient?_id=p1&_has:Encounter:patient:_has:Encounter:part-of:_id=e2", "p1", "_has in _has"},
    {"Patient?_id=p1&_has:Encounter:part-of:status=planned", "", "not by a parameter for others"},
    {"Encounter?_id=e1&_has:Encounter:part-of:_id=e2", "e1", "_has of an attendance"},
};

std::string ids_of(const std::string& answer) {
  std::string ids;
  for (std::size_t at = answer.find("\"fullUrl\":\""); at != std::string::npos;
       at = answer.find("\"fullUrl\":\"", at + 1)) {
    const std::string url = between(answer.substr(at), "\"fullUrl\":\"", "\"");
    ids += (ids.empty() ? "" : " ") + url.substr(url.rfind('/') + 1);
  }
  return ids;
}

}  // namespace

BOOST_AUTO_TEST_CASE(searches_find_what_refers_to_anything) {
  const Server server;
  server.put("Patient/p1", person("p1", R"(,"identifier":[{"system":"urn:ward","value":"W1"}])"));
  server.put("Encounter/e1", visit("Patient/p1", R"(,"id":"e1")"));
  server.put("Encounter/e2",
             visit("Patient/p1", R"(,"id":"e2","partOf":{"reference":"Encounter/e1"})"));
  for (const Found& one : found) {
    const std::string answer = server.read(std::string{one.query});
    BOOST_TEST(status_of(answer) == "200", answer);
    BOOST_TEST(ids_of(answer) == one.ids, one.why << ": " << answer);
  }
}

// This is no directory of children: a letter and "born since 1900" single nobody out, and neither
// does the hospital that treated them.
BOOST_AUTO_TEST_CASE(people_are_singled_out_or_not_found) {
  const Server server;
  server.put("Patient/p1",
             person("p1", R"(,"name":[{"family":"Sample"}],"birthDate":"2018-04-12")"));
  for (const std::string_view wide :
       {"name=s&birthdate=2018-04-12", "name=sa&birthdate=ge1900", "name=sa&birthdate=2018",
        "name=sa&birthdate=ne1900-01-01", "name=sa,sb,sc,sd,se&birthdate=2018-04-12",
        "name=sa&birthdate=2018-01,2018-02,2018-03,2018-04"}) {
    const std::string answer = server.read("Patient?" + std::string{wide});
    BOOST_TEST(status_of(answer) == "400", answer);
    BOOST_TEST(!has(answer, "Sample"));
  }
  BOOST_TEST(ids_of(server.read("Patient?name=sa&birthdate=2018-04")) == "p1");
  BOOST_TEST(ids_of(server.read("Patient?family=sample&birthdate=2018-04-12")) == "p1");
  server.send(adt("A04", child_on_plan, "20180412", "E", "V1", "C1"));
  server.settle();
  const std::string by_place =
      server.read("Organization?_id=RXX01&_revinclude=Encounter:service-provider");
  BOOST_TEST(!has(by_place, "\"Encounter\""), by_place);
}

BOOST_AUTO_TEST_CASE(what_stands_beside_a_page_link_is_not_left_out_silently) {
  const Server server;
  server.put("Patient/p1", person("p1"));
  for (const std::string id : {"e1", "e2", "e3"}) {
    server.put("Encounter/" + id, visit("Patient/p1", R"(,"id":")" + id + '"'));
  }
  const std::string first = server.read("Encounter?patient=p1&_count=1");
  const std::string page = "Encounter?_page=" + between(first, "_page=", "\"");
  BOOST_TEST(status_of(server.read(page)) == "200");
  BOOST_TEST(status_of(server.read(page + "&_format=json&_pretty=true")) == "200");
  BOOST_TEST(status_of(server.read(page + "&status=finished")) == "400");
}

// A child with a plan must never look like a child without one because of a filter that nobody can
// apply.
BOOST_AUTO_TEST_CASE(a_filter_that_cannot_be_applied_to_flags_is_refused) {
  const Server server;
  server.put(
      "Patient/9990123454",
      person(child_on_plan, R"(,"identifier":[{"system":)"
                            R"("https://fhir.nhs.uk/Id/nhs-number","value":"9990123454"}])"));
  server.post("Flag", R"({"resourceType":"Flag","status":"active","code":{"text":"Latex allergy"},)"
                      R"("subject":{"reference":"Patient/9990123454"}})");
  for (const std::string_view filter :
       {"_lastUpdated=ge2020", "_text=plan", "_content=plan", "_query=x", "code:in=http://x"}) {
    const std::string answer = server.read("Flag?patient=9990123454&" + std::string{filter});
    BOOST_TEST(status_of(answer) == "400", answer);
    BOOST_TEST(!has(answer, "\"total\""));
  }
  BOOST_TEST(has(server.read("Flag?patient=9990123454&status=active"), "\"total\":2"));
}

BOOST_AUTO_TEST_CASE(
    the_national_record_is_found_in_a_compartment_and_by_a_chain_to_the_identifier) {
  const Server server;
  for (const std::string_view search :
       {"Patient/9990123454/CareTeam", "Patient/9990123454/CarePlan?status=active",
        "Patient/9990123454/Flag",
        "Flag?patient.identifier=https://fhir.nhs.uk/Id/nhs-number%7C9990123454",
        "CareTeam?patient:Patient.identifier=9990123454"}) {
    const std::string answer = server.read(std::string{search});
    BOOST_TEST(has(answer, "\"total\":1"), search << ": " << answer);
  }
  BOOST_TEST(status_of(server.read("Patient/9990123454/CareTeam?patient=9990000026")) == "400");
}

BOOST_AUTO_TEST_CASE(links_name_the_type_also_after_a_search_by_post) {
  const Server server;
  const std::string answer =
      server.request("POST", base + "Flag/_search",
                     "Content-Type: application/x-www-form-urlencoded\r\n", "patient=9990123454");
  BOOST_TEST(has(answer, "/FHIR/R4/Flag?patient="), answer);
}

BOOST_AUTO_TEST_CASE(a_history_without_entries_says_how_many_there_are) {
  const Server server;
  for (int i = 0; i < 3; ++i) server.put("Patient/a", person("a"));
  const std::string counted = server.read("Patient/a/_history?_count=0");
  BOOST_TEST(has(counted, "\"total\":3"), counted);
  BOOST_TEST(!has(counted, "\"entry\""), counted);
}

// A hospital has more people than one search may look at: whoever is singled out is found all the
// same, and who cannot be looked for is not "nobody".
BOOST_AUTO_TEST_CASE(people_are_matched_among_very_many) {
  const Server server{"search.examined_max = 100\n"};
  std::string entries;
  for (int i = 0; i < 150; ++i) {
    entries += (i == 0 ? "" : ",") +
               entry(R"({"resourceType":"Patient","name":[{"family":"Sample"}],"birthDate":"2)" +
                         std::to_string(100 + i).substr(0, 3) + R"(-01-02"})",
                     "POST", "Patient");
  }
  BOOST_REQUIRE(status_of(server.transaction(entries)) == "200");
  server.put("Patient/p1", person("p1", R"(,"name":[{"family":"Sample","given":["Alex"]}],)"
                                        R"("birthDate":"2018-04-12")"));
  server.put("Patient/p2", person("p2", R"(,"name":[{"family":"Sample"}],"birthDate":"2018-04")"));
  BOOST_TEST(ids_of(server.read("Patient?family=sample&birthdate=2018-04-12")) == "p1");
  BOOST_TEST(ids_of(server.read("Patient?family=sample&birthdate=2018-04&_sort=_id")) == "p1 p2");
  const std::string matched =
      server.post("Patient/$match",
                  R"({"resourceType":"Patient","name":[{"family":"Sample","given":["Alex"]}],)"
                  R"("birthDate":"2018-04-12"})");
  BOOST_TEST(ids_of(matched) == "p1", matched);
  BOOST_TEST(has(matched, "\"probable\""));
  const std::string hopeless =
      server.post("Patient/$match", R"({"resourceType":"Patient","name":[{"family":"Sample"}]})");
  BOOST_TEST(status_of(hopeless) == "400", hopeless);
}

BOOST_AUTO_TEST_CASE(operations_do_not_pass_over_what_they_are_given) {
  const Server server;
  server.put("Patient/p1", person("p1"));
  const std::string part = R"({"resourceType":"Parameters","parameter":[{"name":"_type",)"
                           R"("valueCode":"Encounter"}]})";
  BOOST_TEST(status_of(server.post("Patient/p1/$everything", part)) == "400");
  BOOST_TEST(status_of(server.post("Patient/p1/$everything", "")) == "200");
  BOOST_TEST(status_of(server.post("Patient/$validate?mode=destroy", person("p1"))) == "400");
  const std::string converted =
      server.post("$convert", R"({"resourceType":"Basic","code":{"text":"x"}})",
                  "Accept: application/fhir+xml\r\n");
  BOOST_TEST(has(converted, R"(<Basic xmlns="http://hl7.org/fhir"><code><text value="x"/>)"),
             converted);
}

BOOST_AUTO_TEST_SUITE_END()
