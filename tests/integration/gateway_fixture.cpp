#include "tests/integration/gateway_fixture.h"

#include <boost/test/unit_test.hpp>

#include "gateway/observe/log.h"
#include "tests/support/tcp_client.h"

namespace cpis::test {
namespace {

PlanDate day(std::string_view text) { return {*parse_iso_date(text), 0}; }

std::string now_as_hl7() {
  std::string stamp = to_iso(observe::SystemClock{}.now()).substr(0, 19);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':' || c == 'T'; });
  return stamp;
}

}  // namespace

std::string gateway_config(const std::string& folder, int http_port, int mllp_port,
                           std::string_view more) {
  return "store.url = \"sqlite:" + folder + "/gateway.db\"\n" +
         "http.port = " + std::to_string(http_port) + "\n" +
         "feed.ed.port = " + std::to_string(mllp_port) + "\n" +
         "feed.ed.organisation_code = RXX01\n"
         "caller.organisation_code = RXX01\n"
         "caller.organisation_name = Testshire Royal Infirmary\n"
         "caller.role_code = R0260\ncaller.role_name = Doctor\n"
         "caller.person_name = Dr Test\ncaller.user_id = t1\n"
         "check.organisation_code = RXX01\n"
         "check.organisation_name = Testshire Royal Infirmary\n"
         "check.role_code = R0260\ncheck.role_name = Lead\n"
         "check.person_name = Sam Lead\ncheck.system_id = 200000000205\n"
         "alert.file = \"" +
         folder + "/alerts.jsonl\"\nnotice.tray = \"" + folder + "/notices\"\n" +
         "log.level = info\n" + std::string{more};
}

void upload_people(registry::Register& registry) {
  UploadFile file;
  file.sequence = 1;
  file.council = {"999", "Testshire County Council", "01632960001", "01632960002"};
  file.records.push_back({{*NhsNumber::parse(child_on_plan),
                           "LCS-100",
                           "",
                           {"Alex", "Sample"},
                           parse_iso_date("2018-04-12"),
                           false},
                          {Plan{PlanType::cpp, day("2025-01-15"), {}, {}}}});
  // The expected date is far ahead, so that the test holds for years.
  file.records.push_back({{*NhsNumber::parse(mother_of_unborn),
                           "LCS-200",
                           "",
                           {"Jo", "Sample"},
                           parse_iso_date("1999-09-09"),
                           true},
                          {Plan{PlanType::ucp, day("2025-12-01"), day("2099-03-01"), {}}}});
  const auto result = registry.take(file);
  BOOST_REQUIRE(result);
  BOOST_REQUIRE_EQUAL(result->code, "CPF02");
}

RunningGateway::RunningGateway(std::string_view more) : more_config{more} {
  observe::redirect_log([](std::string_view) {});
  restart();
}

RunningGateway::~RunningGateway() {
  gateway->stop();
  observe::redirect_log({});
}

void RunningGateway::restart() {
  if (gateway) gateway->stop();
  gateway.reset();
  Findings findings;
  const auto settings =
      config::read_settings(gateway_config(folder.path(), 0, 0, more_config), findings);
  BOOST_REQUIRE_MESSAGE(settings, (findings.empty() ? "" : findings[0].text));
  auto opened = app::Gateway::open(*settings, clock);
  BOOST_REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
  gateway = *std::move(opened);
  BOOST_REQUIRE(gateway->start());
}

std::string RunningGateway::request(const std::string& method, const std::string& path,
                                    const std::string& headers, const std::string& body) const {
  TcpClient client{gateway->http_port()};
  client.send(method + ' ' + path + " HTTP/1.1\r\nHost: test\r\n" + headers +
              (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") +
              "\r\n" + body);
  const std::string answer =
      method == "HEAD" ? client.read_until("\r\n\r\n") : client.read_answer();
  return answer.substr(9, 3) + ' ' + answer;
}

std::string RunningGateway::get(const std::string& path, const std::string& headers) const {
  return request("GET", path, headers, "");
}

std::string RunningGateway::send(const std::string& message) const {
  TcpClient client{gateway->feed_port("ed")};
  client.send('\x0B' + message + "\x1C\r");
  return client.read_message();
}

void RunningGateway::settle() const {
  BOOST_REQUIRE(eventually(
      [&] { return get("/admin/messages").find("\"waiting\":0") != std::string::npos; }));
}

std::string adt(std::string_view event, std::string_view nhs_number, std::string_view born,
                std::string_view patient_class, std::string_view visit, std::string_view control_id,
                std::string_view extra) {
  const std::string now = now_as_hl7();
  const std::string number{nhs_number};
  return "MSH|^~\\&|ED|RXX01|CPIS|RXX01|" + now + "||ADT^" + std::string{event} + "^ADT_A01|" +
         std::string{control_id} + "|P|2.4\rEVN||" + now + "\rPID|1||" +
         (number.empty() ? "" : number + "^^^NHS^NH~") + 'H' + std::string{control_id} +
         "^^^RXX01^MR||SAMPLE^ALEX||" + std::string{born} + "|9\rPV1|1|" +
         std::string{patient_class} + "|ED^^^RXX01||||||||||||||||" + std::string{visit} +
         "^^^RXX01|||||||||||||||||||||||||" + now + '\r' + std::string{extra};
}

}  // namespace cpis::test
