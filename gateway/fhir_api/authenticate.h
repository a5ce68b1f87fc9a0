#pragma once

#include <optional>
#include <variant>

#include "gateway/auth/gatekeeper.h"
#include "gateway/auth/identity.h"
#include "gateway/auth/refusal_audit.h"
#include "gateway/http/request.h"
#include "gateway/http/response.h"

namespace cpis::fhir_api {

/// Tells who sends a request, or the answer that refuses it: 401 with WWW-Authenticate (RFC 6750)
/// and an OperationOutcome, or 429; each refusal is noted in the audit. Safe to call from many
/// threads; does not block.
class Authenticate {
 public:
  Authenticate(const auth::Gatekeeper& gatekeeper, auth::RefusalAudit& refusals)
      : gatekeeper_{gatekeeper}, refusals_{refusals} {}

  std::variant<auth::IdentityPtr, http::Response> run(const http::Request& request) const;

 private:
  http::Response refuse(const http::Request& request, std::string_view client,
                        const auth::Refusal& refusal) const;

  const auth::Gatekeeper& gatekeeper_;
  auth::RefusalAudit& refusals_;
};

/// A refusal as the answer.
http::Response refusal_answer(const auth::Refusal& refusal);

/// The care setting that the request states (header IsUnscheduledAccessEvent, also met as
/// IsUnscheduledEvent; cpis.md 14.1), or the caller's own when it states none. Nothing when the
/// header has another value than true or false, or stands there twice.
std::optional<CareSetting> stated_setting(const http::Request& request, CareSetting otherwise);

}  // namespace cpis::fhir_api
