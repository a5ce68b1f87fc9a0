#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

#include "gateway/config/settings.h"
#include "gateway/http/request.h"
#include "gateway/http/response.h"

namespace cpis::fhir_api {

/// Who sends a request.
struct Identity {
  Caller caller;
  std::string client;
  bool admin = false;
};

/// Tells who sends a request, or the answer that refuses it. With `http.auth = none` (loopback
/// only) everybody is the default caller; otherwise the bearer token of a registered client is
/// demanded. Safe to call from many threads.
class Authenticate {
 public:
  explicit Authenticate(const config::Settings& settings);

  std::variant<Identity, http::Response> run(const http::Request& request) const;

 private:
  const config::Settings& settings_;
  std::unordered_map<std::string, const config::Client*> by_token_;
};

/// The care setting that the request states (header IsUnscheduledAccessEvent, also met as
/// IsUnscheduledEvent; cpis.md 14.1), or the caller's own when it states none. Nothing when the
/// header has another value than true or false.
std::optional<CareSetting> stated_setting(const http::Request& request, CareSetting otherwise);

}  // namespace cpis::fhir_api
