#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/protection.h"
#include "adapters/spine/reading.h"
#include "adapters/spine/wrapper.h"

namespace cpis::spine {

/// Root of the payload; the sync form of Spine also uses it as an outer element.
inline constexpr std::string_view payload_element = "CP-ISNHSQueryResponse";

/// What an inbound application message says.
enum class AnswerKind : std::uint8_t {
  records,     ///< REPC_IN000007GB01, or SMSP-0000
  no_records,  ///< NRF, and nothing else: the only "none held"
  failure,     ///< QUQI or MCCI with any other reason, an SMSP error, an answer without records
  accepted,    ///< MCCI of type AA: the message was taken, the answer is still to come
};

/// An answer to a query, whatever envelope it came in.
struct Answer {
  AnswerKind kind = AnswerKind::failure;
  Wrapper wrapper;                         ///< interaction, ids, ASIDs; empty for the SMSP form
  Time at{};                               ///< effectiveTime of the payload; epoch when not sent
  std::string id;                          ///< id of the payload
  std::optional<ProtectionRecord> record;  ///< with `records`
  std::vector<Reason> reasons;             ///< as sent; of a failure all of them

  friend bool operator==(const Answer&, const Answer&) = default;
};

/// Reads an answer: bare, in SOAP, with or without the wrapper element of the response name, in an
/// ITK envelope, under any prefix (spine.md 6.6).
///
/// An answer whose plans cannot all be read is marked incomplete; one of which no plan can be read
/// is a failure, never "none held". Nothing, and a fatal finding, when it is no answer at all.
Reading<Answer> read_answer(std::string_view xml);
Reading<Answer> read_answer(XmlView document);

/// What the caller is told: the answer as a value that cannot be mistaken for another. An answer
/// about a person other than `asked` is not passed on.
ProtectionAnswer to_protection_answer(const Answer& answer, const NhsNumber& asked);

/// The kind of error that reasons stand for: access control is `forbidden`, a system that is away
/// `unavailable`, a message of ours that was not accepted `fault` (spine.md 7.3).
Error error_from(const std::vector<Reason>& reasons);

/// REPC_IN000007GB01 from a record: what the simulator sends. `id` is the payload's.
std::string write_records(const Wrapper& wrapper, const std::string& id, Time at,
                          const ProtectionRecord& record);
/// QUQI_IN010000UK14 with its reasons; NRF is `no_records_reason()`.
std::string write_query_failed(const Wrapper& wrapper, const std::vector<Reason>& reasons);
/// MCCI_IN010000UK13 with its reasons.
std::string write_application_ack(const Wrapper& wrapper, const std::vector<Reason>& reasons);
Reason no_records_reason();

/// `CP-ISNHSQueryResponse` alone; with `status`, the SMSP form (REPC_MT000012GB01).
std::string write_response_payload(const std::string& id, Time at, const ProtectionRecord* record,
                                   const Reason* status);

}  // namespace cpis::spine
