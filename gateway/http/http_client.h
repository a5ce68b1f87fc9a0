#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "adapters/core/result.h"
#include "gateway/http/response.h"
#include "gateway/net/blocking_link.h"
#include "gateway/net/clock.h"
#include "gateway/net/fresh_connector.h"
#include "gateway/net/tls.h"

namespace cpis::http {

/// One request to somebody else's server.
struct HttpCall {
  std::string method = "GET";
  std::string url;  ///< absolute, http or https, percent-encoded as it shall be sent
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  net::Milliseconds deadline{10'000};  ///< for all of it, from connecting to the last byte
  std::size_t answer_bytes_max = std::size_t{8} * 1024 * 1024;
};

struct HttpClientSettings {
  net::TlsClientSettings tls = {};        ///< for https
  net::Milliseconds connect_time{5'000};  ///< at most, for connecting and the TLS handshake
  net::Milliseconds idle_time{20'000};    ///< an unused connection is kept this long
  std::size_t idle_connections_max = 32;  ///< in all; 0: a new connection for each call
};

/// Calls other servers and waits for the answer. Keeps connections open between calls. TLS files
/// that were replaced are taken within seconds; connections that were made with the old ones are
/// then not used again.
///
/// Any thread, many at a time; blocks up to the call's deadline, so never on a loop's thread. (Name
/// resolution is the system's and has the system's own time limit.)
///
/// Nothing is tried twice, not even a GET on a kept connection that turns out to be dead: a check
/// that was heard twice would notify twice. Whoever calls knows what may be repeated:
/// - `unavailable`: the request did not reach the other side whole; nothing was decided there;
/// - `timeout`: it was sent, and no usable answer came back; the outcome is unknown;
/// - `bad_input`: the call itself is wrong.
/// Any status is an answer. Redirects are not followed. A call made within an observe::TraceScope
/// carries its `traceparent`, unless it has one of its own.
class HttpClient {
 public:
  /// `bad_input` when a TLS file cannot be used.
  static Result<std::unique_ptr<HttpClient>> open(HttpClientSettings settings);
  HttpClient(HttpClientSettings settings, std::unique_ptr<net::FreshConnector> connector);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Messages of errors name the host, never the path: it may hold an NHS number.
  Result<Response> send(const HttpCall& call);
  /// The same; `began` tells whether a byte of the request may have left.
  Result<Response> send(const HttpCall& call, bool& began);

 private:
  struct Place;
  struct Idle {
    std::string key;
    std::unique_ptr<net::BlockingLink> link;
    net::SteadyTime since;
  };
  struct Answer {
    Response response;
    bool keep_alive = false;
  };
  Result<Answer> exchange(const HttpCall& call, const Place& place, net::BlockingLink& link,
                          net::SteadyTime until);
  std::shared_ptr<net::TlsConnector> connector();
  std::unique_ptr<net::BlockingLink> take_idle(const std::string& key);
  std::unique_ptr<net::BlockingLink> take_last(const std::string& key);
  void keep(const std::string& key, std::unique_ptr<net::BlockingLink> link,
            const std::shared_ptr<net::TlsConnector>& made_with);

  const HttpClientSettings settings_;
  const std::unique_ptr<net::FreshConnector> connector_;
  std::mutex mutex_;
  std::deque<Idle> idle_;  ///< oldest first
  std::shared_ptr<net::TlsConnector> in_use_;
};

}  // namespace cpis::http
