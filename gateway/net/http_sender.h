#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/core/result.h"

namespace cpis::net {

/// How we prove who we are, and whom we believe. Empty files: no client certificate, the system's
/// own authorities. TLS 1.2 at least; the peer's certificate and its name are always checked.
struct SenderSettings {
  std::string certificate_file = {};  ///< PEM: ours first, then the chain
  std::string key_file = {};
  std::string authority_file = {};   ///< PEM
  std::string revocation_file = {};  ///< PEM; servers are looked up in its lists. Empty: not
  std::chrono::milliseconds connect_time{5'000};
  std::chrono::milliseconds answer_time{30'000};
  std::chrono::seconds idle_time{4};      ///< an idle connection is not used again after this
  std::size_t idle_connections_max = 64;  ///< in all
  std::size_t answer_bytes_max = std::size_t{16} * 1024 * 1024;
};

struct HttpCall {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::string content_type = {};
};

/// What became of a call. The difference between the first two decides whether it may be repeated.
struct HttpOutcome {
  enum class Kind {
    not_sent,  ///< no byte of the request left this machine
    lost,      ///< the request may have arrived, the answer did not; `why` is `timeout`
    answered,
  };
  Kind kind = Kind::not_sent;
  int status = 0;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  Error why{ErrorKind::unavailable, ""};  ///< unless answered

  /// Empty when there is no such header; the name in any case.
  std::string_view header(std::string_view name) const;
};

/// Sends HTTP requests over kept connections, one call a thread. Safe to call from many threads.
/// A call made within an observe::TraceScope carries its `traceparent`.
class HttpSender {
 public:
  virtual ~HttpSender() = default;
  /// Blocks, at most for about `answer_time`.
  virtual HttpOutcome send(const HttpCall& call) = 0;
};

/// `bad_input` names a file that cannot be used.
Result<std::unique_ptr<HttpSender>> open_http_sender(SenderSettings settings);

}  // namespace cpis::net
