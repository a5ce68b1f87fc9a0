#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "gateway/config/config_file.h"
#include "gateway/config/feed_rows.h"
#include "gateway/config/setting_rows.h"
#include "gateway/config/settings.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::config;

BOOST_AUTO_TEST_SUITE(config_tests)

namespace {

const std::string callers =
    "caller.organisation_code = RXX01\ncaller.organisation_name = Testshire Royal\n"
    "caller.role_code = R0260\ncaller.role_name = Doctor\ncaller.person_name = Dr Test\n"
    "caller.user_id = t1\n"
    "check.organisation_code = RXX01\ncheck.organisation_name = Testshire Royal\n"
    "check.role_code = R0260\ncheck.role_name = Lead\ncheck.person_name = Sam Lead\n"
    "check.system_id = 200000000205\n";

struct Fault {
  std::string_view line;  // added to a good configuration, as its line 13
  std::string_view says;  // part of what the operator must read
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Fault& f) { return out << f.why; }

constexpr Fault faults[] = {
    {"http.prot = 80", "did you mean http.port", "a misspelt key names the right one"},
    {"nonsense", "expected `key = value`", "a line without an equals sign"},
    {"http.port = many", "whole number from 0 to 65535", "not a number"},
    {"http.port = 70000", "whole number from 0 to 65535", "out of range"},
    {"http.auth = maybe", "say one of none|token", "not one of the choices"},
    {"http.auth = token", "at least one client.NAME", "tokens without clients"},
    {"http.address = 0.0.0.0", "needs http.tls.certificate", "an open door without TLS"},
    {"feed.ed.address = 10.0.0.1", "needs tls.certificate", "an open feed without certificates"},
    {"feed.ed.charset = EBCDIC", "not a character set that is known", "an unknown charset"},
    {"feed.ed.alert.to = engine", "say HOST:PORT", "an engine without a port"},
    {"feed.ed.alert.to = engine.example.nhs.uk:2575", "the alert names a child",
     "an alert in clear text over a network"},
    {"feed.ed.alert.to = 127.0.0.1:2575\nfeed.ed.alert.segments = OBX|{nobody}",
     "{nobody} is not a name that is known", "a template with an unknown name"},
    {"feed.ed.alert.to = 127.0.0.1:2575\nfeed.ed.alert.tls.key = k.pem",
     "certificate and key go together", "half of our pair for the engine"},
    {"http.tls.certificate = a.pem", "certificate and key go together", "half of a pair"},
    {"caller.user_id = again", "stands already in line 6", "a key twice"},
    {"client.epr.token = plain", "sha256:", "a token in clear text"},
    {"council.999.name = Testshire\ncouncil.999.dfe_code = 909", "an authority that is no more",
     "an abolished council's code"},
    {"council.999.name = Bradford Council\ncouncil.999.dfe_code = 350", "is the code of Bolton",
     "another council's code"},
    {"intake.hours = at night", "write hours like", "intake at no hours"},
    {"council.999.name = X", "both telephone numbers", "a council without telephones"},
    {"store.url = \"unclosed", "quote", "a quote that is not closed"},
    {"protection.source = pigeon", "say one of register|spine|cpis-fhir", "an unknown source"},
    {"protection.source = spine", "the ASID that this gateway was given", "Spine without an ASID"},
    {"protection.source = spine", "Spine knows us by our client certificate", "no certificate"},
    {"protection.source = spine", "say where SDS is, or give spine.contract.url", "no address"},
    {"protection.source = spine", "only pattern sync needs none", "nowhere for answers to go"},
    {"protection.source = spine\nspine.sds.url = http://sds", "must begin with https://",
     "a look-up in clear text"},
    {"protection.source = spine\nspine.contract.url = https://x", "addressed to a party key",
     "a contract without a party"},
    {"protection.source = cpis-fhir", "the base URL of the CP-IS FHIR API", "an API nowhere"},
    {"protection.source = cpis-fhir\nfeed.ed.port = 0", "answers people only",
     "arrivals that could never be answered"},
    {"council.E10.transport = mesh", "the id of this council's MESH mailbox", "MESH, no mailbox"},
    {"council.E10.transport = mesh\nmesh.url = http://mesh.example", "say https://",
     "MESH in clear text"},
    {"council.E10.transport = mesh", "the workflow id of uploads", "MESH without a workflow"},
    {"spine.tls.certificate = a.pem", "certificate and key go together", "half of Spine's pair"},
};

// A configuration that asks Spine and has answers brought to the listener.
const std::string asks_spine =
    "protection.source = spine\nspine.asid = 200000000205\nspine.party_key = RXX-800001\n"
    "spine.tls.certificate = c.pem\nspine.tls.key = k.pem\nspine.tls.ca = a.pem\n"
    "spine.sds.url = https://sds.example.nhs.uk\nspine.inbound.tls.certificate = s.pem\n"
    "spine.inbound.tls.key = sk.pem\nspine.inbound.tls.client_ca = a.pem\n";

}  // namespace

BOOST_DATA_TEST_CASE(a_fault_is_refused_with_its_line_and_remedy, data::make(faults), f) {
  Findings findings;
  const auto settings = read_settings(callers + std::string{f.line} + "\n", findings);
  BOOST_TEST_CONTEXT(f.why) {
    BOOST_TEST(!settings.has_value());
    bool said = false;
    for (const Finding& finding : findings) {
      said |= finding.text.find(f.says) != std::string::npos;
    }
    BOOST_TEST(said, "nobody said: " << f.says);
  }
}

BOOST_AUTO_TEST_CASE(a_fault_has_the_number_of_its_line) {
  Findings findings;
  BOOST_TEST(!read_settings(callers + "http.port = x\n", findings).has_value());
  BOOST_REQUIRE_EQUAL(findings.size(), 1U);
  BOOST_TEST(findings[0].line == 13U);
  BOOST_TEST(findings[0].field == "http.port");
}

BOOST_AUTO_TEST_CASE(a_good_file_is_read_with_its_defaults) {
  Findings findings;
  const auto settings = read_settings(
      "# a comment\n" + callers + "feed.ed.port = 0   # any\nlog.level = warning\n", findings);
  BOOST_REQUIRE(settings.has_value());
  BOOST_TEST(settings->http_address == "127.0.0.1");
  BOOST_TEST(settings->http_port == 8080);
  BOOST_TEST(settings->visibility.ended_days == 365);
  BOOST_REQUIRE_EQUAL(settings->feeds.size(), 1U);
  BOOST_TEST(settings->feeds[0].name == "ed");
  BOOST_TEST(settings->feeds[0].port == 0);
  BOOST_TEST(settings->feeds[0].frame_bytes_max == 4096U * 1024U);
  BOOST_TEST((settings->check_caller.kind == Caller::Kind::system));
}

// Codes of a sender's own, where it puts what, what it may send.
BOOST_AUTO_TEST_CASE(the_dialect_of_a_feed_is_read_and_its_faults_are_told) {
  Findings findings;
  const auto settings = read_settings(
      callers +
          "feed.ed.clocks = utc\nfeed.ed.day_first_dates = yes\nfeed.ed.unsupported = reject\n"
          "feed.ed.events = A01, A04,A08\nfeed.ed.versions = 2.4, 2.3\n"
          "feed.ed.organisations = ACUTE=RXX\nfeed.ed.site_code = RXX01\n"
          "feed.ed.sites = ED MINORS=RXX01, PAEDS = RXX02\nfeed.ed.sexes = K=female\n"
          "feed.ed.classes = DAY UNIT=I, CAS=E\nfeed.ed.classes_by_location = ED=E\n"
          "feed.ed.obstetric_locations = LW, ANTE NATAL\nfeed.ed.visit_number = PID-18.1\n"
          "feed.ed.nhs_number_authorities = SPINE\nfeed.ed.local_number_types = UNIT\n"
          "feed.ed.local_number_authority = RXX\nfeed.ed.ack_mode = enhanced\n"
          "hl7v2.http.feed = ed\nhl7v2.http.status = by_code\n",
      findings);
  BOOST_REQUIRE_MESSAGE(settings.has_value(), (findings.empty() ? "" : findings[0].text));
  const hl7v2::FeedSettings reading = reading_of(settings->feeds.at(0));
  BOOST_TEST((reading.clocks == hl7v2::Clocks::utc));
  BOOST_TEST((reading.ack_mode == hl7v2::AckMode::enhanced));
  BOOST_TEST(reading.day_first_dates);
  BOOST_TEST(reading.reject_unsupported);
  BOOST_TEST(reading.events == (std::vector<std::string>{"A01", "A04", "A08"}));
  BOOST_TEST(reading.versions.size() == 2U);
  BOOST_TEST(reading.organisation_codes.at("ACUTE") == "RXX");
  BOOST_TEST(reading.site_ods == "RXX01");
  BOOST_TEST(reading.site_codes.at("ED MINORS") == "RXX01");
  BOOST_TEST(reading.site_codes.at("PAEDS") == "RXX02");
  BOOST_TEST(reading.sex_codes.at("K") == "female");
  BOOST_TEST(reading.class_codes.at("DAY UNIT") == "I");
  BOOST_TEST(reading.class_by_location.at("ED") == "E");
  BOOST_TEST(reading.obstetric_locations == (std::vector<std::string>{"LW", "ANTE NATAL"}));
  BOOST_TEST(hl7v2::to_text(reading.visit_number) == "PID-18.1");
  BOOST_TEST(reading.nhs_authorities.size() == 1U);
  BOOST_TEST(reading.local_types.size() == 1U);
  BOOST_TEST(reading.local_authority == "RXX");
  BOOST_TEST(reading_over_http(*settings, "http").sex_codes.size() == 1U);
  BOOST_TEST(reading_over_http(*settings, "http").name == "http");
  BOOST_TEST(settings->hl7_http_status);
  for (const char* fault :
       {"feed.ed.sites = ED\n", "feed.ed.sites = ED=here\n", "feed.ed.events = A4\n",
        "feed.ed.sexes = K=lady\n", "feed.ed.classes = DAY=Q\n", "feed.ed.visit_number = PV1\n",
        "feed.ed.site_code = here\n", "hl7v2.http.feed = nobody\n"}) {
    Findings told;
    BOOST_TEST(!read_settings(callers + fault, told).has_value(), fault);
    BOOST_REQUIRE_MESSAGE(!told.empty(), fault);
    BOOST_TEST(std::string{fault}.starts_with(told[0].field), fault);
  }
}

BOOST_AUTO_TEST_CASE(an_engine_to_be_told_is_read_with_the_writers_own_words) {
  Findings findings;
  const auto settings =
      read_settings(callers +
                        "feed.ed.alert.to = 127.0.0.1:2600\nfeed.ed.alert.event = A31\n"
                        "feed.ed.alert.segments = \"ZAL|{n}|{wording}\\rNTE|{n}||{plan.code}\"\n"
                        "feed.ed.charset = 8859/1\n",
                    findings);
  BOOST_REQUIRE(settings.has_value());
  BOOST_REQUIRE(settings->feeds[0].engine.has_value());
  const EngineAlert& engine = *settings->feeds[0].engine;
  BOOST_TEST(engine.host == "127.0.0.1");
  BOOST_TEST(engine.port == 2600);
  BOOST_TEST(engine.attempts_max == 200);
  hl7v2::AlertMessageSettings message;
  const std::string usual = message.record_wording;
  apply(engine, message);
  BOOST_TEST(message.trigger == "A31");
  BOOST_TEST(message.segments.size() == 2U);
  BOOST_TEST(message.segments[1] == "NTE|{n}||{plan.code}");
  BOOST_TEST(message.record_wording == usual);
  BOOST_TEST(!settings->feeds[0].process_tests);
}

BOOST_AUTO_TEST_CASE(a_configuration_that_asks_spine_is_read_with_its_defaults) {
  Findings findings;
  const auto settings = read_settings(callers + asks_spine, findings);
  BOOST_REQUIRE_MESSAGE(settings.has_value(), (findings.empty() ? "" : findings[0].text));
  BOOST_TEST((settings->source == SourceKind::spine));
  BOOST_TEST(settings->spine.asid == "200000000205");
  BOOST_TEST(settings->spine.authority == "a.pem");
  BOOST_TEST(settings->spine.pattern == "sds");
  BOOST_TEST(settings->spine.scheduled_marker == "none");
  BOOST_TEST(settings->spine.sds_ods_code == "YES");
  BOOST_TEST(settings->spine.inbound_port == 8443);
  BOOST_TEST(settings->spine.inbound_tls.client_ca == "a.pem");
  BOOST_TEST(settings->spine.threads == 64U);
}

BOOST_AUTO_TEST_CASE(synchronous_answers_need_neither_a_listener_nor_a_party) {
  Findings findings;
  const auto settings =
      read_settings(callers +
                        "protection.source = spine\nspine.asid = 1\nspine.tls.certificate = c.pem\n"
                        "spine.tls.key = k.pem\nspine.pattern = sync\n"
                        "spine.contract.url = https://x/sync-service\nspine.contract.asid = 2\n",
                    findings);
  BOOST_REQUIRE_MESSAGE(settings.has_value(), (findings.empty() ? "" : findings[0].text));
  BOOST_TEST(settings->spine.contract_asid == "2");
}

// A missing key is told at the line that made it necessary.
BOOST_AUTO_TEST_CASE(a_council_over_mesh_is_read_with_its_defaults) {
  Findings findings;
  const auto settings =
      read_settings(callers +
                        "council.E10.name = Testshire\ncouncil.E10.office_phone = 01632960001\n"
                        "council.E10.emergency_phone = 01632960002\ncouncil.E10.transport = mesh\n"
                        "council.E10.mesh.mailbox = X26ABC1\ncouncil.E10.mesh.password = p\n"
                        "council.E10.mesh.first_number = 43\nmesh.url = http://127.0.0.1:8700/\n"
                        "mesh.shared_key = TestKey\nmesh.to = X26ABC2\nmesh.workflow = W\n",
                    findings);
  BOOST_REQUIRE_MESSAGE(settings.has_value(), (findings.empty() ? "" : findings[0].text));
  BOOST_TEST(settings->councils[0].over_mesh);
  BOOST_TEST(settings->councils[0].mesh_first_number == 43);
  BOOST_TEST(settings->mesh.url == "http://127.0.0.1:8700");
  BOOST_REQUIRE_EQUAL(settings->mesh.from.size(), 1U);
  BOOST_TEST(settings->mesh.from[0] == "X26ABC2");
  BOOST_TEST(settings->mesh.poll.count() == 300);
}

BOOST_AUTO_TEST_CASE(what_a_source_lacks_is_told_at_the_line_that_chose_it) {
  Findings findings;
  BOOST_TEST(!read_settings(callers + "protection.source = spine\n", findings).has_value());
  BOOST_REQUIRE(!findings.empty());
  BOOST_TEST(findings[0].line == 13U);
  BOOST_TEST(findings[0].field == "spine.asid");
}

// Nobody may be asked about in the name of a caller that a notice could not name.
BOOST_AUTO_TEST_CASE(a_caller_without_a_role_stops_the_start) {
  std::string text = callers;
  text.erase(text.find("caller.role_name"),
             text.find("caller.person_name") - text.find("caller.role_name"));
  Findings findings;
  BOOST_TEST(!read_settings(text, findings).has_value());
  BOOST_REQUIRE(!findings.empty());
  BOOST_TEST(findings[0].field == "caller.role_name");
}

BOOST_AUTO_TEST_CASE(an_open_door_with_tls_and_tokens_is_accepted) {
  Findings findings;
  const std::string hash(64, 'a');
  const auto settings = read_settings(
      callers + "http.address = 0.0.0.0\nhttp.tls.certificate = c.pem\nhttp.tls.key = k.pem\n" +
          "http.auth = token\nclient.epr.token = sha256:" + hash +
          "\nclient.epr.organisation_code = RXX\nclient.epr.organisation_name = T\n"
          "client.epr.role_code = R1\nclient.epr.role_name = Role\n"
          "client.epr.person_name = P\nclient.epr.system_id = 2000\n",
      findings);
  BOOST_REQUIRE_MESSAGE(settings.has_value(), (findings.empty() ? "" : findings[0].text));
  BOOST_TEST(settings->clients.size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_example_names_every_key_and_is_itself_readable) {
  const std::string example = example_config();
  for (const SettingRow& row : setting_rows()) {
    BOOST_TEST(example.find("#" + std::string{row.key} + " =") != std::string::npos, row.key);
  }
  Findings findings;
  BOOST_TEST(read_config(example, findings).entries.empty());
  BOOST_TEST(findings.empty());
}

BOOST_AUTO_TEST_CASE(every_default_is_acceptable_for_its_own_row) {
  for (const SettingRow& row : setting_rows()) {
    if (row.fallback.empty()) continue;
    BOOST_TEST(refuse_value(row, row.fallback).empty(), row.key);
  }
}

BOOST_AUTO_TEST_SUITE_END()
