// kill -9 at any moment of the council loop: no number is lost or used twice, no notice is lost or
// told twice.

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <set>

#include "adapters/spine/notices.h"
#include "gateway/store/open.h"
#include "gateway/usecases/council_book.h"
#include "gateway/usecases/mesh_book.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/integration/mesh/mesh_desk.h"
#include "tests/support/child_process.h"
#include "tests/support/tcp_client.h"

namespace fs = std::filesystem;
using namespace cpis;
using namespace cpis::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(mesh_kill_tests)

namespace {

constexpr int kills_in_ci = 12;

// CPIS_MESH_KILLS=100 for the whole run.
int kills() {
  const char* wanted = std::getenv("CPIS_MESH_KILLS");
  int number = 0;
  for (const char* c = wanted; c != nullptr && *c >= '0' && *c <= '9'; ++c) {
    number = std::min(number * 10 + (*c - '0'), 1000);
  }
  return number > 0 ? number : kills_in_ci;
}

// For three minutes at most.
bool at_last(const std::function<bool()>& condition) {
  for (int i = 0; i < 3; ++i) {
    if (eventually(condition)) return true;
  }
  return false;
}

struct Killed {
  Killed() : desk{clock, 400}, intake{folder.file("in")} {
    fs::create_directories(intake);
    std::ofstream{folder.file("gateway.conf")} << test::gateway_config(
        folder.path(), free_port(), free_port(), desk.gateway_config(intake));
    desk.run_by_itself();
  }
  std::vector<std::string> command() {
    return {std::string{CPIS_BINARY} + "/gateway/cpis-gateway", "run", "--config",
            folder.file("gateway.conf")};
  }
  bool intake_is_empty() const {
    for (const auto& entry : fs::directory_iterator{intake}) {
      if (entry.is_regular_file()) return false;
    }
    return true;
  }
  // How often the files in the council's tray tell each look.
  std::map<std::string, int> looks_in_tray() const {
    std::map<std::string, int> told;
    std::error_code none_yet;
    for (const auto& file : fs::directory_iterator{folder.file("notices/999"), none_yet}) {
      if (file.path().extension() != ".xml") continue;
      std::ifstream in{file.path(), std::ios::binary};
      const auto notice = spine::read_access_notice(std::string{std::istreambuf_iterator{in}, {}});
      BOOST_REQUIRE(notice.value);
      for (const NoticeEntry& entry : notice.value->entries) ++told[entry.access.id];
    }
    return told;
  }
  // Whether the gateway has heard that CP-IS took everything: its store is read beside it.
  bool is_accepted(int children) const {
    store::OpenOptions beside;
    beside.read_only = true;
    const auto database = store::open_database("sqlite:" + folder.file("gateway.db"), beside);
    if (!database) return false;
    bool all = false;
    const Status read = (*database)->read([&](store::Session& session) -> Status {
      const auto known = usecases::known_records(session, "999");
      if (!known) return known.error();
      const auto under_way = usecases::mesh_upload_under_way(session, "999");
      if (!under_way) return under_way.error();
      all = !under_way->has_value() && known->size() == static_cast<std::size_t>(children) &&
            std::all_of(known->begin(), known->end(),
                        [](const auto& one) { return one.life == social_care::Life::accepted; });
      return done;
    });
    return read && all;
  }
  // Each export has one child more than the last.
  void drop(int children) {
    std::vector<CohortRow> rows;
    for (int i = 1; i <= children; ++i) rows.push_back({i});
    const std::string whole = intake + "/export-" + std::to_string(1000 + children) + ".csv";
    std::ofstream{whole + ".part", std::ios::binary} << cohort_csv(rows);
    fs::rename(whole + ".part", whole);
  }

  observe::SystemClock clock;
  MeshDesk desk;
  ScratchFolder folder;
  std::string intake;
};

// One more start finishes everything, with an export of so many children as the last.
void finish(Killed& killed, int children, int looks) {
  ChildProcess gateway{killed.command()};
  BOOST_REQUIRE(gateway.wait_for_output("gateway.ready", program_time_max));
  BOOST_REQUIRE(at_last([&] { return killed.intake_is_empty(); }));
  killed.drop(children);
  BOOST_REQUIRE(at_last([&] {
    return killed.desk.held().view().counts().plans == static_cast<std::size_t>(children);
  }));
  BOOST_REQUIRE(at_last([&] {
    return killed.desk.held().notices(registry::NoticeRow::State::waiting, "", 10)->empty() &&
           killed.desk.office().waiting(std::string{council_mailbox}) == 0;
  }));
  // What was collected is dealt with by the next step, and then laid in the tray.
  BOOST_REQUIRE(at_last([&] { return killed.is_accepted(children); }));
  BOOST_REQUIRE(
      at_last([&] { return killed.looks_in_tray().size() == static_cast<std::size_t>(looks); }));
  // A moment for what must not come: something twice.
  static_cast<void>(gateway.wait(2500ms));
  gateway.kill(SIGTERM);
  const auto exit_code = gateway.wait(program_time_max);
  BOOST_REQUIRE(exit_code.has_value());
  BOOST_TEST(*exit_code == 0);
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(kills_neither_lose_nor_repeat_a_number_or_a_notice, Killed) {
  std::mt19937 random{20260615};
  int looks = 0;
  int children = 0;
  const int rounds = kills();
  for (int round = 1; round <= rounds; ++round) {
    if (intake_is_empty()) drop(++children);
    if (!desk.cpis().seen().empty()) desk.look(1, ++looks);
    ChildProcess gateway{command()};
    BOOST_REQUIRE_MESSAGE(gateway.wait_for_output("gateway.ready", program_time_max),
                          gateway.output());
    static_cast<void>(gateway.wait(std::chrono::milliseconds{random() % 1500}));
    gateway.kill(SIGKILL);
    BOOST_REQUIRE(gateway.wait(program_time_max).has_value());
  }
  finish(*this, ++children, looks);

  // Every number once, in order, without a gap.
  const auto seen = desk.cpis().seen();
  for (std::size_t i = 0; i < seen.size(); ++i) {
    BOOST_TEST(seen[i].sequence == static_cast<std::int64_t>(i) + 1);
    BOOST_TEST(seen[i].code == "CPF02");
  }
  auto database = store::open_database("sqlite:" + folder.file("gateway.db"));
  BOOST_REQUIRE(database);
  const auto held = registry::Register::open(**database, clock, {});
  BOOST_REQUIRE(held);
  std::map<std::string, int> told;
  for (const auto state :
       {registry::NoticeRow::State::waiting, registry::NoticeRow::State::delivered}) {
    const auto rows = (*held)->notices(state, "999", 10'000);
    BOOST_REQUIRE(rows);
    for (const auto& row : *rows) ++told[row.access_id];
  }
  BOOST_TEST(told.size() == static_cast<std::size_t>(looks));
  for (const auto& [look, times] : told) BOOST_TEST(times == 1, look << " was told again");
  const auto in_tray = looks_in_tray();
  BOOST_TEST(in_tray.size() == static_cast<std::size_t>(looks));
  for (const auto& [look, times] : in_tray) BOOST_TEST(times == 1, look << " is in two files");
  BOOST_REQUIRE((*database)->read([&](store::Session& session) -> Status {
    const auto known = usecases::known_records(session, "999");
    if (!known) return known.error();
    BOOST_TEST(known->size() == static_cast<std::size_t>(children));
    for (const auto& one : *known) {
      BOOST_TEST((one.life == social_care::Life::accepted),
                 one.key.person_key << " is not accepted");
    }
    return done;
  }));
  BOOST_TEST_MESSAGE(rounds << " kills, " << seen.size() << " uploads, " << looks << " looks");
}

BOOST_AUTO_TEST_SUITE_END()
