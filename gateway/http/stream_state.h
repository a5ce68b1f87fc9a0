#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "gateway/net/connection.h"
#include "gateway/net/mailbox.h"

namespace cpis::http {

/// What a StreamWriter and its session share: the writer's side adds to `posted`, the session's
/// side takes from it and says how much the socket has not taken yet.
struct StreamState {
  std::shared_ptr<net::Mailbox> mailbox;
  net::ConnectionId connection = 0;
  std::uint64_t request = 0;
  std::size_t unsent_max = 0;
  std::atomic<std::size_t> posted{0};
  std::atomic<std::size_t> unsent{0};
  std::atomic<bool> gone{false};
  bool finished = false;  ///< the writer's own
  /// Of a tunnel: takes what the client sends. Fixed before the session knows the state.
  std::function<void(std::string_view)> receive;
};

}  // namespace cpis::http
