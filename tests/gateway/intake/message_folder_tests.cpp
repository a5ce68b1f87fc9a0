#include "gateway/intake/message_folder.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "gateway/observe/clock.h"
#include "gateway/store/open.h"
#include "tests/support/scratch_folder.h"

namespace fs = std::filesystem;
using namespace cpis;

BOOST_AUTO_TEST_SUITE(message_folder_tests)

namespace {

std::string message(const std::string& id) {
  return "MSH|^~\\&|ED|RXX01|||20260105101500||ADT^A04|" + id +
         "|P|2.4\rEVN||20260105101500\rPID|1||9990123454^^^NHS^NH\rPV1|1|E|ED\r";
}

struct Fixture {
  Fixture() {
    auto opened = store::open_database("sqlite:" + scratch.file("store.db"));
    BOOST_REQUIRE(opened);
    database = *std::move(opened);
    receive = std::make_unique<usecases::ReceiveMessage>(
        usecases::ReceiveMessage::Parts{*database, clock, ids, {}});
    feed.name = "ed";
    fs::create_directories(scratch.file("in"));
    folder = std::make_unique<intake::MessageFolder>(scratch.file("in"), feed, *receive, clock);
  }
  void drop(const std::string& name, const std::string& bytes) const {
    std::ofstream{scratch.file("in/" + name), std::ios::binary} << bytes;
  }
  // The control ids that are kept, in order of arrival.
  std::string kept() const {
    std::string all;
    const Status read = database->read([&](store::Session& session) {
      return session.query("SELECT control_id FROM inbox ORDER BY id", {},
                           [&](const store::Row& row) -> Status {
                             all += std::string{row.text(0)} + ' ';
                             return done;
                           });
    });
    BOOST_REQUIRE(read);
    return all;
  }
  std::string beside(const std::string& where, const std::string& end) const {
    for (const auto& file : fs::directory_iterator{scratch.file("in/" + where)}) {
      if (!file.path().string().ends_with(end)) continue;
      std::ifstream in{file.path(), std::ios::binary};
      return {std::istreambuf_iterator<char>{in}, {}};
    }
    return "none";
  }

  test::ScratchFolder scratch;
  observe::SystemClock clock;
  std::unique_ptr<store::Database> database;
  store::RowIds ids{0};
  std::unique_ptr<usecases::ReceiveMessage> receive;
  hl7v2::FeedSettings feed;
  std::unique_ptr<intake::MessageFolder> folder;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(files_of_every_form_are_kept_in_order, Fixture) {
  drop("1-one.hl7", message("A"));
  drop("2-several.hl7", message("B") + "\r\n" + message("C"));
  drop("3-batch.hl7",
       "FHS|^~\\&|ED\rBHS|^~\\&|ED\r" + message("D") + message("E") + "BTS|2\rFTS|1\r");
  drop("4-framed.hl7", "\x0B" + message("F") + "\x1C\r\x0B" + message("G") + "\x1C\r");
  std::string lines = message("H");
  for (char& c : lines) c = c == '\r' ? '\n' : c;
  drop("5-lines.hl7", lines);
  drop("6-on-its-way.part", message("X"));
  drop(".7-hidden", message("X"));
  const auto taken = folder->step();
  BOOST_REQUIRE(taken);
  BOOST_TEST(*taken == 5U);
  BOOST_TEST(kept() == "A B C D E F G H ");
  BOOST_TEST(fs::exists(scratch.file("in/6-on-its-way.part")));
  BOOST_TEST(fs::exists(scratch.file("in/.7-hidden")));
  BOOST_TEST(!fs::exists(scratch.file("in/1-one.hl7")));
  BOOST_TEST(beside("done", "1-one.hl7") == message("A"));
  const std::string acks = beside("done", "3-batch.hl7.ack");
  BOOST_TEST(acks.find("MSA|AA|D\r") < acks.find("MSA|AA|E\r"));
}

BOOST_FIXTURE_TEST_CASE(a_file_that_comes_again_keeps_nothing_twice, Fixture) {
  drop("day.hl7", message("A") + message("B"));
  BOOST_REQUIRE(folder->step());
  drop("day.hl7", message("A") + message("B") + message("C"));
  BOOST_REQUIRE(folder->step());
  BOOST_TEST(kept() == "A B C ");
}

BOOST_FIXTURE_TEST_CASE(a_message_that_cannot_be_used_is_told_and_the_others_are_kept, Fixture) {
  drop("day.hl7",
       message("A") + "MSH|^~\\&|ED|RXX01|||20260105101500||ADT^A04|BAD|P|2.4\r" + message("B"));
  BOOST_REQUIRE(folder->step());
  BOOST_TEST(kept() == "A BAD B ");
  BOOST_TEST(beside("done", ".ack").find("MSA|AE|BAD|") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_file_without_a_message_is_refused_and_stays_readable, Fixture) {
  drop("letter.txt", "Dear all,\n");
  BOOST_REQUIRE(folder->step());
  BOOST_TEST(kept().empty());
  BOOST_TEST(beside("refused", "letter.txt") == "Dear all,\n");
}

// The store is away: the file stays, and nothing of it is lost or kept twice.
BOOST_FIXTURE_TEST_CASE(a_file_stays_while_the_store_takes_nothing, Fixture) {
  drop("day.hl7", message("A"));
  database->close();
  BOOST_TEST(!folder->step());
  BOOST_TEST(fs::exists(scratch.file("in/day.hl7")));
}

BOOST_AUTO_TEST_SUITE_END()
