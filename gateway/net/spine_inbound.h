#pragma once

#include "gateway/http/reply.h"
#include "gateway/net/spine_source.h"
#include "gateway/net/worker_pool.h"

namespace cpis::net {

/// The endpoint that Spine sends to: answers, acknowledgements, errors. To be listened on with a
/// required client certificate. A message of a usual size is read on the connection's loop and
/// answered when the store has it; no thread waits for that.
class SpineInbound final : public http::HttpHandler {
 public:
  /// The pool reads large messages and what has to be looked up. Both must outlive the handler.
  SpineInbound(SpineSource& source, WorkerPool& pool) : source_{source}, pool_{pool} {}
  void handle(http::Request&& request, http::Reply&& reply) override;

 private:
  void take(const http::Request& request, http::Reply&& reply);

  SpineSource& source_;
  WorkerPool& pool_;
};

}  // namespace cpis::net
