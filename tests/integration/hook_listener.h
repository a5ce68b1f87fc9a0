#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace Poco::Net {
class HTTPServer;
}

namespace cpis::test {

/// Somebody's endpoint for notifications: a real HTTP server on a free port of this machine that
/// keeps what comes and answers as told.
class HookListener {
 public:
  struct Call {
    std::string method;
    std::string path;
    std::string authorization;
    std::string content_type;
    std::string body;
    std::string traceparent = {};
  };
  HookListener();
  ~HookListener();
  HookListener(const HookListener&) = delete;
  HookListener& operator=(const HookListener&) = delete;

  std::string url() const;
  /// The status of answers from now on.
  void answer_with(int status);
  /// Waits until at least `count` calls came; at most a minute. All that came so far.
  std::vector<Call> wait_for(std::size_t count);
  int take(Call call);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Call> calls_;
  int status_ = 200;
  std::unique_ptr<Poco::Net::HTTPServer> server_;
};

}  // namespace cpis::test
