#include "gateway/net/loop_group.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "gateway/net/limits.h"
#include "gateway/observe/thread_name.h"

namespace cpis::net {

namespace {
constexpr std::size_t loops_max = 64;
}

LoopGroup::LoopGroup(LoopSettings settings) {
  // OpenSSL writes without MSG_NOSIGNAL: a peer that resets must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
  const std::size_t total =
      std::clamp<std::size_t>(settings.connections_max, 1, loop_connections_max);
  const std::size_t per_peer = std::max<std::size_t>(settings.connections_per_peer_max, 1);
  shared_.budget = std::make_shared<ConnectionBudget>(total, per_peer);
  shared_.counters = std::make_shared<Counters>();
  shared_.on_fault = std::move(settings.on_fault);
  const std::size_t count = std::clamp<std::size_t>(settings.loops, 1, loops_max);
  for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<EventLoop>(shared_));
}

LoopGroup::~LoopGroup() { drain(Milliseconds{0}); }

Result<std::uint16_t> LoopGroup::listen(ListenerSettings settings) {
  if (const Status free = check_port_free(settings.endpoint); !free) return free.error();
  auto door = std::make_shared<Door>();
  door->name = std::move(settings.name);
  door->protocol = std::move(settings.protocol);
  door->tls = std::move(settings.tls);
  door->limits = settings.limits;
  door->refusal = std::move(settings.refusal);
  Endpoint endpoint = settings.endpoint;
  for (const auto& loop : loops_) {
    Result<Descriptor> socket = open_listener(endpoint);
    if (!socket) return socket.error();
    endpoint.port = bound_port(socket->get());
    loop->add_listener(std::move(*socket), door);
  }
  return endpoint.port;
}

void LoopGroup::start() {
  for (const auto& loop : loops_) {
    threads_.emplace_back([&served = *loop] {
      observe::name_thread("loop");
      served.run();
    });
  }
}

void LoopGroup::drain(Milliseconds at_most) {
  for (const auto& loop : loops_) {
    loop->mailbox()->post([&drained = *loop, at_most] { drained.drain(at_most); });
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace cpis::net
