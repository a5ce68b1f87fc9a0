// kill -9 at any moment loses nothing that was acknowledged: the whole gateway, under ADT and query
// load, killed again and again; then what was promised is compared with what is there.

#include <array>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gateway/register/register.h"
#include "gateway/store/open.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/child_process.h"
#include "tests/support/mortal_client.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/tcp_client.h"

using namespace cpis;
using namespace cpis::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(gateway_kill_tests)

namespace {

constexpr int kills = 50;
constexpr int burst_kills = 20;
constexpr int lanes = 4;          // connections of a burst
constexpr int sent_at_once = 16;  // messages on each of them
constexpr int numbers = 200;

// The n-th valid NHS number of the test range.
NhsNumber test_number(int n) {
  for (std::uint64_t value = 9991000000ULL + static_cast<std::uint64_t>(n) * 100;; ++value) {
    if (const auto number = NhsNumber::from_value(value)) return *number;
  }
}

void upload_many(const std::string& store_url) {
  auto database = store::open_database(store_url);
  BOOST_REQUIRE(database);
  const observe::SystemClock clock;
  auto registry = registry::Register::open(**database, clock, {});
  BOOST_REQUIRE(registry);
  UploadFile file;
  file.sequence = 1;
  file.council = {"999", "Testshire County Council", "01632960001", "01632960002"};
  for (int i = 0; i < numbers; ++i) {
    file.records.push_back({{test_number(i),
                             "LCS-" + std::to_string(i),
                             "",
                             {"Alex", "Sample"},
                             parse_iso_date("2018-04-12"),
                             false},
                            {Plan{PlanType::cpp, {*parse_iso_date("2025-01-15"), 0}, {}, {}}}});
  }
  const auto result = (*registry)->take(file);
  BOOST_REQUIRE(result);
  BOOST_REQUIRE_EQUAL(result->code, "CPF02");
}

/// What the gateway promised to one client.
struct Promised {
  std::vector<std::string> acknowledged;  // control ids
  std::vector<int> answered;              // whose Flags were answered, unscheduled
  std::atomic<int> in_this_round{0};
};

void send_adt(int port, int round, std::atomic<bool>& stop, Promised& promised) {
  try {
    MortalClient client{port};
    for (int i = 0; !stop; ++i) {
      const std::string id = "K" + std::to_string(round) + '-' + std::to_string(i);
      client.send('\x0B' +
                  adt("A04", test_number(i % numbers).digits(), "20180412", "E", "V" + id, id) +
                  "\x1C\r");
      if (client.read_until("\x1C\r").find("MSA|AA|" + id) == std::string::npos) return;
      promised.acknowledged.push_back(id);
      ++promised.in_this_round;
    }
  } catch (const Poco::Exception&) {
    return;  // killed
  }
}

void ask_flags(int port, int round, std::atomic<bool>& stop, Promised& promised) {
  try {
    MortalClient client{port};
    for (int i = round; !stop; ++i) {
      client.send("GET /FHIR/R4/Flag?patient=" + std::string{test_number(i % numbers).digits()} +
                  " HTTP/1.1\r\nHost: test\r\n\r\n");
      // The Bundle ends with the search mode of its only entry.
      const std::string answer = client.read_until("\"mode\":\"match\"}}]}");
      if (answer.find("\"total\":1") == std::string::npos) return;
      promised.answered.push_back(i % numbers);
      ++promised.in_this_round;
    }
  } catch (const Poco::Exception&) {
    return;  // killed
  }
}

std::size_t count_of(std::string_view part, std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// An engine that sends its queue: more messages at once than wait for one another in the store.
void send_bursts(int port, const std::string& name, std::atomic<bool>& stop, Promised& promised) {
  try {
    MortalClient client{port};
    for (int i = 0; !stop; i += sent_at_once) {
      std::string frames;
      for (int k = i; k < i + sent_at_once; ++k) {
        const std::string id = name + '-' + std::to_string(k);
        const auto number = test_number(k % numbers);
        frames += '\x0B' + adt("A04", number.digits(), "20180412", "E", "V" + id, id) + "\x1C\r";
      }
      client.send(frames);
      for (int answered = 0; answered < sent_at_once;) {
        const std::string answers = client.read_until("\x1C\r");
        const auto whole = static_cast<int>(count_of("\x1C\r", answers));
        for (int k = 0; k < whole; ++k) {
          const std::string id = name + '-' + std::to_string(i + answered + k);
          if (answers.find("MSA|AA|" + id + '\r') == std::string::npos) return;
          promised.acknowledged.push_back(id);
          ++promised.in_this_round;
        }
        answered += whole;
      }
    }
  } catch (const Poco::Exception&) {
    return;  // killed
  }
}

/// What the store holds after everything.
struct Found {
  std::set<std::string> kept;                              // control ids in the inbox
  std::vector<std::pair<std::string, std::int64_t>> rows;  // with the ids of their rows
  std::set<std::string> visits;                            // attendances that were decided about
  std::set<std::int64_t> looked_at;                        // people whose Flags somebody asked for
  std::int64_t asked = 0;
  std::int64_t unresolved = 0;
};

Found read_store(const std::string& store_url) {
  auto database = store::open_database(store_url);
  BOOST_REQUIRE(database);
  Found found;
  const auto collect = [&](std::string_view sql,
                           const std::function<void(const store::Row&)>& take) {
    BOOST_REQUIRE((*database)->read([&](store::Session& session) {
      return session.query(sql, {}, [&](const store::Row& row) -> Status {
        take(row);
        return done;
      });
    }));
  };
  collect("SELECT control_id, id FROM inbox", [&](const store::Row& row) {
    found.kept.emplace(row.text(0));
    found.rows.emplace_back(row.text(0), row.integer(1));
  });
  collect("SELECT visit_key FROM attendance WHERE check_state <> 0",
          [&](const store::Row& row) { found.visits.emplace(row.text(0)); });
  collect("SELECT COUNT(*) FROM attendance WHERE check_state = 1",
          [&](const store::Row& row) { found.unresolved = row.integer(0); });
  collect("SELECT COUNT(*) FROM attendance WHERE question_id <> ''",
          [&](const store::Row& row) { found.asked = row.integer(0); });
  collect("SELECT nhs_number, caller FROM access_event", [&](const store::Row& row) {
    const bool by_clinician = row.text(1).find("Dr Test") != std::string_view::npos;
    if (by_clinician) found.looked_at.insert(row.integer(0));
  });
  return found;
}

// One more start finishes what was kept; then it ends in order.
void finish_what_was_kept(const std::string& config, int http_port) {
  ChildProcess gateway{
      {std::string{CPIS_BINARY} + "/gateway/cpis-gateway", "run", "--config", config}};
  BOOST_REQUIRE(gateway.wait_for_output("gateway.ready", program_time_max));
  const auto settled = [&] {
    TcpClient client{static_cast<std::uint16_t>(http_port)};
    client.send("GET /admin/messages HTTP/1.1\r\nHost: test\r\n\r\n");
    return client.read_answer().find("\"waiting\":0") != std::string::npos;
  };
  // What fifty rounds left undone takes a build that looks for races a while.
  bool done = false;
  for (int patience = 0; patience < 5 && !done; ++patience) done = eventually(settled);
  BOOST_REQUIRE(done);
  gateway.kill(SIGTERM);
  const auto exit_code = gateway.wait(program_time_max);
  BOOST_REQUIRE(exit_code.has_value());
  BOOST_TEST(*exit_code == 0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(fifty_kills_lose_nothing_that_was_acknowledged) {
  const ScratchFolder folder;
  const int http_port = free_port();
  const int mllp_port = free_port();
  const std::string store_url = "sqlite:" + folder.file("gateway.db");
  upload_many(store_url);
  std::ofstream{folder.file("gateway.conf")} << gateway_config(folder.path(), http_port, mllp_port);

  Promised adt_promised;
  Promised flag_promised;
  std::mt19937 random{20260105};
  for (int round = 0; round < kills; ++round) {
    ChildProcess gateway{{std::string{CPIS_BINARY} + "/gateway/cpis-gateway", "run", "--config",
                          folder.file("gateway.conf")}};
    BOOST_REQUIRE_MESSAGE(gateway.wait_for_output("gateway.ready", program_time_max),
                          gateway.output());
    std::atomic<bool> stop{false};
    std::thread adt_thread{[&] { send_adt(mllp_port, round, stop, adt_promised); }};
    std::thread flag_thread{[&] { ask_flags(http_port, round, stop, flag_promised); }};
    // Every fifth kill comes early, perhaps before the first answer; the others once both clients
    // have some, however slow the machine is.
    const bool answers =
        round % 5 == 0 || eventually([&] {
          return adt_promised.in_this_round >= 3 && flag_promised.in_this_round >= 3;
        });
    // A moment of work, another length each time; the kill comes in the middle of it.
    static_cast<void>(gateway.wait(std::chrono::milliseconds{20 + random() % 150}));
    gateway.kill(SIGKILL);
    stop = true;
    adt_thread.join();
    flag_thread.join();
    adt_promised.in_this_round = flag_promised.in_this_round = 0;
    BOOST_REQUIRE(answers);
    BOOST_REQUIRE(gateway.wait(program_time_max).has_value());
  }
  BOOST_REQUIRE_GT(adt_promised.acknowledged.size(), 100U);
  BOOST_REQUIRE_GT(flag_promised.answered.size(), 100U);

  finish_what_was_kept(folder.file("gateway.conf"), http_port);

  const Found found = read_store(store_url);
  for (const std::string& id : adt_promised.acknowledged) {
    BOOST_TEST(found.kept.contains(id), id << " was acknowledged and is not kept");
    BOOST_TEST(found.visits.contains("visit|RXX01|V" + id), id << " was kept and never processed");
  }
  for (const int n : flag_promised.answered) {
    BOOST_TEST(found.looked_at.contains(static_cast<std::int64_t>(test_number(n).value())),
               "a look was answered and is not recorded");
  }
  BOOST_TEST(found.unresolved == 0);
  BOOST_TEST(found.asked >= static_cast<std::int64_t>(adt_promised.acknowledged.size()));
  BOOST_TEST_MESSAGE(kills << " kills, " << adt_promised.acknowledged.size()
                           << " messages acknowledged, " << flag_promised.answered.size()
                           << " looks answered");
}

// In a burst messages are acknowledged before they are in the inbox, and a kill finds them in the
// journal.
BOOST_AUTO_TEST_CASE(kills_in_the_middle_of_a_burst_lose_nothing_and_keep_the_order) {
  const ScratchFolder folder;
  const int http_port = free_port();
  const int mllp_port = free_port();
  const std::string store_url = "sqlite:" + folder.file("gateway.db");
  upload_many(store_url);
  std::ofstream{folder.file("gateway.conf")} << gateway_config(folder.path(), http_port, mllp_port);

  std::array<Promised, lanes> promised;
  int with_journal = 0;
  std::mt19937 random{20260106};
  for (int round = 0; round < burst_kills; ++round) {
    ChildProcess gateway{{std::string{CPIS_BINARY} + "/gateway/cpis-gateway", "run", "--config",
                          folder.file("gateway.conf")}};
    BOOST_REQUIRE_MESSAGE(gateway.wait_for_output("gateway.ready", program_time_max),
                          gateway.output());
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int lane = 0; lane < lanes; ++lane) {
      const std::string name = "B" + std::to_string(lane) + 'R' + std::to_string(round);
      threads.emplace_back([&, name, lane] {
        send_bursts(mllp_port, name, stop, promised[static_cast<std::size_t>(lane)]);
      });
    }
    const bool answers = eventually([&] { return promised[0].in_this_round >= 2 * sent_at_once; });
    static_cast<void>(gateway.wait(std::chrono::milliseconds{1 + random() % 60}));
    gateway.kill(SIGKILL);
    stop = true;
    for (std::thread& thread : threads) thread.join();
    for (Promised& one : promised) one.in_this_round = 0;
    BOOST_REQUIRE(answers);
    BOOST_REQUIRE(gateway.wait(program_time_max).has_value());
    if (std::filesystem::file_size(folder.file("gateway.db.arrivals")) > 0) ++with_journal;
  }
  BOOST_TEST(with_journal == burst_kills);

  finish_what_was_kept(folder.file("gateway.conf"), http_port);
  BOOST_TEST(std::filesystem::file_size(folder.file("gateway.db.arrivals")) == 0U);

  const Found found = read_store(store_url);
  std::map<std::string, std::int64_t> rows;
  for (const auto& [id, row] : found.rows) {
    BOOST_TEST(rows.emplace(id, row).second, id << " was kept twice");
  }
  std::size_t acknowledged = 0;
  for (const Promised& lane : promised) {
    std::int64_t before = 0;
    for (const std::string& id : lane.acknowledged) {
      const auto row = rows.find(id);
      BOOST_REQUIRE_MESSAGE(row != rows.end(), id << " was acknowledged and is not kept");
      BOOST_TEST(row->second > before, id << " came before what was sent before it");
      BOOST_TEST(found.visits.contains("visit|RXX01|V" + id), id << " was never processed");
      before = row->second;
      ++acknowledged;
    }
  }
  BOOST_TEST(found.unresolved == 0);
  BOOST_TEST_MESSAGE(burst_kills << " kills, " << acknowledged << " messages acknowledged");
}

BOOST_AUTO_TEST_SUITE_END()
