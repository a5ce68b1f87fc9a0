#include "gateway/net/spine_lookup.h"

#include "gateway/edge/ids.h"

namespace cpis::net {

Result<spine::Contract> SpineLookup::ask(const std::string& service_interaction) {
  const auto get = [&](const std::string& path) {
    HttpCall call;
    call.url = settings_.base_url + path;
    call.headers = {{"apikey", settings_.api_key}, {"X-Correlation-ID", random_uuid()}};
    return sender_.send(call);
  };
  const HttpOutcome devices = get(spine::device_query(settings_.spine_ods, service_interaction));
  if (devices.kind != HttpOutcome::Kind::answered) return devices.why;
  const auto device = spine::read_device(devices.status, devices.body);
  if (!device) return device.error();
  const HttpOutcome endpoints = get(spine::endpoint_query(device->party_key, service_interaction));
  if (endpoints.kind != HttpOutcome::Kind::answered) return endpoints.why;
  auto contract = spine::read_endpoint(endpoints.status, endpoints.body);
  if (contract) contract->asid = device->asid;
  if (contract && settings_.pattern) contract->pattern = *settings_.pattern;
  return contract;
}

// Null when there is none, or SDS should be asked again.
const SpineLookup::Kept* SpineLookup::fresh(const std::string& service_interaction,
                                            Time now) const {
  const auto kept = kept_.find(service_interaction);
  const bool good = kept != kept_.end() && now - kept->second.at < settings_.cache_time;
  return good ? &kept->second : nullptr;
}

std::optional<spine::Contract> SpineLookup::find_kept(const std::string& service_interaction) {
  if (manual_) return manual_;
  const std::unique_lock lock{mutex_, std::try_to_lock};  // held while SDS is asked
  if (!lock.owns_lock()) return std::nullopt;
  const Kept* const kept = fresh(service_interaction, clock_.now());
  return kept == nullptr ? std::nullopt : std::optional{kept->contract};
}

Result<spine::Contract> SpineLookup::find(const std::string& service_interaction) {
  if (manual_) return *manual_;
  const std::lock_guard lock{mutex_};
  const Time now = clock_.now();
  if (const Kept* const kept = fresh(service_interaction, now)) return kept->contract;
  if (settings_.base_url.empty()) {
    return Error{ErrorKind::not_found, "neither SDS nor a contract is configured"};
  }
  const auto old = kept_.find(service_interaction);
  const bool stale = old != kept_.end() && now - old->second.at < settings_.stale_time;
  const auto failed = failed_.find(service_interaction);
  if (failed != failed_.end() && now < failed->second.until) {
    if (stale) return old->second.contract;
    return failed->second.why;
  }
  auto contract = ask(service_interaction);
  if (contract) {
    failed_.erase(service_interaction);
    kept_[service_interaction] = {*contract, now};
    return contract;
  }
  const Duration rest = stale ? settings_.rest_with_old : settings_.rest_without;
  failed_.insert_or_assign(service_interaction, Failed{contract.error(), clock_.now() + rest});
  if (stale) return old->second.contract;
  return contract;
}

}  // namespace cpis::net
