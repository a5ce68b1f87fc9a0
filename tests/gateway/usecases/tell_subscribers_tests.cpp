#include "gateway/usecases/tell_subscribers.h"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "gateway/store/open.h"
#include "tests/support/scratch_folder.h"

using namespace cpis;
using namespace cpis::usecases;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(tell_subscribers_tests)

namespace {

struct SetClock final : Clock {
  Time at = *parse_iso_time("2026-01-05T09:00:00Z");
  Time now() const override { return at; }
};

struct Everybody final : SubscriberRights {
  std::string refuse(const Subscription&) const override { return {}; }
  bool concerns(const std::string&, std::string_view) const override { return true; }
  std::optional<Caller> caller_of(const std::string&) const override { return Caller{}; }
};

struct Sockets final : SubscriberSockets {
  bool is_bound(const std::string& id) const override { return bound.contains(id); }
  bool is_greeted(const std::string& id) const override { return greeted.contains(id); }
  std::vector<std::string> take_newly_bound() override {
    std::vector<std::string> taken = std::exchange(fresh, {});
    if (!late.empty()) bind(std::exchange(late, {}));
    return taken;
  }
  bool greet(const std::string& id, const std::string& body) override {
    const std::lock_guard lock{mutex};
    if (!bound.contains(id)) return false;
    greeted.insert(id);
    sent.push_back(body);
    return true;
  }
  bool send(const std::string& id, const std::string& body) override {
    const std::lock_guard lock{mutex};
    if (!greeted.contains(id)) return false;
    sent.push_back(body);
    return true;
  }
  void bind(const std::string& id) {
    bound.insert(id);
    greeted.erase(id);
    fresh.push_back(id);
  }
  std::set<std::string> bound, greeted;
  std::vector<std::string> fresh, sent;
  std::mutex mutex;  ///< a pass sends with several threads
  std::string late;  ///< comes just after the pass has asked who is new
};

const std::string backport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

std::string subscription(const std::string& id, const std::string& channel) {
  return R"({"resourceType":"Subscription","id":")" + id +
         R"(","status":"active","reason":"x","criteria":")" +
         "https://cpis-gateway.example/fhir/SubscriptionTopic/person-with-a-record-has-arrived" +
         R"(","channel":{)" + channel +
         R"(,"payload":"application/fhir+json","_payload":{"extension":[{"url":")" + backport +
         R"(backport-payload-content","valueCode":"empty"}]},"extension":[{"url":")" + backport +
         R"(backport-heartbeat-period","valueUnsignedInt":60}]}})";
}

/// Two active subscriptions with a heartbeat of a minute: `hook`, which is called, and `ws`.
struct Fixture {
  Fixture() : database{opened(folder)} {
    tell.use(sockets);
    put("hook", R"("type":"rest-hook","endpoint":"https://ehr.example/hook")");
    put("ws", R"("type":"websocket")");
    tell.load();
  }
  static std::unique_ptr<store::Database> opened(const test::ScratchFolder& folder) {
    auto database = store::open_database("sqlite:" + folder.file("subscribers.db"));
    BOOST_REQUIRE(database);
    return *std::move(database);
  }
  void put(const std::string& id, const std::string& channel) {
    ResourceWrite write;
    write.type = "Subscription";
    write.id = id;
    write.body = subscription(id, channel);
    BOOST_REQUIRE(writes.run({std::move(write)}, {}));
  }
  void happen(const std::string& id) {
    BOOST_REQUIRE(database->write([&](store::Session& session) {
      return store::SubscriptionStore{}.note(
          session, {id, clock.now(), "person-with-a-record-has-arrived", "RXX01", "9990000018",
                    "Encounter/" + id, ""});
    }));
  }
  void run(int times) {
    for (int i = 0; i < times; ++i) BOOST_REQUIRE(tell.step());
  }
  static std::string kinds(const std::vector<std::string>& bodies) {
    std::string kinds;
    for (const std::string& body : bodies) {
      for (const char* kind : {"handshake", "heartbeat", "event-notification"}) {
        if (body.find("\"valueCode\":\"" + std::string{kind} + '"') != std::string::npos) {
          kinds += kind + std::string{' '};
        }
      }
    }
    return kinds;
  }

  const test::ScratchFolder folder;
  SetClock clock;
  std::unique_ptr<store::Database> database;
  store::RowIds ids{0, 0};
  resources::ResourceBook book;
  WriteResources writes{{*database, clock, ids, book, nullptr}};
  Everybody rights;
  Sockets sockets;
  std::vector<std::string> called;
  std::mutex mutex;
  TellSubscribers tell{{*database, clock, ids, book, writes, rights,
                        [this](const SubscriberCall& call) -> Result<int> {
                          const std::lock_guard lock{mutex};
                          called.push_back(call.body);
                          return 200;
                        },
                        [] { return std::string{"https://gateway.example/FHIR/R4"}; }}};
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_heartbeat_comes_when_nothing_was_told_for_its_period, Fixture) {
  clock.at += 59s;
  run(2);
  BOOST_TEST(kinds(called).empty());
  clock.at += 2s;
  run(2);
  BOOST_TEST(kinds(called) == "heartbeat ");
  // An event counts as a sign of life.
  clock.at += 50s;
  happen("e1");
  run(2);
  clock.at += 50s;
  run(2);
  BOOST_TEST(kinds(called) == "heartbeat event-notification ");
  clock.at += 11s;
  run(1);
  BOOST_TEST(kinds(called) == "heartbeat event-notification heartbeat ");
  // Nobody is bound: there is nobody to send one to.
  BOOST_TEST(sockets.sent.empty());
}

BOOST_FIXTURE_TEST_CASE(events_wait_for_whoever_comes_and_follow_the_handshake_in_order, Fixture) {
  for (const char* event : {"e1", "e2", "e3"}) happen(event);
  run(3);
  clock.at += 24h;
  run(1);
  BOOST_TEST(sockets.sent.empty());
  sockets.bind("ws");
  run(5);
  BOOST_TEST(kinds(sockets.sent) ==
             "handshake event-notification event-notification event-notification ");
  BOOST_REQUIRE_EQUAL(sockets.sent.size(), 4U);
  for (std::size_t i = 1; i < sockets.sent.size(); ++i) {
    const std::string number = R"("name":"event-number","valueString":")" + std::to_string(i) + '"';
    BOOST_TEST(sockets.sent[i].find(number) != std::string::npos);
  }
  // Bound anew: a handshake again, and no event twice.
  sockets.bind("ws");
  run(3);
  BOOST_TEST(kinds({sockets.sent.begin() + 4, sockets.sent.end()}) == "handshake ");
  clock.at += 61s;
  run(2);
  BOOST_TEST(kinds({sockets.sent.begin() + 5, sockets.sent.end()}) == "heartbeat ");
}

BOOST_FIXTURE_TEST_CASE(whoever_comes_in_the_middle_of_a_pass_is_greeted_first, Fixture) {
  happen("e1");
  run(1);
  sockets.late = "ws";
  run(4);
  BOOST_TEST(kinds(sockets.sent) == "handshake event-notification ");
}

BOOST_FIXTURE_TEST_CASE(each_of_very_many_who_listen_has_its_turn, Fixture) {
  constexpr int listeners = 300;
  for (int i = 0; i < listeners; ++i) {
    const std::string id = "ws-" + std::to_string(i);
    put(id, R"("type":"websocket")");
    sockets.bind(id);
  }
  run(12);
  BOOST_TEST(sockets.sent.size() == std::size_t{listeners});  // the handshakes
  sockets.sent.clear();
  happen("e1");
  run(6);
  BOOST_TEST(sockets.sent.size() == std::size_t{listeners});
}

BOOST_FIXTURE_TEST_CASE(what_waits_for_a_subscription_ends_with_it, Fixture) {
  happen("e1");
  run(2);
  const auto waiting = [&] {
    std::int64_t count = -1;
    BOOST_REQUIRE(database->read([&](store::Session& session) {
      return session.query("SELECT COUNT(*) FROM outbox WHERE kind = ? AND state < 2",
                           {websocket_kind}, [&](const store::Row& row) -> Status {
                             count = row.integer(0);
                             return done;
                           });
    }));
    return count;
  };
  BOOST_TEST(waiting() == 1);
  ResourceWrite end;
  end.removes = true;
  end.type = "Subscription";
  end.id = "ws";
  BOOST_REQUIRE(writes.run({std::move(end)}, {}));
  run(2);
  BOOST_TEST(waiting() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
