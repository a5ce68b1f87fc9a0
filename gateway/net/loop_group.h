#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adapters/core/result.h"
#include "gateway/net/event_loop.h"
#include "gateway/net/socket.h"

namespace cpis::net {

struct LoopSettings {
  std::size_t loops = 1;  ///< threads; one for each core that should serve. 1 to 64
  std::size_t connections_max = 10'000;
  std::size_t connections_per_peer_max = 1'000;
  std::function<void(const char* what)> on_fault = {};
};

/// A listening address and what is spoken there.
struct ListenerSettings {
  std::string name = {};
  Endpoint endpoint = {};
  ProtocolFactory protocol = {};
  std::shared_ptr<TlsSlot> tls = {};  ///< null: plain. Keep it to `replace` the certificate later
  TransportLimits limits = {};
  std::string refusal = {};
};

/// N event loops, each with its own listening socket for every address (SO_REUSEPORT), so that the
/// kernel spreads the connections and no loop waits for another.
///
///     LoopGroup group{{.loops = 2}};
///     auto port = group.listen({.name = "fhir", .endpoint = ..., .protocol = ...});
///     group.start();
///     ...
///     group.drain(5s);
///
/// `listen` before `start`; `start` and `drain` once, from one thread.
class LoopGroup {
 public:
  explicit LoopGroup(LoopSettings settings);
  ~LoopGroup();
  LoopGroup(const LoopGroup&) = delete;
  LoopGroup& operator=(const LoopGroup&) = delete;

  /// The port, also when 0 was asked for. Connections are taken from `start` on.
  Result<std::uint16_t> listen(ListenerSettings settings);
  void start();
  /// Stops listening, lets what was promised finish, and returns when every connection has gone
  /// and every thread has ended, at the latest shortly after `at_most`.
  void drain(Milliseconds at_most);

  const Counters& counters() const noexcept { return *shared_.counters; }
  std::size_t size() const noexcept { return loops_.size(); }
  EventLoop& loop(std::size_t index) { return *loops_[index]; }

 private:
  LoopShared shared_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::vector<std::thread> threads_;
};

}  // namespace cpis::net
