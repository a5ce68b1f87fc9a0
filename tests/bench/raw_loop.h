#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

namespace cpis::bench {

/// The floor to compare with: one epoll thread that looks for the end of each request and sends
/// fixed bytes. No parsing, no limits, no deadlines, no order, no back-pressure.
class RawLoop {
 public:
  RawLoop(std::string_view request_end, std::string answer);
  ~RawLoop();
  RawLoop(const RawLoop&) = delete;
  RawLoop& operator=(const RawLoop&) = delete;
  std::uint16_t port() const noexcept { return port_; }

 private:
  void serve();
  const std::string request_end_;
  const std::string answer_;
  int listener_;
  int stop_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace cpis::bench
