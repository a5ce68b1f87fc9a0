#include "gateway/fhir_api/live_events.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <vector>

#include "gateway/http/http_server.h"
#include "gateway/net/loop_group.h"
#include "tests/support/tcp_client.h"

using namespace cpis;
using cpis::fhir_api::LiveEvents;
using test::eventually;
using test::TcpClient;

BOOST_AUTO_TEST_SUITE(live_events_tests)

namespace {

/// A server of nothing but live events; each tick has something of 4 KiB to tell.
struct Door final : http::HttpHandler {
  Door() {
    const auto bound = group.listen({.name = "live", .protocol = http::http_protocol({}, *this)});
    BOOST_REQUIRE(bound);
    port = *bound;
    group.start();
  }
  ~Door() override { live.stop(); }
  void handle(http::Request&&, http::Reply&& reply) override { live.add(std::move(reply)); }

  std::atomic<int> told{0};
  LiveEvents live{[this] { return std::to_string(told.load()) + std::string(4096, '.'); }};
  net::LoopGroup group{{.loops = 1}};
  std::uint16_t port = 0;
};

const std::string ask = "GET /admin/events HTTP/1.1\r\nHost: t\r\n\r\n";

}  // namespace

BOOST_AUTO_TEST_CASE(who_does_not_read_is_let_go_and_others_hear_everything) {
  Door door;
  TcpClient reads{door.port};
  TcpClient sleeps{door.port};
  reads.send(ask);
  reads.read_until("event: counts\n");
  sleeps.send(ask);
  BOOST_REQUIRE(eventually([&] { return door.live.readers() == 2; }));
  // Until the buffers of the system are full as well: some megabytes.
  constexpr int ticks_max = 50'000;
  int ticks = 0;
  while (door.live.readers() == 2 && ticks < ticks_max) {
    ++ticks;
    ++door.told;
    door.live.tick();
    const std::string heard = reads.read_until("data: " + std::to_string(ticks) + '.');
    BOOST_REQUIRE(heard.find("event: counts\n") != std::string::npos);
  }
  BOOST_TEST(door.live.readers() == 1U);
  ++door.told;
  door.live.tick();
  reads.read_until("data: " + std::to_string(ticks + 1) + '.');
  // Cut, so that it knows that it has not heard everything.
  BOOST_TEST(sleeps.read_to_end().find("0\r\n\r\n") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(who_has_gone_is_forgotten_and_too_many_are_asked_to_come_again) {
  Door door;
  std::vector<std::unique_ptr<TcpClient>> readers;
  for (std::size_t i = 0; i < LiveEvents::streams_max; ++i) {
    readers.push_back(std::make_unique<TcpClient>(door.port));
    readers.back()->send(ask);
    readers.back()->read_until("event: counts\n");
  }
  TcpClient late{door.port};
  late.send(ask);
  BOOST_TEST(late.read_answer().find(" 503 ") != std::string::npos);
  readers.front()->reset();
  BOOST_REQUIRE(eventually([&] {
    ++door.told;
    door.live.tick();
    return door.live.readers() == LiveEvents::streams_max - 1;
  }));
  TcpClient next{door.port};
  next.send(ask);
  next.read_until("event: counts\n");
  BOOST_TEST(door.live.readers() == LiveEvents::streams_max);
}

BOOST_AUTO_TEST_SUITE_END()
