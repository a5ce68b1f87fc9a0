#pragma once

#include <string>
#include <string_view>

#include "adapters/core/caller.h"
#include "gateway/auth/identity.h"
#include "gateway/http/query_string.h"
#include "gateway/http/reply.h"
#include "gateway/http/request.h"

namespace cpis::fhir_api {

/// One authenticated request on its way through the FHIR face.
struct Exchange {
  http::Request request;
  http::Reply reply;
  Caller caller;       ///< with the care setting of this request
  std::string client;  ///< the client's name in the configuration
  bool admin = false;
  std::string base;         ///< `https://host/FHIR/R4`
  std::string id;           ///< of the resource in the path; empty for a search
  http::QueryString query;  ///< of the target, or of a POST _search body
  std::string correlation_id;
  auth::IdentityPtr who;  ///< never null behind the door; what the caller may do

  void send(http::Response response) {
    response.set("X-Correlation-ID", correlation_id);
    reply.send(std::move(response));
  }

  /// The same with an answer that the connection's loop makes (http::Reply::send_made).
  template <class Make>
  void send_made(Make make) {
    reply.send_made([make = std::move(make), correlation = correlation_id] {
      http::Response response = make();
      response.set("X-Correlation-ID", correlation);
      return response;
    });
  }
};

}  // namespace cpis::fhir_api
