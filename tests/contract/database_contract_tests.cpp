#include <atomic>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <latch>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "gateway/store/pipeline.h"
#include "tests/support/store_under_test.h"

namespace cpis::store {
namespace {

namespace data = boost::unit_test::data;
using test::store_engines;
using test::StoreUnderTest;

constexpr std::string_view insert_counter = "INSERT INTO counter (name, value) VALUES (?, ?)";

Work add_counter(std::string name, std::int64_t value = 1) {
  return [name = std::move(name), value](Session& session) -> Status {
    const auto added = session.execute(insert_counter, {name, value});
    if (!added) return added.error();
    return done;
  };
}

std::vector<std::string> counters(Database& database) {
  std::vector<std::string> names;
  const Status read = database.read([&](Session& session) {
    names.clear();
    return session.query("SELECT name FROM counter ORDER BY name", {},
                         [&](const Row& row) -> Status {
                           names.emplace_back(row.text(0));
                           return done;
                         });
  });
  BOOST_REQUIRE(read);
  return names;
}

// Holds the writer in one work until all of `works` are queued behind it, so that they are one
// batch; gives their results in the order in which they were told.
std::vector<std::pair<std::size_t, Status>> run_as_one_batch(Database& database,
                                                             const std::vector<Work>& works) {
  std::latch queued{1};
  std::latch told{static_cast<std::ptrdiff_t>(works.size() + 1)};
  std::vector<std::pair<std::size_t, Status>> results;
  BOOST_REQUIRE(database.submit(
      [&](Session&) -> Status {
        queued.wait();
        return done;
      },
      [&](Status) { told.count_down(); }));
  for (std::size_t i = 0; i < works.size(); ++i) {
    BOOST_REQUIRE(database.submit(works[i], [&, i](Status status) {
      results.emplace_back(i, std::move(status));
      told.count_down();
    }));
  }
  queued.count_down();
  told.wait();
  return results;
}

BOOST_AUTO_TEST_SUITE(database_contract_tests)

BOOST_DATA_TEST_CASE(what_was_written_is_read_back_exactly, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) bytes += static_cast<char>(i % 256);
  const std::string text = "Zo\u00eb \U0001F9D2 ";
  const Work keep = [&](Session& session) -> Status {
    const auto added = session.execute(
        "INSERT INTO inbox (id, feed, sender, control_id, content_hash, reuse, received_at, body, "
        "state, attempts, not_before, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?)",
        {std::numeric_limits<std::int64_t>::max(), text, "", "C", Value::blob({"\0\xff", 2}), 0,
         std::numeric_limits<std::int64_t>::min(), Value::blob(bytes), 0, nullptr});
    if (!added) return added.error();
    BOOST_TEST(*added == 1);
    return done;
  };
  BOOST_REQUIRE(store->write(keep));
  store.reopen();
  int rows = 0;
  BOOST_REQUIRE(store->read([&](Session& session) {
    return session.query(
        "SELECT id, feed, sender, content_hash, received_at, body, reason FROM inbox WHERE id = ?",
        {std::numeric_limits<std::int64_t>::max()}, [&](const Row& row) -> Status {
          ++rows;
          BOOST_TEST(row.integer(0) == std::numeric_limits<std::int64_t>::max());
          BOOST_TEST(row.text(1) == text);
          BOOST_TEST(!row.is_null(2));
          BOOST_TEST(row.text(2).empty());
          BOOST_TEST(row.text(3) == std::string_view("\0\xff", 2));
          BOOST_TEST(row.integer(4) == std::numeric_limits<std::int64_t>::min());
          BOOST_TEST((row.text(5) == bytes));
          BOOST_TEST(row.is_null(6));
          BOOST_TEST(!row.optional_integer(6));
          return done;
        });
  }));
  BOOST_TEST(rows == 1);
}

// 'a' and 'a ' are two keys, and so are 'a' and 'A': identifiers are compared byte by byte.
BOOST_DATA_TEST_CASE(keys_are_compared_exactly, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  for (const char* name : {"a", "a ", "A", "\u00e1"})
    BOOST_TEST(bool(store->write(add_counter(name))));
  BOOST_TEST(counters(*store).size() == 4U);
}

BOOST_DATA_TEST_CASE(results_are_told_in_the_order_of_submission, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  std::vector<Work> works;
  for (int i = 0; i < 100; ++i) works.push_back(add_counter("n" + std::to_string(i)));
  const auto results = run_as_one_batch(*store, works);
  BOOST_REQUIRE_EQUAL(results.size(), works.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    BOOST_TEST(results[i].first == i);
    BOOST_TEST(bool(results[i].second));
  }
  BOOST_TEST(counters(*store).size() == 100U);
}

// The rule of the port: one bad message must not take the messages beside it with it.
BOOST_DATA_TEST_CASE(a_failing_work_spoils_only_itself, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  std::atomic<int> runs_of_first{0};
  const auto results = run_as_one_batch(
      *store, {[&](Session& session) {
                 ++runs_of_first;
                 return add_counter("before")(session);
               },
               [](Session& session) -> Status {
                 if (Status first = add_counter("half")(session); !first) return first;
                 return Error{ErrorKind::bad_input, "the second half is missing"};
               },
               [](Session& session) -> Status {
                 if (Status first = add_counter("thrown")(session); !first) return first;
                 throw std::logic_error{"a bug"};
               },
               [](Session& session) -> Status { return add_counter("after")(session); }});
  BOOST_REQUIRE_EQUAL(results.size(), 4U);
  BOOST_TEST(bool(results[0].second));
  BOOST_REQUIRE(!results[1].second);
  BOOST_TEST((results[1].second.error().kind == ErrorKind::bad_input));
  BOOST_REQUIRE(!results[2].second);
  BOOST_TEST((results[2].second.error().kind == ErrorKind::fault));
  BOOST_TEST(bool(results[3].second));
  BOOST_TEST((counters(*store) == std::vector<std::string>{"after", "before"}));
  BOOST_TEST(runs_of_first == 2);
  const DatabaseMetrics metrics = store->metrics();
  BOOST_TEST(metrics.works_failed == 2U);
  BOOST_TEST(metrics.works == 3U);
  BOOST_TEST(metrics.queue_depth == 0U);
}

// A refusal that changed nothing, such as a version conflict, does not cost its batch a second run.
BOOST_DATA_TEST_CASE(a_work_that_fails_before_it_writes_repeats_nothing, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  std::atomic<int> runs{0};
  const auto results = run_as_one_batch(*store, {[&](Session& session) {
                                                   ++runs;
                                                   return add_counter("kept")(session);
                                                 },
                                                 [](Session&) -> Status {
                                                   return Error{ErrorKind::conflict, "read again"};
                                                 }});
  BOOST_TEST(bool(results[0].second));
  BOOST_TEST(!results[1].second);
  BOOST_TEST(runs == 1);
  BOOST_TEST(counters(*store).size() == 1U);
}

BOOST_DATA_TEST_CASE(a_key_that_exists_is_a_conflict, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  BOOST_REQUIRE(store->write(add_counter("one")));
  const Status again = store->write(add_counter("one"));
  BOOST_REQUIRE(!again);
  BOOST_TEST((again.error().kind == ErrorKind::conflict));
  BOOST_TEST(again.error().message.find("one") == std::string::npos);
}

BOOST_DATA_TEST_CASE(dialect_tokens_mean_the_same_on_both_engines, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  std::vector<std::int64_t> affected;
  std::int64_t value = 0;
  BOOST_REQUIRE(store->write([&](Session& session) -> Status {
    affected.clear();
    for (const int n : {1, 2}) {
      const auto kept = session.execute(
          "INSERT INTO counter (name, value) VALUES (?, ?) {on_conflict_ignore:name}", {"a", n});
      if (!kept) return kept.error();
      affected.push_back(*kept);
    }
    const auto put = session.execute(
        "INSERT INTO counter (name, value) VALUES (?, ?) {upsert:name} value = value + {new:value}",
        {"a", 40});
    if (!put) return put.error();
    const auto changed = session.execute("UPDATE counter SET value = value + 1 WHERE name = 'a'");
    if (!changed) return changed.error();
    affected.push_back(*changed);
    return session.query("SELECT value FROM counter WHERE name = ? {for_update}", {"a"},
                         [&](const Row& row) -> Status {
                           value = row.integer(0);
                           return done;
                         });
  }));
  BOOST_TEST((affected == std::vector<std::int64_t>{1, 0, 1}));
  BOOST_TEST(value == 42);
}

BOOST_DATA_TEST_CASE(a_full_queue_refuses_at_once, data::make(store_engines), engine) {
  OpenOptions options;
  options.queue_max = 4;
  StoreUnderTest store{engine, options};
  if (store.skipped()) return;
  std::latch held{1};
  std::latch running{1};
  BOOST_REQUIRE(store->submit(
      [&](Session&) -> Status {
        running.count_down();
        held.wait();
        return done;
      },
      [](Status) {}));
  running.wait();
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(store->submit(add_counter(std::to_string(i)), [](Status) {}));
  }
  BOOST_TEST(
      !store->submit(add_counter("over"), [](Status) { BOOST_ERROR("must not be called"); }));
  const Status blocking = store->write(add_counter("over"));
  BOOST_REQUIRE(!blocking);
  BOOST_TEST((blocking.error().kind == ErrorKind::busy));
  BOOST_TEST(store->metrics().works_refused == 2U);
  BOOST_TEST(store->metrics().queue_depth == 4U);
  held.count_down();
  store->close();
  store.reopen();
  BOOST_TEST(counters(*store).size() == 3U);
}

BOOST_DATA_TEST_CASE(closing_commits_and_tells_what_was_queued, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  std::atomic<int> told{0};
  for (int i = 0; i < 50; ++i) {
    BOOST_REQUIRE(store->submit(add_counter(std::to_string(i)), [&](Status status) {
      if (status) ++told;
    }));
  }
  store->close();
  store->close();
  BOOST_TEST(told == 50);
  BOOST_TEST(!store->submit(add_counter("late"), [](Status) {}));
  BOOST_TEST(!store->read([](Session&) -> Status { return done; }));
  store.reopen();
  BOOST_TEST(counters(*store).size() == 50U);
}

BOOST_DATA_TEST_CASE(a_read_cannot_change_the_store, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  const Status refused = store->read(add_counter("sneaked in"));
  BOOST_TEST(!refused);
  BOOST_TEST(counters(*store).empty());
}

BOOST_DATA_TEST_CASE(a_read_sees_one_committed_state, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  const auto count = [](Session& session, std::int64_t& rows) {
    return session.query("SELECT COUNT(*) FROM counter", {}, [&](const Row& row) -> Status {
      rows = row.integer(0);
      return done;
    });
  };
  BOOST_REQUIRE(store->write(add_counter("first")));
  std::int64_t before = 0;
  std::int64_t after = 0;
  BOOST_REQUIRE(store->read([&](Session& session) -> Status {
    if (Status read = count(session, before); !read) return read;
    if (Status written = store->write(add_counter("second")); !written) return written;
    return count(session, after);
  }));
  BOOST_TEST(before == 1);
  BOOST_TEST(after == 1);
  BOOST_TEST(counters(*store).size() == 2U);
}

BOOST_DATA_TEST_CASE(reads_beyond_the_connections_are_busy, data::make(store_engines), engine) {
  OpenOptions options;
  options.read_connections_max = 1;
  options.read_wait_max = std::chrono::milliseconds{10};
  StoreUnderTest store{engine, options};
  if (store.skipped()) return;
  BOOST_REQUIRE(store->read([&](Session&) -> Status {
    const Status second = store->read([](Session&) -> Status { return done; });
    BOOST_REQUIRE(!second);
    BOOST_TEST((second.error().kind == ErrorKind::busy));
    return done;
  }));
  BOOST_TEST(bool(store->read([](Session&) -> Status { return done; })));
}

BOOST_DATA_TEST_CASE(mistakes_in_a_statement_are_faults_and_not_crashes, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  const auto kind_of = [&](const Work& work) {
    const Status status = store->write(work);
    BOOST_REQUIRE(!status);
    return status.error().kind;
  };
  const auto run = [](std::string_view sql, std::vector<Value> params) {
    return [sql, params](Session& session) -> Status {
      const auto ran = session.execute(sql, params);
      if (!ran) return ran.error();
      return done;
    };
  };
  BOOST_TEST((kind_of(run("INSERT INTO nowhere VALUES (?)", {1})) == ErrorKind::fault));
  BOOST_TEST((kind_of(run(insert_counter, {"one"})) == ErrorKind::fault));
  BOOST_TEST((kind_of(run(insert_counter, {"a", 1, 2})) == ErrorKind::fault));
  BOOST_TEST((kind_of(run("INSERT INTO counter {sideways} VALUES (1)", {})) == ErrorKind::fault));
  BOOST_TEST((kind_of(run(insert_counter, {nullptr, 1})) == ErrorKind::fault));
  BOOST_TEST((kind_of([](Session& session) -> Status {
                if (Status added = add_counter("x")(session); !added) return added;
                return session.query("SELECT name FROM counter", {},
                                     [&](const Row&) { return add_counter("y")(session); });
              }) == ErrorKind::fault));
  BOOST_TEST(counters(*store).empty());
}

BOOST_DATA_TEST_CASE(an_error_of_the_row_reader_ends_the_query, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  BOOST_REQUIRE(store->write(add_counter("a")));
  BOOST_REQUIRE(store->write(add_counter("b")));
  int rows = 0;
  const Status read = store->read([&](Session& session) {
    return session.query("SELECT name FROM counter", {}, [&](const Row&) -> Status {
      ++rows;
      return Error{ErrorKind::fault, "not a value we wrote"};
    });
  });
  BOOST_REQUIRE(!read);
  BOOST_TEST(read.error().message == "not a value we wrote");
  BOOST_TEST(rows == 1);
  BOOST_TEST(counters(*store).size() == 2U);
}

BOOST_DATA_TEST_CASE(a_callback_that_throws_or_calls_back_harms_nobody, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  std::promise<ErrorKind> refusal;
  std::atomic<int> batches{0};
  store->around_answers([&](const std::function<void()>& tell) {
    tell();
    ++batches;
  });
  BOOST_REQUIRE(store->submit(add_counter("a"), [](Status) { throw std::logic_error{"a bug"}; }));
  BOOST_REQUIRE(store->submit(add_counter("b"), [&](Status) {
    const Status nested = store->write(add_counter("c"));
    refusal.set_value(nested ? ErrorKind::busy : nested.error().kind);
  }));
  BOOST_TEST((refusal.get_future().get() == ErrorKind::fault));
  BOOST_REQUIRE(store->write(add_counter("d")));
  store->close();
  BOOST_TEST(store->metrics().callback_faults == 1U);
  BOOST_TEST(batches >= 1);
  store.reopen();
  BOOST_TEST((counters(*store) == std::vector<std::string>{"a", "b", "d"}));
}

BOOST_DATA_TEST_CASE(many_threads_may_write_and_read_at_once, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  constexpr int threads_max = 8;
  constexpr int writes_each = 25;
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < threads_max; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < writes_each; ++i) {
        const std::string name = std::to_string(t) + "/" + std::to_string(i);
        if (!store->write(add_counter(name))) ++failures;
        const Status read = store->read([&](Session& session) -> Status {
          int found = 0;
          Status asked = session.query("SELECT 1 FROM counter WHERE name = ?", {name},
                                       [&](const Row&) -> Status {
                                         ++found;
                                         return done;
                                       });
          if (asked && found != 1) return Error{ErrorKind::fault, "an acknowledged row is missing"};
          return asked;
        });
        if (!read) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(failures == 0);
  BOOST_TEST(counters(*store).size() == std::size_t{threads_max} * writes_each);
}

BOOST_DATA_TEST_CASE(a_pipeline_commits_in_order_and_stops_at_a_failure, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  Pipeline pipeline{*store, 3};
  for (int i = 10; i < 50; ++i) BOOST_REQUIRE(pipeline.write(add_counter(std::to_string(i))));
  BOOST_TEST(static_cast<bool>(pipeline.finish()));
  BOOST_TEST(pipeline.committed() == 40U);
  BOOST_TEST(counters(*store).size() == 40U);
  Pipeline failing{*store, 1};
  BOOST_TEST(static_cast<bool>(failing.write(add_counter("10"))));  // it is there
  Status stopped = done;
  for (int i = 50; stopped && i < 60; ++i) stopped = failing.write(add_counter(std::to_string(i)));
  BOOST_REQUIRE(!stopped);
  BOOST_TEST((stopped.error().kind == ErrorKind::conflict));
  BOOST_TEST(!failing.finish());
  BOOST_TEST(failing.committed() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
