// A hospital's feed for a while, with connections that break, messages that are sent again and a
// gateway that is killed and started again; then what was acknowledged is compared with the store.
//
//     CPIS_SOAK_SECONDS=1800 CPIS_SOAK_RATE=500 build/release/tests/soak/soak_tests
//
// Without these variables it is short: an ordinary test.

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conformance/peers/hospital/feed_run.h"
#include "gateway/register/register.h"
#include "gateway/store/open.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/soak/evidence.h"
#include "tests/support/child_process.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/tcp_client.h"

using namespace cpis;
using namespace cpis::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(soak_tests)

namespace {

std::uint64_t from_environment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  if (text == nullptr) return fallback;
  const std::string_view digits{text};
  std::uint64_t number = fallback;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

struct Plan {
  std::uint64_t seconds = from_environment("CPIS_SOAK_SECONDS", 8);
  std::uint64_t rate = from_environment("CPIS_SOAK_RATE", 100);
  std::uint64_t kills = from_environment("CPIS_SOAK_KILLS", 3);
  std::uint64_t connections = from_environment("CPIS_SOAK_CONNECTIONS", 16);
  std::uint64_t seed = from_environment("CPIS_SOAK_SEED", 7);
};

constexpr std::size_t children_with_plans = 300;
constexpr double messages_per_visit = 3.5;
// The feed's own days pass faster than ours, so that visits begin and end within the soak.
constexpr double feed_days_max = 20;
constexpr std::chrono::minutes catching_up_max{20};

std::vector<hospital::FeedPerson> make_children() {
  std::vector<hospital::FeedPerson> children;
  for (std::uint64_t value = 9990500000ULL; children.size() < children_with_plans; ++value) {
    hospital::FeedPerson child;
    child.nhs_number = NhsNumber::from_value(value);
    if (!child.nhs_number) continue;
    child.given = "Alex";
    child.family = "Sample";
    child.birth_date = *parse_iso_date("2018-04-12");
    child.sex = Sex::female;
    children.push_back(std::move(child));
  }
  return children;
}

void upload(const std::string& store_url, const std::vector<hospital::FeedPerson>& children) {
  auto database = store::open_database(store_url);
  BOOST_REQUIRE(database);
  const observe::SystemClock clock;
  auto registry = registry::Register::open(**database, clock, {});
  BOOST_REQUIRE(registry);
  UploadFile file;
  file.sequence = 1;
  file.council = {"999", "Testshire County Council", "01632960001", "01632960002"};
  for (const hospital::FeedPerson& child : children) {
    file.records.push_back(
        {{*child.nhs_number,
          "LCS-" + std::string{child.nhs_number->digits()},
          "",
          {child.given, child.family},
          child.birth_date,
          false},
         {cpis::Plan{PlanType::cpp, {*parse_iso_date("2025-01-15"), 0}, {}, {}}}});
  }
  const auto result = (*registry)->take(file);
  BOOST_REQUIRE(result);
  BOOST_REQUIRE_EQUAL(result->code, "CPF02");
}

/// The gateway as a program that can be killed and comes back on the same ports and store.
class MortalGateway {
 public:
  explicit MortalGateway(std::string config) : config_{std::move(config)} { start(); }
  void start() {
    process_ = std::make_unique<ChildProcess>(std::vector<std::string>{
        std::string{CPIS_BINARY} + "/gateway/cpis-gateway", "run", "--config", config_});
    BOOST_REQUIRE_MESSAGE(process_->wait_for_output("gateway.ready", program_time_max),
                          process_->output());
  }
  /// False when it ended by itself within that time.
  bool lives_for(std::chrono::milliseconds time) { return !process_->wait(time).has_value(); }
  void kill_and_start() {
    process_->kill(SIGKILL);
    BOOST_REQUIRE(process_->wait(program_time_max).has_value());
    start();
  }
  void stop() {
    process_->kill(SIGTERM);
    const auto code = process_->wait(program_time_max);
    BOOST_REQUIRE(code.has_value());
    BOOST_TEST(*code == 0);
  }

 private:
  std::string config_;
  std::unique_ptr<ChildProcess> process_;
};

bool nothing_waits(int http_port) {
  TcpClient client{static_cast<std::uint16_t>(http_port)};
  client.send("GET /admin/messages HTTP/1.1\r\nHost: test\r\n\r\n");
  return client.read_answer().find("\"waiting\":0") != std::string::npos;
}

// Waits in the child's `wait`, which also notices when it ends.
bool caught_up(MortalGateway& gateway, int http_port) {
  const auto until = std::chrono::steady_clock::now() + catching_up_max;
  while (!nothing_waits(http_port)) {
    if (std::chrono::steady_clock::now() > until || !gateway.lives_for(200ms)) return false;
  }
  return true;
}

hospital::HospitalFeed make_feed(const Plan& plan,
                                 const std::vector<hospital::FeedPerson>& children) {
  hospital::HospitalSettings settings;
  settings.seed = plan.seed;
  settings.share_known = 0.02;
  settings.share_resent = 0.05;
  const double visits = static_cast<double>(plan.seconds * plan.rate) / messages_per_visit;
  settings.arrivals_per_day = static_cast<int>(std::max(400.0, visits / feed_days_max));
  const Time start = observe::SystemClock{}.now() - std::chrono::hours{24 * 30};
  return {settings, children, start};
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_was_acknowledged_is_processed_once_and_in_order) {
  const Plan plan;
  const ScratchFolder folder;
  const int http_port = free_port();
  const int mllp_port = free_port();
  const std::string store_url = "sqlite:" + folder.file("gateway.db");
  const std::vector<hospital::FeedPerson> children = make_children();
  upload(store_url, children);
  std::ofstream{folder.file("gateway.conf")} << gateway_config(folder.path(), http_port, mllp_port);
  MortalGateway gateway{folder.file("gateway.conf")};

  Ledger ledger;
  hospital::FeedRun run;
  run.port = static_cast<std::uint16_t>(mllp_port);
  run.connections = plan.connections;
  run.rate = static_cast<double>(plan.rate);
  run.duration = std::chrono::seconds{plan.seconds};
  run.share_disconnected = 0.01;
  run.patience = 120s;
  run.answered = [&](const hospital::FeedMessage& message, std::string_view code) {
    ledger.acknowledged(message, code);
  };
  hospital::FeedCounts counts;
  std::atomic<bool> stop{false};
  hospital::HospitalFeed feed = make_feed(plan, children);
  std::thread sending{[&] { hospital::run_feed(run, feed, stop, counts); }};
  const auto between = std::chrono::milliseconds{plan.seconds * 1000 / (plan.kills + 1)};
  bool lived = true;
  for (std::uint64_t kill = 0; kill < plan.kills && lived; ++kill) {
    lived = gateway.lives_for(between);
    if (lived) gateway.kill_and_start();
  }
  stop = !lived;
  sending.join();
  BOOST_REQUIRE_MESSAGE(lived, "the gateway ended by itself");
  BOOST_REQUIRE(caught_up(gateway, http_port));
  gateway.stop();

  auto database = store::open_database(store_url);
  BOOST_REQUIRE(database);
  const Evidence evidence = examine(**database, ledger);
  BOOST_TEST_MESSAGE(ledger.messages()
                     << " messages acknowledged in " << plan.seconds << " s, " << evidence.kept
                     << " kept, " << evidence.processed << " processed, " << plan.kills
                     << " kills, " << counts.dropped << " connections dropped, "
                     << counts.sent_again << " sent again; " << evidence.visits << " visits, "
                     << evidence.questions << " questions, " << evidence.accesses << " looks; "
                     << evidence.faults.count << " faults");
  for (const std::string& fault : evidence.faults.first) BOOST_TEST_ERROR(fault);
  BOOST_TEST(evidence.faults.count == 0U);
  BOOST_TEST(ledger.refused() == 0U);
  BOOST_TEST(counts.given_up == 0U);
  BOOST_TEST(ledger.messages() > plan.seconds * plan.rate / 2);
  BOOST_TEST(counts.sent_again > 0U);
}

BOOST_AUTO_TEST_SUITE_END()
