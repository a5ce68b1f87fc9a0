#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "gateway/net/clock.h"
#include "gateway/net/descriptor.h"
#include "gateway/net/io_result.h"
#include "gateway/net/tls.h"

namespace cpis::net {

/// One connection to somebody else's server, plain or TLS, for a thread that may wait.
///
/// Every call ends at the moment that it is given, at the latest (name resolution is the system's,
/// with the system's own limit). Nothing is tried twice: after an error the bytes that were sent
/// may have arrived or not, and the connection is of no use any more. Not thread-safe; to be
/// destroyed by any thread.
class BlockingLink {
 public:
  struct To {
    std::string host;  ///< a name or an address, without brackets
    std::uint16_t port = 0;
  };

  /// Connects to the first of at most four addresses that answers, then shakes hands when there is
  /// a connector. `unavailable` when nobody answers or the handshake fails; its message names the
  /// host and says which of the two it was, and what was wrong with the certificate.
  static Result<std::unique_ptr<BlockingLink>> open(const To& to, TlsConnector* connector,
                                                    SteadyTime until);

  /// All of the bytes. False when the connection ended, broke or was full until then.
  bool write_all(std::string_view bytes, SteadyTime until);

  /// What comes next, waiting until there is something:
  /// - `moved`: this many bytes, at least one;
  /// - `ended`: the other side has finished, over TLS with its farewell;
  /// - `failed`: the connection broke, or was cut without a farewell;
  /// - `wait_read`: nothing came in time.
  IoResult read_some(char* into, std::size_t room, SteadyTime until);

  /// An idle connection on which something has arrived has been closed, or is out of step.
  bool usable() const;

 private:
  BlockingLink(Descriptor socket, std::unique_ptr<TlsStream> tls)
      : socket_{std::move(socket)}, tls_{std::move(tls)} {}

  bool shake_hands(SteadyTime until);
  bool wait(IoState state, SteadyTime until) const;
  IoResult write_once(std::string_view bytes);
  IoResult read_once(char* into, std::size_t room);

  Descriptor socket_;
  std::unique_ptr<TlsStream> tls_;
};

}  // namespace cpis::net
