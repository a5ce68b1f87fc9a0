#pragma once

#include <map>
#include <string>
#include <string_view>

#include "gateway/auth/identity.h"
#include "gateway/config/settings.h"
#include "gateway/usecases/subscriber_rights.h"

namespace cpis::fhir_api {

/// The rights of subscribers by the registered clients: an owner is told what its own scopes let it
/// read, about its own organisations, at endpoints that the configuration allows.
class RegisteredSubscribers final : public usecases::SubscriberRights {
 public:
  explicit RegisteredSubscribers(const config::Settings& settings);

  std::string refuse(const usecases::Subscription& subscription) const override;
  bool concerns(const std::string& owner, std::string_view organisation) const override;
  std::optional<Caller> caller_of(const std::string& owner) const override;

 private:
  struct Owner {
    auth::Identity identity;
    std::vector<std::string> organisations;
    bool everywhere = false;  ///< the default caller of a gateway on loopback
  };
  const Owner* find(const std::string& owner) const;

  std::map<std::string, Owner, std::less<>> owners_;
  std::vector<std::string> endpoints_;
};

/// Whether an endpoint lies below one of the allowed urls: https, or http to this machine itself;
/// nothing in it that two readers could read differently. An empty list allows none.
bool is_allowed_endpoint(std::string_view endpoint, const std::vector<std::string>& allowed);

}  // namespace cpis::fhir_api
