#pragma once

#include <string>
#include <string_view>

#include "adapters/core/caller.h"
#include "gateway/auth/identity.h"
#include "gateway/fhir_api/target.h"
#include "gateway/fhir_api/wishes.h"
#include "gateway/http/query_string.h"
#include "gateway/http/reply.h"
#include "gateway/http/request.h"

namespace cpis::fhir_api {

class InteractionAudit;

/// One authenticated request on its way through the FHIR face.
struct Exchange {
  http::Request request;
  http::Reply reply;
  Caller caller;       ///< with the care setting of this request
  std::string client;  ///< the client's name in the configuration
  bool admin = false;
  std::string base;         ///< `https://host/FHIR/R4`
  Target target;            ///< where the path leads
  http::QueryString query;  ///< of the target, or of a POST _search body
  std::string correlation_id;
  auth::IdentityPtr who;      ///< never null behind the door; what the caller may do
  Wishes wishes{};            ///< how the answer is wanted
  std::string cors_origin{};  ///< the page's origin, when its pages may read the answer
  const InteractionAudit* audit = nullptr;  ///< set once the route is known
  bool superseded = false;  ///< the answer is about the number that took the asked one's place
  bool audited = false;     ///< what the answer shows is in the audit already, or surely before it

  /// Answers, in the form the client wants. Once; the exchange may be moved from afterwards. An
  /// answer whose event is not in the audit yet waits for it (InteractionAudit).
  void send(http::Response response);

  /// The same with an answer that the connection's loop makes (http::Reply::send_made). `make` must
  /// keep this exchange alive.
  template <class Make>
  void send_made(Make make) {
    reply.send_made([this, make = std::move(make)] { return dressed(make()); });
  }

  http::Response dressed(http::Response response) const;
};

}  // namespace cpis::fhir_api
