#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/http/reply.h"
#include "gateway/http/request_parser.h"
#include "gateway/net/event_loop.h"
#include "gateway/net/worker_pool.h"

namespace cpis::http {

struct HttpSettings {
  RequestLimits limits;
  net::Milliseconds header_time{10'000};  ///< from the first byte of a request to its last header
  net::Milliseconds body_time{120'000};   ///< from there to the end of the body
  net::Milliseconds idle_time{60'000};    ///< between requests
  net::Milliseconds answer_time{60'000};  ///< for the handler; then 504 and the connection ends
  std::size_t requests_per_connection_max = 1'000'000;
  /// Bodies that are arriving or being worked on, over all connections; beyond it, 503.
  std::size_t held_bytes_max = std::size_t{512} * 1024 * 1024;
  /// Sent with every answer, for example {"X-Content-Type-Options", "nosniff"}.
  std::vector<std::pair<std::string, std::string>> headers;
  /// Builds the answer to what never reaches the handler: a malformed or oversized request, a
  /// deadline. Default: the reason as text/plain. Called on loop threads; must not block or throw.
  std::function<Response(int status, std::string_view reason)> refusal;
};

/// Speaks HTTP/1.1 on accepted connections: keep-alive, pipelined requests answered in order (one
/// at a time is given to the handler), HEAD, Expect: 100-continue, one write for each answer.
///
///     listener.protocol = http::http_protocol(settings, handler);
///
/// `handler` outlives the loops.
net::ProtocolFactory http_protocol(HttpSettings settings, HttpHandler& handler);

/// 503 with Retry-After: try again later.
Response busy_response(int retry_after_s = 1);

/// The bytes for net::ListenerSettings::refusal: `busy_response`, then the connection ends.
std::string busy_bytes(int retry_after_s = 1);

/// Runs `work(request, reply)` on the pool. When its queue is full the client gets `busy` at once,
/// so that load is shed at the door and not in the middle.
void offload(net::WorkerPool& pool, Request&& request, Reply&& reply,
             std::function<void(Request&&, Reply&&)> work, Response busy = busy_response());

}  // namespace cpis::http
