#include "conformance/peers/hospital/feed_run.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "conformance/peers/hospital/mllp_sender.h"

namespace cpis::hospital {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t waiting_max = 256;
constexpr std::chrono::milliseconds first_pause{50};
constexpr std::chrono::milliseconds longest_pause{1'000};

/// One connection with the messages that wait for it.
class Lane {
 public:
  Lane(const FeedRun& run, FeedCounts& counts, std::uint64_t seed)
      : run_{run},
        counts_{counts},
        random_{seed},
        sender_{run.host, run.port, run.answer_time},
        thread_{[this] { work(); }} {}
  ~Lane() { finish(); }
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  void put(FeedMessage message) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return waiting_.size() < waiting_max; });
    waiting_.push_back(std::move(message));
    lock.unlock();
    changed_.notify_all();
  }

  void finish() {
    {
      const std::lock_guard lock{mutex_};
      ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void work() {
    while (true) {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [&] { return ending_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const FeedMessage message = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      changed_.notify_all();
      deliver(message);
    }
  }

  void deliver(const FeedMessage& message) {
    ++counts_.sent;
    if (random_.chance(run_.share_disconnected)) {
      ++counts_.dropped;
      ++counts_.sent_again;
      sender_.send_and_hang_up(message.text);
    }
    const auto give_up = SteadyClock::now() + run_.patience;
    auto pause = first_pause;
    while (true) {
      const Result<std::string> answer = sender_.send(message.text);
      if (answer) return note(message, *answer);
      if (SteadyClock::now() + pause >= give_up) {
        ++counts_.given_up;
        return;
      }
      wait(pause);
      pause = std::min(pause * 2, longest_pause);
      ++counts_.sent_again;
    }
  }

  void note(const FeedMessage& message, std::string_view answer) {
    const std::string_view code = acknowledgement_code(answer);
    ++(code == "AA" || code == "CA" ? counts_.accepted : counts_.refused);
    if (run_.answered) run_.answered(message, code);
  }

  void wait(std::chrono::milliseconds time) {
    std::unique_lock lock{pause_mutex_};
    pause_.wait_for(lock, time);
  }

  const FeedRun& run_;
  FeedCounts& counts_;
  Random random_;
  MllpSender sender_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<FeedMessage> waiting_;
  bool ending_ = false;
  std::mutex pause_mutex_;
  std::condition_variable pause_;
  std::thread thread_;  // last: it uses what stands above
};

}  // namespace

void run_feed(const FeedRun& run, HospitalFeed& feed, const std::atomic<bool>& stop,
              FeedCounts& counts) {
  std::vector<std::unique_ptr<Lane>> lanes;
  for (std::size_t i = 0; i < std::max<std::size_t>(run.connections, 1); ++i) {
    lanes.push_back(std::make_unique<Lane>(run, counts, i));
  }
  const auto begun = SteadyClock::now();
  std::mutex mutex;
  std::condition_variable never;
  for (std::uint64_t number = 0; run.count == 0 || number < run.count; ++number) {
    if (run.rate > 0) {
      const std::chrono::duration<double> due{static_cast<double>(number) / run.rate};
      std::unique_lock lock{mutex};
      never.wait_until(lock, begun + std::chrono::duration_cast<SteadyClock::duration>(due));
    }
    const bool time_is_up = run.duration.count() > 0 && SteadyClock::now() - begun >= run.duration;
    if (stop || time_is_up) break;
    FeedMessage message = feed.next();
    const std::size_t lane = std::hash<std::string>{}(message.person_key) % lanes.size();
    lanes[lane]->put(std::move(message));
  }
  for (const auto& lane : lanes) lane->finish();
}

}  // namespace cpis::hospital
