#include "gateway/net/loop_group.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/tcp_client.h"

using namespace std::chrono_literals;
using cpis::net::Connection;
using cpis::net::ListenerSettings;
using cpis::net::LoopGroup;
using cpis::net::Protocol;
using cpis::test::eventually;
using cpis::test::TcpClient;

namespace {

struct Echo : Protocol {
  void on_data(Connection& connection, std::string_view bytes) override { connection.write(bytes); }
};

template <class Spoken>
std::uint16_t serve(LoopGroup& group, ListenerSettings settings = {}) {
  settings.name = "test";
  settings.protocol = [](const Connection&) { return std::make_unique<Spoken>(); };
  const auto port = group.listen(std::move(settings));
  BOOST_REQUIRE(port);
  group.start();
  return *port;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(loop_group_tests)

BOOST_AUTO_TEST_CASE(many_clients_on_two_loops_each_get_their_own_bytes_back) {
  LoopGroup group{{.loops = 2, .on_fault = {}}};
  const auto port = serve<Echo>(group);
  std::vector<TcpClient> clients;
  for (int i = 0; i < 50; ++i) clients.emplace_back(port);
  for (int i = 0; i < 50; ++i) clients[std::size_t(i)].send("client " + std::to_string(i) + ";");
  for (int i = 0; i < 50; ++i) {
    const std::string wanted = "client " + std::to_string(i) + ";";
    BOOST_TEST(clients[std::size_t(i)].read(wanted.size()) == wanted);
  }
  BOOST_TEST(group.counters().open == 50U);
  clients.clear();
  BOOST_TEST(eventually([&] { return group.counters().open == 0; }));
}

BOOST_AUTO_TEST_CASE(more_than_the_socket_takes_is_kept_and_sent_when_the_peer_reads) {
  struct Flood : Protocol {
    void on_open(Connection& connection) override {
      connection.write(std::string(std::size_t{8} << 20U, 'x'));
      connection.close_after_flush();
    }
    void on_data(Connection&, std::string_view) override {}
  };
  LoopGroup group{{.on_fault = {}}};
  TcpClient client{serve<Flood>(group)};
  BOOST_TEST(client.read_to_end().size() == std::size_t{8} << 20U);
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_read_is_cut_off) {
  struct Flood : Protocol {
    void on_open(Connection& connection) override {
      connection.write(std::string(std::size_t{32} << 20U, 'x'));
    }
    void on_data(Connection&, std::string_view) override {}
  };
  LoopGroup group{{.on_fault = {}}};
  ListenerSettings settings;
  settings.limits.stalled = 50ms;
  const TcpClient client{serve<Flood>(group, std::move(settings))};
  BOOST_TEST(eventually([&] { return group.counters().stalled == 1; }));
  BOOST_TEST(eventually([&] { return group.counters().open == 0; }));
}

BOOST_AUTO_TEST_CASE(a_deadline_comes_once_and_can_be_moved) {
  struct Waiting : Protocol {
    void on_open(Connection& connection) override { connection.set_deadline(1h); }
    void on_data(Connection& connection, std::string_view) override {
      connection.set_deadline(5ms);
    }
    void on_deadline(Connection& connection) override { connection.write("late"); }
  };
  LoopGroup group{{.on_fault = {}}};
  TcpClient client{serve<Waiting>(group)};
  client.send("x");
  BOOST_TEST(client.read(4) == "late");
  client.send("x");
  BOOST_TEST(client.read(4) == "late");
  BOOST_TEST(client.quiet());
}

// An answer that comes after its connection has gone must find nothing, and never the stranger
// who has got the same place since.
BOOST_AUTO_TEST_CASE(a_late_completion_never_reaches_the_next_connection_in_the_same_place) {
  static std::atomic<cpis::net::ConnectionId> last_id;
  struct Naming : Echo {
    void on_open(Connection& connection) override { last_id = connection.id(); }
  };
  LoopGroup group{{.on_fault = {}}};
  const auto port = serve<Naming>(group);
  cpis::net::ConnectionId first = 0;
  {
    TcpClient client{port};
    client.send("a");
    client.read(1);
    first = last_id;
  }
  BOOST_REQUIRE(eventually([&] { return group.counters().open == 0; }));
  TcpClient second{port};
  second.send("b");
  BOOST_TEST(second.read(1) == "b");
  BOOST_TEST((first & 0xFFFFFFFFU) == (last_id & 0xFFFFFFFFU));  // the same place
  std::atomic<int> found{-1};
  auto& loop = group.loop(0);
  loop.mailbox()->post([&] { found = loop.find(first) != nullptr ? 1 : 0; });
  BOOST_REQUIRE(eventually([&] { return found >= 0; }));
  BOOST_TEST(found == 0);
}

BOOST_AUTO_TEST_CASE(the_limit_for_one_address_and_for_all_is_kept_and_said) {
  LoopGroup group{{.connections_max = 10, .connections_per_peer_max = 2, .on_fault = {}}};
  ListenerSettings settings;
  settings.refusal = "full";
  const auto port = serve<Echo>(group, std::move(settings));
  TcpClient first{port};
  TcpClient second{port};
  BOOST_REQUIRE(eventually([&] { return group.counters().open == 2; }));
  TcpClient third{port};
  BOOST_TEST(third.read_to_end() == "full");
  BOOST_TEST(group.counters().refused_peer == 1U);
  first.reset();
  BOOST_REQUIRE(eventually([&] { return group.counters().open == 1; }));
  TcpClient fourth{port};
  fourth.send("x");
  BOOST_TEST(fourth.read(1) == "x");
}

BOOST_AUTO_TEST_CASE(a_fault_ends_one_connection_and_is_told) {
  struct Broken : Protocol {
    void on_data(Connection&, std::string_view) override { throw std::runtime_error{"a bug"}; }
  };
  std::atomic<int> told{0};
  LoopGroup group{{.on_fault = [&](const char*) { ++told; }}};
  const auto port = serve<Broken>(group);
  TcpClient good{port};
  TcpClient bad{port};
  bad.send("x");
  BOOST_TEST(bad.read_to_end().empty());
  BOOST_TEST(told == 1);
  BOOST_TEST(group.counters().open == 1U);
}

BOOST_AUTO_TEST_CASE(a_second_gateway_on_the_same_port_is_refused) {
  LoopGroup group{{.on_fault = {}}};
  const auto port = serve<Echo>(group);
  LoopGroup other{{.on_fault = {}}};
  ListenerSettings settings;
  settings.endpoint.port = port;
  settings.protocol = [](const Connection&) { return std::make_unique<Echo>(); };
  const auto second = other.listen(std::move(settings));
  BOOST_REQUIRE(!second);
  BOOST_TEST((second.error().kind == cpis::ErrorKind::unavailable));
}

BOOST_AUTO_TEST_CASE(an_address_that_is_not_ours_is_refused) {
  LoopGroup group{{.on_fault = {}}};
  ListenerSettings settings;
  settings.endpoint.host = "192.0.2.1";
  settings.protocol = [](const Connection&) { return std::make_unique<Echo>(); };
  BOOST_TEST(!group.listen(std::move(settings)));
}

BOOST_AUTO_TEST_CASE(draining_waits_for_what_was_promised_and_then_ends) {
  struct Promising : Protocol {
    void on_data(Connection& connection, std::string_view) override {
      connection.loop().run_after(30ms, [&connection] {
        connection.write("kept");
        connection.close_after_flush();
      });
    }
    void on_drain(Connection&) override {}
  };
  LoopGroup group{{.on_fault = {}}};
  TcpClient client{serve<Promising>(group)};
  client.send("x");
  BOOST_REQUIRE(eventually([&] { return group.counters().bytes_in == 1; }));
  std::thread stopping{[&] { group.drain(60s); }};
  BOOST_TEST(client.read_to_end() == "kept");
  client.reset();
  stopping.join();
  BOOST_TEST(group.counters().open == 0U);
}

BOOST_AUTO_TEST_CASE(draining_does_not_wait_beyond_its_limit) {
  struct Stubborn : Echo {
    void on_drain(Connection&) override {}
  };
  LoopGroup group{{.on_fault = {}}};
  const TcpClient client{serve<Stubborn>(group)};
  BOOST_REQUIRE(eventually([&] { return group.counters().open == 1; }));
  group.drain(20ms);
  BOOST_TEST(group.counters().open == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
