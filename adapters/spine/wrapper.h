#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/time.h"
#include "adapters/spine/reading.h"
#include "adapters/spine/xml_writer.h"

namespace cpis::spine {

namespace interaction {
inline constexpr std::string_view query = "QUPC_IN000006GB01";
inline constexpr std::string_view records = "REPC_IN000007GB01";
inline constexpr std::string_view query_failed = "QUQI_IN010000UK14";
inline constexpr std::string_view application_ack = "MCCI_IN010000UK13";
}  // namespace interaction

/// The service of all of them; with an interaction it makes the SOAP action.
inline constexpr std::string_view query_service = "urn:nhs:names:services:cpisquery";

/// One coded reason in a failure: `justifyingDetectedIssueEvent/code` or `acknowledgementDetail`.
struct Reason {
  std::string code;
  std::string system;  ///< mostly an OID, sometimes a word
  std::string display;
  std::string severity;  ///< ER, WG, IF or empty

  friend bool operator==(const Reason&, const Reason&) = default;
};

/// Transmission wrapper MCCI_MT010101UK12, and MCCI_MT020101UK12 when it acknowledges
/// (spine.md 6.1).
struct Wrapper {
  std::string interaction;
  std::string message_id;
  Time created{};
  std::string version = "v3INF_DMSv5.7:FIN";
  std::string to_asid;
  std::string from_asid;
  std::string ack_type;   ///< AA, AE, AR; empty: not an acknowledgement
  std::string refers_to;  ///< id of the message that is acknowledged
  std::vector<Reason> ack_details;

  friend bool operator==(const Wrapper&, const Wrapper&) = default;
};

/// Opens the interaction element and writes everything before ControlActEvent.
void open_wrapper(XmlWriter& xml, const Wrapper& wrapper);
/// `communicationFunctionRcv` or `communicationFunctionSnd` with one ASID.
void write_device(XmlWriter& xml, std::string_view element, std::string_view type,
                  std::string_view asid);
/// `author1` with our ASID.
void write_system_agent(XmlWriter& xml, std::string_view asid);

/// Reads the wrapper from its interaction element. Ids need not be UUIDs; times may be odd.
Wrapper read_wrapper(XmlView interaction);
/// One coded element with its optional qualifier.
Reason read_reason(XmlView code);

}  // namespace cpis::spine
