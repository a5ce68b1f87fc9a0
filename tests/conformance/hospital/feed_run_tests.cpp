#include "conformance/peers/hospital/feed_run.h"

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <array>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/hl7v2/header.h"
#include "adapters/hl7v2/mllp_framer.h"

using namespace cpis;
using namespace cpis::hospital;

BOOST_AUTO_TEST_SUITE(feed_run_tests)

namespace {

/// Receives over any number of connections and acknowledges; every n-th message is left unanswered
/// and its connection closed.
class Receiver {
 public:
  explicit Receiver(std::size_t silent_every)
      : silent_every_{silent_every},
        socket_{Poco::Net::SocketAddress{"127.0.0.1", 0}},
        accepting_{[this] { accept(); }} {}
  ~Receiver() {
    stopping_ = true;
    accepting_.join();
    for (std::thread& peer : peers_) peer.join();
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  std::uint16_t port() const { return socket_.address().port(); }
  std::vector<std::string> control_ids() {
    const std::lock_guard lock{mutex_};
    return control_ids_;
  }

 private:
  void accept() {
    while (!stopping_) {
      if (!socket_.poll(Poco::Timespan{0, 20'000}, Poco::Net::Socket::SELECT_READ)) continue;
      // Only its thread ever has it: Poco counts references where a race detector cannot see it.
      auto peer = std::make_shared<Poco::Net::StreamSocket>(socket_.acceptConnection());
      peers_.emplace_back([this, peer = std::move(peer)] { serve(*peer); });
    }
  }
  void serve(Poco::Net::StreamSocket& peer) {
    hl7v2::MllpFramer framer;
    std::array<char, 8192> bytes{};
    try {
      while (!stopping_) {
        if (!peer.poll(Poco::Timespan{0, 20'000}, Poco::Net::Socket::SELECT_READ)) continue;
        const int count = peer.receiveBytes(bytes.data(), static_cast<int>(bytes.size()));
        if (count <= 0) return;
        framer.push({bytes.data(), static_cast<std::size_t>(count)});
        for (auto next = framer.next(); next && *next; next = framer.next()) {
          if (!answer(peer, **next)) return;
        }
      }
    } catch (const Poco::Exception&) {
      return;  // the sender hung up
    }
  }
  bool answer(Poco::Net::StreamSocket& peer, std::string_view message) {
    const hl7v2::MessageHeader header = hl7v2::read_header(message);
    {
      const std::lock_guard lock{mutex_};
      control_ids_.emplace_back(header.control_id);
      if (silent_every_ != 0 && control_ids_.size() % silent_every_ == 0) return false;
    }
    const std::string ack =
        hl7v2::mllp_frame("MSH|^~\\&|GW\rMSA|AA|" + std::string{header.control_id} + "\r");
    peer.sendBytes(ack.data(), static_cast<int>(ack.size()));
    return true;
  }

  const std::size_t silent_every_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<std::string> control_ids_;
  Poco::Net::ServerSocket socket_;
  std::vector<std::thread> peers_;
  std::thread accepting_;
};

// No service has this one, and it is given to nobody who asks for any.
constexpr std::uint16_t nobodys_port = 1;

constexpr Time start = Time{std::chrono::sys_days{
    Date{std::chrono::year{2026}, std::chrono::month{3}, std::chrono::day{1}}}};

}  // namespace

// What the soak relies on: nothing is left out, and a person's messages keep their order although
// connections are dropped from both sides.
BOOST_AUTO_TEST_CASE(every_message_is_answered_in_order_per_person_whatever_is_dropped) {
  Receiver receiver{7};
  HospitalFeed feed{{}, {}, start};
  FeedRun run;
  run.port = receiver.port();
  run.connections = 3;
  run.count = 200;
  run.share_disconnected = 0.1;
  std::mutex mutex;
  std::map<std::string, std::vector<std::string>> answered;
  std::set<std::string> codes;
  run.answered = [&](const FeedMessage& message, std::string_view code) {
    const std::lock_guard lock{mutex};
    codes.insert(std::string{code});
    answered[message.person_key].push_back(message.control_id);
  };
  FeedCounts counts;
  const std::atomic<bool> stop{false};
  run_feed(run, feed, stop, counts);
  BOOST_TEST((codes == std::set<std::string>{"AA"}));
  BOOST_TEST(counts.accepted == 200U);
  BOOST_TEST(counts.given_up == 0U);
  BOOST_TEST(counts.dropped > 5U);
  BOOST_TEST(counts.sent_again > counts.dropped);

  HospitalFeed same{{}, {}, start};
  std::map<std::string, std::vector<std::string>> wanted;
  std::set<std::string> all;
  for (int i = 0; i < 200; ++i) {
    const FeedMessage message = same.next();
    wanted[message.person_key].push_back(message.control_id);
    all.insert(message.control_id);
  }
  BOOST_TEST((answered == wanted));
  const auto received = receiver.control_ids();
  BOOST_TEST((std::set<std::string>(received.begin(), received.end()) == all));
}

BOOST_AUTO_TEST_CASE(a_message_that_nobody_answers_is_given_up_and_counted) {
  HospitalFeed feed{{}, {}, start};
  FeedRun run;
  run.port = nobodys_port;
  run.connections = 1;
  run.count = 2;
  run.patience = std::chrono::milliseconds{120};
  FeedCounts counts;
  const std::atomic<bool> stop{false};
  run_feed(run, feed, stop, counts);
  BOOST_TEST(counts.given_up == 2U);
  BOOST_TEST(counts.accepted == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
