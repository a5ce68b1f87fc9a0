#include "gateway/store/group_writer.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <string>

namespace cpis::store {
namespace {

// What the engine does to the next transactions, in order; afterwards all goes well.
enum class Fate { well, commit_repeats, commit_lost, commit_aborted, commit_broken };

struct Script {
  std::deque<Fate> fates;
  int connections_refused = 0;  ///< how many attempts to connect fail first
  std::atomic<int> opened{0};
  std::atomic<int> commits{0};
};

class ScriptedConnection final : public Connection {
 public:
  explicit ScriptedConnection(Script& script) : script_{script} {}

  using Session::execute;
  using Session::query;
  Result<std::int64_t> execute(std::string_view, std::span<const Value>) override {
    ++rows_;
    return std::int64_t{1};
  }
  Status query(std::string_view, std::span<const Value>, const RowReader&) override { return done; }
  Dialect dialect() const override { return Dialect::sqlite; }
  Status begin_write() override {
    trouble_ = Trouble::none;
    rows_ = 0;
    return done;
  }
  Status begin_read() override { return begin_write(); }
  Status commit() override {
    Fate fate = Fate::well;
    if (!script_.fates.empty()) {
      fate = script_.fates.front();
      script_.fates.pop_front();
    }
    constexpr Trouble troubles[] = {Trouble::none, Trouble::repeat, Trouble::lost, Trouble::aborted,
                                    Trouble::broken};
    trouble_ = troubles[static_cast<std::size_t>(fate)];
    if (fate != Fate::well) return Error{ErrorKind::unavailable, "scripted"};
    ++script_.commits;
    return done;
  }
  void rollback() override {}
  Status set_savepoint() override { return done; }
  Status release_savepoint() override { return done; }
  Status rollback_to_savepoint() override { return done; }
  Trouble trouble() const override { return trouble_; }
  std::uint64_t rows_changed() const override { return rows_; }

 private:
  Script& script_;
  Trouble trouble_ = Trouble::none;
  std::uint64_t rows_ = 0;
};

class ScriptedEngine final : public Engine {
 public:
  explicit ScriptedEngine(Script& script) : script_{script} {}
  Result<std::unique_ptr<Connection>> open_writer() override {
    if (script_.connections_refused > 0) {
      --script_.connections_refused;
      return Error{ErrorKind::unavailable, "no server answers"};
    }
    ++script_.opened;
    return std::unique_ptr<Connection>{std::make_unique<ScriptedConnection>(script_)};
  }
  Result<std::unique_ptr<Connection>> open_reader() override { return open_writer(); }
  Trouble after_commit(Connection&) override { return Trouble::none; }
  Status backup(const std::string&) override { return done; }
  Status check_integrity() override { return done; }
  void add_metrics(DatabaseMetrics&) const override {}
  void close() override {}

 private:
  Script& script_;
};

struct Fixture {
  Script script;
  ScriptedEngine engine{script};
  OpenOptions options;
  std::atomic<int> runs{0};

  Status write(GroupWriter& writer) {
    return writer.write([this](Session& session) -> Status {
      ++runs;
      const auto changed = session.execute("INSERT");
      if (!changed) return changed.error();
      return done;
    });
  }
  std::unique_ptr<Connection> connection() { return std::make_unique<ScriptedConnection>(script); }
  static DatabaseMetrics metrics_of(const GroupWriter& writer) {
    DatabaseMetrics metrics;
    writer.add_metrics(metrics);
    return metrics;
  }
};

BOOST_FIXTURE_TEST_SUITE(group_writer_tests, Fixture)

// The commit may have happened: only running it again on a fresh connection can tell.
BOOST_AUTO_TEST_CASE(a_commit_whose_answer_was_lost_is_run_again_on_a_new_connection) {
  script.fates = {Fate::commit_lost};
  GroupWriter writer{engine, connection(), options};
  BOOST_TEST(bool(write(writer)));
  BOOST_TEST(runs == 2);
  BOOST_TEST(script.opened == 1);
  BOOST_TEST(metrics_of(writer).reconnects == 1U);
  BOOST_TEST(metrics_of(writer).works == 1U);
}

BOOST_AUTO_TEST_CASE(a_deadlock_is_repeated_on_the_same_connection) {
  script.fates = {Fate::commit_repeats, Fate::commit_repeats};
  GroupWriter writer{engine, connection(), options};
  BOOST_TEST(bool(write(writer)));
  BOOST_TEST(runs == 3);
  BOOST_TEST(script.opened == 0);
  BOOST_TEST(metrics_of(writer).batches_repeated == 2U);
}

BOOST_AUTO_TEST_CASE(a_batch_that_always_loses_is_given_up) {
  script.fates.assign(1000, Fate::commit_repeats);
  GroupWriter writer{engine, connection(), options};
  const Status status = write(writer);
  BOOST_REQUIRE(!status);
  BOOST_TEST((status.error().kind == ErrorKind::busy));
  BOOST_TEST(runs < 100);
  BOOST_TEST(script.commits == 0);
}

BOOST_AUTO_TEST_CASE(a_server_that_comes_back_in_time_costs_nobody_an_error) {
  script.fates = {Fate::commit_lost};
  script.connections_refused = 2;
  GroupWriter writer{engine, connection(), options};
  BOOST_TEST(bool(write(writer)));
}

BOOST_AUTO_TEST_CASE(a_server_that_stays_away_is_an_error_in_bounded_time) {
  options.reconnect_time_max = std::chrono::seconds{0};
  script.fates = {Fate::commit_lost};
  script.connections_refused = 1'000'000;
  GroupWriter writer{engine, connection(), options};
  BOOST_TEST(!write(writer));
  BOOST_TEST(!write(writer));
  script.connections_refused = 0;
  BOOST_TEST(bool(write(writer)));
}

BOOST_AUTO_TEST_CASE(closing_does_not_wait_for_a_server_that_is_away) {
  options.reconnect_time_max = std::chrono::seconds{3600};
  script.fates = {Fate::commit_lost};
  script.connections_refused = 1'000'000;
  GroupWriter writer{engine, connection(), options};
  std::atomic<int> failed{0};
  BOOST_REQUIRE(writer.submit([](Session&) -> Status { return done; },
                              [&](const Status& status) { failed += status ? 0 : 1; }));
  writer.close();
  BOOST_TEST(failed == 1);
}

BOOST_AUTO_TEST_CASE(an_aborted_commit_fails_its_batch_and_the_next_one_goes_well) {
  script.fates = {Fate::commit_aborted};
  GroupWriter writer{engine, connection(), options};
  BOOST_TEST(!write(writer));
  BOOST_TEST(bool(write(writer)));
  BOOST_TEST(metrics_of(writer).works_failed == 1U);
}

BOOST_AUTO_TEST_CASE(after_a_broken_disk_nothing_is_tried_again) {
  script.fates = {Fate::commit_broken};
  GroupWriter writer{engine, connection(), options};
  BOOST_TEST(!write(writer));
  BOOST_TEST(!write(writer));
  BOOST_TEST(runs == 1);
  BOOST_TEST(script.commits == 0);
  BOOST_TEST(metrics_of(writer).failed);
}

// A lone message would otherwise be several flushes, one after another.
BOOST_AUTO_TEST_CASE(a_work_for_later_shares_the_commit_of_the_next_that_somebody_waits_for) {
  options.later_time_max = std::chrono::hours{1};
  GroupWriter writer{engine, connection(), options};
  std::string order;
  const Work work = [](Session&) -> Status { return done; };
  BOOST_REQUIRE(writer.submit(
      work, [&](const Status&) { order += 'a'; }, Urgency::later));
  BOOST_REQUIRE(writer.submit(
      work, [&](const Status&) { order += 'b'; }, Urgency::later));
  BOOST_REQUIRE(writer.submit(work, [&](const Status&) { order += 'c'; }));
  BOOST_TEST(bool(write(writer)));
  writer.close();
  BOOST_TEST(order == "abc");
  BOOST_TEST(script.commits <= 2);
  BOOST_TEST(metrics_of(writer).works == 4U);
}

BOOST_AUTO_TEST_CASE(a_work_for_later_is_committed_when_nothing_else_comes) {
  options.later_time_max = std::chrono::milliseconds{1};
  GroupWriter writer{engine, connection(), options};
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(bool(writer.write([](Session&) -> Status { return done; }, Urgency::later)));
  }
  BOOST_TEST(script.commits == 3);
}

BOOST_AUTO_TEST_CASE(closing_commits_what_is_for_later) {
  options.later_time_max = std::chrono::hours{1};
  GroupWriter writer{engine, connection(), options};
  bool kept = false;
  BOOST_REQUIRE(writer.submit([](Session&) -> Status { return done; },
                              [&](const Status& status) { kept = bool(status); }, Urgency::later));
  writer.close();
  BOOST_TEST(kept);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
