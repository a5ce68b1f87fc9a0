#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "adapters/spine/ebxml.h"
#include "adapters/spine/json.h"

namespace cpis::spine {

/// How to send one interaction to one party: what SDS holds, or what configuration says instead.
struct Contract {
  std::string asid;       ///< of the receiver
  std::string party_key;  ///< of the receiver
  std::string cpa_id;
  std::string url;
  std::string fqdn;  ///< the name that the receiver's certificate must carry
  Pattern pattern = Pattern::reliable;
  int retries = 3;
  Duration retry_interval = std::chrono::milliseconds{100};
  Duration persist_duration = std::chrono::minutes{5};

  friend bool operator==(const Contract&, const Contract&) = default;
};

struct SdsDevice {
  std::string asid;
  std::string party_key;
  friend bool operator==(const SdsDevice&, const SdsDevice&) = default;
};

/// `/Device?...` and `/Endpoint?...` with their parameters, to be put behind the base URL (spine.md
/// 8). The interaction is `service:interaction`.
std::string device_query(std::string_view ods_code, std::string_view service_interaction);
std::string endpoint_query(std::string_view party_key, std::string_view service_interaction);

/// What one resource says; empty where it says nothing.
SdsDevice device_of(JsonView device);
/// Everything but the ASID.
Contract contract_of(JsonView endpoint);

/// Reads the answers. Exactly one match is needed: none is `not_found`, several `conflict` (an
/// operator has to say which). An OperationOutcome or anything else is `unavailable` or `fault`.
Result<SdsDevice> read_device(int http_status, std::string_view body);
/// Everything but the ASID.
Result<Contract> read_endpoint(int http_status, std::string_view body);

/// Which pattern the three reliability words of SDS mean (spine.md 3.1).
Pattern pattern_from(std::string_view sync_reply_mode, std::string_view ack_requested,
                     std::string_view duplicate_elimination);
/// `PT5M`, `PT0.5S`, `P1DT2H`; nothing when it is no duration. Months and years are refused.
std::optional<Duration> parse_duration(std::string_view text);
std::string write_duration(Duration duration);

/// What an SDS answers: for the simulator.
std::string write_devices(const std::vector<SdsDevice>& devices);
std::string write_endpoints(const std::vector<Contract>& endpoints);
/// An OperationOutcome with one issue, as SDS and PDS send it.
std::string write_outcome(std::string_view severity, std::string_view issue_code,
                          std::string_view spine_code, std::string_view diagnostics);

}  // namespace cpis::spine
