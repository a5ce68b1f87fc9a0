#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "gateway/net/descriptor.h"

namespace cpis::net {

/// Where to listen: a numeric address or a host name of this machine, and a port (0: any free one).
struct Endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
};

/// Opens a listening, non-blocking socket that others of this process may share (SO_REUSEPORT).
Result<Descriptor> open_listener(const Endpoint& endpoint);

/// `unavailable` when something already listens there. SO_REUSEPORT alone would let a second
/// gateway start on the same port and silently take half of the connections.
Status check_port_free(const Endpoint& endpoint);

/// The port a socket is bound to.
std::uint16_t bound_port(int descriptor);

enum class AcceptState {
  accepted,
  none,       ///< nobody is waiting
  gone,       ///< the one who waited has left; ask again
  exhausted,  ///< this process or the system is out of descriptors or memory
};

struct Accepted {
  AcceptState state;
  Descriptor socket = {};  ///< non-blocking, without delay for small writes, with keep-alive probes
  std::string address = {};
  std::uint16_t port = 0;
};

Accepted accept_one(int listener);

/// One attempt to send without waiting; the outcome does not matter to the caller.
void send_once(int descriptor, std::string_view bytes);

}  // namespace cpis::net
