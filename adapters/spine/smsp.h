#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "adapters/spine/answer.h"
#include "adapters/spine/query.h"

namespace cpis::spine {

/// The addresses of an ITK 2.01 DistributionEnvelope (cpis.md 12.3). `to_ods` and `from_ods` become
/// `urn:nhs-uk:addressing:ods:...`.
struct ItkHead {
  std::string tracking_id;  ///< UUID, upper case
  std::string payload_id;   ///< `uuid_...`; manifest and payload share it
  std::string to_ods;
  std::string from_ods;

  friend bool operator==(const ItkHead&, const ItkHead&) = default;
};

/// A query for a Spine Mini Service Provider: the payload of a TMS query in an ITK envelope. Same
/// refusals as `write_query`.
Result<std::string> write_smsp_query(const ItkHead& head, const AccessEvent& event,
                                     ScheduledMarker marker);
struct SmspQuery {
  ItkHead head;
  AccessEvent event;
};
Reading<SmspQuery> read_smsp_query(std::string_view xml);

/// The provider's answer, REPC_MT000012GB01: records with SMSP-0000, or a status without any.
std::string write_smsp_answer(const ItkHead& head, const std::string& id, Time at,
                              const ProtectionRecord* record, const Reason& status);
/// Answers are read by `read_answer`; this is the envelope's part.
std::optional<ItkHead> read_itk_head(XmlView document);

/// SMSP-0000 .. CPIS-9999 with the published display name; the code itself when unknown.
Reason smsp_status(std::string_view code);

}  // namespace cpis::spine
