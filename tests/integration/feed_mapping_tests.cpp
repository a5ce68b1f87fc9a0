// feed.NAME.mapping: what a site lays over the published v2-to-FHIR tables for one feed.

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>

#include "gateway/app/feed_mappings.h"
#include "gateway/config/settings.h"
#include "gateway/console/commands.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/text.h"

using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(feed_mapping_tests)

namespace {

std::string reasons(std::string_view field) {
  return R"({"resources": [{"key": "encounter", "extend": true, "rules": [
      {"to": "reasonCode[].text", "from": ")" +
         std::string{field} + R"("}]}]})";
}

constexpr std::string_view details = "PV2|||Injury of arm\rOBX|1|TX|NOTE^Triage||Fell from frame\r";

struct Site {
  void write(std::string_view json, std::string_view name = "site.json") const {
    std::ofstream{folder.file(std::string{name})} << json;
  }
  std::string setting() const { return "feed.ed.mapping = \"" + folder.path() + "\"\n"; }
  std::string config(std::string_view more = "") const {
    return gateway_config(folder.path(), 0, 0, setting() + std::string{more});
  }
  std::string path_of_config(std::string_view more = "") const {
    const std::string path = folder.file("site.conf");
    std::ofstream{path} << config(more);
    return path;
  }

  ScratchFolder folder;
};

// What was printed on both streams, with the exit code in front.
template <class Command>
std::string printed(Command command) {
  std::ostringstream out;
  std::streambuf* const screen = std::cout.rdbuf(out.rdbuf());
  std::streambuf* const errors = std::cerr.rdbuf(out.rdbuf());
  const int code = command();
  std::cout.rdbuf(screen);
  std::cerr.rdbuf(errors);
  return std::to_string(code) + ' ' + out.str();
}

std::string convert(const RunningGateway& running, const std::string& query,
                    const std::string& message) {
  return running.request("POST", "/HL7/v2/$convert" + query, "Content-Type: application/hl7-v2\r\n",
                         message);
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(check_config_names_file_line_place_and_reason, Site) {
  write(
      "{\"resources\": [{\"key\": \"encounter\", \"extend\": true, \"rules\": [\n"
      "{\"to\": \"reasonCod[]\", \"from\": \"OBX-5\", \"as\": \"CodeableConcept\"}]}]}");
  const std::string config = path_of_config();
  const std::string told = printed([&] { return cpis::console::check_config(config, false); });
  BOOST_TEST(told.starts_with("3 "), told);
  BOOST_TEST(has(told, "site.json:2: encounter: reasonCod[]: `reasonCod` is not an element there"),
             told);
  // The gateway does not start with it, for the same reason.
  const std::string started = printed([&] { return cpis::console::run_gateway(config); });
  BOOST_TEST(started.starts_with("3 "), started);
  BOOST_TEST(has(started, "site.json:2: encounter: reasonCod[]"), started);
  write(reasons("OBX-5.1"));
  BOOST_TEST(has(printed([&] { return cpis::console::check_config(config, false); }), "good"));
}

BOOST_FIXTURE_TEST_CASE(a_mapping_that_is_not_there_is_a_fault, Site) {
  const std::string none =
      printed([&] { return cpis::console::check_config(path_of_config(), false); });
  BOOST_TEST(has(none, "is a folder without any .json file"), none);
}

BOOST_FIXTURE_TEST_CASE(explain_reads_as_a_feed_does_and_says_what_is_laid_over, Site) {
  write(reasons("OBX-5.1"), "10-reasons.json");
  write(R"({"conceptMaps": [{"name": "TreatmentFunction", "codes": [
      {"from": "190", "code": "190"}]}]})",
        "20-functions.json");
  const std::string message = folder.file("m.hl7");
  std::ofstream{message} << adt("A04", child_without_record, "20180412", "UTC", "V1", "C1");
  cpis::console::ExplainOptions options;
  options.files = {message};
  options.config = path_of_config("feed.ed.classes = UTC=E\n");
  options.feed = "ed";
  const std::string told = printed([&] { return cpis::console::explain_files(options); });
  BOOST_TEST(has(told, "class: emergency (sent as UTC)"), told);
  BOOST_TEST(
      has(told, "mapping: the published tables, then 10-reasons.json, then 20-functions.json"),
      told);
  options.feed = "nowhere";
  BOOST_TEST(printed([&] { return cpis::console::explain_files(options); }).starts_with("3 "));
}

BOOST_FIXTURE_TEST_CASE(a_conversion_takes_the_mapping_of_the_feed_asked_for, Site) {
  write(reasons("OBX-5.1"));
  const RunningGateway running{setting()};
  const std::string message =
      adt("A04", child_without_record, "20180412", "E", "V1", "C1", details);
  BOOST_TEST(!has(convert(running, "", message), "\"text\":\"Fell from frame\""));
  BOOST_TEST(has(convert(running, "?feed=ed", message), "\"text\":\"Fell from frame\""));
  BOOST_TEST(has(convert(running, "?feed=nowhere", message), "400 "));
}

BOOST_FIXTURE_TEST_CASE(messages_over_http_have_the_mapping_of_the_feed_they_are_read_as, Site) {
  write(reasons("OBX-5.1"));
  const RunningGateway running{setting() + "hl7v2.http.feed = ed\n"};
  const std::string message =
      adt("A04", child_without_record, "20180412", "E", "V1", "C1", details);
  BOOST_TEST(has(convert(running, "", message), "\"text\":\"Fell from frame\""));
}

// Wrong letters are worse than none: HTTP says what they are where the message does not.
BOOST_AUTO_TEST_CASE(the_charset_of_http_counts_where_the_message_names_none) {
  const RunningGateway running;
  std::string message = adt("A04", child_without_record, "20180412", "E", "V1", "C1");
  message.replace(message.find("SAMPLE^ALEX"), 11, "NOV\xC1K^J\xF9RI");
  const auto send = [&](const std::string& path, const std::string& type) {
    return running.request("POST", path, "Content-Type: " + type + "\r\n", message);
  };
  const std::string latin2 = "application/hl7-v2; charset=ISO-8859-2";
  BOOST_TEST(has(send("/HL7/v2/$convert", latin2), "J\xC5\xAFRI"));
  BOOST_TEST(has(send("/HL7/v2/$convert", "text/plain; Charset=\"koi-7\""), "415 "));
  BOOST_TEST(has(send("/HL7/v2", latin2), "MSA|AA|C1"));
  running.settle();
  const std::string kept = running.get("/FHIR/R4/Patient/9990000026");
  BOOST_TEST(has(kept, "J\xC5\xAFRI"), kept);
  BOOST_TEST(has(kept, "NOV\xC3\x81K"), kept);
}

// Replay after a change of the mapping: the promise is that what was kept says it the new way, and
// that it is the same resource.
BOOST_FIXTURE_TEST_CASE(a_replay_after_a_changed_mapping_updates_what_was_made, Site) {
  write("{}");
  RunningGateway running{setting()};
  running.send(adt("A04", child_without_record, "20180412", "E", "V1", "C1"));
  running.send(adt("A08", child_without_record, "20180412", "E", "V1", "C2", details));
  running.settle();
  const std::string search = "/FHIR/R4/Encounter?patient=9990000026";
  const std::string before = running.get(search);
  BOOST_TEST(has(before, "Injury of arm"));
  write(reasons("OBX-5.1"));
  running.restart();
  const std::string shown = running.get("/admin/messages?count=1");
  const std::string id = between(shown, "\"id\":\"", "\"");
  BOOST_TEST(has(running.get("/admin/messages/" + id), "then site.json"));
  BOOST_TEST(
      has(running.request("POST", "/admin/messages/replay?from=" + id, "", ""), "\"replayed\":2"));
  running.settle();
  const std::string after = running.get(search);
  BOOST_TEST(has(after, "\"text\":\"Fell from frame\""), after);
  BOOST_TEST(between(after, "FHIR/R4/Encounter/", "\"") ==
             between(before, "FHIR/R4/Encounter/", "\""));
  BOOST_TEST(has(after, "\"total\":1"));
}

BOOST_AUTO_TEST_SUITE_END()
