#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace Poco::Net {
class HTTPServer;
}

namespace cpis::console {

/// A hospital's alert receiver, simulated: takes what the webhook posts and keeps it.
class DemoReceiver {
 public:
  DemoReceiver();
  ~DemoReceiver();
  DemoReceiver(const DemoReceiver&) = delete;
  DemoReceiver& operator=(const DemoReceiver&) = delete;

  std::string url() const;
  /// Waits until there are at least `count` alerts, at most `seconds`; gives what came.
  std::vector<std::string> wait_for(std::size_t count, int seconds);
  void take(std::string body);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> bodies_;
  std::unique_ptr<Poco::Net::HTTPServer> server_;
};

}  // namespace cpis::console
