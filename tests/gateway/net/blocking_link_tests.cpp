#include "gateway/net/blocking_link.h"

#include <array>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "gateway/net/loop_group.h"

using namespace std::chrono_literals;
using cpis::ErrorKind;
using cpis::net::BlockingLink;
using cpis::net::Connection;
using cpis::net::IoState;
using cpis::net::steady_now;

namespace {

cpis::net::SteadyTime in_good_time() { return steady_now() + 60s; }

/// Sends back what it gets; ends on "end", says nothing to "silence".
struct Echo : cpis::net::Protocol {
  void on_data(Connection& connection, std::string_view bytes) override {
    if (bytes == "silence") return;
    connection.write(bytes);
    if (bytes == "end") connection.close_after_flush();
  }
};

struct Server {
  Server() {
    const auto bound =
        group.listen({.name = "echo",
                      .protocol = [](const Connection&) { return std::make_unique<Echo>(); },
                      .tls = nullptr,
                      .limits = {}});
    BOOST_REQUIRE(bound);
    port = *bound;
    group.start();
  }
  std::unique_ptr<BlockingLink> connect() const {
    auto link = BlockingLink::open({"127.0.0.1", port}, nullptr, in_good_time());
    BOOST_REQUIRE(link);
    return *std::move(link);
  }
  cpis::net::LoopGroup group{{.loops = 1}};
  std::uint16_t port = 0;
};

std::string read_count(BlockingLink& link, std::size_t count) {
  std::string text;
  std::array<char, 4096> room{};
  while (text.size() < count) {
    const auto got = link.read_some(room.data(), room.size(), in_good_time());
    if (got.state != IoState::moved) break;
    text.append(room.data(), got.bytes);
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(blocking_link_tests)

BOOST_AUTO_TEST_CASE(what_is_written_comes_back) {
  const Server server;
  const auto link = server.connect();
  BOOST_TEST(link->write_all("hello", in_good_time()));
  BOOST_TEST(read_count(*link, 5) == "hello");
  BOOST_TEST(link->usable());
}

BOOST_AUTO_TEST_CASE(waiting_ends_at_the_moment_that_is_given) {
  const Server server;
  const auto link = server.connect();
  BOOST_TEST(link->write_all("silence", in_good_time()));
  std::array<char, 16> room{};
  const auto until = steady_now() + 50ms;
  BOOST_TEST((link->read_some(room.data(), room.size(), until).state == IoState::wait_read));
  BOOST_TEST((steady_now() >= until));
}

BOOST_AUTO_TEST_CASE(the_end_of_the_other_side_is_told_and_the_link_is_of_no_more_use) {
  const Server server;
  const auto link = server.connect();
  BOOST_TEST(link->write_all("end", in_good_time()));
  BOOST_TEST(read_count(*link, 3) == "end");
  std::array<char, 16> room{};
  BOOST_TEST((link->read_some(room.data(), room.size(), in_good_time()).state == IoState::ended));
  BOOST_TEST(!link->usable());
}

BOOST_AUTO_TEST_CASE(nobody_there_is_unavailable_and_names_the_host) {
  // No service has port 1, and it is given to nobody who asks for any.
  const auto link = BlockingLink::open({"127.0.0.1", 1}, nullptr, in_good_time());
  BOOST_REQUIRE(!link);
  BOOST_TEST((link.error().kind == ErrorKind::unavailable));
  BOOST_TEST(link.error().message.find("127.0.0.1") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
