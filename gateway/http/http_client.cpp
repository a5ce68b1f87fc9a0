#include "gateway/http/http_client.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>

#include "gateway/http/request.h"
#include "gateway/http/response_parser.h"
#include "gateway/observe/trace.h"

namespace cpis::http {

using net::IoResult;
using net::IoState;
using net::SteadyTime;

namespace {

constexpr std::string_view no_answer_in_time = "no answer in time";
constexpr std::size_t read_bytes = std::size_t{16} * 1024;

bool safe(std::string_view text) {
  return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos;
}

std::string request_bytes(const HttpCall& call, const std::string& authority,
                          const std::string& target) {
  std::string bytes = call.method + ' ' + target + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  bool traced = false;
  for (const auto& [name, value] : call.headers) {
    bytes += name + ": " + value + "\r\n";
    traced = traced || same_name(name, "traceparent");
  }
  const std::string trace = traced ? std::string{} : observe::next_traceparent();
  if (!trace.empty()) bytes += "traceparent: " + trace + "\r\n";
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

namespace {

// Empty when a whole answer came, otherwise why not.
std::string_view receive(net::BlockingLink& link, ResponseParser& parser, SteadyTime until) {
  std::array<char, read_bytes> piece;
  auto state = ResponseParser::State::need_more;
  while (state == ResponseParser::State::need_more) {
    const IoResult got = link.read_some(piece.data(), piece.size(), until);
    if (got.state == IoState::moved) {
      state = parser.feed({piece.data(), got.bytes});
    } else if (got.state == IoState::ended) {
      state = parser.finish();
    } else if (got.state == IoState::failed) {
      // TLS without a farewell too: somebody else may have cut the connection.
      return "the connection broke before the answer was whole";
    } else {
      return no_answer_in_time;
    }
    const bool late = net::steady_now() >= until;  // bytes that drip in do not move the deadline
    if (late && state == ResponseParser::State::need_more) return no_answer_in_time;
  }
  return state == ResponseParser::State::complete ? std::string_view{} : parser.reason();
}

}  // namespace

HttpClient::HttpClient(HttpClientSettings settings, std::unique_ptr<net::FreshConnector> connector)
    : settings_{std::move(settings)}, connector_{std::move(connector)} {}

HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::open(HttpClientSettings settings) {
  auto connector = net::FreshConnector::open(settings.tls);
  if (!connector) return connector.error();
  return std::make_unique<HttpClient>(std::move(settings), std::move(*connector));
}

Result<Response> HttpClient::send(const HttpCall& call) {
  bool began = false;
  return send(call, began);
}

Result<Response> HttpClient::send(const HttpCall& call, bool& began) {
  began = false;
  const auto place = Place::read(call.url);
  if (!place) return Error{ErrorKind::bad_input, "not an http or https address"};
  const bool clean = safe(call.method) && std::ranges::all_of(call.headers, [](const auto& field) {
                       return safe(field.first) && safe(field.second);
                     });
  if (!clean) return Error{ErrorKind::bad_input, "a header has a line break"};
  const SteadyTime until = net::steady_now() + call.deadline;
  const auto tls = place->encrypted ? connector() : nullptr;
  std::unique_ptr<net::BlockingLink> link = take_idle(place->key());
  if (!link) {
    auto connected =
        net::BlockingLink::open({place->host, place->port}, tls.get(),
                                std::min(until, net::steady_now() + settings_.connect_time));
    if (!connected) return connected.error();
    link = std::move(*connected);
  }
  began = true;
  auto answer = exchange(call, *place, *link, until);
  if (answer && answer->keep_alive) keep(place->key(), std::move(link), tls);
  if (!answer) return answer.error();
  return std::move(answer->response);
}

Result<HttpClient::Answer> HttpClient::exchange(const HttpCall& call, const Place& place,
                                                net::BlockingLink& link, SteadyTime until) {
  if (!link.write_all(request_bytes(call, place.authority, place.target), until)) {
    return Error{ErrorKind::unavailable, place.host + " did not take the request"};
  }
  ResponseParser parser{{.body_bytes = call.answer_bytes_max}, call.method == "HEAD"};
  const std::string_view problem = receive(link, parser, until);
  if (!problem.empty()) {
    return Error{ErrorKind::timeout, place.host + ": " + std::string{problem}};
  }
  const bool keep_alive = parser.keep_alive();
  return Answer{parser.take(), keep_alive};
}

// With new files nothing is kept that the old ones vouched for.
std::shared_ptr<net::TlsConnector> HttpClient::connector() {
  auto now = connector_->at(net::steady_now());
  const std::lock_guard lock{mutex_};
  if (in_use_ != now) idle_.clear();
  in_use_ = now;
  return now;
}

// The last one that was kept under this key; null when there is none.
std::unique_ptr<net::BlockingLink> HttpClient::take_last(const std::string& key) {
  const std::lock_guard lock{mutex_};
  const SteadyTime oldest = net::steady_now() - settings_.idle_time;
  while (!idle_.empty() && idle_.front().since < oldest) idle_.pop_front();
  const auto found =
      std::find_if(idle_.rbegin(), idle_.rend(), [&](const Idle& idle) { return idle.key == key; });
  if (found == idle_.rend()) return nullptr;
  std::unique_ptr<net::BlockingLink> link = std::move(found->link);
  idle_.erase(std::next(found).base());
  return link;
}

std::unique_ptr<net::BlockingLink> HttpClient::take_idle(const std::string& key) {
  while (auto link = take_last(key)) {
    if (link->usable()) return link;  // looked at without the lock: it is a system call
  }
  return nullptr;
}

void HttpClient::keep(const std::string& key, std::unique_ptr<net::BlockingLink> link,
                      const std::shared_ptr<net::TlsConnector>& made_with) {
  const std::lock_guard lock{mutex_};
  if (made_with && made_with != in_use_) return;
  idle_.push_back({key, std::move(link), net::steady_now()});
  while (idle_.size() > settings_.idle_connections_max) idle_.pop_front();
}

}  // namespace cpis::http
