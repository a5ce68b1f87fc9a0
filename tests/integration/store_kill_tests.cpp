#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <random>
#include <set>
#include <string>

#include "gateway/store/audit_store.h"
#include "gateway/store/inbox_store.h"
#include "gateway/store/open.h"
#include "tests/support/child_process.h"
#include "tests/support/golden.h"
#include "tests/support/scratch_folder.h"

namespace cpis::store {
namespace {

constexpr int kills = 50;
constexpr int looks_max = 6000;

std::set<std::int64_t> read_acknowledged(const std::string& path) {
  const std::string bytes = test::read_file(path);
  std::set<std::int64_t> ids;
  // A last entry that was cut off was not yet told to anyone.
  for (std::size_t at = 0; at + sizeof(std::int64_t) <= bytes.size(); at += sizeof(std::int64_t)) {
    std::int64_t id = 0;
    std::memcpy(&id, bytes.data() + at, sizeof id);
    ids.insert(id);
  }
  return ids;
}

std::set<std::int64_t> read_kept(Session& session) {
  std::set<std::int64_t> ids;
  const Status read =
      session.query("SELECT id, body FROM inbox", {}, [&](const Row& row) -> Status {
        BOOST_REQUIRE_EQUAL(row.text(1), "message " + std::to_string(row.integer(0)));
        ids.insert(row.integer(0));
        return done;
      });
  BOOST_REQUIRE(read);
  return ids;
}

// What must hold whenever a gateway comes back: nothing acknowledged is missing, each message has
// its audit row and no audit row is alone, and the chain is whole.
std::int64_t check_store(const std::string& path, const std::set<std::int64_t>& acknowledged) {
  const auto database = open_database(path);
  BOOST_REQUIRE_MESSAGE(database, (database ? std::string{} : database.error().message));
  std::int64_t last = 0;
  BOOST_REQUIRE((*database)->read([&](Session& session) -> Status {
    const std::set<std::int64_t> kept = read_kept(session);
    for (const std::int64_t id : acknowledged) BOOST_REQUIRE(kept.contains(id));
    const auto audit = AuditStore{}.verify(session);
    if (!audit) return audit.error();
    BOOST_TEST(!audit->broken_at.has_value());
    BOOST_TEST(audit->rows == static_cast<std::int64_t>(kept.size()));
    last = kept.empty() ? 0 : *kept.rbegin();
    return done;
  }));
  return last;
}

BOOST_AUTO_TEST_SUITE(store_kill_tests)

BOOST_AUTO_TEST_CASE(nothing_acknowledged_is_lost_by_a_kill_at_any_moment) {
  const test::ScratchFolder folder;
  const std::string path = folder.file("store.db");
  const std::string acks = folder.file("acknowledged");
  const std::string writer = std::string{CPIS_BINARY} + "/tests/integration/store_writer";
  const unsigned seed = std::random_device{}();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random{seed};
  std::uniform_int_distribution<int> pause_ms{0, 60};

  std::int64_t last = 0;
  std::size_t before = 0;
  for (int round = 0; round < kills; ++round) {
    test::ChildProcess child{{writer, path, acks, std::to_string(last + 1)}};
    BOOST_REQUIRE(child.wait_for_output("ready", test::program_time_max));
    // Every second time not before something was acknowledged: a slow machine, or a build that
    // looks for races, would otherwise only ever be killed before its first commit.
    for (int look = 0; round % 2 == 1 && look < looks_max; ++look) {
      if (std::filesystem::exists(acks) && read_acknowledged(acks).size() > before) break;
      child.wait(std::chrono::milliseconds{10});
    }
    const auto ended = child.wait(std::chrono::milliseconds{pause_ms(random)});
    BOOST_REQUIRE_MESSAGE(!ended, "the writer ended by itself: " << child.output());
    child.kill(SIGKILL);
    BOOST_REQUIRE_EQUAL(child.wait(test::program_time_max).value(), -SIGKILL);
    const auto acknowledged = read_acknowledged(acks);
    before = acknowledged.size();
    last = check_store(path, acknowledged);
  }
  const auto acknowledged = read_acknowledged(acks);
  BOOST_TEST(acknowledged.size() >= std::size_t{kills} / 2);
  BOOST_TEST_MESSAGE(kills << " kills, " << acknowledged.size()
                           << " messages acknowledged, none missing");
  const auto database = open_database(path);
  BOOST_REQUIRE(database);
  BOOST_TEST(bool((*database)->check_integrity()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
