#include "adapters/spine/soap.h"

#include <algorithm>
#include <utility>

#include "adapters/spine/author.h"
#include "adapters/spine/oids.h"
#include "adapters/spine/xml_writer.h"

namespace cpis::spine {
namespace {

void write_asid(XmlWriter& xml, std::string_view element, std::string_view asid) {
  if (asid.empty()) return;
  xml.open(element).open("hl7:device").open("hl7:id").attr("root", oid::asid);
  xml.attr("extension", asid).close(3);
}

void write_address(XmlWriter& xml, std::string_view element, std::string_view address) {
  xml.open(element).leaf("wsa:Address", address).close();
}

SoapHeader read_header(XmlView header) {
  SoapHeader read;
  read.message_id = plain_id(header.text_of("MessageID"));
  read.action = header.text_of("Action");
  read.to = header.text_of("To");
  read.from = header.child("From").text_of("Address");
  read.reply_to = header.child("ReplyTo").text_of("Address");
  read.relates_to = plain_id(header.text_of("RelatesTo"));
  const auto asid = [&](std::string_view element) {
    return std::string{header.child(element).child("device").child("id").attr("extension")};
  };
  read.to_asid = asid("communicationFunctionRcv");
  read.from_asid = asid("communicationFunctionSnd");
  return read;
}

SoapFault read_fault(XmlView fault) {
  SoapFault read{
      std::string{fault.text_of("faultcode")}, std::string{fault.text_of("faultstring")}, {}};
  for (XmlView list = fault.child("detail").find("errorList", 3); list; list = list.next_same()) {
    for (XmlView error = list.child("error"); error; error = error.next_same()) {
      read.errors.push_back(
          {std::string{error.text_of("codeContext")}, std::string{error.text_of("errorCode")},
           std::string{error.text_of("severity")}, std::string{error.text_of("location")},
           std::string{error.text_of("description")}});
    }
  }
  return read;
}

}  // namespace

bool may_be_resent(const SoapFault& fault) {
  const auto passing = [](const TmsError& error) {
    return error.code == "200" || error.code == "206" || error.code == "208";
  };
  return !fault.errors.empty() && std::all_of(fault.errors.begin(), fault.errors.end(), passing);
}

Error error_from(const SoapFault& fault) {
  std::string words = "the national service refused the message";
  bool denied = false;
  for (const TmsError& error : fault.errors) {
    if (error.code.size() < 40) words += " " + error.code;
    denied = denied || error.code == "300" || error.code == "420" || error.code == "506";
  }
  if (denied) return {ErrorKind::forbidden, words};
  return {may_be_resent(fault) ? ErrorKind::unavailable : ErrorKind::fault, words};
}

std::string write_soap(const SoapHeader& header, std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + 1800);
  XmlWriter xml{out};
  xml.open("SOAP:Envelope").attr("xmlns:SOAP", ns::soap).attr("xmlns:wsa", ns::wsa);
  xml.attr("xmlns:hl7", ns::hl7).open("SOAP:Header");
  xml.leaf("wsa:MessageID", "uuid:" + header.message_id);
  xml.leaf("wsa:Action", header.action).leaf("wsa:To", header.to);
  write_address(xml, "wsa:From", header.from);
  write_asid(xml, "hl7:communicationFunctionRcv", header.to_asid);
  write_asid(xml, "hl7:communicationFunctionSnd", header.from_asid);
  if (!header.reply_to.empty()) write_address(xml, "wsa:ReplyTo", header.reply_to);
  if (!header.relates_to.empty()) xml.leaf("wsa:RelatesTo", "uuid:" + header.relates_to);
  xml.close().open("SOAP:Body").raw(payload).close(2);
  return out;
}

std::string write_fault(const SoapFault& fault) {
  std::string out;
  XmlWriter xml{out};
  xml.open("SOAP:Envelope").attr("xmlns:SOAP", ns::soap).open("SOAP:Body").open("SOAP:Fault");
  xml.leaf("faultcode", fault.code).leaf("faultstring", fault.text);
  xml.open("detail").open("nasp:errorList").attr("xmlns:nasp", ns::nasp);
  for (const TmsError& error : fault.errors) {
    xml.open("nasp:error").leaf("nasp:codeContext", error.context);
    xml.leaf("nasp:errorCode", error.code).leaf("nasp:severity", error.severity);
    xml.leaf("nasp:location", error.location).leaf("nasp:description", error.description).close();
  }
  xml.close(5);
  return out;
}

Reading<SoapMessage> read_soap(std::string_view xml) {
  Reading<SoapMessage> reading;
  auto document = parse_xml(xml, reading.findings);
  if (!document) return reading;
  const XmlView envelope = document->root();
  const XmlView body = envelope.child("Body");
  if (envelope.name() != "Envelope" || !body) {
    report(reading.findings, Severity::fatal, "SOAP-ENVELOPE", envelope, "not a SOAP envelope");
    return reading;
  }
  SoapHeader header = read_header(envelope.child("Header"));
  std::optional<SoapFault> fault;
  if (const XmlView at = body.child("Fault")) fault = read_fault(at);
  reading.value = SoapMessage{std::move(header), std::move(fault), std::move(*document)};
  return reading;
}

}  // namespace cpis::spine
