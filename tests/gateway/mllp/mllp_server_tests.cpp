#include "gateway/mllp/mllp_server.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/net/loop_group.h"
#include "gateway/net/tls.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/tcp_client.h"
#include "tests/support/test_certificates.h"
#include "tests/support/tls_client.h"

using namespace std::chrono_literals;
using namespace std::string_literals;
using cpis::hl7v2::mllp_frame;
using cpis::mllp::MllpCounters;
using cpis::mllp::MllpHandler;
using cpis::mllp::MllpMessage;
using cpis::mllp::MllpReply;
using cpis::mllp::MllpSettings;
using cpis::test::eventually;
using cpis::test::TcpClient;
namespace data = boost::unit_test::data;

namespace {

/// Answers at once with "ack " and the message.
struct AtOnce : MllpHandler {
  void handle(MllpMessage&& message, MllpReply&& reply) override {
    if (message.bytes == "throw") throw std::runtime_error{"a bug"};
    if (message.bytes == "drop") return drop(std::move(reply));
    if (message.bytes == "close") return reply.close_without_answer();
    if (message.bytes == "nothing") return reply.send_nothing();
    reply.send("ack " + message.bytes.substr(0, 40));
  }
  static void drop(MllpReply&& reply) { const MllpReply gone = std::move(reply); }
};

/// Keeps what it is given, to be answered later by the test.
struct Keeping : MllpHandler {
  void handle(MllpMessage&& message, MllpReply&& reply) override {
    const std::lock_guard lock{mutex};
    kept.emplace_back(std::move(message), std::move(reply));
  }
  std::size_t count() {
    const std::lock_guard lock{mutex};
    return kept.size();
  }
  void answer(std::size_t index) {
    const std::lock_guard lock{mutex};
    kept[index].second.send("ack " + kept[index].first.bytes);
  }
  std::mutex mutex;
  std::vector<std::pair<MllpMessage, MllpReply>> kept;
};

struct Server {
  explicit Server(MllpHandler& handler, MllpSettings settings = {}) {
    settings.counters = counters;
    cpis::net::ListenerSettings listener;
    listener.name = "adt";
    listener.protocol = mllp_protocol(std::move(settings), handler);
    const auto bound = group.listen(std::move(listener));
    BOOST_REQUIRE(bound);
    port = *bound;
    group.start();
  }
  std::shared_ptr<MllpCounters> counters = std::make_shared<MllpCounters>();
  cpis::net::LoopGroup group{{.loops = 2, .on_fault = {}}};
  std::uint16_t port = 0;
};

struct Case {
  std::vector<std::string> writes;
  std::vector<std::string> answers;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

// The ordinary TCP situations in which other receivers lose, reorder or mangle messages.
const std::vector<Case> situations{
    {{mllp_frame("A") + mllp_frame("B")}, {"ack A", "ack B"}, "two frames in one write"},
    {{mllp_frame("A"), mllp_frame("B"), mllp_frame("C")},
     {"ack A", "ack B", "ack C"},
     "messages one after the other, each answered once"},
    {{"\vA\x1C", "\r"}, {"ack A"}, "FS and CR apart"},
    {{"\vA\x1C\r\n", "\vB\x1C\r\n"}, {"ack A", "ack B"}, "LF after each frame"},
    {{"\vA\x1C\r\0\0\vB\x1C\r"s}, {"ack A", "ack B"}, "NUL between frames"},
    {{"\vA\x1C\r\vB", "C\x1C\r"}, {"ack A", "ack BC"}, "the end of one with the start of the next"},
    {{"\vlost\vA\x1C\r"}, {"ack A"}, "started again inside"},
    {{"\vA\x1C", "\vB\x1C\r"}, {"ack A", "ack B"}, "FS without CR, then the next"},
    {{"\v", "A", "\x1C", "\r"}, {"ack A"}, "one byte at a time"},
    {{"\v\x1C\r"}, {"ack "}, "an empty frame"},
    {{"stray\r\n\vA\x1C\r"}, {"ack A"}, "text before the frame"},
    {{mllp_frame("nothing") + mllp_frame("A")}, {"ack A"}, "no answer wanted for the first"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(mllp_server_tests)

BOOST_DATA_TEST_CASE(ordinary_situations_are_survived, data::make(situations), c) {
  BOOST_TEST_CONTEXT(c.why) {
    AtOnce handler;
    Server server{handler};
    TcpClient client{server.port};
    for (const std::string& write : c.writes) {
      const auto before = server.group.counters().bytes_in.load();
      client.send(write);
      BOOST_REQUIRE(
          eventually([&] { return server.group.counters().bytes_in == before + write.size(); }));
    }
    for (const std::string& answer : c.answers) BOOST_TEST(client.read_message() == answer);
    client.send(mllp_frame("still here"));
    BOOST_TEST(client.read_message() == "ack still here");
  }
}

BOOST_AUTO_TEST_CASE(answers_leave_in_the_order_of_the_messages_whatever_order_they_are_given_in) {
  Keeping handler;
  Server server{handler};
  TcpClient client{server.port};
  client.send(mllp_frame("A") + mllp_frame("B") + mllp_frame("C") + mllp_frame("D"));
  BOOST_REQUIRE(eventually([&] { return handler.count() == 4; }));
  handler.answer(2);
  handler.answer(1);
  handler.answer(3);
  BOOST_TEST(client.quiet());
  handler.answer(0);
  for (const char* wanted : {"ack A", "ack B", "ack C", "ack D"}) {
    BOOST_TEST(client.read_message() == wanted);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_is_one_write) {
  AtOnce handler;
  Server server{handler};
  TcpClient client{server.port};
  client.send(mllp_frame("A"));
  BOOST_TEST(client.read_once() ==
             "\x0B"
             "ack A\x1C\r");
}

BOOST_AUTO_TEST_CASE(a_message_of_megabytes_arrives_whole) {
  AtOnce handler;
  Server server{handler};
  TcpClient client{server.port};
  client.send(mllp_frame("big " + std::string(3'000'000, 'x')) + mllp_frame("next"));
  BOOST_TEST(client.read_message().starts_with("ack big "));
  BOOST_TEST(client.read_message() == "ack next");
}

BOOST_AUTO_TEST_CASE(a_message_without_end_is_cut_off_at_the_limit) {
  AtOnce handler;
  MllpSettings settings;
  settings.framing.message_bytes_max = 10'000;
  Server server{handler, settings};
  TcpClient client{server.port};
  client.send(mllp_frame("good") + "\v" + std::string(60'000, 'y'));
  BOOST_TEST(client.read_message() == "ack good");
  BOOST_TEST(client.read_to_end().empty());
  BOOST_TEST(server.counters->framing_failures == 1U);
  BOOST_TEST(server.counters->cut_messages == 0U);
}

// Each is within its own limit; together they are too much.
BOOST_AUTO_TEST_CASE(messages_that_are_too_much_together_end_the_one_that_asked_for_more) {
  AtOnce handler;
  MllpSettings settings;
  settings.held_bytes_max = 150'000;
  Server server{handler, settings};
  TcpClient first{server.port};
  first.send("\v" + std::string(100'000, 'x'));
  BOOST_REQUIRE(eventually([&] { return server.group.counters().bytes_in > 100'000; }));
  TcpClient second{server.port};
  second.send(mllp_frame("A") + "\v" + std::string(100'000, 'y'));
  BOOST_TEST(second.read_to_end() == mllp_frame("ack A"));
  BOOST_TEST(server.counters->over_budget == 1U);
  first.send("\x1C\r");
  BOOST_TEST(first.read_message().starts_with("ack xxx"));
}

// Our own trouble must make the sender try again, and must not take away earlier answers.
BOOST_AUTO_TEST_CASE(trouble_closes_without_an_answer_after_the_answers_before_it) {
  for (const char* trouble : {"throw", "drop", "close"}) {
    AtOnce handler;
    Server server{handler};
    TcpClient client{server.port};
    client.send(mllp_frame("A") + mllp_frame(trouble) + mllp_frame("never"));
    BOOST_TEST(client.read_to_end() == mllp_frame("ack A"));
    BOOST_TEST(server.counters->closed_without_answer == 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_half_closed_sender_still_gets_its_answers) {
  Keeping handler;
  Server server{handler};
  TcpClient client{server.port};
  client.send(mllp_frame("A") + "\vB\x1C");  // and the CR was forgotten
  client.end();
  BOOST_REQUIRE(eventually([&] { return handler.count() == 2; }));
  handler.answer(0);
  handler.answer(1);
  BOOST_TEST(client.read_to_end() == mllp_frame("ack A") + mllp_frame("ack B"));
}

BOOST_AUTO_TEST_CASE(a_sender_that_leaves_inside_a_message_leaves_nothing_behind) {
  AtOnce handler;
  Server server{handler};
  TcpClient client{server.port};
  client.send("\vMSH|cut");
  client.end();
  BOOST_TEST(client.read_to_end().empty());
  BOOST_TEST(eventually([&] { return server.counters->cut_messages == 1; }));
  BOOST_TEST(server.counters->messages == 0U);
}

BOOST_AUTO_TEST_CASE(a_sender_that_stops_inside_a_message_is_closed_and_an_idle_one_is_not) {
  AtOnce handler;
  MllpSettings settings;
  settings.partial_idle = 40ms;
  Server server{handler, settings};
  TcpClient idle{server.port};
  TcpClient stuck{server.port};
  idle.send(mllp_frame("A"));
  BOOST_TEST(idle.read_message() == "ack A");
  stuck.send("\vMSH|");
  BOOST_TEST(stuck.read_to_end().empty());
  idle.send(mllp_frame("B"));
  BOOST_TEST(idle.read_message() == "ack B");
}

BOOST_AUTO_TEST_CASE(a_byte_now_and_then_does_not_keep_a_message_open_for_ever) {
  AtOnce handler;
  MllpSettings settings;
  settings.partial_idle = 10s;
  settings.partial_total = 50ms;
  Server server{handler, settings};
  TcpClient client{server.port};
  client.send("\v");
  const bool ended = eventually([&] {
    client.send_some("x");
    return server.group.counters().open == 0 || !client.quiet();
  });
  BOOST_TEST(ended);
}

BOOST_AUTO_TEST_CASE(a_handler_that_forgets_makes_the_sender_try_again) {
  Keeping handler;
  MllpSettings settings;
  settings.answer_time = 40ms;
  Server server{handler, settings};
  TcpClient client{server.port};
  client.send(mllp_frame("A"));
  BOOST_TEST(client.read_to_end().empty());
  BOOST_TEST(server.counters->overdue == 1U);
  handler.answer(0);  // too late, and harmless
}

BOOST_AUTO_TEST_CASE(only_so_many_messages_of_one_connection_are_in_flight) {
  Keeping handler;
  MllpSettings settings;
  settings.in_flight_max = 3;
  Server server{handler, settings};
  TcpClient client{server.port};
  std::string all;
  for (int i = 0; i < 10; ++i) all += mllp_frame(std::to_string(i));
  client.send(all);
  BOOST_REQUIRE(eventually([&] { return handler.count() == 3; }));
  for (std::size_t i = 0; i < 10; ++i) {
    BOOST_REQUIRE(eventually([&] { return handler.count() > i; }));
    BOOST_TEST(handler.count() <= i + 3);
    handler.answer(i);
    BOOST_TEST(client.read_message() == "ack " + std::to_string(i));
  }
}

// Memory must not grow with what a sender pushes: the kernel makes it wait.
BOOST_AUTO_TEST_CASE(a_sender_that_does_not_wait_is_slowed_down_and_loses_nothing) {
  Keeping handler;
  MllpSettings settings;
  settings.in_flight_max = 1;
  Server server{handler, settings};
  TcpClient client{server.port};
  const std::string message = mllp_frame(std::string(50'000, 'm'));
  std::string all;
  for (int i = 0; i < 400; ++i) all += message;
  std::size_t sent = 0;
  std::size_t last = 1;
  while (sent != last) {  // until the sockets are full
    last = sent;
    sent += client.send_some(std::string_view{all}.substr(sent));
  }
  BOOST_TEST(server.group.counters().bytes_in < 500'000U);
  for (std::size_t i = 0; i < 400; ++i) {
    BOOST_REQUIRE(eventually([&] {
      sent += client.send_some(std::string_view{all}.substr(sent));
      return handler.count() == i + 1;
    }));
    const std::lock_guard lock{handler.mutex};
    BOOST_TEST(handler.kept[i].first.bytes.size() == 50'000U);
    handler.kept[i].second.send("ok");
  }
  for (int i = 0; i < 400; ++i) BOOST_TEST(client.read_message() == "ok");
}

BOOST_AUTO_TEST_CASE(draining_answers_what_was_taken_and_leaves_the_rest_to_come_again) {
  Keeping handler;
  Server server{handler};
  TcpClient idle{server.port};
  idle.send("\vcut");
  TcpClient client{server.port};
  client.send(mllp_frame("A") + "\vhalf");
  BOOST_REQUIRE(eventually([&] { return handler.count() == 1; }));
  BOOST_REQUIRE(eventually([&] { return server.group.counters().open == 2; }));
  std::thread stopping{[&] { server.group.drain(60s); }};
  BOOST_TEST(idle.read_to_end().empty());
  handler.answer(0);
  BOOST_TEST(client.read_to_end() == mllp_frame("ack A"));
  idle.reset();
  client.reset();
  stopping.join();
  BOOST_TEST(handler.count() == 1U);
}

BOOST_AUTO_TEST_CASE(a_reply_is_given_once_and_may_outlive_the_server) {
  Keeping handler;
  {
    Server server{handler};
    TcpClient client{server.port};
    client.send(mllp_frame("A"));
    BOOST_REQUIRE(eventually([&] { return handler.count() == 1; }));
    server.group.drain(10ms);
  }
  handler.answer(0);
  BOOST_CHECK_THROW(handler.answer(0), std::logic_error);
}

BOOST_AUTO_TEST_CASE(a_sender_is_known_by_its_certificate_over_tls) {
  struct Naming : MllpHandler {
    void handle(MllpMessage&& message, MllpReply&& reply) override {
      reply.send(message.peer->certificate->subject + " " + message.bytes);
    }
  };
  const cpis::test::ScratchFolder folder;
  cpis::test::TestAuthority authority{folder.path(), "authority"};
  const auto own = authority.issue("gateway", "DNS:localhost");
  const auto engine = authority.issue("engine", "DNS:engine.test");
  const auto slot =
      cpis::net::TlsSlot::open({.certificate_file = own.certificate_file,
                                .key_file = own.key_file,
                                .client_ca_file = authority.certificate_file(),
                                .client_certificate = cpis::net::ClientCertificate::required});
  BOOST_REQUIRE(slot);
  Naming handler;
  cpis::net::LoopGroup group{{.loops = 1}};
  const auto port =
      group.listen({.name = "adt", .protocol = mllp_protocol({}, handler), .tls = *slot});
  BOOST_REQUIRE(port);
  group.start();
  cpis::test::TlsClient client{*port, {authority.certificate_file(), engine}};
  BOOST_TEST(client.send(mllp_frame("A") + mllp_frame("B")));
  const std::string wanted = mllp_frame("CN=engine A") + mllp_frame("CN=engine B");
  BOOST_TEST(client.read(wanted.size()) == wanted);
  cpis::test::TlsClient nobody{*port, {authority.certificate_file()}};
  nobody.send(mllp_frame("A"));
  BOOST_TEST(nobody.read(1).empty());
}

BOOST_AUTO_TEST_CASE(hundreds_of_connections_are_each_answered_in_order) {
  AtOnce handler;
  Server server{handler};
  std::vector<TcpClient> clients;
  for (int i = 0; i < 400; ++i) clients.emplace_back(server.port);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      clients[i].send(mllp_frame(std::to_string(i) + "." + std::to_string(round)));
    }
  }
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      BOOST_TEST(clients[i].read_message() ==
                 "ack " + std::to_string(i) + "." + std::to_string(round));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
