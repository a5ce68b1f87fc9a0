// Every message that other people wrote goes through the real door: no crash, no hang, no lost
// answer. The collection is not part of the project; without it the case says so and passes.

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/integration/gateway_fixture.h"
#include "tests/support/golden.h"
#include "tests/support/tcp_client.h"

namespace fs = std::filesystem;
using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(hl7_corpus_tests)

namespace {

std::vector<fs::path> corpus_files() {
  std::vector<fs::path> files;
  const fs::path root = fs::path{CPIS_SOURCE} / ".." / "shared" / "corpora" / "hl7v2";
  if (!fs::exists(root)) return files;
  for (const auto& entry : fs::recursive_directory_iterator{root}) {
    if (entry.path().extension() == ".hl7") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_file_gets_its_answer_over_one_connection) {
  const auto files = corpus_files();
  if (files.empty()) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  RunningGateway running;
  TcpClient client{running.gateway->feed_port("ed")};
  std::size_t answered = 0;
  for (const fs::path& file : files) {
    const std::string bytes = read_file(file.string());
    BOOST_TEST_CONTEXT(file.filename().string()) {
      client.send('\x0B' + bytes + "\x1C\r");
      const std::string answer = client.read_message();
      const bool is_answer =
          answer.find("MSA") != std::string::npos || answer.find("BTS") != std::string::npos;
      BOOST_TEST(is_answer);
      ++answered;
    }
  }
  BOOST_TEST(answered == files.size());
  running.settle();
  BOOST_TEST(running.get("/health/ready").substr(0, 3) == "200");
  BOOST_TEST_MESSAGE(answered << " files answered");
}

// A catch-up batch in one frame is kept whole and answered as a batch.
BOOST_AUTO_TEST_CASE(a_batch_is_answered_message_by_message) {
  RunningGateway running;
  const std::string batch = "FHS|^~\\&|ED|RXX01\rBHS|^~\\&|ED|RXX01\r" +
                            adt("A04", child_on_plan, "20180412", "E", "B1", "BA1") +
                            adt("A04", child_without_record, "20180412", "E", "B2", "BA2") +
                            "BTS|2\rFTS|1\r";
  const std::string answer = running.send(batch);
  BOOST_TEST(answer.find("MSA|AA|BA1") != std::string::npos);
  BOOST_TEST(answer.find("MSA|AA|BA2") != std::string::npos);
  BOOST_TEST(answer.starts_with("BHS"));
  running.settle();
  BOOST_TEST(running.get("/FHIR/R4/Encounter?patient=" + std::string{child_without_record})
                 .find("\"total\":1") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
