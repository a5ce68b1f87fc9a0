#include "gateway/net/spine_inbound.h"

#include <utility>

#include "gateway/http/http_server.h"

namespace cpis::net {

void SpineInbound::handle(http::Request&& request, http::Reply&& reply) {
  if (request.method() != "POST") {
    return reply.send(http::Response{405, "text/plain", "POST only\n"});
  }
  http::offload(pool_, std::move(request), std::move(reply),
                [this](http::Request&& taken, http::Reply&& owed) {
                  const std::string type{taken.header("Content-Type").value_or("")};
                  SpineSource::InboundReply answer = source_.receive(type, taken.body());
                  http::Response response{answer.status};
                  if (!answer.content.body.empty()) {
                    response.set("Content-Type", answer.content.content_type);
                    response.body = std::move(answer.content.body);
                  }
                  owed.send(std::move(response));
                });
}

}  // namespace cpis::net
