// FHIR clients of other makers drive the server. They are not part of this project: `./dev test`
// has npm fetch them (tests/support/npm_packages.mjs) into build/npm/fhir_clients, and what kept it
// from that is in build/npm/fhir_clients.skipped. CPIS_FHIR_CLIENTS names another folder with them.

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/integration/gateway_fixture.h"
#include "tests/support/child_process.h"

using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(fhir_clients_tests)

namespace {

std::string clients_folder() {
  const char* named = std::getenv("CPIS_FHIR_CLIENTS");
  return named != nullptr ? named : std::string{CPIS_BINARY} + "/../npm/fhir_clients";
}

std::string why_not(const std::string& folder) {
  std::ifstream in{folder + ".skipped"};
  std::string reason;
  return std::getline(in, reason) ? reason : "./dev test has not fetched them";
}

}  // namespace

// Its "skipped:" shows as such in ctest.
BOOST_AUTO_TEST_CASE(clients_of_other_makers_get_what_they_expect) {
  const std::string folder = clients_folder();
  if (!std::filesystem::exists(folder + "/node_modules/fhir-kit-client")) {
    BOOST_TEST_MESSAGE("skipped: no FHIR clients of other makers here: " << why_not(folder));
    return;
  }
  const RunningGateway gateway{"search.narrow = no\n"};
  upload_people(gateway.gateway->registry());
  const std::string base =
      "http://127.0.0.1:" + std::to_string(gateway.gateway->http_port()) + "/FHIR/R4";
  std::string output;
  const auto ended =
      run_program({"/usr/bin/env", "node",
                   std::string{CPIS_SOURCE} + "/tests/integration/fhir_clients/drive.mjs", base,
                   std::filesystem::canonical(folder).string()},
                  std::chrono::seconds{240}, &output);
  BOOST_TEST_CONTEXT(output) { BOOST_TEST(ended.value_or(-1) == 0); }
}

BOOST_AUTO_TEST_SUITE_END()
