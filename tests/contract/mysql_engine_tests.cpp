#include <atomic>
#include <boost/test/unit_test.hpp>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "gateway/store/audit_store.h"
#include "gateway/store/inbox_store.h"
#include "gateway/store/sha256.h"
#include "tests/support/mariadb_server.h"
#include "tests/support/store_under_test.h"

namespace cpis::store {
namespace {

using test::MariadbServer;
using test::StoreUnderTest;

std::unique_ptr<Database> open_ready(const std::string& url, OpenOptions options = {}) {
  options.statement_time_max = test::program_time_max;  // the machine may be busy
  auto opened = open_database(url, options);
  BOOST_REQUIRE_MESSAGE(opened, (opened ? std::string{} : opened.error().message));
  return *std::move(opened);
}

// Idempotent, as every work has to be: its key is given.
Status put_counter(Database& database, const std::string& name) {
  return database.write([&](Session& session) -> Status {
    const auto put = session.execute(
        "INSERT INTO counter (name, value) VALUES (?, 1) {on_conflict_ignore:name}", {name});
    if (!put) return put.error();
    return done;
  });
}

std::int64_t count_rows(Database& database, std::string_view sql) {
  std::int64_t count = -1;
  const Status read = database.read([&](Session& session) {
    return session.query(sql, {}, [&](const Row& row) -> Status {
      count = row.integer(0);
      return done;
    });
  });
  BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
  return count;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  return text.replace(text.find(what), what.size(), with);
}

bool skip_without_server() {
  const auto why = MariadbServer::missing();
  if (why) BOOST_TEST_MESSAGE("skipped: " << *why);
  return why.has_value();
}

BOOST_AUTO_TEST_SUITE(mysql_engine_tests)

// The server is killed while messages arrive. Senders only wait; nothing that was
// acknowledged is missing and nothing has to be sent again.
BOOST_AUTO_TEST_CASE(a_killed_server_costs_time_and_no_acknowledged_row) {
  if (skip_without_server()) return;
  MariadbServer server;
  OpenOptions options;
  options.reconnect_time_max = test::program_time_max;
  const auto database = open_ready(server.new_database_url(), options);
  std::atomic<int> acknowledged{0};
  std::atomic<int> failed{0};
  std::atomic<bool> enough{false};
  std::thread sender{[&] {
    for (int i = 0; !enough; ++i) {
      (put_counter(*database, std::to_string(i)) ? acknowledged : failed)++;
      acknowledged.notify_all();
    }
  }};
  const auto wait_for_more = [&] {
    const int before = acknowledged;
    for (int now = before; now < before + 20; now = acknowledged) acknowledged.wait(now);
  };
  for (int kills = 0; kills < 2; ++kills) {
    wait_for_more();
    server.kill();
    server.start();
    wait_for_more();
  }
  enough = true;
  sender.join();
  BOOST_TEST(failed == 0);
  BOOST_TEST(count_rows(*database, "SELECT COUNT(*) FROM counter") == acknowledged);
  BOOST_TEST(database->metrics().reconnects >= 2U);
}

BOOST_AUTO_TEST_CASE(a_server_that_stays_away_is_an_error_and_its_return_is_noticed) {
  if (skip_without_server()) return;
  MariadbServer server;
  OpenOptions options;
  options.reconnect_time_max = std::chrono::seconds{1};
  const auto database = open_ready(server.new_database_url(), options);
  BOOST_REQUIRE(put_counter(*database, "before"));
  BOOST_TEST(count_rows(*database, "SELECT COUNT(*) FROM counter") == 1);
  server.kill();
  const Status away = put_counter(*database, "while away");
  BOOST_REQUIRE(!away);
  BOOST_TEST((away.error().kind == ErrorKind::unavailable));
  BOOST_TEST(!database->read([](Session& session) {
    return session.query("SELECT 1", {}, [](const Row&) -> Status { return done; });
  }));
  server.start();
  BOOST_TEST(bool(put_counter(*database, "after")));
  BOOST_TEST(count_rows(*database, "SELECT COUNT(*) FROM counter WHERE name = 'after'") == 1);
}

BOOST_AUTO_TEST_CASE(the_next_endpoint_is_taken_when_the_first_is_dead) {
  StoreUnderTest store{"mariadb"};
  if (store.skipped()) return;
  const std::string dead = "@127.0.0.1:" + std::to_string(test::free_port()) + ",127.0.0.1:";
  const auto database = open_ready(replaced(store.url(), "@127.0.0.1:", dead));
  BOOST_TEST(bool(put_counter(*database, "a")));
}

BOOST_AUTO_TEST_CASE(a_wrong_password_is_refused_and_not_repeated) {
  StoreUnderTest store{"mariadb"};
  if (store.skipped()) return;
  const auto opened = open_database(replaced(store.url(), "test-only", "guessed-wrong"));
  BOOST_REQUIRE(!opened);
  BOOST_TEST((opened.error().kind == ErrorKind::forbidden));
  BOOST_TEST(opened.error().message.find("guessed-wrong") == std::string::npos);
}

// Two gateways lock two rows in opposite order; the engine lets one win and the other repeats.
BOOST_AUTO_TEST_CASE(a_deadlock_between_gateways_is_repeated_and_resolved) {
  StoreUnderTest store{"mariadb"};
  if (store.skipped()) return;
  const auto other = open_ready(store.url());
  BOOST_REQUIRE(put_counter(*store, "x"));
  BOOST_REQUIRE(put_counter(*store, "y"));
  std::latch both_hold_one{2};
  const auto crossing = [&](Database& database, std::string first, std::string second) {
    auto met = std::make_shared<bool>(false);
    return database.write([&both_hold_one, met, first, second](Session& session) -> Status {
      constexpr std::string_view add = "UPDATE counter SET value = value + 1 WHERE name = ?";
      if (const auto one = session.execute(add, {first}); !one) return one.error();
      if (!*met) {
        *met = true;
        both_hold_one.arrive_and_wait();
      }
      if (const auto two = session.execute(add, {second}); !two) return two.error();
      return done;
    });
  };
  bool other_done = false;
  std::thread peer{[&] { other_done = bool(crossing(*other, "y", "x")); }};
  BOOST_TEST(bool(crossing(*store, "x", "y")));
  peer.join();
  BOOST_TEST(other_done);
  BOOST_TEST(count_rows(*store, "SELECT MIN(value) FROM counter") == 3);
  BOOST_TEST(store->metrics().batches_repeated + other->metrics().batches_repeated >= 1U);
}

BOOST_AUTO_TEST_CASE(two_gateways_share_one_store_without_doing_work_twice) {
  StoreUnderTest store{"mariadb"};
  if (store.skipped()) return;
  const auto other = open_ready(store.url());
  constexpr int messages = 60;
  for (int i = 1; i <= messages; ++i) {
    BOOST_REQUIRE(store->write([i](Session& session) -> Status {
      const std::string name = std::to_string(i);
      const Sha256 hash = sha256(name);
      const auto kept = InboxStore{}.keep(
          session, {i, "adt", "PAS", name, bytes_of(hash), Time{}, name, std::nullopt, {}});
      if (!kept) return kept.error();
      return done;
    }));
  }
  std::atomic<int> finished{0};
  const auto work_through = [&](Database& database, int gateway) {
    while (true) {
      std::size_t claimed = 0;
      const Status status = database.write([&](Session& session) -> Status {
        const InboxStore inbox;
        const auto items = inbox.claim(session, std::to_string(gateway), Time{}, 5);
        if (!items) return items.error();
        for (const InboxItem& item : *items) {
          if (Status ended = inbox.finish(session, item.id, Time{}); !ended) return ended;
          const auto traced = AuditStore{gateway}.append(
              session, {Time{}, "", "", "", "", "", "", "handle", item.body, "", ""});
          if (!traced) return traced.error();
        }
        claimed = items->size();
        return done;
      });
      if (!status) break;
      finished += static_cast<int>(claimed);
      if (claimed == 0) break;
    }
  };
  std::thread peer{[&] { work_through(*other, 1); }};
  work_through(*store, 0);
  peer.join();
  BOOST_TEST(finished == messages);
  BOOST_TEST(count_rows(*store, "SELECT COUNT(*) FROM audit") == messages);
  BOOST_TEST(count_rows(*store, "SELECT COUNT(DISTINCT subject) FROM audit") == messages);
  BOOST_TEST(count_rows(*store, "SELECT COUNT(*) FROM inbox WHERE state <> 2") == 0);
}

// CREATE TABLE commits by itself there, so a schema step can be cut off half way.
BOOST_AUTO_TEST_CASE(a_schema_step_that_was_cut_off_is_completed) {
  StoreUnderTest store{"mariadb"};
  if (store.skipped()) return;
  BOOST_REQUIRE(store->write([](Session& session) -> Status {
    for (const char* sql : {"DELETE FROM schema_version", "DROP TABLE lease",
                            "DROP INDEX resource_changed ON resource"}) {
      if (const auto ran = session.execute(sql); !ran) return ran.error();
    }
    return done;
  }));
  store.reopen();
  BOOST_TEST(count_rows(*store, "SELECT COUNT(*) FROM lease") == 0);
  BOOST_TEST(count_rows(*store, "SELECT COUNT(*) FROM schema_version") >= 1);
  BOOST_TEST(bool(store->check_integrity()));
  const Status backup = store->backup("/nowhere");
  BOOST_REQUIRE(!backup);
  BOOST_TEST((backup.error().kind == ErrorKind::unsupported));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
