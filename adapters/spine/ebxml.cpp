#include "adapters/spine/ebxml.h"

#include <utility>

#include "adapters/spine/author.h"
#include "adapters/spine/charset.h"
#include "adapters/spine/hl7_time.h"
#include "adapters/spine/oids.h"
#include "adapters/spine/xml_writer.h"

namespace cpis::spine {
namespace {

constexpr std::string_view party_type = "urn:nhs:names:partyType:ocs+serviceInstance";
constexpr std::string_view signal_service = "urn:oasis:names:tc:ebxml-msg:service";
constexpr std::string_view to_party_msh = "urn:oasis:names:tc:ebxml-msg:actor:toPartyMSH";
constexpr std::string_view next_actor = "http://schemas.xmlsoap.org/soap/actor/next";
constexpr std::string_view header_id = "ebXMLHeader@spine.nhs.uk";
constexpr std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

// 2025-01-01T12:00:00Z
std::string write_second(Time time) {
  std::string text = to_iso(time);
  return text.substr(0, 19) + "Z";
}

void write_party(XmlWriter& xml, std::string_view element, std::string_view party) {
  xml.open(element).open("eb:PartyId").attr("eb:type", party_type).text(party).close(2);
}

XmlWriter& must_understand(XmlWriter& xml) {
  return xml.attr("SOAP:mustUnderstand", "1").attr("eb:version", "2.0");
}

void open_envelope(XmlWriter& xml) {
  xml.open("SOAP:Envelope").attr("xmlns:SOAP", ns::soap).attr("xmlns:eb", ns::ebxml);
  xml.attr("xmlns:hl7ebxml", "urn:hl7-org:transport/ebXML/DSTUv1.0");
  xml.attr("xmlns:xlink", ns::xlink);
  xml.open("SOAP:Header");
}

void write_header(XmlWriter& xml, const EbxmlHeader& header) {
  must_understand(xml.open("eb:MessageHeader"));
  write_party(xml, "eb:From", header.from_party);
  write_party(xml, "eb:To", header.to_party);
  xml.leaf("eb:CPAId", header.cpa_id).leaf("eb:ConversationId", header.conversation_id);
  xml.leaf("eb:Service", header.service).leaf("eb:Action", header.action);
  xml.open("eb:MessageData").leaf("eb:MessageId", header.message_id);
  xml.leaf("eb:Timestamp", write_second(header.timestamp));
  if (!header.ref_to_message_id.empty()) {
    xml.leaf("eb:RefToMessageId", header.ref_to_message_id);
  }
  xml.close();
  if (header.duplicate_elimination) xml.open("eb:DuplicateElimination").close();
  xml.close();
  if (header.ack_requested) {
    must_understand(xml.open("eb:AckRequested"));
    xml.attr("eb:signed", "false").attr("SOAP:actor", to_party_msh).close();
  }
  if (header.sync_reply) {
    must_understand(xml.open("eb:SyncReply")).attr("SOAP:actor", next_actor).close();
  }
}

void write_manifest(XmlWriter& xml, const std::string& message_id) {
  must_understand(xml.open("eb:Manifest"));
  xml.open("eb:Reference").attr("xlink:href", "cid:" + message_id + "@spine.nhs.uk");
  xml.open("eb:Schema");
  xml.attr("eb:location", "http://www.nhsia.nhs.uk/schemas/HL7-Message.xsd");
  xml.attr("eb:version", "1.0").close();
  xml.open("eb:Description").attr("xml:lang", "en").text("HL7 payload").close();
  xml.open("hl7ebxml:Payload").attr("style", "HL7").attr("encoding", "XML");
  xml.attr("version", "3.0").close(3);
}

// The header of a signal about `received`.
EbxmlHeader signal_header(const EbxmlHeader& received, const std::string& message_id, Time now,
                          std::string_view action) {
  EbxmlHeader header;
  header.from_party = received.to_party;
  header.to_party = received.from_party;
  header.cpa_id = received.cpa_id;
  header.conversation_id = received.conversation_id;
  header.service = signal_service;
  header.action = action;
  header.message_id = message_id;
  header.ref_to_message_id = received.message_id;
  header.timestamp = now;
  return header;
}

// Warnings do not stop a message: what they are about goes on as usual (ebMS 2.0, 4.2.3.4.2).
bool only_warnings(XmlView error_list) {
  if (error_list.attr("highestSeverity") == "Error") return false;
  bool any = false;
  for (XmlView at = error_list.child("Error"); at; at = at.next_same()) {
    if (at.attr("severity") != "Warning") return false;
    any = true;
  }
  return any;
}

EbxmlKind kind_of(const EbxmlHeader& header, XmlView soap_header, XmlView body) {
  const XmlView errors = soap_header.child("ErrorList");
  const bool warned = errors && only_warnings(errors);
  if (!warned && (errors || header.action == "MessageError")) return EbxmlKind::error;
  // Spine also sends acknowledgements without the element, and an element may stand on an answer.
  const bool named = header.service == signal_service && header.action == "Acknowledgment";
  const bool alone = soap_header.child("Acknowledgment") && !body.child("Manifest");
  if (named || alone || (warned && !body.child("Manifest"))) return EbxmlKind::acknowledgment;
  return EbxmlKind::message;
}

EbxmlHeader read_header(XmlView soap_header, Findings& findings) {
  const XmlView message = soap_header.child("MessageHeader");
  const XmlView data = message.child("MessageData");
  EbxmlHeader header;
  header.from_party = message.child("From").text_of("PartyId");
  header.to_party = message.child("To").text_of("PartyId");
  header.cpa_id = message.text_of("CPAId");
  header.conversation_id = message.text_of("ConversationId");
  header.service = message.text_of("Service");
  header.action = message.text_of("Action");
  header.message_id = data.text_of("MessageId");
  header.ref_to_message_id = data.text_of("RefToMessageId");
  if (header.ref_to_message_id.empty()) {
    header.ref_to_message_id = soap_header.child("Acknowledgment").text_of("RefToMessageId");
  }
  const std::string_view stamp = data.text_of("Timestamp");
  const auto time = read_timestamp(stamp, Zone::utc);
  const auto without_zone = time ? time : parse_iso_time(std::string{stamp} + "Z");
  if (without_zone) header.timestamp = *without_zone;
  if (!without_zone) report(findings, Severity::information, "EB-TIME", data, "no Timestamp");
  header.duplicate_elimination = static_cast<bool>(message.child("DuplicateElimination"));
  header.ack_requested = static_cast<bool>(soap_header.child("AckRequested"));
  header.sync_reply = static_cast<bool>(soap_header.child("SyncReply"));
  return header;
}

// Fills everything but the payload from the envelope.
bool read_envelope(XmlView envelope, EbxmlMessage& message, Findings& findings) {
  const XmlView soap_header = envelope.child("Header");
  if (envelope.name() != "Envelope" || !soap_header.child("MessageHeader")) {
    report(findings, Severity::fatal, "EB-ENVELOPE", envelope, "not an ebXML envelope");
    return false;
  }
  message.header = read_header(soap_header, findings);
  message.kind = kind_of(message.header, soap_header, envelope.child("Body"));
  // A signal is taken without: nothing is ever sent about it, and it is not told from its repeat.
  if (message.header.message_id.empty() && message.kind == EbxmlKind::message) {
    report(findings, Severity::fatal, "EB-ID", soap_header, "the message has no MessageId");
    return false;
  }
  XmlView error = soap_header.child("ErrorList").child("Error");
  for (; error; error = error.next_same()) {
    message.errors.push_back({std::string{error.attr("errorCode")},
                              std::string{error.attr("severity")},
                              std::string{error.text_of("Description")}});
  }
  return true;
}

bool read_envelope(std::string_view xml, EbxmlMessage& message, Findings& findings) {
  const auto document = parse_xml(xml, findings);
  return document && read_envelope(document->root(), message, findings);
}

// `<id>` or `cid:id` without what stands around it.
std::string_view bare_id(std::string_view text) {
  if (text.substr(0, 4) == "cid:") text.remove_prefix(4);
  if (!text.empty() && text.front() == '<') text.remove_prefix(1);
  if (!text.empty() && text.back() == '>') text.remove_suffix(1);
  return text;
}

// The place of the part with this id; `otherwise` when there is none.
std::size_t part_named(const std::vector<MimePart>& parts, std::string_view id,
                       std::size_t otherwise) {
  for (std::size_t i = 0; i < parts.size() && !id.empty(); ++i) {
    if (parts[i].content_id == bare_id(id)) return i;
  }
  return otherwise;
}

// What the manifest calls the HL7 payload, or else lists first.
std::string_view payload_id(XmlView envelope) {
  const XmlView first = envelope.child("Body").child("Manifest").child("Reference");
  for (XmlView at = first; at; at = at.next_same()) {
    if (at.child("Payload").attr("style") == "HL7") return at.attr("href");
  }
  return first.attr("href");
}

// Parts are found by their names, and by their order when these say nothing.
void take_parts(std::vector<MimePart> parts, std::size_t root, XmlView envelope,
                EbxmlMessage& message) {
  const std::size_t next = root == 0 ? 1 : 0;
  std::size_t payload = part_named(parts, payload_id(envelope), next);
  if (payload == root) payload = next;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i == payload) message.payload = to_utf8(parts[i].content_type, std::move(parts[i].body));
    if (i != payload && i != root) message.attachments.push_back(std::move(parts[i]));
  }
}

// The bytes have the last word: peers send one with the type of the other.
bool looks_multipart(std::string_view content_type, std::string_view body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool xml = first != std::string_view::npos && body[first] == '<';
  if (content_type.empty()) return !xml && !guess_boundary(body).empty();
  const MediaType media = parse_media_type(content_type);
  const bool said = media.type.substr(0, 10) == "multipart/";
  const auto boundary = media.parameters.find("boundary");
  const bool there = said && boundary != media.parameters.end() && !boundary->second.empty() &&
                     body.find("--" + boundary->second) != std::string_view::npos;
  return there || (said ? !xml : !xml && !guess_boundary(body).empty());
}

}  // namespace

std::string_view name_of(Pattern pattern) {
  switch (pattern) {
    case Pattern::sync:
      return "sync";
    case Pattern::express:
      return "express";
    case Pattern::reliable:
      return "reliable";
  }
  return "";
}

EbxmlHeader with_pattern(EbxmlHeader header, Pattern pattern) {
  header.duplicate_elimination = pattern == Pattern::reliable;
  header.ack_requested = pattern == Pattern::reliable;
  header.sync_reply = true;
  return header;
}

HttpContent write_ebxml(const EbxmlHeader& header, std::string_view payload) {
  std::string envelope{declaration};
  XmlWriter xml{envelope};
  open_envelope(xml);
  write_header(xml, header);
  xml.close().open("SOAP:Body");
  write_manifest(xml, header.message_id);
  xml.close(2);

  const std::vector<MimePart> parts{
      {std::string{header_id}, "text/xml; charset=UTF-8", std::move(envelope)},
      {header.message_id + "@spine.nhs.uk", "application/xml; charset=UTF-8",
       std::string{payload}}};
  const std::string boundary = boundary_for(parts);
  return {"multipart/related; boundary=\"" + boundary + "\"; type=\"text/xml\"; start=\"<" +
              std::string{header_id} + ">\"; charset=UTF-8",
          header.service + "/" + header.action, write_mime(parts, boundary)};
}

HttpContent write_acknowledgment(const EbxmlHeader& received, const std::string& message_id,
                                 Time now) {
  const EbxmlHeader header = signal_header(received, message_id, now, "Acknowledgment");
  std::string envelope{declaration};
  XmlWriter xml{envelope};
  open_envelope(xml);
  write_header(xml, header);
  must_understand(xml.open("eb:Acknowledgment")).attr("SOAP:actor", to_party_msh);
  xml.leaf("eb:Timestamp", write_second(now)).leaf("eb:RefToMessageId", received.message_id);
  write_party(xml, "eb:From", header.from_party);
  xml.close(2).open("SOAP:Body").close(2);
  return {"text/xml; charset=UTF-8", "", std::move(envelope)};
}

HttpContent write_message_error(const EbxmlHeader& received, const std::string& message_id,
                                Time now, const std::vector<EbxmlError>& errors) {
  std::string envelope{declaration};
  XmlWriter xml{envelope};
  open_envelope(xml);
  write_header(xml, signal_header(received, message_id, now, "MessageError"));
  must_understand(xml.open("eb:ErrorList")).attr("eb:highestSeverity", "Error");
  for (const EbxmlError& error : errors) {
    xml.open("eb:Error").attr("eb:codeContext", "urn:oasis:names:tc:ebxml-msg:service:errors");
    xml.attr("eb:errorCode", error.code).attr("eb:severity", error.severity);
    xml.open("eb:Description").attr("xml:lang", "en-GB").text(error.description).close(2);
  }
  xml.close(2).open("SOAP:Body").close(2);
  return {"text/xml; charset=UTF-8", "", std::move(envelope)};
}

Reading<EbxmlMessage> read_ebxml(XmlView envelope) {
  Reading<EbxmlMessage> reading;
  EbxmlMessage message;
  if (read_envelope(envelope, message, reading.findings)) reading.value = std::move(message);
  return reading;
}

Reading<EbxmlMessage> read_ebxml(std::string_view content_type, std::string_view body) {
  Reading<EbxmlMessage> reading;
  EbxmlMessage message;
  if (!looks_multipart(content_type, body)) {
    const std::string utf8 = to_utf8(content_type, std::string{body});
    if (read_envelope(utf8, message, reading.findings)) reading.value = std::move(message);
    return reading;
  }
  const bool named = parse_media_type(content_type).parameters.count("boundary") != 0;
  const std::string type = named ? std::string{content_type}
                                 : "multipart/related; boundary=\"" + guess_boundary(body) + "\"";
  Reading<std::vector<MimePart>> parts = read_mime(type, body);
  reading.findings = std::move(parts.findings);
  if (!parts.value) return reading;
  const auto start = parse_media_type(content_type).parameters["start"];
  const std::size_t root = part_named(*parts.value, start, 0);
  MimePart& first = (*parts.value)[root];
  first.body = to_utf8(first.content_type, std::move(first.body));
  const auto envelope = parse_xml(first.body, reading.findings);
  if (!envelope || !read_envelope(envelope->root(), message, reading.findings)) return reading;
  take_parts(*std::move(parts.value), root, envelope->root(), message);
  if (message.kind == EbxmlKind::message && message.payload.empty()) {
    reading.findings.push_back(
        {Severity::error, "EB-PAYLOAD", "", 0, "", "the message has no payload part"});
  }
  reading.value = std::move(message);
  return reading;
}

}  // namespace cpis::spine
