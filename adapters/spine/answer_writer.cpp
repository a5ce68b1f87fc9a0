#include "adapters/spine/answer.h"
#include "adapters/spine/author.h"
#include "adapters/spine/hl7_time.h"
#include "adapters/spine/oids.h"
#include "adapters/spine/plan_parts.h"

namespace cpis::spine {
namespace {

void write_total(XmlWriter& xml, std::string_view outer, std::string_view inner,
                 std::size_t total) {
  xml.open(outer).open(inner).value("value", std::to_string(total)).close(2);
}

void write_held(XmlWriter& xml, const HeldPlan& held) {
  xml.open("record").open("communicationFunctionSnd");
  write_council(xml, held.council);
  xml.close().open("CP-ISRecord").open("pertinentInformation15");
  write_plan(xml, held.plan, PlanForm::answer);
  xml.close().open("subject");
  write_subject(xml, held.subject);
  xml.close(3);
}

// What follows effectiveTime, id and, in the SMSP form, value.
void write_record(XmlWriter& xml, const ProtectionRecord* record) {
  write_total(xml, "pertinentInformation11", "pertinentTotalReturnedAccessRecords",
              record == nullptr ? 0 : record->accesses.size());
  write_total(xml, "pertinentInformation12", "pertinentTotalReturnedChildRecords",
              record == nullptr ? 0 : record->plans.size());
  if (record == nullptr) return;
  for (const AccessEvent& access : record->accesses) {
    xml.open("pertinentInformation13").open("pertinentCP-ISNHSQuery");
    write_access(xml, access, PersonParameter::nhs_number, "", "");
    xml.close(2);
  }
  xml.open("pertinentInformation14").open("pertinentCP-ISRecordControlAct");
  for (const HeldPlan& held : record->plans) write_held(xml, held);
  xml.close(2);
}

void write_reasons(XmlWriter& xml, const std::vector<Reason>& reasons) {
  for (const Reason& reason : reasons) {
    xml.open("reason").attr("typeCode", "RSON");
    xml.open("justifyingDetectedIssueEvent").attr("classCode", "ALRT").attr("moodCode", "EVN");
    xml.open("code").attr("code", reason.code).attr("codeSystem", reason.system);
    xml.attr("displayName", reason.display);
    if (!reason.severity.empty()) {
      const std::string_view words = reason.severity == "ER"   ? "Error"
                                     : reason.severity == "WG" ? "Warning"
                                                               : "For Information";
      xml.open("qualifier").attr("code", reason.severity);
      xml.attr("codeSystem", oid::issue_qualifier).attr("displayName", words).close();
    }
    xml.close(3);
  }
}

void open_control_act(XmlWriter& xml, const Wrapper& wrapper) {
  open_wrapper(xml, wrapper);
  xml.open("ControlActEvent").attr("classCode", "CACT").attr("moodCode", "EVN");
  write_system_agent(xml, wrapper.from_asid);
}

void write_query_ack(XmlWriter& xml, std::string_view code) {
  xml.open("queryAck").open("queryResponseCode").attr("code", code).close(2);
}

}  // namespace

Reason no_records_reason() {
  return {"NRF", std::string{oid::query_response}, "No Records Found", "IF"};
}

std::string write_records(const Wrapper& wrapper, const std::string& id, Time at,
                          const ProtectionRecord& record) {
  std::string out;
  out.reserve(4096 + record.accesses.size() * 1100 + record.plans.size() * 1100);
  XmlWriter xml{out};
  Wrapper records = wrapper;
  records.interaction = interaction::records;
  records.ack_type.clear();
  open_control_act(xml, records);
  xml.open("subject").attr("typeCode", "SUBJ").open(payload_element);
  xml.value("effectiveTime", write_timestamp(at));
  xml.open("id").attr("root", id).close();
  write_record(xml, &record);
  xml.close(2);
  write_query_ack(xml, "OK");
  xml.close(2);
  return out;
}

std::string write_query_failed(const Wrapper& wrapper, const std::vector<Reason>& reasons) {
  std::string out;
  XmlWriter xml{out};
  Wrapper failed = wrapper;
  failed.interaction = interaction::query_failed;
  failed.version = "V3NPfIT3.0";
  if (failed.ack_type.empty()) failed.ack_type = "AE";
  open_control_act(xml, failed);
  write_reasons(xml, reasons);
  write_query_ack(xml, "ID");
  xml.close(2);
  return out;
}

std::string write_application_ack(const Wrapper& wrapper, const std::vector<Reason>& reasons) {
  std::string out;
  XmlWriter xml{out};
  Wrapper ack = wrapper;
  ack.interaction = interaction::application_ack;
  ack.version = "V3NPfIT3.0";
  if (ack.ack_type.empty()) ack.ack_type = "AE";
  open_control_act(xml, ack);
  write_reasons(xml, reasons);
  xml.close(2);
  return out;
}

std::string write_response_payload(const std::string& id, Time at, const ProtectionRecord* record,
                                   const Reason* status) {
  std::string out;
  XmlWriter xml{out};
  xml.open(payload_element).attr("xmlns", ns::hl7).attr("xmlns:npfitlc", ns::npfitlc);
  xml.value("effectiveTime", write_timestamp(at));
  xml.open("id").attr("root", id).close();
  if (status != nullptr) {
    xml.open("value").attr("code", status->code).attr("codeSystem", oid::smsp_response);
    xml.attr("displayName", status->display).close();
  }
  write_record(xml, record);
  xml.close();
  return out;
}

}  // namespace cpis::spine
