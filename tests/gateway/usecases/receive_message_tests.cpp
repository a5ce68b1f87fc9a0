#include "gateway/usecases/receive_message.h"

#include <boost/test/unit_test.hpp>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "gateway/observe/clock.h"
#include "gateway/store/open.h"
#include "tests/support/memory_journal_disk.h"
#include "tests/support/scratch_folder.h"

using namespace cpis;

BOOST_AUTO_TEST_SUITE(receive_message_tests)

namespace {

std::string message(const std::string& id) {
  return "MSH|^~\\&|ED|RXX01|||20260105101500||ADT^A04|" + id +
         "|P|2.4\rEVN||20260105101500\rPID|1||9990123454^^^NHS^NH\rPV1|1|E|ED\r";
}

/// A gateway's receipt, with a journal that takes messages as soon as `busy_from` wait.
struct Receipt {
  explicit Receipt(std::size_t busy_from) {
    auto opened = store::open_database(scratch.file("store.db"));
    BOOST_REQUIRE(opened);
    database = *std::move(opened);
    auto begun = store::ArrivalJournal::open(
        *database, std::make_unique<test::MemoryJournalDisk>(medium), {.busy_from = busy_from});
    BOOST_REQUIRE(begun);
    journal = *std::move(begun);
    receive = std::make_unique<usecases::ReceiveMessage>(
        usecases::ReceiveMessage::Parts{*database, clock, ids, [this] { ++woken; }, journal.get()});
    feed.name = "ed";
  }
  // Their threads may still be at the end of a call when its answer is there.
  ~Receipt() {
    journal->close();
    database->close();
  }
  std::optional<std::string> answer_to(std::string text) {
    std::promise<std::optional<std::string>> answered;
    receive->run(feed, std::move(text), [&answered](std::optional<std::string> answer) {
      answered.set_value(std::move(answer));
    });
    return answered.get_future().get();
  }
  std::int64_t in_inbox() {
    std::int64_t count = 0;
    BOOST_REQUIRE(database->read([&count](store::Session& session) {
      return session.query("SELECT COUNT(*) FROM inbox", {},
                           [&count](const store::Row& row) -> Status {
                             count = row.integer(0);
                             return done;
                           });
    }));
    return count;
  }

  test::ScratchFolder scratch;
  test::JournalMedium medium;
  observe::SystemClock clock;
  store::RowIds ids{0};
  hl7v2::FeedSettings feed;
  std::atomic<int> woken{0};
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::ArrivalJournal> journal;
  std::unique_ptr<usecases::ReceiveMessage> receive;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_lone_message_is_in_the_inbox_when_it_is_answered) {
  Receipt receipt{8};
  const auto answer = receipt.answer_to(message("A"));
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->find("MSA|AA|A") != std::string::npos);
  BOOST_TEST(receipt.in_inbox() == 1);
  BOOST_TEST(receipt.medium.flushes == 0U);
  BOOST_TEST(receipt.receive->counts().kept == 1U);
}

BOOST_AUTO_TEST_CASE(a_message_of_a_burst_is_answered_from_the_journal_and_counted_in_the_inbox) {
  Receipt receipt{1};
  const auto answer = receipt.answer_to(message("A"));
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->find("MSA|AA|A") != std::string::npos);
  BOOST_TEST(receipt.medium.flushes == 1U);
  BOOST_TEST(receipt.in_inbox() == 0);
  BOOST_TEST(receipt.receive->counts().received == 1U);
  BOOST_TEST(receipt.receive->counts().kept == 0U);
  BOOST_REQUIRE(receipt.answer_to(message("A")).has_value());  // sent again
  BOOST_TEST(receipt.woken >= 1);                              // by the first: its call has ended
  BOOST_REQUIRE(receipt.journal->bring(2));
  BOOST_TEST(receipt.in_inbox() == 1);
  BOOST_TEST(receipt.receive->counts().kept == 1U);
  BOOST_TEST(receipt.receive->counts().duplicates == 1U);
  const auto feeds = receipt.receive->feeds();
  BOOST_REQUIRE_EQUAL(feeds.size(), 1U);
  BOOST_TEST(feeds[0].received == 2U);
  BOOST_TEST(feeds[0].kept == 1U);
  BOOST_TEST(feeds[0].duplicates == 1U);
}

BOOST_AUTO_TEST_CASE(a_batch_is_kept_in_the_journal_as_a_whole) {
  Receipt receipt{1};
  const auto answer =
      receipt.answer_to("BHS|^~\\&|ED|RXX01\r" + message("A") + message("B") + "BTS|2\r");
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->find("MSA|AA|A") != std::string::npos);
  BOOST_TEST(answer->find("MSA|AA|B") != std::string::npos);
  BOOST_TEST(receipt.medium.flushes == 1U);
  BOOST_TEST(receipt.journal->waiting() == 2U);
}

BOOST_AUTO_TEST_CASE(without_a_flush_there_is_no_answer) {
  Receipt receipt{1};
  receipt.medium.flush_fails = true;
  BOOST_TEST(!receipt.answer_to(message("A")).has_value());
  BOOST_TEST(receipt.receive->counts().not_kept == 1U);
  BOOST_TEST(receipt.woken == 0);
}

BOOST_AUTO_TEST_SUITE_END()
