#include "adapters/spine/wrapper.h"

#include "adapters/spine/author.h"
#include "adapters/spine/hl7_time.h"
#include "adapters/spine/oids.h"

namespace cpis::spine {
namespace {

void write_acknowledgement(XmlWriter& xml, const Wrapper& wrapper) {
  xml.open("acknowledgement").attr("typeCode", wrapper.ack_type);
  for (const Reason& detail : wrapper.ack_details) {
    xml.open("acknowledgementDetail");
    if (!detail.severity.empty()) xml.attr("typeCode", detail.severity);
    xml.open("code").attr("code", detail.code).attr("codeSystem", detail.system);
    xml.attr("displayName", detail.display).close(2);
  }
  xml.open("messageRef").open("id").attr("root", wrapper.refers_to).close(3);
}

}  // namespace

void open_wrapper(XmlWriter& xml, const Wrapper& wrapper) {
  xml.open(wrapper.interaction).attr("xmlns", ns::hl7).attr("xmlns:npfitlc", ns::npfitlc);
  xml.open("id").attr("root", wrapper.message_id).close();
  xml.value("creationTime", write_creation_time(wrapper.created));
  xml.open("versionCode").attr("code", wrapper.version).close();
  xml.open("interactionId").attr("root", oid::interaction).attr("extension", wrapper.interaction);
  xml.close();
  xml.open("processingCode").attr("code", "P").close();
  xml.open("processingModeCode").attr("code", "T").close();
  xml.open("acceptAckCode").attr("code", "NE").close();
  if (!wrapper.ack_type.empty()) write_acknowledgement(xml, wrapper);
  write_device(xml, "communicationFunctionRcv", "RCV", wrapper.to_asid);
  write_device(xml, "communicationFunctionSnd", "SND", wrapper.from_asid);
}

void write_device(XmlWriter& xml, std::string_view element, std::string_view type,
                  std::string_view asid) {
  xml.open(element).attr("typeCode", type);
  xml.open("device").attr("classCode", "DEV").attr("determinerCode", "INSTANCE");
  xml.open("id").attr("root", oid::asid).attr("extension", asid).close(3);
}

void write_system_agent(XmlWriter& xml, std::string_view asid) {
  xml.open("author1").attr("typeCode", "AUT");
  xml.open("AgentSystemSDS").attr("classCode", "AGNT");
  xml.open("agentSystemSDS").attr("classCode", "DEV").attr("determinerCode", "INSTANCE");
  xml.open("id").attr("root", oid::asid).attr("extension", asid).close(4);
}

Wrapper read_wrapper(XmlView at) {
  Wrapper wrapper;
  wrapper.interaction = at.name();
  wrapper.message_id = plain_id(at.child("id").attr("root"));
  if (const auto created = read_timestamp(at.value_of("creationTime"), Zone::utc)) {
    wrapper.created = *created;
  }
  wrapper.version = at.child("versionCode").attr("code");
  wrapper.to_asid =
      at.child("communicationFunctionRcv").child("device").child("id").attr("extension");
  wrapper.from_asid =
      at.child("communicationFunctionSnd").child("device").child("id").attr("extension");
  const XmlView ack = at.child("acknowledgement");
  wrapper.ack_type = ack.attr("typeCode");
  wrapper.refers_to = plain_id(ack.child("messageRef").child("id").attr("root"));
  XmlView detail = ack.child("acknowledgementDetail");
  for (; detail; detail = detail.next_same()) {
    Reason reason = read_reason(detail.child("code"));
    if (reason.severity.empty()) reason.severity = detail.attr("typeCode");
    wrapper.ack_details.push_back(std::move(reason));
  }
  return wrapper;
}

Reason read_reason(XmlView code) {
  return {std::string{code.attr("code")}, std::string{code.attr("codeSystem")},
          std::string{code.attr("displayName")}, std::string{code.child("qualifier").attr("code")}};
}

}  // namespace cpis::spine
