#include "gateway/fhir_api/websocket_door.h"

#include <algorithm>
#include <utility>

#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/subscription_api.h"

namespace cpis::fhir_api {
namespace {

using http::WebsocketMessage;
using http::WebsocketOpcode;

constexpr std::string_view bind_word = "bind-with-token ";
constexpr std::chrono::seconds bind_time{10};
constexpr std::chrono::seconds ping_interval{30};
constexpr std::chrono::seconds silence_max{90};
constexpr std::size_t frames_per_tick_max = 100;
constexpr std::size_t nonces_max = 10'000;

http::Response bad_handshake(int status, const char* text) {
  http::Response response = error_answer({ErrorKind::bad_input, text});
  response.status = status;
  return response;
}

}  // namespace

// RFC 6455, 4.2.1.
std::optional<http::Response> WebsocketDoor::refuse(const http::Request& request,
                                                    std::string& accept) const {
  if (request.method() != "GET") {
    http::Response response = bad_handshake(405, "a websocket begins with GET");
    response.set("Allow", "GET");
    return response;
  }
  const bool upgrades = http::list_has(request.header("Upgrade").value_or(""), "websocket") &&
                        http::list_has(request.header("Connection").value_or(""), "upgrade") &&
                        request.minor_version() == 1;
  if (!upgrades || request.header("Sec-WebSocket-Version") != "13") {
    http::Response response = bad_handshake(426, "this is a websocket of version 13 (RFC 6455)");
    response.set("Upgrade", "websocket");
    response.set("Sec-WebSocket-Version", "13");
    return response;
  }
  accept = http::websocket_accept(request.header("Sec-WebSocket-Key").value_or(""));
  if (accept.empty()) return bad_handshake(400, "Sec-WebSocket-Key is needed");
  const auto& origins = services_.settings.cors_origins;
  const auto origin = request.header("Origin");
  const bool known = !origin || std::any_of(origins.begin(), origins.end(), [&](const auto& each) {
    return each == "*" || each == *origin;
  });
  if (!known) return bad_handshake(403, "pages of this origin may not listen here");
  return std::nullopt;
}

void WebsocketDoor::handle(http::Request&& request, http::Reply&& reply) {
  std::string accept;
  if (auto response = refuse(request, accept)) return reply.send(*std::move(response));
  Id id = 0;
  {
    const std::lock_guard lock{mutex_};
    if (stopped_ || sockets_.size() >= sockets_max) {
      return reply.send(error_answer({ErrorKind::busy, "too many websockets are open"}));
    }
    id = ++last_;
    Socket socket{std::move(request)};
    socket.opened = socket.heard = socket.pinged = services_.clock.now();
    sockets_.emplace(id, std::move(socket));
  }
  std::string head =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
      accept + "\r\n\r\n";
  http::StreamWriter writer = reply.start_tunnel(
      std::move(head), [this, id](std::string_view bytes) { receive(id, bytes); },
      unsent_bytes_max);
  const std::lock_guard lock{mutex_};
  const auto found = sockets_.find(id);
  if (found == sockets_.end()) return;
  found->second.writer.emplace(std::move(writer));
  take(found->second, id, std::exchange(found->second.early, {}));
  sweep();
}

void WebsocketDoor::receive(Id id, std::string_view bytes) {
  const std::lock_guard lock{mutex_};
  const auto found = sockets_.find(id);
  if (found == sockets_.end()) return;
  take(found->second, id, bytes);
  sweep();
}

void WebsocketDoor::take(Socket& socket, Id id, std::string_view bytes) {
  if (socket.lost) return;
  if (!socket.writer) {
    if (socket.early.size() + bytes.size() <= message_bytes_max) socket.early += bytes;
    return;
  }
  socket.heard = services_.clock.now();
  std::vector<WebsocketMessage> messages;
  const bool good = socket.reader.feed(bytes, messages);
  for (const WebsocketMessage& message : messages) {
    if (socket.lost) return;
    if (++socket.frames > frames_per_tick_max) {
      return close(socket, http::websocket_policy, "too many frames");
    }
    obey(socket, id, message);
  }
  if (!good && !socket.lost) close(socket, socket.reader.failure(), "");
}

void WebsocketDoor::obey(Socket& socket, Id id, const WebsocketMessage& message) {
  const std::string_view text = message.payload;
  switch (message.opcode) {
    case WebsocketOpcode::ping:
      return put(socket, WebsocketOpcode::pong, text);
    case WebsocketOpcode::pong:
      return;
    case WebsocketOpcode::close: {
      const bool said = message.close_code != http::websocket_no_code;
      return close(socket, said ? message.close_code : http::websocket_normal, "");
    }
    case WebsocketOpcode::text:
      if (text.starts_with(bind_word)) return bind(socket, id, text.substr(bind_word.size()));
      break;
    case WebsocketOpcode::binary:
    case WebsocketOpcode::continuation:
      break;
  }
  close(socket, http::websocket_policy, "say bind-with-token and a token");
}

bool WebsocketDoor::is_served(const std::string& subscription, const std::string& client) const {
  const auto entry = services_.book.find("Subscription", subscription);
  return entry && entry->keys.status != "off" && owns_subscription(*entry, client);
}

// Empty when the binding holds.
std::string WebsocketDoor::why_not(const std::optional<WebsocketBinding>& binding) const {
  if (!binding) return "the token is not one of ours";
  if (binding->expires < services_.clock.now()) return "the token has expired: get another";
  if (used_.size() >= nonces_max) return "too many tokens were used: try again in a minute";
  if (used_.contains(binding->nonce)) return "the token was used: get another";
  const auto served = [&](const std::string& id) { return is_served(id, binding->client); };
  if (!std::all_of(binding->subscriptions.begin(), binding->subscriptions.end(), served)) {
    return "a subscription of the token is not there any more";
  }
  const auto own = std::count_if(sockets_.begin(), sockets_.end(), [&](const auto& each) {
    return each.second.client == binding->client && !each.second.lost;
  });
  if (static_cast<std::size_t>(own) >= sockets_per_client_max) {
    return "this client has too many websockets open";
  }
  return {};
}

void WebsocketDoor::bind(Socket& socket, Id id, std::string_view token) {
  const auto binding = open_binding(services_.links, token);
  std::string why = why_not(binding);
  const bool another = binding && !socket.client.empty() && socket.client != binding->client;
  if (why.empty() && another) why = "this websocket is another client's";
  if (!why.empty()) {
    services_.refusals.note(socket.request, binding ? binding->client : "",
                            {401, "invalid_token", why});
    return close(socket, http::websocket_policy, why);
  }
  used_.emplace(binding->nonce, binding->expires);
  socket.client = binding->client;
  for (const std::string& subscription : binding->subscriptions) {
    release(subscription, id);
    by_subscription_[subscription] = {id};
    socket.subscriptions.push_back(subscription);
    newly_bound_.push_back(subscription);
  }
  bound_();
}

// Whoever listened to it does so no more.
void WebsocketDoor::release(const std::string& subscription, Id taker) {
  const auto found = by_subscription_.find(subscription);
  if (found == by_subscription_.end()) return;
  const auto holder = sockets_.find(found->second.socket);
  by_subscription_.erase(found);
  if (holder == sockets_.end()) return;
  std::erase(holder->second.subscriptions, subscription);
  if (holder->second.subscriptions.empty() && holder->first != taker) {
    close(holder->second, http::websocket_normal, "the subscription is not served here any more");
  }
}

void WebsocketDoor::put(Socket& socket, WebsocketOpcode opcode, std::string_view payload) {
  std::string frame;
  http::append_websocket_frame(frame, opcode, payload);
  if (!socket.writer || !socket.writer->write(frame)) socket.lost = true;
}

void WebsocketDoor::close(Socket& socket, int code, std::string_view reason) {
  if (socket.lost) return;
  put(socket, WebsocketOpcode::close, http::websocket_close_payload(code, reason));
  socket.lost = true;
}

// Letting go of the writer ends the connection, once what waits has left.
void WebsocketDoor::sweep() {
  std::erase_if(sockets_, [](const auto& each) { return each.second.lost; });
  std::erase_if(by_subscription_,
                [this](const auto& each) { return !sockets_.contains(each.second.socket); });
}

bool WebsocketDoor::is_bound(const std::string& subscription) const {
  const std::lock_guard lock{mutex_};
  return by_subscription_.contains(subscription);
}

bool WebsocketDoor::is_greeted(const std::string& subscription) const {
  const std::lock_guard lock{mutex_};
  const auto found = by_subscription_.find(subscription);
  return found != by_subscription_.end() && found->second.greeted;
}

std::vector<std::string> WebsocketDoor::take_newly_bound() {
  const std::lock_guard lock{mutex_};
  return std::exchange(newly_bound_, {});
}

bool WebsocketDoor::greet(const std::string& subscription, const std::string& body) {
  const std::lock_guard lock{mutex_};
  const auto found = by_subscription_.find(subscription);
  if (found == by_subscription_.end()) return false;
  found->second.greeted = true;
  return put_text(found->second.socket, body);
}

bool WebsocketDoor::send(const std::string& subscription, const std::string& body) {
  const std::lock_guard lock{mutex_};
  const auto found = by_subscription_.find(subscription);
  if (found == by_subscription_.end() || !found->second.greeted) return false;
  return put_text(found->second.socket, body);
}

bool WebsocketDoor::put_text(Id id, const std::string& body) {
  Socket& socket = sockets_.at(id);
  put(socket, WebsocketOpcode::text, body);
  const bool sent = !socket.lost;
  sweep();
  return sent;
}

void WebsocketDoor::tick() {
  const std::lock_guard lock{mutex_};
  const Time now = services_.clock.now();
  std::erase_if(used_, [now](const auto& each) { return each.second < now; });
  std::vector<std::string> over;
  for (auto& [id, socket] : sockets_) {
    socket.frames = 0;
    if (!socket.writer) continue;
    if (!socket.writer->open() || socket.heard + silence_max < now) socket.lost = true;
    if (socket.lost) continue;
    for (const std::string& each : socket.subscriptions) {
      if (!is_served(each, socket.client)) over.push_back(each);
    }
    if (socket.subscriptions.empty() && socket.opened + bind_time < now) {
      close(socket, http::websocket_policy, "nothing was bound in time");
    } else if (socket.pinged + ping_interval < now) {
      socket.pinged = now;
      put(socket, WebsocketOpcode::ping, {});
    }
  }
  for (const std::string& each : over) release(each, 0);
  sweep();
}

void WebsocketDoor::stop() {
  const std::lock_guard lock{mutex_};
  stopped_ = true;
  for (auto& [id, socket] : sockets_) close(socket, http::websocket_going_away, "");
  sweep();
}

std::size_t WebsocketDoor::sockets() const {
  const std::lock_guard lock{mutex_};
  return sockets_.size();
}

}  // namespace cpis::fhir_api
