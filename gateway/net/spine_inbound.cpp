#include "gateway/net/spine_inbound.h"

#include <memory>
#include <utility>

#include "gateway/http/http_server.h"

namespace cpis::net {
namespace {

// Read in less than a millisecond. An answer with 25 looks has about half of it.
constexpr std::size_t read_on_loop_max = std::size_t{64} * 1024;

}  // namespace

void SpineInbound::take(const http::Request& request, http::Reply&& reply) {
  const auto owed = std::make_shared<http::Reply>(std::move(reply));
  const std::string_view type = request.header("Content-Type").value_or("");
  source_.receive(type, request.body(), pool_, [owed](SpineSource::InboundReply answer) {
    http::Response response{answer.status};
    if (!answer.content.body.empty()) {
      response.set("Content-Type", std::move(answer.content.content_type));
      response.body = std::move(answer.content.body);
    }
    owed->send(std::move(response));
  });
}

void SpineInbound::handle(http::Request&& request, http::Reply&& reply) {
  if (request.method() != "POST") {
    return reply.send(http::Response{405, "text/plain", "POST only\n"});
  }
  if (request.body().size() <= read_on_loop_max) return take(request, std::move(reply));
  http::offload(
      pool_, std::move(request), std::move(reply),
      [this](http::Request&& taken, http::Reply&& owed) { take(taken, std::move(owed)); });
}

}  // namespace cpis::net
