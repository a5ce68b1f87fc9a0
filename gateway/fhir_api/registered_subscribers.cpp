#include "gateway/fhir_api/registered_subscribers.h"

#include <algorithm>

#include "gateway/auth/registered_client.h"

namespace cpis::fhir_api {
namespace {

using usecases::PayloadContent;
using usecases::Subscription;
using usecases::Topic;

constexpr std::size_t endpoint_bytes_max = 1024;

bool is_this_machine(std::string_view authority) {
  const std::size_t port = authority.rfind(':');
  const std::string_view host = authority.starts_with('[')
                                    ? authority.substr(0, authority.find(']') + 1)
                                    : authority.substr(0, port);
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos);
}

bool is_plain_url(std::string_view url) {
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7F && c != '\\' && c != '@' && c != '#' && c != '%';
  });
  return plain && url.size() <= endpoint_bytes_max && url.find("/..") == url.npos &&
         url.find("/./") == url.npos;
}

}  // namespace

bool is_allowed_endpoint(std::string_view endpoint, const std::vector<std::string>& allowed) {
  if (!is_plain_url(endpoint)) return false;
  if (endpoint.starts_with("http://")) {
    std::string_view authority = endpoint.substr(std::string_view{"http://"}.size());
    authority = authority.substr(0, authority.find_first_of("/?"));
    if (!is_this_machine(authority)) return false;
  } else if (!endpoint.starts_with("https://")) {
    return false;
  }
  std::string place{endpoint.substr(0, endpoint.find('?'))};
  place += '/';
  return std::any_of(allowed.begin(), allowed.end(), [&](std::string prefix) {
    if (!prefix.ends_with('/')) prefix += '/';
    return place.starts_with(prefix);
  });
}

RegisteredSubscribers::RegisteredSubscribers(const config::Settings& settings)
    : endpoints_{settings.subscription_endpoints} {
  for (const config::Client& client : settings.clients) {
    if (!client.enabled) continue;
    owners_[client.name] = {auth::own_identity(client), client.organisations, false};
  }
  if (!settings.demand_token) {
    auth::Identity everybody;
    everybody.caller = settings.default_caller;
    everybody.client = "default";
    everybody.may = auth::Permissions::everything();
    everybody.may_notify = everybody.may_look_silently = true;
    owners_["default"] = {std::move(everybody), {}, true};
  }
}

const RegisteredSubscribers::Owner* RegisteredSubscribers::find(const std::string& owner) const {
  const auto found = owners_.find(owner);
  return found == owners_.end() ? nullptr : &found->second;
}

std::string RegisteredSubscribers::refuse(const Subscription& subscription) const {
  const Owner* owner = find(subscription.owner);
  if (owner == nullptr) return "its owner is not registered here (any more)";
  if (!subscription.websocket && !is_allowed_endpoint(subscription.endpoint, endpoints_)) {
    return "the endpoint is not below one of the urls that subscription.endpoints allows";
  }
  const usecases::TopicRow& topic = usecases::row_of(subscription.criteria.topic);
  const bool whole = subscription.content == PayloadContent::full_resource;
  std::string_view types = whole && subscription.criteria.by_topic ? topic.shown : topic.focus;
  while (!types.empty()) {
    const std::size_t blank = types.find(' ');
    const std::string_view type = types.substr(0, blank);
    if (!owner->identity.may.allows(type, auth::Action::read)) {
      return "its owner is not permitted to read " + std::string{type};
    }
    types.remove_prefix(blank == types.npos ? types.size() : blank + 1);
  }
  // That somebody has a record is already a look.
  if (subscription.criteria.topic == Topic::council_notice) return {};
  return std::string{auth::refuse_look(owner->identity, owner->identity.caller.setting)};
}

bool RegisteredSubscribers::concerns(const std::string& name, std::string_view organisation) const {
  const Owner* owner = find(name);
  if (owner == nullptr) return false;
  const auto& own = owner->organisations;
  return owner->everywhere || std::find(own.begin(), own.end(), organisation) != own.end();
}

std::optional<Caller> RegisteredSubscribers::caller_of(const std::string& name) const {
  const Owner* owner = find(name);
  if (owner == nullptr) return std::nullopt;
  return owner->identity.caller;
}

}  // namespace cpis::fhir_api
