#pragma once

#include <string>
#include <vector>

namespace cpis::usecases {

/// Subscribers that come to us and hold a connection open (channel `websocket`). Safe to call from
/// many threads; nothing blocks.
class SubscriberSockets {
 public:
  SubscriberSockets() = default;
  SubscriberSockets(const SubscriberSockets&) = delete;
  SubscriberSockets& operator=(const SubscriberSockets&) = delete;
  virtual ~SubscriberSockets() = default;

  /// Whether somebody listens for this subscription now, on this gateway.
  virtual bool is_bound(const std::string& subscription) const = 0;
  /// Whether that somebody has had its handshake.
  virtual bool is_greeted(const std::string& subscription) const = 0;
  /// Which were bound since the last call: each is owed a handshake before anything else.
  virtual std::vector<std::string> take_newly_bound() = 0;
  /// Hands the handshake to whoever listens. False as with `send`.
  virtual bool greet(const std::string& subscription, const std::string& body) = 0;
  /// Hands a notification to whoever listens, behind what was handed before. False when nobody
  /// does, or has not had its handshake, or does not keep up and was let go.
  virtual bool send(const std::string& subscription, const std::string& body) = 0;
};

}  // namespace cpis::usecases
