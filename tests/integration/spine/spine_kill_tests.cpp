// kill -9 in the middle of exchanges with Spine: the whole gateway, asked over FHIR and HL7 v2
// while a simulated Spine is late, silent, cut off and passing faults, is killed again and again.
// Nobody is asked about twice, nobody with a plan is ever told as none, and nothing stays without
// an outcome.

#include <algorithm>
#include <atomic>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "adapters/spine/exchange.h"
#include "conformance/peers/spine/spine_peer.h"
#include "gateway/store/open.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/child_process.h"
#include "tests/support/mortal_client.h"
#include "tests/support/spine_names.h"
#include "tests/support/tcp_client.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(spine_kill_tests)

namespace {

using M = peers::Misbehaviour;
using P = spine::Pattern;

constexpr int patterns = 3;
constexpr int kills_in_ci = 30;
constexpr int askers = 6;
// What goes wrong, person after person. Never `nrf`: everybody here has a plan.
constexpr std::array faults{M::none,    M::late,          M::never,     M::twice,      M::none,
                            M::cut_off, M::passing_fault, M::slow_drip, M::mcci_error, M::none};

// CPIS_SPINE_KILLS says how often in all; the patterns share it.
int kills_of_one_pattern() {
  int all = kills_in_ci;
  if (const char* said = std::getenv("CPIS_SPINE_KILLS")) {
    const std::string_view text{said};
    std::from_chars(text.data(), text.data() + text.size(), all);
  }
  return (all + patterns - 1) / patterns;
}

/// A register in which everybody has a plan. Counts the looks at each person.
class EverybodyHeld final : public ProtectionSource {
 public:
  void ask(ProtectionQuestion question, Done answered) override {
    {
      const std::lock_guard lock{mutex_};
      ++asked_[question.person];
    }
    const Plan plan{PlanType::cpp, {*parse_iso_date("2025-01-15"), 0}, {}, {}};
    const Council council{"999", "Testshire County Council", "01632960001", "01632960002"};
    const PlanSubject subject{question.person, "", "", {"Alex", "Sample"}, std::nullopt, false};
    answered(ProtectionRecord{question.person, {{plan, council, subject, Time{}, ""}}, {}, false});
  }
  std::map<NhsNumber, int> asked() const {
    const std::lock_guard lock{mutex_};
    return asked_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<NhsNumber, int> asked_;
};

/// A simulated Spine that lives on while the gateway is killed, and the gateway's configuration.
struct World {
  explicit World(P pattern) {
    const auto made = peers::make_certificates(folder.path());
    BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
    peers::SpinePeerSettings settings;
    settings.tls = *made;
    settings.pattern = pattern;
    settings.late_by = 3'500ms;
    spine = std::make_unique<peers::SpinePeer>(settings, held, clock);
    const auto port = spine->start();
    BOOST_REQUIRE_MESSAGE(port, (port ? "" : port.error().message));
    spine->send_answers_to("https://localhost:" + std::to_string(inbound_port) + "/");
    std::ofstream{folder.file("gateway.conf")} << gateway_config(
        folder.path(), http_port, mllp_port,
        "protection.source = spine\nspine.asid = 555000000099\nspine.party_key = RXX-800001\n"
        "check.answer_seconds = 5\nspine.failures = 1000\nspine.sds.url = " +
            spine->base_url() + "/sds\nspine.tls.certificate = \"" + made->client_certificate +
            "\"\nspine.tls.key = \"" + made->client_key + "\"\nspine.tls.ca = \"" +
            made->authority + "\"\nspine.inbound.port = " + std::to_string(inbound_port) +
            "\nspine.inbound.tls.certificate = \"" + made->server_certificate +
            "\"\nspine.inbound.tls.key = \"" + made->server_key +
            "\"\nspine.inbound.tls.client_ca = \"" + made->authority + "\"\n");
  }
  ~World() { spine->stop(); }

  /// Somebody nobody has asked about yet, and what will go wrong with the answer.
  NhsNumber next_person() {
    const int n = ++people;
    return person_of(n, faults[static_cast<std::size_t>(n) % faults.size()]);
  }
  /// Somebody about whom Spine will say nothing.
  NhsNumber next_unanswered() { return person_of(++people, M::never); }
  NhsNumber person_of(int n, M fault) {
    std::uint64_t value = 9990000000ULL + static_cast<std::uint64_t>(n) * 20;
    while (!NhsNumber::from_value(value)) ++value;
    const NhsNumber person = *NhsNumber::from_value(value);
    spine->misbehave(person, fault);
    return person;
  }
  std::string store() const { return "sqlite:" + folder.file("gateway.db"); }
  ChildProcess start() const {
    return ChildProcess{{std::string{CPIS_BINARY} + "/gateway/cpis-gateway", "run", "--config",
                         folder.file("gateway.conf")}};
  }

  ScratchFolder folder;
  observe::SystemClock clock;
  EverybodyHeld held;
  int http_port = free_port();
  int mllp_port = free_port();
  int inbound_port = free_port();
  std::unique_ptr<peers::SpinePeer> spine;
  std::atomic<int> people{0};
  std::atomic<int> told_a_record{0}, told_unknown{0}, told_none{0};
  std::mutex mutex;                   ///< arrivals
  std::vector<std::string> arrivals;  ///< control ids that were acknowledged
};

void ask_flags(World& world, NhsNumber first, const std::atomic<bool>& stop) {
  try {
    MortalClient client{world.http_port};
    for (NhsNumber person = first; !stop; person = world.next_person()) {
      client.send("GET /FHIR/R4/Flag?patient=" + std::string{person.digits()} +
                  " HTTP/1.1\r\nHost: test\r\n\r\n");
      const std::string answer = client.read_answer();
      const bool good = answer.compare(9, 3, "200") == 0;
      const bool record = answer.find("\"total\":1") != std::string::npos;
      ++(!good ? world.told_unknown : record ? world.told_a_record : world.told_none);
    }
  } catch (const Poco::Exception&) {
    return;  // killed
  }
}

bool has_seen(const World& world, const NhsNumber& person) {
  const auto seen = world.spine->seen();
  return std::any_of(seen.begin(), seen.end(),
                     [&](const peers::SeenQuery& query) { return query.person == person; });
}

// No more than the last life can ask about while it is waited for: receiving is faster than Spine.
constexpr int arrivals_of_a_life = 300;

void send_arrivals(World& world, int round, const std::atomic<bool>& stop) {
  try {
    MortalClient client{world.mllp_port};
    for (int i = 0; !stop && i < arrivals_of_a_life; ++i) {
      const std::string id = "K" + std::to_string(round) + '-' + std::to_string(i);
      client.send('\x0B' + adt("A04", world.next_person().digits(), "20180412", "E", "V" + id, id) +
                  "\x1C\r");
      if (client.read_until("\x1C\r").find("MSA|AA|" + id) == std::string::npos) return;
      const std::lock_guard lock{world.mutex};
      world.arrivals.push_back(id);
    }
  } catch (const Poco::Exception&) {
    return;  // killed
  }
}

void collect(const std::string& url, std::string_view sql,
             const std::function<void(const store::Row&)>& take) {
  auto database = store::open_database(url);
  BOOST_REQUIRE(database);
  BOOST_REQUIRE((*database)->read([&](store::Session& session) {
    return session.query(sql, {}, [&](const store::Row& row) -> Status {
      take(row);
      return done;
    });
  }));
  (*database)->close();
}

std::int64_t count_of(const std::string& url, std::string_view sql) {
  std::int64_t count = -1;
  collect(url, sql, [&](const store::Row& row) { count = row.integer(0); });
  return count;
}

// One life of the gateway: questions come from all sides, then it is killed. How many exchanges had
// no outcome at that moment.
std::int64_t live_and_die(World& world, int round, std::chrono::milliseconds life) {
  ChildProcess gateway = world.start();
  BOOST_REQUIRE_MESSAGE(gateway.wait_for_output("gateway.ready", program_time_max),
                        gateway.output());
  std::atomic<bool> stop{false};
  std::vector<std::thread> clients;
  const NhsNumber unanswered = world.next_unanswered();
  clients.emplace_back([&] { ask_flags(world, unanswered, stop); });
  for (int i = 1; i < askers; ++i) {
    clients.emplace_back([&] { ask_flags(world, world.next_person(), stop); });
  }
  clients.emplace_back([&] { send_arrivals(world, round, stop); });
  // Once a question that waits for its answer has reached Spine, a moment later: the kill is in the
  // middle, however slow the machine is.
  BOOST_TEST(eventually([&] { return has_seen(world, unanswered); }));
  // Every second life tells somebody something first, however slow the machine is.
  const int told = world.told_a_record;
  if (round % 2 == 1) {
    static_cast<void>(eventually([&] { return world.told_a_record > told; }));
  }
  static_cast<void>(gateway.wait(life));
  gateway.kill(SIGKILL);
  stop = true;
  for (std::thread& client : clients) client.join();
  BOOST_REQUIRE(gateway.wait(program_time_max).has_value());
  return count_of(world.store(), "SELECT COUNT(*) FROM spine_exchange WHERE state < 3");
}

std::string get(const World& world, const std::string& path) {
  TcpClient client{static_cast<std::uint16_t>(world.http_port)};
  client.send("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
  return client.read_answer();
}

std::int64_t metric(const std::string& metrics, const std::string& name) {
  const std::string line = "\ncpis_" + name + ' ';
  const std::size_t at = metrics.find(line);
  std::int64_t value = -1;
  if (at == std::string::npos) return value;
  const char* const begin = metrics.data() + at + line.size();
  std::from_chars(begin, metrics.data() + metrics.size(), value);
  return value;
}

// One more start resolves what was left; then it ends in order.
void resolve_the_rest(const World& world) {
  const std::int64_t unchecked =
      count_of(world.store(), "SELECT COUNT(*) FROM attendance WHERE check_state = 1");
  ChildProcess gateway = world.start();
  BOOST_REQUIRE_MESSAGE(gateway.wait_for_output("gateway.ready", program_time_max),
                        gateway.output());
  BOOST_TEST(eventually([&] {
    if (get(world, "/admin/messages").find("\"waiting\":0") == std::string::npos) return false;
    const std::string metrics = get(world, "/metrics");
    const std::int64_t checked = metric(metrics, "checks_records_total") +
                                 metric(metrics, "checks_none_held_total") +
                                 metric(metrics, "checks_could_not_total");
    return metric(metrics, "spine_open_exchanges") == 0 && checked >= unchecked &&
           checked == metric(metrics, "checks_asked_total");
  }));
  gateway.kill(SIGTERM);
  const auto exit_code = gateway.wait(program_time_max);
  BOOST_REQUIRE(exit_code.has_value());
  BOOST_TEST(*exit_code == 0);
}

// Every question that reached Spine is in the store with an outcome, under its one message id.
void check_exchanges(const World& world, P pattern) {
  std::map<std::string, std::string> kept;  // message id by question id
  collect(world.store(),
          "SELECT question_id, message_id FROM spine_exchange WHERE state = 3 AND outcome > 0",
          [&](const store::Row& row) { kept.emplace(row.text(0), row.text(1)); });
  std::map<NhsNumber, std::set<std::string>> questions;
  std::map<std::string, int> sent;
  for (const peers::SeenQuery& seen : world.spine->seen()) {
    const auto row = kept.find(seen.question_id);
    BOOST_TEST((row != kept.end() && row->second == seen.message_id),
               "a question that reached Spine has no outcome in the store");
    questions[seen.person].insert(seen.question_id);
    ++sent[seen.message_id];
  }
  for (const auto& [person, ids] : questions) {
    BOOST_TEST(ids.size() == 1U, "somebody was asked about twice");
  }
  for (const auto& [person, looks] : world.held.asked()) BOOST_TEST(looks == 1);
  if (pattern == P::reliable) return;
  // Only a fault that says so lets the same bytes go out again where nothing eliminates duplicates.
  for (const auto& [message, times] : sent) BOOST_TEST(times <= 2);
}

}  // namespace

BOOST_DATA_TEST_CASE(no_exchange_stays_open_and_nobody_is_asked_about_twice,
                     data::make({P::sync, P::express, P::reliable}), pattern) {
  World world{pattern};
  std::mt19937 random{20260311};
  const int kills = kills_of_one_pattern();
  int in_the_middle = 0;
  for (int round = 0; round < kills; ++round) {
    const std::chrono::milliseconds life{random() % 250};
    if (live_and_die(world, round, life) > 0) ++in_the_middle;
  }
  BOOST_TEST(in_the_middle > kills * 3 / 4);
  BOOST_TEST(world.told_a_record > 0);
  resolve_the_rest(world);

  BOOST_TEST(count_of(world.store(), "SELECT COUNT(*) FROM spine_exchange WHERE state < 3") == 0);
  check_exchanges(world, pattern);
  // Unknown never none: everybody has a plan.
  BOOST_TEST(world.told_none == 0);
  BOOST_TEST(count_of(world.store(), "SELECT COUNT(*) FROM attendance WHERE check_state = 3") == 0);
  std::set<std::string> checked;
  collect(world.store(), "SELECT visit_key FROM attendance WHERE check_state > 1",
          [&](const store::Row& row) { checked.emplace(row.text(0)); });
  for (const std::string& id : world.arrivals) {
    BOOST_TEST(checked.contains("visit|RXX01|V" + id), id << " was acknowledged and not checked");
  }
  BOOST_TEST_MESSAGE(spine::name_of(pattern)
                     << ": " << kills << " kills, " << in_the_middle << " in mid-exchange; "
                     << world.spine->seen().size() << " messages at Spine, " << world.told_a_record
                     << " records and " << world.told_unknown << " unknowns told, "
                     << world.arrivals.size() << " arrivals acknowledged");
}

BOOST_AUTO_TEST_SUITE_END()
