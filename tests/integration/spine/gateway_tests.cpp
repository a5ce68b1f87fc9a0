// The whole gateway with Spine as its source: HL7 v2 and FHIR in, a simulated Spine behind it over
// mutual TLS both ways.

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "conformance/peers/spine/memory_register.h"
#include "conformance/peers/spine/spine_peer.h"
#include "gateway/app/source_probe.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/spine_names.h"
#include "tests/support/tcp_client.h"
#include "tests/support/test_certificates.h"
#include "tests/support/test_tokens.h"
#include "tests/support/text.h"
#include "tests/support/tls_client.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(gateway_over_spine)

namespace {

using P = spine::Pattern;

// Of the static token "static".
constexpr std::string_view sha256_of_static =
    "2053dbbf6ec7135c4e994d3464c478db6f48d3ca21052c8f44915edc96e02c39";

std::string file_text(const std::string& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

std::string flags_of(std::string_view number) {
  return "/FHIR/R4/Flag?patient=" + std::string{number};
}

// The id of the first Flag in a searchset, by its fullUrl.
std::string flag_id(const std::string& searchset) {
  constexpr std::string_view before = "/Flag/";
  const std::size_t at = searchset.find(before);
  if (at == std::string::npos) return "";
  const std::size_t start = at + before.size();
  return searchset.substr(start, searchset.find('"', start) - start);
}

/// A simulated Spine that holds one child's plan, and the gateway that asks it.
struct Desk {
  explicit Desk(P pattern, std::string_view more = "",
                std::optional<peers::Certificates> given = std::nullopt) {
    auto made =
        given ? Result<peers::Certificates>{*given} : peers::make_certificates(certificates.path());
    BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
    peers::SpinePeerSettings settings;
    settings.tls = *made;
    settings.pattern = pattern;
    spine = std::make_unique<peers::SpinePeer>(settings, held, clock);
    const auto port = spine->start();
    BOOST_REQUIRE_MESSAGE(port, (port ? "" : port.error().message));
    const Plan plan{PlanType::cpp, {*parse_iso_date("2025-01-15"), 0}, {}, {}};
    held.put({plan,
              {"961", "Wrenshire County Council", "01632960110", "01632960119"},
              {*NhsNumber::parse(child_on_plan),
               "",
               "",
               {"Alex", "Sample"},
               parse_iso_date("2018-04-12"),
               false},
              Time{},
              ""});
    running = std::make_unique<RunningGateway>(
        "protection.source = spine\nspine.asid = 555000000099\nspine.party_key = RXX-800001\n"
        "spine.sds.url = " +
        spine->base_url() + "/sds\nspine.tls.certificate = \"" + made->client_certificate +
        "\"\nspine.tls.key = \"" + made->client_key + "\"\nspine.tls.ca = \"" + made->authority +
        "\"\nspine.inbound.port = 0\nspine.inbound.tls.certificate = \"" +
        made->server_certificate + "\"\nspine.inbound.tls.key = \"" + made->server_key +
        "\"\nspine.inbound.tls.client_ca = \"" + made->authority + "\"\n" + std::string{more});
    connect();
  }
  ~Desk() { spine->stop(); }

  void connect() {
    BOOST_REQUIRE(running->gateway->spine_port() != 0);
    spine->send_answers_to("https://localhost:" + std::to_string(running->gateway->spine_port()) +
                           "/");
  }
  std::string alerts() const { return file_text(running->folder.file("alerts.jsonl")); }

  ScratchFolder certificates;
  observe::SystemClock clock;
  peers::MemoryRegister held;
  std::unique_ptr<peers::SpinePeer> spine;
  std::unique_ptr<RunningGateway> running;
};

// The simulated Spine shows one certificate to those who call it, and another to us when it calls.
struct Public {
  peers::Certificates files() const {
    return {authority.certificate_file(), spine.certificate_file, spine.key_file,
            caller.certificate_file, caller.key_file};
  }
  ScratchFolder folder;
  TestAuthority authority{folder.path(), "authority"};
  KeyPair spine = authority.issue("spine", "DNS:localhost,IP:127.0.0.1");
  KeyPair caller = authority.issue("caller", "DNS:localhost,IP:127.0.0.1");
};

/// A new RSA key, for signed requests for tokens.
void write_signing_key(const std::string& file) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{EVP_RSA_gen(2048), EVP_PKEY_free};
  const std::unique_ptr<BIO, int (*)(BIO*)> out{BIO_new_file(file.c_str(), "w"), BIO_free};
  BOOST_REQUIRE(key && out);
  BOOST_REQUIRE(
      PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
}

}  // namespace

BOOST_DATA_TEST_CASE(a_record_and_none_held_come_from_spine_in_each_pattern,
                     data::make({P::sync, P::express, P::reliable}), pattern) {
  Desk desk{pattern};
  const std::string record = desk.running->get(flags_of(child_on_plan));
  BOOST_TEST_CONTEXT(record) {
    BOOST_TEST(record.substr(0, 3) == "200");
    BOOST_TEST(has(record, "\"total\":1"));
  }
  const std::string team =
      desk.running->get("/FHIR/R4/CareTeam?patient=" + std::string{child_on_plan});
  BOOST_TEST(has(team, "01632960119"));
  const std::string none = desk.running->get(flags_of(child_without_record));
  BOOST_TEST(none.substr(0, 3) == "200");
  BOOST_TEST(has(none, "\"total\":0"));
  BOOST_TEST(!has(none, "OperationOutcome"));
  const std::string metrics = desk.running->get("/metrics");
  BOOST_TEST(has(metrics, "cpis_spine_none_held_total 1"));
  BOOST_TEST(has(metrics, "cpis_circuit_state 0"));
  // One look of one caller: the CareTeam search put no second question to Spine.
  BOOST_TEST(desk.held.looks(*NhsNumber::parse(child_on_plan)) == 1U);
}

// Spine gives plans no ids. Ours stay the same over a restart and say nothing about the child.
BOOST_AUTO_TEST_CASE(a_flag_keeps_its_opaque_id_over_a_restart) {
  Desk desk{P::reliable};
  const std::string first = flag_id(desk.running->get(flags_of(child_on_plan)));
  BOOST_TEST(first.size() == 32U);
  BOOST_TEST(first.find_first_not_of("0123456789abcdef") == std::string::npos);
  BOOST_TEST(!has(first, child_on_plan));
  desk.running->restart();
  desk.connect();
  BOOST_TEST(flag_id(desk.running->get(flags_of(child_on_plan))) == first);
  BOOST_TEST(desk.running->get("/FHIR/R4/Flag/" + first).substr(0, 3) == "404");
}

BOOST_DATA_TEST_CASE(a_silent_spine_is_told_as_unknown_never_as_none,
                     data::make({P::sync, P::express, P::reliable}), pattern) {
  Desk desk{pattern, "check.answer_seconds = 4\n"};
  desk.spine->misbehave(*NhsNumber::parse(child_on_plan), peers::Misbehaviour::never);
  // Another question first: the way there is known then, and stands.
  static_cast<void>(desk.running->get(flags_of(child_without_record)));
  const std::string answer = desk.running->get(flags_of(child_on_plan));
  BOOST_TEST_CONTEXT(answer) {
    BOOST_TEST(answer.substr(0, 3) == "504");
    BOOST_TEST(has(answer, "OperationOutcome"));
    BOOST_TEST(has(answer, "Nothing is known about this person"));
    BOOST_TEST(!has(answer, "\"total\""));
  }
}

// Whoever may have been heard is not invited to ask again.
BOOST_AUTO_TEST_CASE(each_fault_of_spine_has_its_own_status_and_none_invites_a_second_question) {
  Desk desk{P::sync};
  struct Row {
    peers::Misbehaviour fault;
    std::string_view status;
  };
  using M = peers::Misbehaviour;
  std::uint64_t number = 9990000050;
  for (const Row& row : {Row{M::cut_off, "504"}, Row{M::http_500, "502"}, Row{M::garbage, "502"},
                         Row{M::mcci_error, "502"}, Row{M::soap_fault, "403"}}) {
    while (!NhsNumber::from_value(number)) ++number;
    const NhsNumber person = *NhsNumber::from_value(number++);
    desk.spine->misbehave(person, row.fault);
    const std::string answer = desk.running->get(flags_of(person.digits()));
    BOOST_TEST_CONTEXT(answer) {
      BOOST_TEST(answer.substr(0, 3) == row.status);
      BOOST_TEST(!has(answer, "Retry-After"));
      BOOST_TEST(!has(answer, "\"total\""));
    }
  }
  BOOST_TEST(desk.spine->seen().size() == 5U);
}

BOOST_AUTO_TEST_CASE(a_spine_whose_certificate_was_revoked_is_told_nothing) {
  Public known;
  const std::string list = known.folder.path() + "/list.pem";
  std::filesystem::copy_file(known.authority.revoke({known.spine}), list);
  Desk desk{P::sync, "spine.tls.crl = \"" + list + "\"\n", known.files()};
  const std::string answer = desk.running->get(flags_of(child_on_plan));
  BOOST_TEST_CONTEXT(answer) {
    BOOST_TEST(answer.substr(0, 3) == "503");
    BOOST_TEST(has(answer, "revoked"));
    BOOST_TEST(!has(answer, "\"total\""));
  }
  BOOST_TEST(desk.spine->requests().empty());
  std::filesystem::copy_file(known.authority.revoke({}), list,
                             std::filesystem::copy_options::overwrite_existing);
  desk.running->restart();
  desk.connect();
  BOOST_TEST(has(desk.running->get(flags_of(child_on_plan)), "\"total\":1"));
}

BOOST_AUTO_TEST_CASE(whoever_calls_in_with_a_revoked_certificate_is_not_heard) {
  Public known;
  const KeyPair other = known.authority.issue("other", "DNS:localhost");
  const std::string list = known.authority.revoke({known.caller});
  Desk desk{P::express, "check.answer_seconds = 3\nspine.inbound.tls.crl = \"" + list + "\"\n",
            known.files()};
  const auto first_byte = [&](const KeyPair& shown) {
    TlsClient client{desk.running->gateway->spine_port(),
                     {known.authority.certificate_file(), shown}};
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    return client.read(1);
  };
  BOOST_TEST(first_byte(other) == "H");
  BOOST_TEST(first_byte(known.caller).empty());
  // Spine took the question and cannot bring its answer.
  const std::string answer = desk.running->get(flags_of(child_on_plan));
  BOOST_TEST(answer.substr(0, 3) == "504", answer);
  BOOST_TEST(desk.spine->seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_arrival_is_checked_with_spine_and_told_to_the_hospital) {
  Desk desk{P::reliable};
  BOOST_TEST(has(desk.running->send(adt("A04", child_on_plan, "20180412", "E", "ED1", "C1")),
                 "MSA|AA|C1"));
  BOOST_TEST(eventually([&] { return has(desk.alerts(), "record-held"); }));
  BOOST_TEST(has(desk.alerts(), "01632960119"));
  BOOST_TEST(!has(desk.alerts(), "\"incomplete\""));
  BOOST_TEST(has(desk.running->send(adt("A04", child_without_record, "20180412", "E", "ED2", "C2")),
                 "MSA|AA|C2"));
  BOOST_TEST(eventually(
      [&] { return has(desk.running->get("/metrics"), "cpis_checks_none_held_total 1"); }));
  const std::string alerts = desk.alerts();
  BOOST_TEST(std::count(alerts.begin(), alerts.end(), '\n') == 1);
  BOOST_TEST(desk.held.looks(*NhsNumber::parse(child_on_plan)) == 1U);
}

BOOST_AUTO_TEST_CASE(calls_for_a_look_are_in_the_trace_that_it_came_with) {
  Desk desk{P::sync};
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const std::string answer =
      desk.running->get(flags_of(child_on_plan), "X-Correlation-ID: mine\r\ntraceparent: 00-" +
                                                     trace + "-00f067aa0ba902b7-01\r\n");
  BOOST_TEST(has(answer, "X-Correlation-ID: mine"));
  const auto calls = desk.spine->requests();
  BOOST_TEST(calls.size() == 3U);  // SDS twice, then the question
  std::set<std::string> spans{"00f067aa0ba902b7"};
  for (const peers::SeenRequest& call : calls) {
    BOOST_TEST_CONTEXT(call.path << ' ' << call.traceparent) {
      BOOST_REQUIRE_EQUAL(call.traceparent.size(), 55U);
      BOOST_TEST(call.traceparent.substr(3, 32) == trace);
      BOOST_TEST(spans.insert(call.traceparent.substr(36, 16)).second);
    }
  }
  desk.running->get(flags_of(child_without_record), "X-Correlation-ID: mine\r\n");
  const auto all = desk.spine->requests();
  BOOST_REQUIRE(all.size() > calls.size());
  // The first 16 bytes of its SHA-256.
  BOOST_TEST(all.back().traceparent.substr(3, 32) == "3fd30542fe3f61b14bd4a4b2dc0b6fb3");
}

BOOST_AUTO_TEST_CASE(an_arrival_that_spine_never_answers_alerts_that_nothing_is_known) {
  Desk desk{P::express, "check.answer_seconds = 1\n"};
  desk.spine->misbehave(*NhsNumber::parse(child_on_plan), peers::Misbehaviour::never);
  BOOST_TEST(has(desk.running->send(adt("A04", child_on_plan, "20180412", "E", "ED1", "C1")),
                 "MSA|AA|C1"));
  BOOST_TEST(eventually([&] { return has(desk.alerts(), "could-not-ask"); }));
  BOOST_TEST(has(desk.alerts(), "Nothing is known about this person"));
}

// What `doctor` looks at: everything is well today, and the certificates have ended next year.
BOOST_AUTO_TEST_CASE(a_probe_of_the_way_out_sends_no_question_and_sees_expired_certificates) {
  Desk desk{P::reliable};
  Findings findings;
  const auto settings = config::read_settings(
      gateway_config(desk.running->folder.path(), 0, 0, desk.running->more_config), findings);
  BOOST_REQUIRE(settings);
  const auto probes = app::probe_source(*settings, desk.clock);
  BOOST_TEST(probes.size() >= 9U);
  for (const app::Probe& probe : probes) BOOST_TEST(probe.good, probe.what << ": " << probe.says);
  BOOST_TEST(desk.spine->seen().empty());

  struct NextYear final : Clock {
    Time now() const override { return observe::SystemClock{}.now() + std::chrono::hours{8'800}; }
  };
  std::size_t expired = 0;
  bool clocks_differ = false;
  for (const app::Probe& probe : app::probe_source(*settings, NextYear{})) {
    expired += !probe.good && has(probe.says, "expired on ") ? 1U : 0U;
    clocks_differ |= !probe.good && has(probe.what, "clock");
  }
  BOOST_TEST(expired == 4U);
  BOOST_TEST(clocks_differ);
}

// What PDS says about a number decides who is asked about.
BOOST_AUTO_TEST_CASE(numbers_are_confirmed_with_pds_before_spine_is_asked) {
  Desk desk{P::reliable};
  const std::string folder = desk.certificates.path();
  const std::string peer = desk.spine->base_url();
  write_signing_key(folder + "/signing.key");
  desk.running->more_config +=
      "pds.url = " + peer + "/personal-demographics/FHIR/R4\npds.token.url = " + peer +
      "/oauth2/token\npds.token.api_key = key\npds.token.key_id = test-1\npds.token.key = \"" +
      folder + "/signing.key\"\npds.tls.certificate = \"" + folder +
      "/client.pem\"\npds.tls.key = \"" + folder + "/client.key\"\npds.tls.ca = \"" + folder +
      "/authority.pem\"\npds.test_number = " + std::string{child_on_plan} + "\n";
  desk.running->restart();
  desk.connect();
  const NhsNumber child = *NhsNumber::parse(child_on_plan);
  const spine::PdsPerson person{child, "Sample", {"Alex"}, parse_iso_date("2018-04-12"),
                                "",    false,    false};
  desk.spine->know(person);
  desk.spine->supersede(*NhsNumber::parse(mother_of_unborn), person);

  const std::string confirmed = desk.running->get(flags_of(child_on_plan));
  BOOST_TEST(has(confirmed, "\"total\":1"));
  BOOST_TEST(!has(confirmed, "superseded"));
  const std::string followed = desk.running->get(flags_of(mother_of_unborn));
  BOOST_TEST_CONTEXT(followed) {
    BOOST_TEST(followed.substr(0, 3) == "200");
    BOOST_TEST(has(followed, "\"total\":1"));
    BOOST_TEST(has(followed, "has been superseded"));
  }
  const std::string nobody = desk.running->get(flags_of(child_without_record));
  BOOST_TEST_CONTEXT(nobody) {
    BOOST_TEST(nobody.substr(0, 3) == "400");
    BOOST_TEST(!has(nobody, "\"total\""));
  }
  for (const peers::SeenQuery& seen : desk.spine->seen()) BOOST_TEST((seen.person == child));
  BOOST_TEST(desk.spine->seen().size() == 2U);
  for (const peers::SeenRequest& call : desk.spine->requests()) {
    BOOST_TEST(call.traceparent.size() == 55U, call.path);
  }
  const std::string metrics = desk.running->get("/metrics");
  BOOST_TEST(has(metrics, "cpis_pds_confirmed_total 1\n"));
  BOOST_TEST(has(metrics, "cpis_pds_superseded_total 1\n"));
  BOOST_TEST(has(metrics, "cpis_pds_unknown_total 1\n"));

  Findings findings;
  const auto settings = config::read_settings(
      gateway_config(desk.running->folder.path(), 0, 0, desk.running->more_config), findings);
  BOOST_REQUIRE(settings);
  const auto probes = app::probe_source(*settings, desk.clock, true);
  for (const app::Probe& probe : probes) BOOST_TEST(probe.good, probe.what << ": " << probe.says);
  BOOST_TEST(has(probes.back().says, "the number holds"));
  BOOST_TEST(!has(probes.back().says, "restricted"));
  BOOST_TEST(desk.spine->seen().size() == 2U);

  // A restricted person's plan is shown like any other, and it is said that there is a restriction.
  const NhsNumber hidden = *NhsNumber::parse(child_without_record);
  desk.spine->know({hidden, "Lark", {"Robin"}, parse_iso_date("2018-04-12"), "", true, false},
                   {"1 Hidden Close", "ZZ99 9ZZ", "01632960777", "Y99999"});
  const std::string none = desk.running->get(flags_of(child_without_record));
  BOOST_TEST(none.substr(0, 3) == "200");
  BOOST_TEST(has(none, "\"total\":0"));
  BOOST_TEST(has(desk.running->get("/metrics"), "cpis_pds_restricted_total 1\n"));
  config::Settings asking = *settings;
  asking.pds.test_number = child_without_record;
  const auto told = app::probe_source(asking, desk.clock, true).back();
  BOOST_TEST(told.good);
  BOOST_TEST(has(told.says, "a restricted record"));
  BOOST_TEST(!has(told.says, "Hidden Close"));
}

BOOST_AUTO_TEST_CASE(the_cp_is_fhir_api_can_be_the_source) {
  Desk desk{P::sync};
  const std::string folder = desk.certificates.path();
  write_signing_key(folder + "/signing.key");
  const std::string peer = desk.spine->base_url();
  RunningGateway running{
      "protection.source = cpis-fhir\ncheck.answer_seconds = 90\nfeed.ed.check = no\ncpis_fhir.url "
      "= " +
      peer + "/cpis/FHIR/R4\ncpis_fhir.token.url = " + peer +
      "/oauth2/token\ncpis_fhir.token.api_key = key\ncpis_fhir.token.key_id = test-1\n"
      "cpis_fhir.token.key = \"" +
      folder + "/signing.key\"\ncpis_fhir.tls.certificate = \"" + folder +
      "/client.pem\"\ncpis_fhir.tls.key = \"" + folder + "/client.key\"\ncpis_fhir.tls.ca = \"" +
      folder + "/authority.pem\"\n"};
  const std::string record = running.get(flags_of(child_on_plan));
  BOOST_TEST_CONTEXT(record) {
    BOOST_TEST(record.substr(0, 3) == "200");
    BOOST_TEST(has(record, "\"total\":1"));
    BOOST_TEST(flag_id(record).size() == 32U);
  }
  const std::string none = running.get(flags_of(child_without_record));
  BOOST_TEST(none.substr(0, 3) == "200");
  BOOST_TEST(has(none, "\"total\":0"));
  BOOST_TEST(running.gateway->spine_port() == 0);
  const std::string metrics = running.get("/metrics");
  BOOST_TEST(has(metrics, "cpis_fhir_source_asked_total 2\n"));
  BOOST_TEST(has(metrics, "cpis_fhir_source_answered_total 1\n"));
  BOOST_TEST(has(metrics, "cpis_fhir_source_none_held_total 1\n"));
  BOOST_TEST(has(metrics, "cpis_fhir_source_failed_total{cause=\"timeout\"} 0\n"));
  for (const peers::SeenRequest& call : desk.spine->requests()) {
    BOOST_TEST(call.traceparent.size() == 55U, call.path);
  }
}

// The API allows no unattended access: the clinician's own token goes on to it, and a client that
// comes with a static token, a secret between it and us, is told why nobody was asked.
BOOST_AUTO_TEST_CASE(the_cp_is_fhir_api_can_be_asked_with_the_token_of_whoever_looks) {
  Desk desk{P::sync};
  const std::string folder = desk.certificates.path();
  const TokenKey issuer = make_token_key(net::PrivateKey::Kind::rsa, "idp-1");
  write_file(folder + "/idp.json", issuer.key_set);
  const RunningGateway running{
      "protection.source = cpis-fhir\ncheck.answer_seconds = 90\nfeed.ed.check = no\n"
      "http.auth = token\nissuer.idp.url = https://idp.example\n"
      "issuer.idp.audience = https://gateway.example\nissuer.idp.jwks = \"" +
      folder +
      "/idp.json\"\nclient.epr.organisation_code = RXX01\n"
      "client.epr.organisation_name = Testshire Royal\nclient.epr.role_code = R0260\n"
      "client.epr.role_name = Doctor\nclient.epr.person_name = Sam Lead\n"
      "client.epr.user_id = 555\nclient.epr.token = sha256:" +
      std::string{sha256_of_static} + "\ncpis_fhir.token.from = caller\ncpis_fhir.url = " +
      desk.spine->base_url() + "/cpis/FHIR/R4\ncpis_fhir.tls.certificate = \"" + folder +
      "/client.pem\"\ncpis_fhir.tls.key = \"" + folder + "/client.key\"\ncpis_fhir.tls.ca = \"" +
      folder + "/authority.pem\"\n"};
  const std::string token = signed_token(
      issuer, R"({"iss":"https://idp.example","aud":"https://gateway.example","client_id":"epr",)"
              R"("sub":"555","scope":"user/*.rs","exp":)" +
                  std::to_string(now_s() + 60) +
                  R"(,"nhsid_useruid":"555","name":"Nurse Ada","nhsid_nrbac_roles":[{)"
                  R"("person_roleid":"111","org_code":"RXX01","role_code":"S8000:G8000:R8001",)"
                  R"("role_name":"Nurse","activity_codes":["B0107"]}]})");
  const std::string record =
      running.get(flags_of(child_on_plan), "Authorization: Bearer " + token + "\r\n");
  BOOST_TEST_CONTEXT(record) {
    BOOST_TEST(record.substr(0, 3) == "200");
    BOOST_TEST(has(record, "\"total\":1"));
  }
  BOOST_REQUIRE(desk.spine->seen().size() == 1U);
  BOOST_TEST(desk.spine->seen().front().authorization == "Bearer " + token);
  const std::string refused =
      running.get(flags_of(child_on_plan), "Authorization: Bearer static\r\n");
  BOOST_TEST_CONTEXT(refused) {
    BOOST_TEST(refused.substr(0, 3) == "403");
    BOOST_TEST(has(refused, "came without one"));
    BOOST_TEST(!has(refused, "\"total\""));
  }
  BOOST_TEST(desk.spine->seen().size() == 1U);
}

// Spine's own certificate must be shown at the listener for answers.
BOOST_AUTO_TEST_CASE(the_listener_for_answers_speaks_to_nobody_without_a_certificate) {
  Desk desk{P::reliable};
  TcpClient client{desk.running->gateway->spine_port()};
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  BOOST_TEST(!has(client.read_to_end(), "HTTP/1.1 2"));
}

BOOST_AUTO_TEST_SUITE_END()
