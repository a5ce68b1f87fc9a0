#pragma once

#include "adapters/fhir_r4/v2_map/tables.h"
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
///     POST /HL7/v2/$convert   the FHIR Bundle that the message means; nothing is stored
///
/// Bodies are ER7, as application/hl7-v2, x-application/hl7-v2+er7 or text/plain. Both need a
/// caller; `$convert` answers 422 with an OperationOutcome for what cannot be understood.
class Hl7Door final : public http::HttpHandler {
 public:
  static constexpr std::string_view path = "/HL7/v2";
  static constexpr std::string_view feed_name = "http";

  /// Reads the mapping tables that ship with the product; a fault in them is an error.
  static Result<std::unique_ptr<Hl7Door>> open(const Services& services,
                                               usecases::ReceiveMessage& receive);

  void handle(http::Request&& request, http::Reply&& reply) override;

 private:
  Hl7Door(const Services& services, usecases::ReceiveMessage& receive);

  void receive(http::Request&& request, http::Reply&& reply);
  http::Response convert(const http::Request& request) const;

  Services services_;
  usecases::ReceiveMessage& receive_;
  Authenticate authenticate_;
  const hl7v2::FeedSettings feed_;
  fhir_r4::v2::Tables tables_;
};

}  // namespace cpis::fhir_api
