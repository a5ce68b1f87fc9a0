#include "conformance/runner/command.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <mutex>
#include <sstream>

#include "conformance/runner/record.h"
#include "tests/conformance/runner/fake_fhir_server.h"
#include "tests/support/scratch_folder.h"

using namespace cpis;
using namespace cpis::conformance;
using cpis::test::FakeFhirServer;
namespace fs = std::filesystem;
namespace net = Poco::Net;

namespace {

/// The fake behind a real socket on loopback.
class Handler : public net::HTTPRequestHandler {
 public:
  Handler(FakeFhirServer& fake, std::mutex& mutex) : fake_{fake}, mutex_{mutex} {}

  void handleRequest(net::HTTPServerRequest& in, net::HTTPServerResponse& out) override {
    HttpRequest request;
    request.method = in.getMethod();
    request.url = std::string{FakeFhirServer::base} + in.getURI();
    for (const auto& [name, value] : in) request.headers.push_back({name, value});
    request.body.assign(std::istreambuf_iterator<char>{in.stream()}, {});
    const std::lock_guard lock{mutex_};
    const auto answer = fake_.send(request);
    out.setStatus(static_cast<net::HTTPResponse::HTTPStatus>(answer->status));
    for (const HttpHeader& header : answer->headers) out.add(header.name, header.value);
    out.setContentLength64(static_cast<Poco::Int64>(answer->body.size()));
    out.send() << answer->body;
  }

 private:
  FakeFhirServer& fake_;
  std::mutex& mutex_;
};

class Factory : public net::HTTPRequestHandlerFactory {
 public:
  Factory(FakeFhirServer& fake, std::mutex& mutex) : fake_{fake}, mutex_{mutex} {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
    return std::make_unique<Handler>(fake_, mutex_).release();
  }

 private:
  FakeFhirServer& fake_;
  std::mutex& mutex_;
};

struct LiveServer {
  FakeFhirServer fake;
  std::mutex mutex;
  net::ServerSocket socket{Poco::Net::SocketAddress{"127.0.0.1", 0}};
  net::HTTPServer server{Poco::makeShared<Factory>(fake, mutex), socket,
                         Poco::makeAuto<net::HTTPServerParams>()};

  LiveServer() {
    fake.address = url();
    server.start();
  }
  ~LiveServer() { server.stopAll(true); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(socket.address().port()); }
};

struct Folder {
  const cpis::test::ScratchFolder scratch;
  const fs::path path = scratch.path();
  void write(const std::string& name, std::string_view text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream{path / name} << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream in{path / name};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
};

constexpr std::string_view script = R"({"resourceType":"TestScript","name":"Live",
  "url":"http://t/live","status":"active",
  "fixture":[{"id":"p","resource":{"reference":"fixtures/p"}}],
  "profile":[{"id":"patient","reference":"http://hl7.org/fhir/StructureDefinition/Patient"}],
  "test":[{"name":"write and read","action":[
    {"operation":{"type":{"code":"update"},"encodeRequestUrl":true,"sourceId":"p"}},
    {"assert":{"response":"created","warningOnly":false}},
    {"operation":{"type":{"code":"read"},"encodeRequestUrl":true,"targetId":"p","accept":"xml"}},
    {"assert":{"contentType":"xml","warningOnly":false}},
    {"assert":{"minimumId":"p","warningOnly":false}},
    {"assert":{"validateProfileId":"patient","warningOnly":false}}]}]})";

}  // namespace

BOOST_AUTO_TEST_SUITE(command_tests)

BOOST_AUTO_TEST_CASE(a_script_runs_over_a_real_connection) {
  LiveServer live;
  const Folder folder;
  folder.write("live.json", script);
  folder.write("fixtures/p.json", R"({"resourceType":"Patient","id":"p1","active":true})");
  CommandOptions options;
  options.scripts.push_back(folder.path);
  options.base_url = live.url();
  options.report_folder = folder.path / "reports";
  options.junit_file = folder.path / "junit.xml";
  std::ostringstream out;
  std::ostringstream problems;
  BOOST_TEST(run_command(options, out, problems) == 0, out.str());
  BOOST_TEST(problems.str().empty(), problems.str());
  BOOST_TEST(out.str().find("1 scripts, 1 of 1 tests passed") != std::string::npos);
  Body report{folder.read("reports/TestReport-1.json")};
  BOOST_REQUIRE(report.resource() != nullptr);
  BOOST_TEST(report.resource()->root().value_of("result") == "pass");
  BOOST_TEST(folder.read("junit.xml").find("failures=\"0\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nobody_at_the_address_is_a_failure) {
  const Folder folder;
  folder.write("live.json", script);
  folder.write("fixtures/p.json", R"({"resourceType":"Patient","id":"p1"})");
  CommandOptions options;
  options.scripts.push_back(folder.path / "live.json");
  options.base_url = "http://127.0.0.1:1";
  std::ostringstream out;
  std::ostringstream problems;
  BOOST_TEST(run_command(options, out, problems) == 1);
  BOOST_TEST(out.str().find("error") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nothing_to_run_is_an_exit_code_of_its_own) {
  CommandOptions options;
  options.scripts.push_back("/no/such/script.json");
  std::ostringstream out;
  std::ostringstream problems;
  BOOST_TEST(run_command(options, out, problems) == 2);
  BOOST_TEST(problems.str().find("cannot be read") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(our_own_scripts_can_be_read) {
  CommandOptions options;
  options.builtin = true;
  std::ostringstream problems;
  BOOST_TEST(load_scripts(options, problems).size() == 4U);
  BOOST_TEST(problems.str().empty(), problems.str());
}

BOOST_AUTO_TEST_CASE(fixtures_are_looked_for_where_the_user_said_and_nowhere_else) {
  const Folder folder;
  folder.write("secret.json", "{}");
  folder.write("suite/shared/p.xml", "<p/>");
  folder.write("suite/first/Patient-example.xml", "<a/>");
  const std::vector<fs::path> first{folder.path / "suite" / "first"};
  const std::vector<fs::path> suite{folder.path / "suite"};
  BOOST_TEST(find_fixture("Patient/example", first, {}).value() == "<a/>");
  BOOST_TEST(!find_fixture("../shared/p.xml", first, {}).has_value());
  BOOST_TEST(find_fixture("../shared/p.xml", first, suite).value() == "<p/>");
  BOOST_TEST(!find_fixture("../../secret.json", first, suite).has_value());
  BOOST_TEST(!find_fixture((folder.path / "secret.json").string(), first, suite).has_value());
  fs::create_symlink(folder.path / "secret.json", folder.path / "suite" / "first" / "link.json");
  BOOST_TEST(!find_fixture("link.json", first, suite).has_value());
  BOOST_TEST(!find_fixture("", first, suite).has_value());
}

// The published scripts beside the project: each must be understood as a whole.
BOOST_AUTO_TEST_CASE(published_scripts_are_read_and_run) {
  const fs::path corpus =
      fs::path{CPIS_SOURCE} / ".." / "shared" / "corpora" / "fhir" / "testscripts";
  if (!fs::exists(corpus)) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  LiveServer live;
  CommandOptions options;
  options.scripts.push_back(corpus / "mitre");
  options.base_url = live.url();
  options.variables = {{"PatientSearchFamilyName", "Chalmers"},
                       {"PatientSearchGivenName", "Peter"}};
  std::ostringstream out;
  std::ostringstream problems;
  BOOST_TEST(load_scripts(options, problems).size() == 5U);
  run_command(options, out, problems);
  BOOST_TEST(problems.str().empty(), problems.str());
  BOOST_TEST(out.str().find("      error") == std::string::npos, out.str());
  options.scripts = {corpus / "hl7-r4"};
  BOOST_TEST(load_scripts(options, problems).size() == 6U);
  BOOST_TEST(problems.str().empty(), problems.str());
}

BOOST_AUTO_TEST_SUITE_END()
