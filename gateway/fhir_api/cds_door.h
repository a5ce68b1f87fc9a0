#pragma once

#include <string>
#include <string_view>

#include "gateway/auth/assertion.h"
#include "gateway/fhir_api/cds_request.h"
#include "gateway/fhir_api/services.h"
#include "gateway/http/reply.h"

namespace cpis::fhir_api {

/// CDS Hooks 2.0: an EHR asks as it opens a patient or begins an attendance, and shows the cards.
///
///     GET  /cds-services                 what there is; open to everybody
///     POST /cds-services/ID              cards
///     POST /cds-services/ID/feedback     what became of cards, kept in the audit
///
/// A caller proves itself with the JWT of CDS Hooks, signed with a key of a registered client, for
/// this very url, once. Each call is a look, exactly as a Flag search is: refused, audited,
/// recorded and notified by the same rules, and one with the Flag searches of the same client about
/// the same person within ten minutes. Answers without cards (400, 401, 403, 404, 412, 429) are
/// OperationOutcomes.
class CdsDoor final : public http::HttpHandler {
 public:
  static constexpr std::string_view path = "/cds-services";
  static bool serves(std::string_view path);

  CdsDoor(const Services& services, auth::AssertionVerifier& assertions)
      : services_{services}, assertions_{assertions} {}
  void handle(http::Request&& request, http::Reply&& reply) override;

 private:
  struct Asked;
  void work(http::Request&& request, http::Reply&& reply);
  using Verdict = std::variant<auth::IdentityPtr, http::Response>;
  Verdict authenticate(const http::Request& request) const;
  void answer(Asked&& asked, const CdsRequest& call, std::string_view hook);
  http::Response feedback(Asked& asked, std::string_view service);
  http::Response dressed(const http::Request& request, http::Response response) const;

  Services services_;
  auth::AssertionVerifier& assertions_;
};

}  // namespace cpis::fhir_api
