#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/core/protection.h"
#include "conformance/peers/spine/memory_register.h"
#include "conformance/peers/spine/spine_peer.h"
#include "gateway/http/http_server.h"
#include "gateway/net/loop_group.h"
#include "gateway/net/spine_inbound.h"
#include "gateway/net/spine_source.h"
#include "gateway/observe/clock.h"
#include "gateway/store/open.h"

namespace cpis::test {

/// The system's clock, which a test may put on: a deadline comes when the test says so, and not
/// when a busy machine has been slow.
class MovedClock final : public Clock {
 public:
  Time now() const override { return observe::SystemClock{}.now() + Duration{ahead_.load()}; }
  void pass(Duration time) { ahead_ += time.count(); }

 private:
  std::atomic<Duration::rep> ahead_{0};
};

/// A gateway's Spine leg and a simulated Spine on one desk, over mutual TLS on loopback.
class DeskSpine {
 public:
  struct Options {
    spine::Pattern pattern = spine::Pattern::reliable;
    std::chrono::milliseconds answer_time{60'000};
    std::chrono::milliseconds late_by{6'000};
  };
  /// More than any question needs that is answered at all.
  static constexpr std::chrono::minutes plenty{5};
  explicit DeskSpine(Options options);
  ~DeskSpine();

  /// A child with a plan.
  NhsNumber child(int number);
  ProtectionQuestion question(const NhsNumber& person, std::chrono::milliseconds patience);
  /// Asks and waits for the outcome; fails the test when none comes.
  ProtectionAnswer ask(ProtectionQuestion question);
  ProtectionAnswer ask_traced(ProtectionQuestion question, store::QuestionTrace trace);
  /// Whether the store holds an outcome for the question.
  bool is_resolved(const std::string& question_id);
  /// How many outcomes came after the first one of their question.
  int told_twice() const { return *told_twice_; }
  /// Ends the gateway's side and starts it again on the same store.
  void restart();
  /// Until `fulfilled`, at most some seconds.
  static bool eventually(const std::function<bool()>& fulfilled);

  MovedClock& clock() { return clock_; }
  peers::SpinePeer& spine() { return *peer_; }
  peers::MemoryRegister& held() { return register_; }
  net::SpineSource& source() { return *source_; }
  store::Database& database() { return *database_; }

 private:
  void start_gateway();
  void stop_gateway();

  const Options options_;
  std::shared_ptr<std::atomic<int>> told_twice_ = std::make_shared<std::atomic<int>>(0);
  std::filesystem::path folder_;
  MovedClock clock_;
  peers::MemoryRegister register_;
  std::optional<peers::Certificates> certificates_;
  std::unique_ptr<peers::SpinePeer> peer_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<net::HttpSender> sender_;
  std::unique_ptr<net::SpineLookup> lookup_;
  std::mutex source_mutex_;  // whoever asks on a thread of its own finds it before a restart
  std::unique_ptr<net::SpineSource> source_;
  std::unique_ptr<net::WorkerPool> inbound_pool_;
  std::unique_ptr<net::SpineInbound> inbound_;
  std::unique_ptr<net::LoopGroup> loops_;
};

}  // namespace cpis::test
