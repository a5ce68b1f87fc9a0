#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/core/access.h"
#include "adapters/core/result.h"
#include "adapters/spine/reading.h"
#include "adapters/spine/wrapper.h"

namespace cpis::spine {

/// Where a scheduled query carries `accessEventType` (cpis.md 7.2). The place is not published; as
/// long as it is not configured, a scheduled query is refused, because without the marker it would
/// notify social care.
enum class ScheduledMarker : std::uint8_t {
  not_configured,
  first_child,      ///< `<accessEventType value="false"/>` first in cP-ISNHSQuery
  query_parameter,  ///< `queryByParameter/accessEventType/value/@value`
};

/// One question to CP-IS as it goes over the wire. `event.id` is the id of the question; the
/// message id is another one and is also the ebXML MessageId.
struct Query {
  std::string message_id;  ///< UUID, upper case
  Time created{};
  std::string to_asid;
  std::string from_asid;
  AccessEvent event;

  friend bool operator==(const Query&, const Query&) = default;
};

/// QUPC_IN000006GB01. A person is named in the wrapper too when a role profile is known; a system
/// only in the payload (cpis.md 7). `bad_input`: the caller cannot be named, or an ASID is missing.
/// `unsupported`: scheduled, and no place for the marker is configured.
Result<std::string> write_query(const Query& query, ScheduledMarker marker);

/// Reads a query, bare or in an envelope: what the simulator receives. The caller's setting is
/// scheduled when an accessEventType of `false` is found in either place.
Reading<Query> read_query(std::string_view xml);
/// The same from a parsed document.
Reading<Query> read_query(XmlView document);

/// `CP-ISQueryStub` alone: the payload of the SMSP form. Same refusals.
Result<std::string> write_query_stub(const AccessEvent& event, ScheduledMarker marker);

}  // namespace cpis::spine
