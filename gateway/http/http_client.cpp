#include "gateway/http/http_client.h"

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/SocketAddress.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

#include "gateway/http/request.h"
#include "gateway/http/response_parser.h"
#include "gateway/net/descriptor.h"

namespace cpis::http {

using net::IoResult;
using net::IoState;
using net::SteadyTime;

namespace {

constexpr std::size_t addresses_max = 4;
constexpr std::string_view no_answer_in_time = "no answer in time";
constexpr std::size_t read_bytes = std::size_t{16} * 1024;

bool wait_for(int descriptor, short events, SteadyTime until) {
  while (true) {
    const auto left = std::chrono::ceil<net::Milliseconds>(until - net::steady_now()).count();
    if (left <= 0) return false;
    pollfd entry{descriptor, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool safe(std::string_view text) {
  return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos;
}

// Empty when the name is not known.
std::vector<Poco::Net::SocketAddress> addresses_of(const std::string& host, std::uint16_t port) {
  std::vector<Poco::Net::SocketAddress> found;
  Poco::Net::IPAddress numeric;
  if (Poco::Net::IPAddress::tryParse(host, numeric)) return {{numeric, port}};
  try {
    const Poco::Net::HostEntry entry = Poco::Net::DNS::hostByName(host);
    for (const Poco::Net::IPAddress& address : entry.addresses()) {
      if (found.size() < addresses_max) found.emplace_back(address, port);
    }
  } catch (const Poco::Exception&) {
    found.clear();
  }
  return found;
}

net::Descriptor connect_socket(const Poco::Net::SocketAddress& address, SteadyTime until) {
  net::Descriptor socket{::socket(address.af(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const int one = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (::connect(socket.get(), address.addr(), address.length()) == 0) return socket;
  int problem = errno;
  socklen_t length = sizeof problem;
  if (problem == EINPROGRESS) {
    if (!wait_for(socket.get(), POLLOUT, until)) return {};
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &problem, &length);
  }
  return problem == 0 ? std::move(socket) : net::Descriptor{};
}

std::string request_bytes(const HttpCall& call, const std::string& authority,
                          const std::string& target) {
  std::string bytes = call.method + ' ' + target + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  for (const auto& [name, value] : call.headers) bytes += name + ": " + value + "\r\n";
  const bool bodiless = call.method == "GET" || call.method == "HEAD" || call.method == "DELETE";
  if (!call.body.empty() || !bodiless) {
    bytes += "Content-Length: " + std::to_string(call.body.size()) + "\r\n";
  }
  return bytes + "\r\n" + call.body;
}

}  // namespace

/// Where a URL points to.
struct HttpClient::Place {
  bool encrypted = false;
  std::string host;  ///< without brackets
  std::uint16_t port = 0;
  std::string authority;  ///< as written, for the Host header
  std::string target;     ///< path and query

  std::string key() const { return (encrypted ? "https://" : "http://") + authority; }

  static std::optional<Place> read(std::string_view url) {
    Place place;
    place.encrypted = same_name(url.substr(0, 8), "https://");
    if (!place.encrypted && !same_name(url.substr(0, 7), "http://")) return std::nullopt;
    url.remove_prefix(place.encrypted ? 8 : 7);
    url = url.substr(0, url.find('#'));
    const std::size_t end = std::min(url.find_first_of("/?"), url.size());
    place.authority = url.substr(0, end);
    place.target = url.substr(end);
    if (!place.target.starts_with('/')) place.target.insert(0, "/");
    const auto visible = [](char c) { return c > ' ' && c < '\x7F'; };
    if (!std::ranges::all_of(url, visible) || !place.read_authority()) return std::nullopt;
    return place;
  }

  bool read_authority() {
    std::string_view rest = authority;
    if (rest.empty() || rest.find('@') != std::string_view::npos) return false;
    port = encrypted ? 443 : 80;
    const bool bracketed = rest.starts_with('[');
    const std::size_t close = bracketed ? rest.find(']') : 0;
    if (close == std::string_view::npos) return false;
    const std::size_t colon = rest.find(':', close);
    host = bracketed ? rest.substr(1, close - 1) : rest.substr(0, colon);
    if (colon == std::string_view::npos) return !host.empty();
    const std::string_view digits = rest.substr(colon + 1);
    const char* const end = digits.data() + digits.size();
    const auto [stop, problem] = std::from_chars(digits.data(), end, port);
    return !host.empty() && stop == end && problem == std::errc{} && port != 0;
  }
};

/// One open connection.
struct HttpClient::Link {
  net::Descriptor socket;
  std::unique_ptr<net::TlsStream> tls;
  SteadyTime idle_since;

  IoResult write(std::string_view bytes) {
    if (tls) return tls->write(bytes);
    const auto sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) return {IoState::moved, static_cast<std::size_t>(sent)};
    return {errno == EAGAIN || errno == EINTR ? IoState::wait_write : IoState::failed};
  }
  IoResult read(char* into, std::size_t room) {
    if (tls) return tls->read(into, room);
    const auto got = ::recv(socket.get(), into, room, 0);
    if (got > 0) return {IoState::moved, static_cast<std::size_t>(got)};
    if (got == 0) return {IoState::ended};
    return {errno == EAGAIN || errno == EINTR ? IoState::wait_read : IoState::failed};
  }
  bool wait(IoState state, SteadyTime until) const {
    return wait_for(socket.get(), state == IoState::wait_read ? POLLIN : POLLOUT, until);
  }
  /// An idle connection on which something has arrived has been closed, or is out of step.
  bool usable() const {
    pollfd entry{socket.get(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 0;
  }
  bool shake_hands(SteadyTime until);
  bool send_all(std::string_view bytes, SteadyTime until);
  std::string_view receive(ResponseParser& parser, SteadyTime until);
};

bool HttpClient::Link::shake_hands(SteadyTime until) {
  while (true) {
    const IoState state = tls->shake_hands();
    if (state == IoState::moved) return true;
    if (state != IoState::wait_read && state != IoState::wait_write) return false;
    if (!wait(state, until)) return false;
  }
}

bool HttpClient::Link::send_all(std::string_view bytes, SteadyTime until) {
  while (!bytes.empty()) {
    const IoResult sent = write(bytes);
    bytes.remove_prefix(sent.bytes);
    if (sent.state == IoState::failed || sent.state == IoState::ended) return false;
    if (sent.state != IoState::moved && !wait(sent.state, until)) return false;
  }
  return true;
}

// Empty when a whole answer came, otherwise why not.
std::string_view HttpClient::Link::receive(ResponseParser& parser, SteadyTime until) {
  std::array<char, read_bytes> piece;
  auto state = ResponseParser::State::need_more;
  while (state == ResponseParser::State::need_more) {
    const IoResult got = read(piece.data(), piece.size());
    if (got.state == IoState::moved) {
      state = parser.feed({piece.data(), got.bytes});
    } else if (got.state == IoState::ended) {
      state = parser.finish();
    } else if (got.state == IoState::failed) {
      // TLS without a farewell too: somebody else may have cut the connection.
      return "the connection broke before the answer was whole";
    } else if (!wait(got.state, until)) {
      return no_answer_in_time;
    }
    const bool late = net::steady_now() >= until;  // bytes that drip in do not move the deadline
    if (late && state == ResponseParser::State::need_more) return no_answer_in_time;
  }
  return state == ResponseParser::State::complete ? std::string_view{} : parser.reason();
}

HttpClient::HttpClient(HttpClientSettings settings, std::shared_ptr<net::TlsConnector> connector)
    : settings_{std::move(settings)}, connector_{std::move(connector)} {}

HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::open(HttpClientSettings settings) {
  auto connector = net::TlsConnector::open(settings.tls);
  if (!connector) return connector.error();
  return std::make_unique<HttpClient>(std::move(settings), std::move(*connector));
}

Result<Response> HttpClient::send(const HttpCall& call) {
  const auto place = Place::read(call.url);
  if (!place) return Error{ErrorKind::bad_input, "not an http or https address"};
  const bool clean = safe(call.method) && std::ranges::all_of(call.headers, [](const auto& field) {
                       return safe(field.first) && safe(field.second);
                     });
  if (!clean) return Error{ErrorKind::bad_input, "a header has a line break"};
  const SteadyTime until = net::steady_now() + call.deadline;
  std::unique_ptr<Link> link = take_idle(place->key());
  if (!link) {
    auto connected = connect(*place, std::min(until, net::steady_now() + settings_.connect_time));
    if (!connected) return connected.error();
    link = std::move(*connected);
  }
  return exchange(call, *place, std::move(link), until);
}

Result<Response> HttpClient::exchange(const HttpCall& call, const Place& place,
                                      std::unique_ptr<Link> link, SteadyTime until) {
  if (!link->send_all(request_bytes(call, place.authority, place.target), until)) {
    return Error{ErrorKind::unavailable, place.host + " did not take the request"};
  }
  ResponseParser parser{{.body_bytes = call.answer_bytes_max}, call.method == "HEAD"};
  const std::string_view problem = link->receive(parser, until);
  if (!problem.empty()) {
    return Error{ErrorKind::timeout, place.host + ": " + std::string{problem}};
  }
  if (parser.keep_alive()) keep(place.key(), std::move(link));
  return parser.take();
}

Result<std::unique_ptr<HttpClient::Link>> HttpClient::connect(const Place& place,
                                                              SteadyTime until) {
  auto link = std::make_unique<Link>();
  for (const Poco::Net::SocketAddress& address : addresses_of(place.host, place.port)) {
    link->socket = connect_socket(address, until);
    if (link->socket.valid()) break;
  }
  if (!link->socket.valid()) {
    return Error{ErrorKind::unavailable, "cannot connect to " + place.host};
  }
  if (!place.encrypted) return link;
  auto tls = connector_->connect(link->socket.get(), place.host);
  if (!tls) return tls.error();
  link->tls = std::move(*tls);
  if (!link->shake_hands(until)) {
    const std::string why = link->tls->verification_problem();
    return Error{ErrorKind::unavailable,
                 "no TLS with " + place.host + (why.empty() ? "" : ": ") + why};
  }
  return link;
}

std::unique_ptr<HttpClient::Link> HttpClient::take_idle(const std::string& key) {
  const std::lock_guard lock{mutex_};
  const SteadyTime oldest = net::steady_now() - settings_.idle_time;
  while (!idle_.empty() && idle_.front().second->idle_since < oldest) idle_.pop_front();
  for (std::size_t i = idle_.size(); i-- > 0;) {
    if (idle_[i].first != key) continue;
    std::unique_ptr<Link> link = std::move(idle_[i].second);
    idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    if (link->usable()) return link;
  }
  return nullptr;
}

void HttpClient::keep(const std::string& key, std::unique_ptr<Link> link) {
  link->idle_since = net::steady_now();
  const std::lock_guard lock{mutex_};
  idle_.emplace_back(key, std::move(link));
  while (idle_.size() > settings_.idle_connections_max) idle_.pop_front();
}

}  // namespace cpis::http
