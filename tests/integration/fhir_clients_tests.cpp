// FHIR clients of other makers drive the server. They are not part of this project: the test runs
// where a folder with their node_modules is named by CPIS_FHIR_CLIENTS or lies in
// ../shared/bench/clients, and says so where it is not.

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/integration/gateway_fixture.h"
#include "tests/support/child_process.h"

using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(fhir_clients_tests)

BOOST_AUTO_TEST_CASE(clients_of_other_makers_get_what_they_expect) {
  const std::string source{CPIS_SOURCE};
  const char* named = std::getenv("CPIS_FHIR_CLIENTS");
  const std::string folder = named != nullptr ? named : source + "/../shared/bench/clients";
  if (!std::filesystem::exists(folder + "/node_modules/fhir-kit-client")) {
    BOOST_TEST_MESSAGE(
        "skipped: no FHIR clients here; set CPIS_FHIR_CLIENTS to a folder where "
        "npm installed fhir-kit-client, fhirclient and @medplum/core");
    return;
  }
  const RunningGateway gateway;
  const std::string base =
      "http://127.0.0.1:" + std::to_string(gateway.gateway->http_port()) + "/FHIR/R4";
  std::string output;
  const auto ended = run_program(
      {"/usr/bin/env", "node", source + "/tests/integration/fhir_clients/drive.mjs", base, folder},
      std::chrono::seconds{60}, &output);
  BOOST_TEST_CONTEXT(output) { BOOST_TEST(ended.value_or(-1) == 0); }
}

BOOST_AUTO_TEST_SUITE_END()
