#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/fhir_api/services.h"
#include "gateway/fhir_api/websocket_token.h"
#include "gateway/http/reply.h"
#include "gateway/http/websocket.h"
#include "gateway/usecases/subscriber_sockets.h"

namespace cpis::fhir_api {

/// The websocket of the Subscriptions R5 Backport for R4: a client that cannot be called comes to
/// us (RFC 6455), says `bind-with-token TOKEN` with a token of `$get-ws-binding-token`, gets a
/// handshake of each subscription, and then its notifications as text.
///
/// The token is all that counts here: no header opens a subscription. It holds for 60 seconds and
/// once. A later binding of the same subscription takes over from the one before. Let go is who
/// does not bind within ten seconds, says anything else, sends more than `message_bytes_max` at
/// once or very many frames, does not answer a ping within a minute, or does not read (1 MiB
/// wait for it at most).
///
/// Safe to call from many threads.
class WebsocketDoor final : public http::HttpHandler, public usecases::SubscriberSockets {
 public:
  static constexpr std::string_view path = websocket_path;
  static constexpr std::size_t sockets_max = 1'000;
  static constexpr std::size_t sockets_per_client_max = 10;
  static constexpr std::size_t message_bytes_max = 4 * 1024;
  static constexpr std::size_t unsent_bytes_max = 1024 * 1024;

  /// `bound` is called when somebody has bound: wakes whoever tells subscribers.
  WebsocketDoor(const Services& services, std::function<void()> bound)
      : services_{services}, bound_{std::move(bound)} {}

  void handle(http::Request&& request, http::Reply&& reply) override;

  bool is_bound(const std::string& subscription) const override;
  bool is_greeted(const std::string& subscription) const override;
  std::vector<std::string> take_newly_bound() override;
  bool greet(const std::string& subscription, const std::string& body) override;
  bool send(const std::string& subscription, const std::string& body) override;

  /// Pings, and lets go of who is gone, silent, or has nothing to listen to any more. Call it about
  /// once a second.
  void tick();
  /// Says goodbye to all; nobody is taken from then on.
  void stop();
  std::size_t sockets() const;

 private:
  using Id = std::uint64_t;
  struct Socket {
    http::Request request;  ///< the handshake's, for the audit of a refusal
    std::optional<http::StreamWriter> writer{};
    http::WebsocketReader reader{message_bytes_max};
    std::string early{};  ///< came before there was a writer
    std::string client{};
    std::vector<std::string> subscriptions{};  ///< empty: not bound (any more)
    Time opened{};
    Time heard{};
    Time pinged{};
    std::size_t frames = 0;  ///< since the last tick
    bool lost = false;       ///< to be let go of
  };
  using Sockets = std::map<Id, Socket>;
  struct Binding {
    Id socket = 0;
    bool greeted = false;  ///< the handshake was handed over
  };

  std::optional<http::Response> refuse(const http::Request& request, std::string& accept) const;
  void receive(Id id, std::string_view bytes);
  void take(Socket& socket, Id id, std::string_view bytes);
  void obey(Socket& socket, Id id, const http::WebsocketMessage& message);
  void bind(Socket& socket, Id id, std::string_view token);
  std::string why_not(const std::optional<WebsocketBinding>& binding) const;
  bool is_served(const std::string& subscription, const std::string& client) const;
  bool put_text(Id id, const std::string& body);
  void release(const std::string& subscription, Id taker);
  void put(Socket& socket, http::WebsocketOpcode opcode, std::string_view payload);
  void close(Socket& socket, int code, std::string_view reason);
  void sweep();

  const Services services_;
  const std::function<void()> bound_;
  mutable std::mutex mutex_;
  // Guarded by mutex_, as all below.
  Sockets sockets_;
  std::map<std::string, Binding, std::less<>> by_subscription_;
  std::vector<std::string> newly_bound_;
  std::map<std::string, Time> used_;  ///< nonces, until they expire
  Id last_ = 0;
  bool stopped_ = false;
};

}  // namespace cpis::fhir_api
