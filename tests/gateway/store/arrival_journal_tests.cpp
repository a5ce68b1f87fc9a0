#include "gateway/store/arrival_journal.h"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <future>
#include <string>
#include <vector>

#include "gateway/store/open.h"
#include "gateway/store/sha256.h"
#include "tests/support/memory_journal_disk.h"
#include "tests/support/scratch_folder.h"

namespace cpis::store {
namespace {

using test::JournalMedium;
using test::MemoryJournalDisk;

constexpr std::size_t burst = 8;
const Time start = from_micros(1'700'000'000'000'000);

/// A store with a journal on a disk in memory, which can lose power.
struct Bench {
  test::ScratchFolder folder;
  JournalMedium medium;
  ArrivalJournal::Settings settings;
  std::unique_ptr<Database> database;
  std::unique_ptr<ArrivalJournal> journal;
  std::deque<std::string> bodies;
  std::deque<Sha256> hashes;

  Bench() {
    auto opened = open_database(folder.file("store.db"));
    BOOST_REQUIRE(opened);
    database = *std::move(opened);
    BOOST_REQUIRE(open());
  }
  Status open() {
    auto opened =
        ArrivalJournal::open(*database, std::make_unique<MemoryJournalDisk>(medium), settings);
    if (!opened) return opened.error();
    journal = *std::move(opened);
    return done;
  }
  NewMessage message(std::int64_t id, std::string_view control_id) {
    bodies.push_back("MSH|" + std::string{control_id});
    hashes.push_back(sha256(bodies.back()));
    return {id,    "ed",          "PAS|RXX01",  control_id,  bytes_of(hashes.back()),
            start, bodies.back(), std::nullopt, std::nullopt};
  }
  Status keep(std::int64_t id, std::string_view control_id) {
    std::promise<Status> told;
    BOOST_REQUIRE(journal->submit({message(id, control_id)},
                                  [&told](Status status) { told.set_value(std::move(status)); }));
    return told.get_future().get();
  }
  std::vector<std::int64_t> inbox() {
    std::vector<std::int64_t> ids;
    BOOST_REQUIRE(database->read([&](Session& session) {
      ids.clear();
      return session.query("SELECT id FROM inbox ORDER BY id", {}, [&](const Row& row) -> Status {
        ids.push_back(row.integer(0));
        return done;
      });
    }));
    return ids;
  }
  /// What is durable in the file stays; the process and all it knew are gone.
  void crash() {
    const std::string durable = medium.survives();
    journal.reset();  // closes in order: undone in the next lines
    BOOST_REQUIRE(database->write([](Session& session) -> Status { return clear(session); }));
    medium.durable = durable;
  }
  static Status clear(Session& session) {
    for (const char* sql :
         {"DELETE FROM inbox", "DELETE FROM counter WHERE name = 'arrivals.brought'"}) {
      const auto cleared = session.execute(sql);
      if (!cleared) return cleared.error();
    }
    return done;
  }
};

using Ids = std::vector<std::int64_t>;

BOOST_AUTO_TEST_SUITE(arrival_journal_tests)

BOOST_AUTO_TEST_CASE(it_takes_what_comes_in_a_burst_and_then_all_until_that_is_in_the_inbox) {
  Bench bench;
  BOOST_TEST(!bench.journal->takes(burst - 1));
  BOOST_TEST(bench.journal->takes(burst));
  BOOST_REQUIRE(bench.keep(1, "A"));
  BOOST_TEST(bench.journal->takes(1));
  BOOST_TEST(bench.inbox().empty());
  BOOST_TEST(bench.journal->waiting() == 1U);
  BOOST_REQUIRE(bench.journal->bring(10));
  BOOST_TEST((bench.inbox() == Ids{1}));
  BOOST_TEST(bench.journal->waiting() == 0U);
  BOOST_TEST(!bench.journal->takes(1));
}

BOOST_AUTO_TEST_CASE(who_is_told_can_lose_power) {
  Bench bench;
  BOOST_REQUIRE(bench.keep(1, "A"));
  const std::string durable = bench.medium.survives();
  const auto head = read_block_head(durable);
  BOOST_REQUIRE(head.has_value());
  BOOST_TEST(read_block(durable).has_value());
}

BOOST_AUTO_TEST_CASE(after_a_crash_everything_durable_comes_in_once_and_in_order) {
  Bench bench;
  for (std::int64_t id = 1; id <= 20; ++id) {
    BOOST_REQUIRE(bench.keep(id, "M" + std::to_string(id)));
  }
  bench.crash();
  BOOST_REQUIRE(bench.open());
  BOOST_TEST(bench.inbox().size() == 20U);
  BOOST_TEST(bench.journal->waiting() == 0U);
  BOOST_TEST(bench.medium.survives().empty());
  bench.journal.reset();
  BOOST_REQUIRE(bench.open());
  BOOST_TEST(bench.inbox().size() == 20U);
}

// The crash came between the commit and whatever would have forgotten the blocks.
BOOST_AUTO_TEST_CASE(what_was_brought_in_before_a_crash_does_not_come_again) {
  Bench bench;
  BOOST_REQUIRE(bench.keep(1, "A"));
  BOOST_REQUIRE(bench.keep(2, "B"));
  const std::string durable = bench.medium.survives();
  BOOST_REQUIRE(bench.journal->bring(1));
  BOOST_TEST((bench.inbox() == Ids{1}));
  bench.journal.reset();
  // Long after, when the first was purged.
  BOOST_REQUIRE(bench.database->write([](Session& session) -> Status {
    const auto gone = session.execute("DELETE FROM inbox");
    if (!gone) return gone.error();
    const auto back =
        session.execute("UPDATE counter SET value = 1 WHERE name = 'arrivals.brought'");
    return back ? Status{done} : back.error();
  }));
  bench.medium.durable = durable;
  BOOST_REQUIRE(bench.open());
  BOOST_TEST((bench.inbox() == Ids{2}));
}

BOOST_AUTO_TEST_CASE(a_block_that_was_written_in_part_ends_what_is_left) {
  Bench bench;
  BOOST_REQUIRE(bench.keep(1, "A"));
  const std::size_t whole = bench.medium.survives().size();
  BOOST_REQUIRE(bench.keep(2, "B"));
  BOOST_REQUIRE(bench.keep(3, "C"));
  std::string torn = bench.medium.survives();
  torn[whole + 70] = static_cast<char>(torn[whole + 70] ^ 1);
  bench.crash();
  bench.medium.durable = torn;
  BOOST_REQUIRE(bench.open());
  BOOST_TEST((bench.inbox() == Ids{1}));
}

// Of two rounds through the file the first was longer: its last blocks still lie behind.
BOOST_AUTO_TEST_CASE(blocks_of_an_earlier_round_are_not_taken_for_the_next) {
  Bench bench;
  for (std::int64_t id = 1; id <= 3; ++id) {
    BOOST_REQUIRE(bench.keep(id, "M" + std::to_string(id)));
  }
  BOOST_REQUIRE(bench.journal->bring(3));
  BOOST_REQUIRE(bench.keep(4, "M4"));
  const std::string durable = bench.medium.survives();
  bench.journal.reset();
  BOOST_REQUIRE(bench.database->write([](Session& session) -> Status {
    const auto gone = session.execute("DELETE FROM inbox WHERE id > 2");
    if (!gone) return gone.error();
    const auto back =
        session.execute("UPDATE counter SET value = 3 WHERE name = 'arrivals.brought'");
    return back ? Status{done} : back.error();
  }));
  bench.medium.durable = durable;
  BOOST_REQUIRE(bench.open());
  BOOST_TEST((bench.inbox() == Ids{1, 2, 4}));
}

BOOST_AUTO_TEST_CASE(a_message_that_is_held_already_is_told_as_that) {
  Bench bench;
  std::vector<std::pair<std::int64_t, bool>> told;
  bench.journal->on_brought([&told](const NewMessage& message, bool duplicate) {
    told.emplace_back(message.id, duplicate);
  });
  BOOST_REQUIRE(bench.keep(1, "A"));
  BOOST_REQUIRE(bench.keep(2, "A"));
  BOOST_REQUIRE(bench.keep(3, "B"));
  BOOST_REQUIRE(bench.journal->bring(3));
  BOOST_TEST((bench.inbox() == Ids{1, 3}));
  const std::vector<std::pair<std::int64_t, bool>> expected{{1, false}, {2, true}, {3, false}};
  BOOST_TEST((told == expected));
}

BOOST_AUTO_TEST_CASE(a_failed_flush_acknowledges_nothing_and_nothing_is_taken_any_more) {
  Bench bench;
  BOOST_REQUIRE(bench.keep(1, "A"));
  bench.medium.flush_fails = true;
  BOOST_TEST(!bench.keep(2, "B"));
  BOOST_TEST(bench.journal->failed());
  bench.medium.flush_fails = false;
  BOOST_TEST(!bench.keep(3, "C"));
  BOOST_REQUIRE(bench.journal->bring(10));
  BOOST_TEST((bench.inbox() == Ids{1}));
}

BOOST_AUTO_TEST_CASE(without_room_on_the_disk_nobody_is_told_yes_and_it_goes_on_when_there_is) {
  Bench bench;
  BOOST_REQUIRE(bench.keep(1, "A"));
  bench.medium.full = true;
  BOOST_TEST(!bench.keep(2, "B"));
  bench.medium.full = false;
  BOOST_TEST(!bench.journal->failed());
  BOOST_REQUIRE(bench.keep(3, "C"));
  BOOST_REQUIRE(bench.journal->bring(10));
  BOOST_TEST((bench.inbox() == Ids{1, 3}));
}

BOOST_AUTO_TEST_CASE(a_full_journal_goes_into_the_inbox_before_it_takes_more) {
  Bench bench;
  bench.journal.reset();
  bench.settings.bytes_max = 4 * journal_page;
  BOOST_REQUIRE(bench.open());
  for (std::int64_t id = 1; id <= 11; ++id) {
    BOOST_REQUIRE(bench.keep(id, "M" + std::to_string(id)));
  }
  BOOST_TEST(bench.medium.survives().size() <= 4 * journal_page);
  BOOST_TEST(bench.journal->waiting() + bench.inbox().size() == 11U);
  BOOST_REQUIRE(bench.journal->bring(11));
  BOOST_TEST(bench.inbox().size() == 11U);
}

BOOST_AUTO_TEST_CASE(the_journal_of_another_store_is_not_touched) {
  Bench other;
  BOOST_REQUIRE(other.keep(1, "A"));
  Bench bench;
  bench.journal.reset();
  bench.medium.durable = other.medium.survives();
  const Status opened = bench.open();
  BOOST_REQUIRE(!opened);
  BOOST_TEST((opened.error().kind == ErrorKind::conflict));
  BOOST_TEST(opened.error().message.find("another store") != std::string::npos);
  BOOST_TEST(bench.medium.survives() == other.medium.survives());
  BOOST_TEST(bench.inbox().empty());
}

BOOST_AUTO_TEST_CASE(closing_brings_everything_in_and_empties_the_file) {
  Bench bench;
  for (std::int64_t id = 1; id <= 5; ++id) {
    BOOST_REQUIRE(bench.keep(id, "M" + std::to_string(id)));
  }
  bench.journal->close();
  BOOST_TEST(bench.inbox().size() == 5U);
  BOOST_TEST(bench.medium.survives().empty());
  BOOST_TEST(!bench.journal->takes(100));
  BOOST_TEST(!bench.journal->submit({bench.message(6, "F")}, [](const Status&) {}));
}

BOOST_AUTO_TEST_CASE(what_waits_is_told_by_feed) {
  Bench bench;
  BOOST_REQUIRE(bench.keep(1, "A"));
  NewMessage other = bench.message(2, "B");
  other.feed = "ward";
  std::promise<Status> told;
  BOOST_REQUIRE(bench.journal->submit(
      {other}, [&told](Status status) { told.set_value(std::move(status)); }));
  BOOST_REQUIRE(told.get_future().get());
  const auto waiting = bench.journal->waiting_by_feed();
  BOOST_REQUIRE_EQUAL(waiting.size(), 2U);
  BOOST_TEST(waiting[0].feed == "ed");
  BOOST_TEST(waiting[0].messages == 1);
  BOOST_TEST((waiting[0].oldest == start));
  BOOST_TEST(waiting[1].feed == "ward");
}

BOOST_AUTO_TEST_CASE(many_threads_keep_while_it_is_brought_in) {
  Bench bench;
  constexpr int threads_max = 4;
  constexpr std::int64_t each = 200;
  std::deque<NewMessage> messages;
  for (std::int64_t id = 1; id <= threads_max * each; ++id) {
    messages.push_back(bench.message(id, "M"));
  }
  std::deque<std::string> names;
  for (NewMessage& message : messages) {
    names.push_back("M" + std::to_string(message.id));
    message.control_id = names.back();
  }
  std::atomic<int> kept{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < threads_max; ++t) {
    threads.emplace_back([&, t] {
      for (std::int64_t i = 0; i < each; ++i) {
        const auto& message = messages[static_cast<std::size_t>(t * each + i)];
        std::promise<bool> told;
        const bool taken = bench.journal->submit({message}, [&told](const Status& status) {
          told.set_value(static_cast<bool>(status));
        });
        if (taken && told.get_future().get()) ++kept;
      }
    });
  }
  while (kept < threads_max * each / 2) BOOST_REQUIRE(bench.journal->bring(16));
  for (std::thread& thread : threads) thread.join();
  bench.journal->close();
  BOOST_TEST(kept == threads_max * each);
  BOOST_TEST(bench.inbox().size() == static_cast<std::size_t>(threads_max * each));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
