#include "gateway/http/http_server.h"

#include <utility>

#include "gateway/http/http_session.h"

namespace cpis::http {

net::ProtocolFactory http_protocol(HttpSettings settings, HttpHandler& handler) {
  auto shared = std::make_shared<HttpShared>();
  for (const auto& [name, value] : settings.headers) {
    shared->header_lines += name + ": " + value + "\r\n";
  }
  shared->budget = std::make_shared<net::ByteBudget>(settings.held_bytes_max);
  shared->settings = std::move(settings);
  shared->handler = &handler;
  return [shared = std::shared_ptr<const HttpShared>{std::move(shared)}](const net::Connection&) {
    return std::make_unique<HttpSession>(shared);
  };
}

Response busy_response(int retry_after_s) {
  Response response{503, "text/plain", "busy, try again later\n"};
  response.set("Retry-After", std::to_string(retry_after_s));
  return response;
}

std::string busy_bytes(int retry_after_s) {
  std::string bytes;
  WireOptions options;
  options.keep_alive = false;
  append_response(bytes, busy_response(retry_after_s), options);
  return bytes;
}

void offload(net::WorkerPool& pool, Request&& request, Reply&& reply,
             std::function<void(Request&&, Reply&&)> work, Response busy) {
  auto place = pool.reserve();
  if (!place) return reply.send(std::move(busy));
  place->submit([request = std::move(request), reply = std::move(reply),
                 work = std::move(work)]() mutable { work(std::move(request), std::move(reply)); });
}

}  // namespace cpis::http
