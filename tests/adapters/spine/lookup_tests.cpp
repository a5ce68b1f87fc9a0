#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "adapters/core/base64url.h"
#include "adapters/spine/cpis_fhir.h"
#include "adapters/spine/json.h"
#include "adapters/spine/oauth.h"
#include "adapters/spine/pds.h"
#include "adapters/spine/sds.h"
#include "tests/adapters/spine/generate.h"
#include "tests/adapters/spine/schema.h"
#include "tests/support/golden.h"

namespace data = boost::unit_test::data;
namespace fs = std::filesystem;
using namespace cpis;
using namespace cpis::spine;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(lookup)

namespace {

std::string shared(const std::string& path) {
  return test::read_file((test::shared_folder() / "corpora/spine" / path).string());
}

struct DurationRow {
  const char* text;
  std::int64_t millis;  // -1: refused
};
std::ostream& operator<<(std::ostream& out, const DurationRow& row) { return out << row.text; }

const DurationRow durations[] = {
    {"PT5M", 300'000},
    {"PT0.5S", 500},
    {"P1DT2H", 93'600'000},
    {"PT7H", 25'200'000},
    {"P1W", 604'800'000},
    {"PT1M30S", 90'000},
    {"P1M", -1},
    {"P1Y", -1},
    {"5M", -1},
    {"PT", -1},
    {"P", -1},
    {"PT5", -1},
    {"", -1},
    {"PT99999999999999H", -1},
};

struct PatternRow {
  const char* sync_reply;
  const char* ack;
  const char* duplicates;
  Pattern pattern;
};
std::ostream& operator<<(std::ostream& out, const PatternRow& row) {
  return out << row.sync_reply << " " << row.ack << " " << row.duplicates;
}

const PatternRow patterns[] = {
    {"None", "never", "never", Pattern::sync},
    {"MSHSignalsOnly", "never", "never", Pattern::express},
    {"MSHSignalsOnly", "always", "always", Pattern::reliable},
    {"", "", "", Pattern::sync},
};

}  // namespace

BOOST_DATA_TEST_CASE(durations_are_read_or_refused, data::make(durations), row) {
  const auto read = parse_duration(row.text);
  BOOST_TEST((read ? read->count() / 1000 : -1) == row.millis);
  if (read) BOOST_TEST((parse_duration(write_duration(*read)) == read));
}

BOOST_DATA_TEST_CASE(the_pattern_follows_from_the_words_of_sds, data::make(patterns), row) {
  BOOST_TEST((pattern_from(row.sync_reply, row.ack, row.duplicates) == row.pattern));
}

BOOST_AUTO_TEST_CASE(devices_and_endpoints_read_back_as_they_were_written) {
  test::Generate make{111};
  for (const Pattern pattern : {Pattern::sync, Pattern::express, Pattern::reliable}) {
    Contract contract;
    contract.party_key = "YES-" + make.digits(7);
    contract.cpa_id = "S" + make.digits(6);
    contract.url = "https://127.0.0.1:8443/reliablemessaging/reliablerequest";
    contract.fqdn = "spine.example";
    contract.pattern = pattern;
    contract.retries = 2;
    contract.retry_interval = 1min;
    const auto read = read_endpoint(200, write_endpoints({contract}));
    BOOST_REQUIRE(read);
    BOOST_TEST((*read == contract));
  }
  const SdsDevice device{make.digits(12), "YES-1"};
  const auto read = read_device(200, write_devices({device}));
  BOOST_REQUIRE(read);
  BOOST_TEST((*read == device));
}

BOOST_AUTO_TEST_CASE(none_several_and_broken_answers_of_sds_are_told_apart) {
  const SdsDevice device{"1", "2"};
  BOOST_TEST((read_device(200, write_devices({})).error().kind == ErrorKind::not_found));
  BOOST_TEST(
      (read_device(200, write_devices({device, device})).error().kind == ErrorKind::conflict));
  std::string first_page = write_devices({device});
  first_page.replace(first_page.find("\"total\":1"), 9, "\"total\":2");
  BOOST_TEST((read_device(200, first_page).error().kind == ErrorKind::conflict));
  BOOST_TEST((read_device(200, "<html>").error().kind == ErrorKind::fault));
  BOOST_TEST((read_device(503, "").error().kind == ErrorKind::unavailable));
  BOOST_TEST((read_device(403, "{}").error().kind == ErrorKind::forbidden));
  BOOST_TEST(
      (read_endpoint(200, "{\"resourceType\":\"Bundle\"}").error().kind == ErrorKind::not_found));
}

BOOST_AUTO_TEST_CASE(queries_are_encoded) {
  BOOST_TEST(device_query("RX 1", "urn:a:b") ==
             "/Device?organization=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fods-organization-code%7CRX%201"
             "&identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2FnhsServiceInteractionId%7Curn%3Aa%3Ab");
}

BOOST_AUTO_TEST_CASE(public_sds_answers_are_read) {
  if (!test::schemas_here()) return;
  const auto device = read_device(
      200, shared("sds-api/docker/sds-api/integration-tests/tests/test_data/device.json"));
  BOOST_REQUIRE(device);
  BOOST_TEST(device->asid == "928942012545");
  BOOST_TEST(device->party_key == "YES-0000806");
  const auto endpoint = read_endpoint(200, shared("mhs/docker/sds-api-mock/stubs/__files/"
                                                  "endpoint.json"));
  BOOST_REQUIRE(endpoint);
  BOOST_TEST((endpoint->pattern == Pattern::reliable));
  BOOST_TEST((endpoint->retry_interval == 500ms));
  const std::string folder = "mhs/mhs/common/mhs_common/routing/tests/data/";
  BOOST_TEST((read_endpoint(200, shared(folder + "sds_endpoint_multiple_results_response.json"))
                  .error()
                  .kind == ErrorKind::conflict));
  BOOST_TEST((read_device(200, shared(folder + "sds_zero_results_response.json")).error().kind ==
              ErrorKind::not_found));
  BOOST_TEST((read_device(200, shared(folder + "sds_unexpected_response.json")).error().kind ==
              ErrorKind::fault));
}

BOOST_AUTO_TEST_CASE(people_read_back_as_they_were_written) {
  test::Generate make{112};
  for (int i = 0; i < 100; ++i) {
    const PdsPerson person{make.nhs_number(), make.words(2), {make.word(), make.word()},
                           make.date(),       "female",      make.coin(),
                           make.coin()};
    const auto read = read_patient(200, write_patient(person), person.nhs_number);
    BOOST_REQUIRE(read);
    BOOST_TEST((read->person == person));
    BOOST_TEST(!read->superseded);
    const auto found = read_search(200, write_patient_searchset({person}));
    BOOST_REQUIRE(found);
    BOOST_TEST((*found == person));
  }
}

BOOST_AUTO_TEST_CASE(the_cases_of_pds_are_told_apart) {
  test::Generate make{113};
  const PdsPerson person{make.nhs_number(), "A", {}, {}, "", false, false};
  const NhsNumber asked = make.nhs_number();
  const auto other = read_patient(200, write_patient(person), asked);
  BOOST_REQUIRE(other);
  BOOST_TEST(other->superseded);

  const auto kind = [&](int status, std::string_view code) {
    return read_patient(status, write_outcome("error", "x", code, ""), asked).error().kind;
  };
  BOOST_TEST((kind(404, "RESOURCE_NOT_FOUND") == ErrorKind::not_found));
  BOOST_TEST((kind(404, "INVALIDATED_RESOURCE") == ErrorKind::not_found));
  BOOST_TEST((kind(429, "TOO_MANY_REQUESTS") == ErrorKind::busy));
  BOOST_TEST((kind(400, "INVALID_RESOURCE_ID") == ErrorKind::bad_input));
  BOOST_TEST((kind(403, "ACCESS_DENIED") == ErrorKind::forbidden));
  BOOST_TEST((kind(408, "UNABLE_TO_CALL_SERVICE") == ErrorKind::unavailable));
  BOOST_TEST((kind(500, "SOMETHING_NEW") == ErrorKind::unavailable));
  BOOST_TEST(
      (read_search(200, write_outcome("information", "multiple-matches", "TOO_MANY_MATCHES", ""))
           .error()
           .kind == ErrorKind::conflict));
  BOOST_TEST((read_search(200, write_patient_searchset({})).error().kind == ErrorKind::not_found));
  BOOST_TEST((read_search(200, write_patient_searchset({person, person})).error().kind ==
              ErrorKind::conflict));
  BOOST_TEST((read_patient(200, "not json", asked).error().kind == ErrorKind::fault));
}

// v3-Confidentiality: what is more than normal, and what we do not know, is restricted.
BOOST_AUTO_TEST_CASE(whoever_pds_marks_is_restricted) {
  test::Generate make{118};
  const NhsNumber number = make.nhs_number();
  const auto restricted = [&](std::string_view labels) {
    const std::string body = "{\"resourceType\":\"Patient\",\"id\":\"" +
                             std::string{number.digits()} + "\",\"meta\":{\"security\":[" +
                             std::string{labels} + "]}}";
    const auto read = read_patient(200, body, number);
    BOOST_REQUIRE(read);
    return read->person.restricted;
  };
  for (const char* open : {"", R"({"code":"U"})", R"({"code":"N"})"}) BOOST_TEST(!restricted(open));
  for (const char* closed : {R"({"code":"R"})", R"({"code":"V"})", R"({"code":"REDACTED"})",
                             R"({"code":"U"},{"code":"R"})", R"({"code":"new"})", R"({})"}) {
    BOOST_TEST(restricted(closed), closed);
  }
}

BOOST_AUTO_TEST_CASE(only_pds_itself_can_say_that_there_is_nobody) {
  test::Generate make{119};
  const NhsNumber asked = make.nhs_number();
  const auto kind = [&](int status, std::string_view body) {
    return read_patient(status, body, asked).error().kind;
  };
  BOOST_TEST((kind(404, "") == ErrorKind::fault));
  BOOST_TEST((kind(404, "<html>404</html>") == ErrorKind::fault));
  BOOST_TEST((kind(404, write_outcome("error", "x", "SOMETHING_NEW", "")) == ErrorKind::fault));
  // The code that counts is not always the first.
  const std::string second =
      R"({"resourceType":"OperationOutcome","issue":[{"details":{"coding":[{"code":"other"},)"
      R"({"code":"INVALIDATED_RESOURCE"}]}}]})";
  BOOST_TEST((kind(404, second) == ErrorKind::not_found));
  BOOST_TEST((kind(200, second) == ErrorKind::not_found));
  const std::string untold = R"({"resourceType":"Bundle","type":"searchset","total":1})";
  BOOST_TEST((read_search(200, untold).error().kind == ErrorKind::fault));
}

BOOST_AUTO_TEST_CASE(a_trace_needs_the_family_name_and_the_birth_date) {
  PdsTraits traits{"O'Neill", {"Jo"}, parse_iso_date("2017-03-04"), "female", "ZZ1 1ZZ"};
  const auto url = patient_search(traits);
  BOOST_REQUIRE(url);
  BOOST_TEST(*url ==
             "/Patient?family=O%27Neill&given=Jo&gender=female&birthdate=eq2017-03-04"
             "&address-postalcode=ZZ1%201ZZ&_max-results=1");
  traits.birth_date.reset();
  BOOST_TEST(!patient_search(traits));
}

BOOST_AUTO_TEST_CASE(every_public_pds_answer_is_read_or_refused) {
  if (!test::schemas_here()) return;
  test::Generate make{114};
  std::size_t people = 0;
  for (const auto& entry :
       fs::recursive_directory_iterator{test::shared_folder() / "corpora/spine/pds-api"}) {
    if (entry.path().extension() != ".json") continue;
    const std::string body = test::read_file(entry.path().string());
    people += read_patient(200, body, make.nhs_number()) ? 1U : 0U;
    people += read_search(200, body) ? 1U : 0U;
  }
  BOOST_TEST(people > 8U);
}

BOOST_AUTO_TEST_CASE(assertions_have_the_claims_that_the_platform_wants) {
  BOOST_TEST(base64url_encode("") == "");
  BOOST_TEST(base64url_encode("f") == "Zg");
  BOOST_TEST(base64url_encode("fo") == "Zm8");
  BOOST_TEST(base64url_encode("foo") == "Zm9v");
  BOOST_TEST(base64url_encode("\xFB\xFF") == "-_8");
  const ClientAssertion assertion{"kid-1", "key", "https://127.0.0.1/oauth2/token", "id-1",
                                  Time{1'770'000'000s}};
  const std::string input = signing_input(assertion);
  const std::string header = R"({"alg":"RS512","typ":"JWT","kid":"kid-1"})";
  const std::string claims = R"({"iss":"key","sub":"key","aud":"https://127.0.0.1/oauth2/token",)"
                             R"("jti":"id-1","exp":1770000000})";
  BOOST_TEST(input == base64url_encode(header) + "." + base64url_encode(claims));
  BOOST_TEST(finish_jwt("a.b", "foo") == "a.b.Zm9v");
  BOOST_TEST(token_request("a.b.c").find("&client_assertion=a.b.c") != std::string::npos);
  BOOST_TEST(token_exchange("a", "b").find("subject_token=b&") != std::string::npos);
  BOOST_TEST((assertion_life < assertion_life_max));
}

BOOST_AUTO_TEST_CASE(token_answers_are_read_with_their_life) {
  const auto token = read_token(200, write_token({"abc", 599s}));
  BOOST_REQUIRE(token);
  BOOST_TEST(token->access == "abc");
  BOOST_TEST((token->life == 599s));
  BOOST_TEST((read_token(200, R"({"access_token":"x","expires_in":5})")->life == 5s));
  BOOST_TEST(!read_token(200, "{}"));
  const auto refused =
      read_token(400, R"({"error_description":"Invalid 'exp' claim in client_assertion JWT"})");
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().kind == ErrorKind::forbidden));
  BOOST_TEST(refused.error().message.find("'exp'") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_fhir_upstream_says_records_none_or_unknown) {
  test::Generate make{115};
  for (int i = 0; i < 100; ++i) {
    ProtectionRecord record = make.protection(1 + make.below(3), 3);
    for (HeldPlan& held : record.plans) {
      held.plan.start.minute = 0;
      if (held.plan.end) held.plan.end->minute = 0;
      held.subject = {record.person, "", "", {}, {}, held.plan.type == PlanType::ucp};
    }
    const ProtectionAnswer answer = read_plans(200, write_care_teams(&record), record.person);
    const auto* read = std::get_if<ProtectionRecord>(&answer);
    BOOST_REQUIRE(read);
    BOOST_TEST((read->plans == record.plans));

    for (AccessEvent& access : record.accesses) {
      access.by = make.person();
      access.by.role_profile_id.clear();
    }
    std::stable_sort(record.accesses.begin(), record.accesses.end(),
                     [](const AccessEvent& a, const AccessEvent& b) { return a.at > b.at; });
    const auto history = read_history(200, write_audit_events(&record), record.person);
    BOOST_REQUIRE(history.value);
    BOOST_TEST((*history.value == record.accesses));
  }
  const NhsNumber asked = make.nhs_number();
  const auto none = read_plans(200, write_care_teams(nullptr), asked);
  BOOST_TEST(std::holds_alternative<NoneHeld>(none));
}

BOOST_AUTO_TEST_CASE(only_an_empty_searchset_with_total_zero_is_none_held) {
  test::Generate make{116};
  const ProtectionRecord record = make.protection(1, 0);
  const std::string whole = write_care_teams(&record);
  const auto replaced = [&](std::string_view what, std::string_view with) {
    std::string text = whole;
    text.replace(text.find(what), what.size(), with);
    return text;
  };
  for (const std::string& body :
       {std::string{}, std::string{"{}"}, std::string{"<html>"},
        std::string{R"({"resourceType":"Bundle","type":"searchset"})"},
        std::string{R"({"resourceType":"Bundle","total":1,"entry":[]})"},
        std::string{R"({"resourceType":"OperationOutcome"})"}, replaced("CareTeam", "Basic"),
        replaced("\"start\":\"", "\"start\":\"x"), replaced("snomed", "snowmed").substr(0, 50)}) {
    const auto answer = read_plans(200, body, record.person);
    BOOST_TEST(std::holds_alternative<CouldNotAsk>(answer), body);
  }
  BOOST_TEST(std::holds_alternative<CouldNotAsk>(read_plans(200, whole, make.nhs_number())));
  const auto denied =
      read_plans(403, write_outcome("error", "forbidden", "ACCESS_DENIED", ""), record.person);
  BOOST_REQUIRE(std::holds_alternative<CouldNotAsk>(denied));
  BOOST_TEST((std::get<CouldNotAsk>(denied).why.kind == ErrorKind::forbidden));
}

// Fetching the rest would be another look: what came is shown, and that there is more.
BOOST_AUTO_TEST_CASE(a_searchset_that_did_not_come_whole_is_incomplete) {
  test::Generate make{120};
  ProtectionRecord record = make.protection(2, 2);
  for (HeldPlan& held : record.plans) held.subject.nhs_number = record.person;
  const auto changed = [](std::string text, std::string_view what, std::string_view with) {
    return text.replace(text.find(what), what.size(), with);
  };
  const auto incomplete = [&](const std::string& body) {
    const auto answer = read_plans(200, body, record.person);
    BOOST_REQUIRE(std::holds_alternative<ProtectionRecord>(answer));
    return std::get<ProtectionRecord>(answer).incomplete;
  };
  const std::string whole = write_care_teams(&record);
  const std::string next = R"("link":[{"relation":"self"},{"relation":"next","url":"x"}],"entry")";
  BOOST_TEST(!incomplete(whole));
  BOOST_TEST(incomplete(changed(whole, "\"entry\"", next)));
  BOOST_TEST(incomplete(changed(whole, "\"total\":2", "\"total\":3")));
  const std::string empty = changed(write_care_teams(nullptr), "\"entry\"", next);
  BOOST_TEST(std::holds_alternative<CouldNotAsk>(read_plans(200, empty, record.person)));
  const auto looks =
      read_history(200, changed(write_audit_events(&record), "\"entry\"", next), record.person);
  BOOST_TEST(looks.value.has_value());
  BOOST_TEST(has_errors(looks.findings));
}

BOOST_AUTO_TEST_CASE(the_patient_flag_form_takes_the_plan_from_the_care_plan) {
  test::Generate make{117};
  const NhsNumber asked = make.nhs_number();
  const std::string body =
      R"({"resourceType":"Bundle","type":"searchset","total":1,"entry":[)"
      R"({"resource":{"resourceType":"Flag","id":"f"}},)"
      R"({"resource":{"resourceType":"CarePlan","id":"p","category":[{"coding":[{"code":)"
      R"("764841000000100"}]}],"period":{"start":"2024-01-02"},"careTeam":[{"reference":)"
      R"("CareTeam/t"}]}},)"
      R"({"resource":{"resourceType":"CareTeam","id":"t","name":"Wrenshire","telecom":[)"
      R"({"system":"email","use":"work","value":"duty24@wrenshire.test"},)"
      R"({"use":"work","value":"01632 960110"},{"use":"mobile","value":"01632 960119"}]}}]})";
  const auto answer = read_plans(200, body, asked);
  const auto* record = std::get_if<ProtectionRecord>(&answer);
  BOOST_REQUIRE(record);
  BOOST_REQUIRE_EQUAL(record->plans.size(), 1U);
  BOOST_TEST((record->plans[0].plan.type == PlanType::lac));
  BOOST_TEST(record->plans[0].council.name == "Wrenshire");
  BOOST_TEST(record->plans[0].council.emergency_phone == "01632960119");
}

BOOST_AUTO_TEST_CASE(json_is_parsed_within_limits) {
  Findings findings;
  BOOST_TEST(!parse_json(std::string(json_bytes_max + 1, ' '), findings).has_value());
  BOOST_TEST(findings.at(0).rule == "JSON-LIMIT");
  BOOST_TEST(!parse_json("{\"a\":\"\xFF\"}", findings).has_value());
  BOOST_TEST(
      parse_json(std::string(100'000, '[') + std::string(100'000, ']'), findings).has_value());
  const auto document = parse_json("{\"a\":[1,true,\"x\\n\"]}", findings);
  BOOST_REQUIRE(document);
  const JsonView list = document->root()["a"];
  BOOST_TEST(list.at(0).integer().value_or(0) == 1);
  BOOST_TEST(list.at(1).boolean().value_or(false));
  BOOST_TEST(list.at(2).text() == "x\n");
  BOOST_TEST(!list.at(3)["b"].at(9).integer().has_value());
  BOOST_TEST(json_text("a\"\\\n\x01") == "\"a\\\"\\\\\\u000a\\u0001\"");
}

BOOST_AUTO_TEST_SUITE_END()
