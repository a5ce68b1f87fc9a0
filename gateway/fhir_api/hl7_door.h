#pragma once

#include "adapters/hl7v2/feed_settings.h"
#include "gateway/fhir_api/authenticate.h"
#include "gateway/fhir_api/services.h"
#include "gateway/http/reply.h"
#include "gateway/usecases/receive_message.h"

namespace cpis::fhir_api {

/// HL7 v2 over HTTP:
///
///     POST /HL7/v2            the message is kept as over MLLP; the acknowledgement is the body of
///                             the answer, HTTP 200 whatever its code (or 400 for AE and AR, by
///                             `hl7v2.http.status`); 503 when it could not be kept
///     POST /HL7/v2/$convert   the FHIR Bundle that the message means; nothing is stored. Read and
///                             mapped as over HTTP, or as the feed of `?feed=NAME` does
///
/// Bodies are ER7, as application/hl7-v2, x-application/hl7-v2+er7 or text/plain; a charset there
/// counts where MSH-18 names none, and one that nobody knows is 415. Both need a caller; `$convert`
/// answers 422 with an OperationOutcome for what cannot be understood.
class Hl7Door final : public http::HttpHandler {
 public:
  static constexpr std::string_view path = "/HL7/v2";
  static constexpr std::string_view feed_name = "http";

  Hl7Door(const Services& services, usecases::ReceiveMessage& receive);

  void handle(http::Request&& request, http::Reply&& reply) override;

 private:
  void receive(http::Request&& request, hl7v2::Charset charset, http::Reply&& reply);
  http::Response convert(const http::Request& request, hl7v2::Charset charset) const;

  Services services_;
  usecases::ReceiveMessage& receive_;
  Authenticate authenticate_;
  const hl7v2::FeedSettings feed_;
};

}  // namespace cpis::fhir_api
