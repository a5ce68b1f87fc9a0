#pragma once

#include "gateway/http/reply.h"
#include "gateway/net/spine_source.h"
#include "gateway/net/worker_pool.h"

namespace cpis::net {

/// The endpoint that Spine sends to: answers, acknowledgements, errors. To be listened on with a
/// required client certificate.
class SpineInbound final : public http::HttpHandler {
 public:
  /// The pool runs what waits for the store. Both must outlive the handler.
  SpineInbound(SpineSource& source, WorkerPool& pool) : source_{source}, pool_{pool} {}
  void handle(http::Request&& request, http::Reply&& reply) override;

 private:
  SpineSource& source_;
  WorkerPool& pool_;
};

}  // namespace cpis::net
