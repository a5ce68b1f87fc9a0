#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/time.h"
#include "adapters/spine/mime.h"
#include "adapters/spine/reading.h"
#include "adapters/spine/xml_reader.h"

namespace cpis::spine {

/// How a message is exchanged (spine.md 3.1). SDS says which; configuration may overrule it.
enum class Pattern : std::uint8_t {
  sync,      ///< SOAP; the answer is in the HTTP response
  express,   ///< ebXML, HTTP 202, the answer comes as a message of its own
  reliable,  ///< the same with acknowledgements and duplicate elimination
};
std::string_view name_of(Pattern pattern);

/// The ebXML 2.0 MessageHeader, and which of the reliability elements are there.
struct EbxmlHeader {
  std::string from_party;
  std::string to_party;
  std::string cpa_id;
  std::string conversation_id;
  std::string service;
  std::string action;
  std::string message_id;
  std::string ref_to_message_id;  ///< empty on a first message
  Time timestamp{};
  bool duplicate_elimination = false;
  bool ack_requested = false;
  bool sync_reply = false;

  friend bool operator==(const EbxmlHeader&, const EbxmlHeader&) = default;
};

enum class EbxmlKind : std::uint8_t { message, acknowledgment, error };

struct EbxmlError {
  std::string code;  ///< eb:errorCode, for example ValueNotRecognized
  std::string severity;
  std::string description;  ///< for example `501319:Unknown eb:CPAId`
  friend bool operator==(const EbxmlError&, const EbxmlError&) = default;
};

/// A message as it arrived: header, what kind it is, and its HL7 payload.
struct EbxmlMessage {
  EbxmlKind kind = EbxmlKind::message;
  EbxmlHeader header;
  std::vector<EbxmlError> errors;     ///< with `error`
  std::string payload;                ///< the HL7 message; empty for acknowledgements and errors
  std::vector<MimePart> attachments;  ///< further parts, in their order

  friend bool operator==(const EbxmlMessage&, const EbxmlMessage&) = default;
};

/// What goes into an HTTP request or response.
struct HttpContent {
  std::string content_type;
  std::string soap_action;  ///< `service/action`; empty in a response
  std::string body;
};

/// The reliability elements that a request of this pattern must carry.
EbxmlHeader with_pattern(EbxmlHeader header, Pattern pattern);

/// A message with one HL7 payload, as multipart/related (spine.md 4).
HttpContent write_ebxml(const EbxmlHeader& header, std::string_view payload);
/// The acknowledgment of a received message: parties swapped, CPA and conversation copied.
HttpContent write_acknowledgment(const EbxmlHeader& received, const std::string& message_id,
                                 Time now);
/// The refusal of a received message.
HttpContent write_message_error(const EbxmlHeader& received, const std::string& message_id,
                                Time now, const std::vector<EbxmlError>& errors);

/// Reads a message, acknowledgment or error: multipart or a bare envelope, whatever its prefixes
/// and whatever the content type calls it. The envelope is the part that `start` names, else the
/// first; the payload the one that the manifest calls so, else the next. An error list of warnings
/// alone counts as an acknowledgment. Nothing, and a fatal finding, when it is not ebXML, or a
/// message without MessageId; other gaps are warnings.
Reading<EbxmlMessage> read_ebxml(std::string_view content_type, std::string_view body);
/// The same from a bare envelope that has been parsed.
Reading<EbxmlMessage> read_ebxml(XmlView envelope);

}  // namespace cpis::spine
