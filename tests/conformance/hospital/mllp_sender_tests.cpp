#include "conformance/peers/hospital/mllp_sender.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>

using namespace cpis;
using namespace cpis::hospital;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(mllp_sender_tests)

namespace {

/// Takes one connection and answers what it gets with `pieces`, one write each.
class OneAnswer {
 public:
  explicit OneAnswer(std::vector<std::string> pieces)
      : socket_{Poco::Net::SocketAddress{"127.0.0.1", 0}}, thread_{[this, pieces] {
          Poco::Net::StreamSocket peer = socket_.acceptConnection();
          peer.setReceiveTimeout(Poco::Timespan{60, 0});
          std::array<char, 4096> bytes{};
          const int count = peer.receiveBytes(bytes.data(), static_cast<int>(bytes.size()));
          received_.assign(bytes.data(), static_cast<std::size_t>(count));
          for (const std::string& piece : pieces) {
            peer.sendBytes(piece.data(), static_cast<int>(piece.size()));
          }
        }} {}
  ~OneAnswer() {
    if (thread_.joinable()) thread_.join();
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  std::uint16_t port() const { return socket_.address().port(); }
  std::string received() {
    thread_.join();
    return received_;
  }

 private:
  Poco::Net::ServerSocket socket_;
  std::string received_;
  std::thread thread_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_message_is_framed_and_its_answer_unframed) {
  OneAnswer peer{{"\x0BMSH|^~\\&|GW\rMSA|AA|C1\r", "\x1C", "\x0D"}};
  MllpSender sender{"127.0.0.1", peer.port(), 60s};
  const auto answer = sender.send("MSH|^~\\&|ED\r");
  BOOST_REQUIRE(answer);
  BOOST_TEST(*answer == "MSH|^~\\&|GW\rMSA|AA|C1\r");
  BOOST_TEST(acknowledgement_code(*answer) == "AA");
  BOOST_TEST(peer.received() == "\x0BMSH|^~\\&|ED\r\x1C\x0D");
}

BOOST_AUTO_TEST_CASE(no_answer_is_an_error_and_not_an_empty_answer) {
  OneAnswer peer{{}};
  MllpSender sender{"127.0.0.1", peer.port(), 60s};
  const auto answer = sender.send("MSH|^~\\&|ED\r");
  BOOST_REQUIRE(!answer);
  BOOST_TEST((answer.error().kind == ErrorKind::unavailable));
  BOOST_TEST(acknowledgement_code("nothing") == "");
}

BOOST_AUTO_TEST_CASE(a_closed_port_is_unavailable) {
  // No service has this one, and it is given to nobody who asks for any.
  constexpr std::uint16_t nobodys_port = 1;
  MllpSender sender{"127.0.0.1", nobodys_port, 30s};
  BOOST_TEST(!sender.send("MSH|"));
}

BOOST_AUTO_TEST_SUITE_END()
