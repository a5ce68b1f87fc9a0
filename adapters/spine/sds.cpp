#include "adapters/spine/sds.h"

#include <cctype>
#include <charconv>

#include "adapters/spine/json.h"

namespace cpis::spine {
namespace {

constexpr std::string_view id_base = "https://fhir.nhs.uk/Id/";
constexpr std::string_view reliability_url =
    "https://fhir.nhs.uk/StructureDefinition/Extension-SDS-ReliabilityConfiguration";

std::string token(std::string_view parameter, std::string_view system, std::string_view value) {
  return std::string{parameter} + "=" +
         url_encoded(std::string{id_base} + std::string{system} + "|" + std::string{value});
}

// The value of the identifier with this system.
std::string identifier_of(JsonView resource, std::string_view system) {
  const JsonView identifiers = resource["identifier"];
  const std::string wanted = std::string{id_base} + std::string{system};
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    if (identifiers.at(i).text("system") == wanted) {
      return std::string{identifiers.at(i).text("value")};
    }
  }
  return "";
}

JsonView extension_of(JsonView parent, std::string_view url) {
  const JsonView extensions = parent["extension"];
  for (std::size_t i = 0; i < extensions.size(); ++i) {
    if (extensions.at(i).text("url") == url) return extensions.at(i);
  }
  return JsonView{};
}

// The resources of this type in a searchset.
Result<std::vector<JsonView>> resources(JsonView bundle, int http_status, std::string_view type) {
  if (http_status < 200 || http_status >= 300) {
    const ErrorKind kind = http_status == 401 || http_status == 403   ? ErrorKind::forbidden
                           : http_status >= 500 || http_status == 429 ? ErrorKind::unavailable
                                                                      : ErrorKind::fault;
    return Error{kind, "SDS answered with HTTP status " + std::to_string(http_status)};
  }
  if (bundle.text("resourceType") != "Bundle") {
    return Error{ErrorKind::fault, "SDS answered with something other than a Bundle"};
  }
  std::vector<JsonView> found;
  const JsonView entries = bundle["entry"];
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const JsonView resource = entries.at(i)["resource"];
    if (resource.text("resourceType") == type) found.push_back(resource);
  }
  return found;
}

Result<JsonView> the_one(JsonView bundle, int http_status, std::string_view type) {
  const auto found = resources(bundle, http_status, type);
  if (!found) return found.error();
  if (found->empty()) return Error{ErrorKind::not_found, "SDS knows no such " + std::string{type}};
  // `total` also counts what is on another page.
  if (found->size() > 1 || bundle["total"].integer().value_or(1) > 1) {
    return Error{ErrorKind::conflict, "SDS knows more than one " + std::string{type}};
  }
  return found->front();
}

// A number with an optional fraction, in millionths.
std::optional<std::int64_t> millionths(std::string_view text) {
  std::int64_t whole = 0;
  const std::size_t dot = std::min(text.find('.'), text.size());
  const std::string_view head = text.substr(0, dot);
  const auto [end, wrong] = std::from_chars(head.data(), head.data() + head.size(), whole);
  if (wrong != std::errc{} || end != head.data() + head.size() || head.empty() ||
      whole > 1'000'000'000) {
    return std::nullopt;
  }
  std::int64_t value = whole * 1'000'000;
  std::int64_t scale = 100'000;
  for (std::size_t i = dot + 1; i < text.size(); ++i, scale /= 10) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value += (text[i] - '0') * scale;
  }
  return value;
}

std::optional<std::int64_t> unit_seconds(char unit, bool in_time) {
  if (!in_time)
    return unit == 'D'   ? std::optional<std::int64_t>{86'400}
           : unit == 'W' ? std::optional<std::int64_t>{604'800}
                         : std::nullopt;
  switch (unit) {
    case 'H':
      return 3'600;
    case 'M':
      return 60;
    case 'S':
      return 1;
    default:
      return std::nullopt;
  }
}

std::string identifier_json(std::string_view system, std::string_view value) {
  return "{\"system\":" + json_text(std::string{id_base} + std::string{system}) +
         ",\"value\":" + json_text(value) + "}";
}

std::string bundle_json(const std::vector<std::string>& resources) {
  std::string out = "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"total\":" +
                    std::to_string(resources.size()) + ",\"entry\":[";
  for (std::size_t i = 0; i < resources.size(); ++i) {
    if (i > 0) out += ",";
    out += "{\"resource\":" + resources[i] + "}";
  }
  return out + "]}";
}

std::string extension_text(std::string_view url, std::string_view value) {
  return "{\"url\":" + json_text(url) + ",\"valueString\":" + json_text(value) + "}";
}

std::string reliability_json(const Contract& contract) {
  const bool sync = contract.pattern == Pattern::sync;
  const bool reliable = contract.pattern == Pattern::reliable;
  const std::string_view word = reliable ? "always" : "never";
  return "{\"url\":" + json_text(reliability_url) + ",\"extension\":[" +
         extension_text("nhsMHSSyncReplyMode", sync ? "None" : "MSHSignalsOnly") + "," +
         extension_text("nhsMHSRetryInterval", write_duration(contract.retry_interval)) +
         ",{\"url\":\"nhsMHSRetries\",\"valueInteger\":" + std::to_string(contract.retries) + "}," +
         extension_text("nhsMHSPersistDuration", write_duration(contract.persist_duration)) + "," +
         extension_text("nhsMHSDuplicateElimination", word) + "," +
         extension_text("nhsMHSAckRequested", word) + "]}";
}

}  // namespace

std::string device_query(std::string_view ods_code, std::string_view service_interaction) {
  return "/Device?" + token("organization", "ods-organization-code", ods_code) + "&" +
         token("identifier", "nhsServiceInteractionId", service_interaction);
}

std::string endpoint_query(std::string_view party_key, std::string_view service_interaction) {
  return "/Endpoint?" + token("identifier", "nhsServiceInteractionId", service_interaction) + "&" +
         token("identifier", "nhsMhsPartyKey", party_key);
}

SdsDevice device_of(JsonView device) {
  return {identifier_of(device, "nhsSpineASID"), identifier_of(device, "nhsMhsPartyKey")};
}

Contract contract_of(JsonView endpoint) {
  Contract contract;
  contract.url = endpoint.text("address");
  contract.party_key = identifier_of(endpoint, "nhsMhsPartyKey");
  contract.cpa_id = identifier_of(endpoint, "nhsMhsCPAId");
  if (contract.cpa_id.empty()) contract.cpa_id = identifier_of(endpoint, "nhsMHSId");
  contract.fqdn = identifier_of(endpoint, "nhsMhsFQDN");
  const JsonView reliability = extension_of(endpoint, reliability_url);
  if (!reliability) return contract;
  const auto word = [&](std::string_view url) {
    return extension_of(reliability, url).text("valueString");
  };
  contract.pattern = pattern_from(word("nhsMHSSyncReplyMode"), word("nhsMHSAckRequested"),
                                  word("nhsMHSDuplicateElimination"));
  if (const auto retries = extension_of(reliability, "nhsMHSRetries")["valueInteger"].integer()) {
    contract.retries = static_cast<int>(std::clamp<std::int64_t>(*retries, 0, 20));
  }
  if (const auto interval = parse_duration(word("nhsMHSRetryInterval"))) {
    contract.retry_interval = *interval;
  }
  if (const auto persist = parse_duration(word("nhsMHSPersistDuration"))) {
    contract.persist_duration = *persist;
  }
  return contract;
}

Result<SdsDevice> read_device(int http_status, std::string_view body) {
  Findings findings;
  const auto document = parse_json(body, findings);
  const auto device = the_one(document ? document->root() : JsonView{}, http_status, "Device");
  if (!device) return device.error();
  SdsDevice read = device_of(*device);
  if (read.asid.empty()) return Error{ErrorKind::fault, "SDS gave a Device without an ASID"};
  return read;
}

Result<Contract> read_endpoint(int http_status, std::string_view body) {
  Findings findings;
  const auto document = parse_json(body, findings);
  const auto endpoint = the_one(document ? document->root() : JsonView{}, http_status, "Endpoint");
  if (!endpoint) return endpoint.error();
  Contract contract = contract_of(*endpoint);
  if (contract.url.empty()) return Error{ErrorKind::fault, "SDS gave an Endpoint without address"};
  return contract;
}

Pattern pattern_from(std::string_view sync_reply_mode, std::string_view ack_requested,
                     std::string_view duplicate_elimination) {
  const bool asynchronous = sync_reply_mode == "MSHSignalsOnly" || ack_requested == "always" ||
                            duplicate_elimination == "always";
  if (!asynchronous) return Pattern::sync;
  return duplicate_elimination == "always" ? Pattern::reliable : Pattern::express;
}

std::optional<Duration> parse_duration(std::string_view text) {
  if (text.size() < 2 || text.size() > 40 || text.front() != 'P') return std::nullopt;
  std::int64_t micros = 0;
  bool in_time = false;
  bool any = false;
  for (std::size_t at = 1; at < text.size();) {
    if (text[at] == 'T') {
      in_time = true;
      ++at;
      continue;
    }
    const std::size_t end = text.find_first_not_of("0123456789.", at);
    if (end == std::string_view::npos) return std::nullopt;
    const auto amount = millionths(text.substr(at, end - at));
    const auto unit = unit_seconds(text[end], in_time);
    if (!amount || !unit || *amount > 9'000'000'000'000'000 / *unit) return std::nullopt;
    micros += *amount * *unit;
    any = true;
    at = end + 1;
  }
  return any ? std::optional{Duration{micros}} : std::nullopt;
}

std::string write_duration(Duration duration) {
  const std::int64_t micros = duration.count();
  std::string out = "PT" + std::to_string(micros / 1'000'000);
  if (micros % 1'000'000 != 0) {
    std::string fraction = std::to_string(1'000'000 + micros % 1'000'000).substr(1);
    while (fraction.back() == '0') fraction.pop_back();
    out += "." + fraction;
  }
  return out + "S";
}

std::string write_devices(const std::vector<SdsDevice>& devices) {
  std::vector<std::string> resources_json;
  for (const SdsDevice& device : devices) {
    resources_json.push_back("{\"resourceType\":\"Device\",\"identifier\":[" +
                             identifier_json("nhsSpineASID", device.asid) + "," +
                             identifier_json("nhsMhsPartyKey", device.party_key) + "]}");
  }
  return bundle_json(resources_json);
}

std::string write_endpoints(const std::vector<Contract>& endpoints) {
  std::vector<std::string> resources_json;
  for (const Contract& endpoint : endpoints) {
    resources_json.push_back("{\"resourceType\":\"Endpoint\",\"status\":\"active\",\"address\":" +
                             json_text(endpoint.url) + ",\"identifier\":[" +
                             identifier_json("nhsMhsFQDN", endpoint.fqdn) + "," +
                             identifier_json("nhsMhsPartyKey", endpoint.party_key) + "," +
                             identifier_json("nhsMhsCPAId", endpoint.cpa_id) + "],\"extension\":[" +
                             reliability_json(endpoint) + "]}");
  }
  return bundle_json(resources_json);
}

std::string write_outcome(std::string_view severity, std::string_view issue_code,
                          std::string_view spine_code, std::string_view diagnostics) {
  return "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":" + json_text(severity) +
         ",\"code\":" + json_text(issue_code) +
         ",\"details\":{\"coding\":[{\"system\":"
         "\"https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode\",\"version\":\"1\","
         "\"code\":" +
         json_text(spine_code) + "}]},\"diagnostics\":" + json_text(diagnostics) + "}]}";
}

}  // namespace cpis::spine
