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

Result<spine::Contract> SpineLookup::find(const std::string& service_interaction) {
  if (manual_) return *manual_;
  const std::lock_guard lock{mutex_};
  const Time now = clock_.now();
  const auto kept = kept_.find(service_interaction);
  if (kept != kept_.end() && now - kept->second.at < settings_.cache_time) {
    return kept->second.contract;
  }
  if (settings_.base_url.empty()) {
    return Error{ErrorKind::not_found, "neither SDS nor a contract is configured"};
  }
  auto contract = ask(service_interaction);
  if (contract) {
    kept_[service_interaction] = {*contract, now};
  } else if (kept != kept_.end() && now - kept->second.at < settings_.stale_time) {
    return kept->second.contract;
  }
  return contract;
}

}  // namespace cpis::net
