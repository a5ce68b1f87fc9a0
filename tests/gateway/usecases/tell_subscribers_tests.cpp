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

std::string subscription(const std::string& id, const std::string& channel, int max_count) {
  const std::string several = R"(,{"url":")" + backport +
                              R"(backport-max-count","valuePositiveInt":)" +
                              std::to_string(max_count) + '}';
  return R"({"resourceType":"Subscription","id":")" + id +
         R"(","status":"active","reason":"x","criteria":")" +
         "https://cpis-gateway.example/fhir/SubscriptionTopic/person-with-a-record-has-arrived" +
         R"(","channel":{)" + channel +
         R"(,"payload":"application/fhir+json","_payload":{"extension":[{"url":")" + backport +
         R"(backport-payload-content","valueCode":"empty"}]},"extension":[{"url":")" + backport +
         R"(backport-heartbeat-period","valueUnsignedInt":60})" + (max_count > 0 ? several : "") +
         "]}}";
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
  void put(const std::string& id, const std::string& channel, int max_count = 0) {
    ResourceWrite write;
    write.type = "Subscription";
    write.id = id;
    write.body = subscription(id, channel, max_count);
    BOOST_REQUIRE(writes.run({std::move(write)}, {}));
  }
  void happen(const std::string& id, const std::string& content = "") {
    BOOST_REQUIRE(database->write([&](store::Session& session) {
      return store::SubscriptionStore{}.note(
          session, {id, clock.now(), "person-with-a-record-has-arrived", "RXX01", "9990000018",
                    "Encounter/" + id, content, "cause-" + id});
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

  /// The event numbers of each body: `1 2 3 | 4 5 | `.
  static std::string numbers(const std::vector<std::string>& bodies) {
    constexpr std::string_view before = R"("name":"event-number","valueString":")";
    std::string numbers;
    for (const std::string& body : bodies) {
      for (std::size_t at = body.find(before); at != body.npos; at = body.find(before, at + 1)) {
        const std::size_t from = at + before.size();
        numbers += body.substr(from, body.find('"', from) - from) + ' ';
      }
      numbers += "| ";
    }
    return numbers;
  }
  Result<int> take(const SubscriberCall& call) {
    const std::lock_guard lock{mutex};
    called.push_back(call.body);
    for (const auto& [name, value] : call.headers) {
      if (name == "Idempotency-Key") keys.push_back(value);
    }
    return answer;
  }

  const test::ScratchFolder folder;
  SetClock clock;
  std::unique_ptr<store::Database> database;
  store::RowIds ids{0, 0};
  resources::ResourceBook book;
  WriteResources writes{{*database, clock, ids, book, nullptr}};
  Everybody rights;
  Sockets sockets;
  std::vector<std::string> called, keys;
  int answer = 200;
  std::mutex mutex;
  TellSubscribers::Parts parts() {
    return {*database,
            clock,
            ids,
            book,
            writes,
            rights,
            [this](const SubscriberCall& call) { return take(call); },
            [] { return std::string{"https://gateway.example/FHIR/R4"}; }};
  }
  TellSubscribers tell{parts()};
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

BOOST_FIXTURE_TEST_CASE(what_waits_goes_together_up_to_the_stated_number, Fixture) {
  put("hook", R"("type":"rest-hook","endpoint":"https://ehr.example/hook")", 3);
  tell.load();
  for (const char* event : {"e1", "e2", "e3", "e4", "e5"}) happen(event);
  run(3);
  BOOST_TEST(numbers(called) == "1 2 3 | 4 5 | ");
  BOOST_TEST(keys == (std::vector<std::string>{"hook-1-3", "hook-4-5"}),
             boost::test_tools::per_element());
  BOOST_REQUIRE_EQUAL(called.size(), 2U);
  const std::string since = R"("name":"events-since-subscription-start","valueString":")";
  BOOST_TEST(called[0].find(since + "3\"") != std::string::npos);
  BOOST_TEST(called[1].find(since + "5\"") != std::string::npos);
  happen("e6");
  run(2);
  BOOST_TEST(numbers(called) == "1 2 3 | 4 5 | 6 | ");
  BOOST_TEST(keys.back() == "hook-6");
}

// What the other side may have taken already comes again as it was, also after a restart.
BOOST_FIXTURE_TEST_CASE(a_notification_of_several_is_repeated_as_it_was, Fixture) {
  put("hook", R"("type":"rest-hook","endpoint":"https://ehr.example/hook")", 10);
  tell.load();
  happen("e1");
  happen("e2");
  answer = 503;
  run(2);
  happen("e3");
  clock.at += 7s;
  run(2);
  BOOST_TEST(numbers(called) == "1 2 | 1 2 | ");
  tell.stop();
  TellSubscribers again{parts()};
  again.load();
  answer = 200;
  clock.at += 13s;
  for (int i = 0; i < 3; ++i) BOOST_REQUIRE(again.step());
  BOOST_TEST(numbers(called) == "1 2 | 1 2 | 1 2 | 3 | ");
  BOOST_TEST(keys == (std::vector<std::string>{"hook-1-2", "hook-1-2", "hook-1-2", "hook-3"}),
             boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(several_go_over_a_websocket_too, Fixture) {
  put("ws", R"("type":"websocket")", 2);
  tell.load();
  for (const char* event : {"e1", "e2", "e3"}) happen(event);
  run(1);
  sockets.bind("ws");
  run(4);
  BOOST_TEST(kinds(sockets.sent) == "handshake event-notification event-notification ");
  BOOST_TEST(numbers(sockets.sent) == "| 1 2 | 3 | ");
}

// A notification stays of a size that a receiver takes, however many are allowed.
BOOST_FIXTURE_TEST_CASE(what_is_large_goes_in_parts, Fixture) {
  put("hook", R"("type":"rest-hook","endpoint":"https://ehr.example/hook")", 1000);
  tell.load();
  const std::string large =
      R"({"resourceType":"Bundle","type":")" + std::string(100'000, 'x') + R"("})";
  for (const char* event : {"e1", "e2", "e3"}) happen(event, large);
  run(3);
  BOOST_TEST(numbers(called) == "1 2 | 3 | ");
  for (int i = 4; i < 64; ++i) happen("e" + std::to_string(i + 100));
  run(3);
  BOOST_REQUIRE_EQUAL(called.size(), 4U);
  BOOST_TEST(keys[2] == "hook-4-53");
  BOOST_TEST(keys[3] == "hook-54-63");
}

BOOST_FIXTURE_TEST_CASE(each_event_of_several_is_in_the_audit_with_its_cause, Fixture) {
  ResourceWrite whole;
  put("hook", R"("type":"rest-hook","endpoint":"https://ehr.example/hook")", 5);
  const auto entry = book.find("Subscription", "hook");
  BOOST_REQUIRE(entry);
  whole.type = "Subscription";
  whole.id = "hook";
  whole.body = entry->body;
  const std::size_t at = whole.body.find("\"empty\"");
  BOOST_REQUIRE(at != std::string::npos);
  whole.body.replace(at, 7, "\"id-only\"");
  BOOST_REQUIRE(writes.run({std::move(whole)}, {}));
  tell.load();
  happen("e1");
  happen("e2");
  run(2);
  std::vector<std::string> causes;
  BOOST_REQUIRE(database->read([&](store::Session& session) {
    return session.query(
        "SELECT correlation_id, detail FROM audit WHERE action = 'Subscription.notify'"
        " ORDER BY seq",
        {}, [&](const store::Row& row) -> Status {
          causes.push_back(std::string{row.text(0)} + ": " + std::string{row.text(1)});
          return done;
        });
  }));
  BOOST_TEST(
      causes == (std::vector<std::string>{"cause-e1: Subscription/hook event 1; Encounter/e1",
                                          "cause-e2: Subscription/hook event 2; Encounter/e2"}),
      boost::test_tools::per_element());
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

BOOST_FIXTURE_TEST_CASE(several_subscriptions_that_are_over_end_together, Fixture) {
  for (int i = 0; i < 20; ++i) {
    ResourceWrite write;
    write.type = "Subscription";
    write.id = "over" + std::to_string(i);
    write.body =
        subscription(write.id, R"("type":"rest-hook","endpoint":"https://ehr.example/o")", 0);
    write.body.insert(write.body.find(R"("criteria")"), R"("end":"2020-01-01T00:00:00Z",)");
    BOOST_REQUIRE(writes.run({std::move(write)}, {}));
  }
  run(2);
  for (int i = 0; i < 20; ++i) {
    const auto entry = book.find("Subscription", "over" + std::to_string(i));
    BOOST_REQUIRE(entry);
    BOOST_TEST(entry->keys.status == "off");
  }
  BOOST_TEST(book.find("Subscription", "hook")->keys.status == "active");
}

BOOST_AUTO_TEST_SUITE_END()
