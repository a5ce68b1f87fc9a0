#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/spine/reading.h"

namespace cpis::spine {

/// The header of TMS synchronous SOAP (spine.md 5). Ids are without `uuid:`.
struct SoapHeader {
  std::string message_id;
  std::string action;  ///< `urn:nhs:names:services:cpisquery/QUPC_IN000006GB01`
  std::string to;      ///< URL
  std::string from;    ///< wsa:From/wsa:Address
  std::string reply_to;
  std::string relates_to;  ///< answers only
  std::string to_asid;
  std::string from_asid;

  friend bool operator==(const SoapHeader&, const SoapHeader&) = default;
};

/// One `nasp:error` of a TMS fault.
struct TmsError {
  std::string context;
  std::string code;
  std::string severity;
  std::string location;
  std::string description;
  friend bool operator==(const TmsError&, const TmsError&) = default;
};

struct SoapFault {
  std::string code;
  std::string text;
  std::vector<TmsError> errors;
  friend bool operator==(const SoapFault&, const SoapFault&) = default;
};

/// True when each error is one of the passing kind (200, 206, 208) and there is one at all: only
/// then may the same bytes be sent again (spine.md 3.3).
bool may_be_resent(const SoapFault& fault);
Error error_from(const SoapFault& fault);

/// A message as it arrived. The document stays with it, so that `read_answer` and `read_query` can
/// go on without parsing again.
struct SoapMessage {
  SoapHeader header;
  std::optional<SoapFault> fault;
  XmlDocument document;
};

/// Wraps a bare interaction element.
std::string write_soap(const SoapHeader& header, std::string_view payload);
/// A TMS fault.
std::string write_fault(const SoapFault& fault);
/// Reads any SOAP 1.1 envelope, whatever its prefixes. Ids may be anything; only an envelope
/// without a body is refused.
Reading<SoapMessage> read_soap(std::string_view xml);

}  // namespace cpis::spine
