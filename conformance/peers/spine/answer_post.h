#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/spine/ebxml.h"

namespace cpis::peers {

/// Brings asynchronous answers to the gateway: a few threads, over connections that stay open.
/// Safe to call from many threads.
class AnswerPost {
 public:
  explicit AnswerPost(std::size_t threads);
  ~AnswerPost() { stop(); }
  AnswerPost(const AnswerPost&) = delete;
  AnswerPost& operator=(const AnswerPost&) = delete;

  /// Does `work` on one of the threads after `delay`; never when stopped before.
  void later(std::chrono::milliseconds delay, std::function<void()> work);
  /// Posts a message, up to three times while the gateway is away. Blocks.
  void post(const spine::HttpContent& content);
  /// The answers go there from now on; `context` is our client certificate.
  void send_to(std::string url);
  void use(Poco::Net::Context::Ptr context);
  void stop();
  /// Those that the gateway took.
  std::size_t delivered() const { return delivered_; }

 private:
  using Session = std::unique_ptr<Poco::Net::HTTPClientSession>;
  void run();
  bool pause(std::chrono::milliseconds time);
  Session borrow(const std::string& url, bool& fresh);
  bool post_once(const std::string& url, const spine::HttpContent& content);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::string url_;
  Poco::Net::Context::Ptr context_;
  std::multimap<std::chrono::steady_clock::time_point, std::function<void()>> work_;
  std::vector<Session> idle_;
  std::atomic<std::size_t> delivered_{0};
  std::vector<std::thread> threads_;
};

}  // namespace cpis::peers
