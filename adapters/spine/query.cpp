#include "adapters/spine/query.h"

#include "adapters/spine/author.h"
#include "adapters/spine/hl7_time.h"
#include "adapters/spine/oids.h"

namespace cpis::spine {
namespace {

constexpr int wrapping_max = 10;

Status may_be_sent(const AccessEvent& event, ScheduledMarker marker) {
  const std::string_view missing = missing_in(event.by);
  if (!missing.empty()) {
    return Error{ErrorKind::bad_input, "the caller has no " + std::string{missing}};
  }
  const bool scheduled = event.by.setting == CareSetting::scheduled;
  if (scheduled && marker == ScheduledMarker::not_configured) {
    return Error{ErrorKind::unsupported,
                 "scheduled queries are refused until the place of accessEventType is configured"};
  }
  return done;
}

// The stub with its one query. The scheduled marker is put in at its configured place.
void write_stub(XmlWriter& xml, const AccessEvent& event, ScheduledMarker marker) {
  const bool scheduled = event.by.setting == CareSetting::scheduled;
  xml.open("cP-ISNHSQuery");
  if (scheduled && marker == ScheduledMarker::first_child) xml.value("accessEventType", "false");
  xml.value("effectiveTime", write_timestamp(event.at));
  xml.open("id").attr("root", event.id).close();
  write_author(xml, event.by);
  xml.open("queryByParameter");
  if (scheduled && marker == ScheduledMarker::query_parameter) {
    xml.open("accessEventType").value("value", "false").close();
  }
  xml.open("person.NHSnumber").open("value").attr("extension", event.person.digits()).close(3);
  xml.close();
}

void write_person_agent(XmlWriter& xml, const Caller& caller) {
  xml.open("author").attr("typeCode", "AUT").open("AgentPersonSDS").attr("classCode", "AGNT");
  xml.open("id").attr("root", oid::sds_role_profile).attr("extension", caller.role_profile_id);
  xml.close();
  xml.open("agentPersonSDS").attr("classCode", "PSN").attr("determinerCode", "INSTANCE");
  xml.open("id").attr("root", oid::sds_user).attr("extension", caller.user_id).close(2);
  xml.open("part").attr("typeCode", "PART").open("partSDSRole").attr("classCode", "ROL");
  xml.open("id").attr("root", oid::sds_job_role).attr("extension", caller.role_code).close(5);
}

bool marked_scheduled(XmlView query) {
  const XmlView marker = query.find("accessEventType", 3);
  if (!marker) return false;
  for (const std::string_view said :
       {marker.attr("value"), marker.value_of("value"), marker.text(), marker.text_of("value")}) {
    if (said == "false" || said == "0") return true;
  }
  return false;
}

}  // namespace

Result<std::string> write_query(const Query& query, ScheduledMarker marker) {
  if (const Status allowed = may_be_sent(query.event, marker); !allowed) return allowed.error();
  if (query.from_asid.empty() || query.to_asid.empty()) {
    return Error{ErrorKind::bad_input, "an ASID is missing"};
  }
  std::string out;
  out.reserve(4096);
  XmlWriter xml{out};
  Wrapper wrapper;
  wrapper.interaction = interaction::query;
  wrapper.message_id = query.message_id;
  wrapper.created = query.created;
  wrapper.to_asid = query.to_asid;
  wrapper.from_asid = query.from_asid;
  open_wrapper(xml, wrapper);

  const Caller& caller = query.event.by;
  xml.open("ControlActEvent").attr("classCode", "CACT").attr("moodCode", "EVN");
  if (caller.kind == Caller::Kind::person && !caller.role_profile_id.empty()) {
    write_person_agent(xml, caller);
  }
  write_system_agent(xml, query.from_asid);
  xml.open("subject").attr("typeCode", "SUBJ").open("CP-ISQueryStub");
  write_stub(xml, query.event, marker);
  xml.close(4);
  return out;
}

Result<std::string> write_query_stub(const AccessEvent& event, ScheduledMarker marker) {
  if (const Status allowed = may_be_sent(event, marker); !allowed) return allowed.error();
  std::string out;
  XmlWriter xml{out};
  xml.open("CP-ISQueryStub").attr("xmlns", ns::hl7).attr("xmlns:npfitlc", ns::npfitlc);
  write_stub(xml, event, marker);
  xml.close();
  return out;
}

Reading<Query> read_query(std::string_view xml) {
  Findings findings;
  const auto document = parse_xml(xml, findings);
  if (!document) return {std::nullopt, std::move(findings)};
  return read_query(document->root());
}

Reading<Query> read_query(XmlView document) {
  Reading<Query> reading;
  const XmlView event = document.find("cP-ISNHSQuery", wrapping_max);
  if (!event) {
    report(reading.findings, Severity::fatal, "V3-ROOT", document, "not a CP-IS query");
    return reading;
  }
  auto access = read_access(event, reading.findings);
  if (!access) return reading;
  if (marked_scheduled(event)) access->by.setting = CareSetting::scheduled;
  const Wrapper wrapper = read_wrapper(document.find(interaction::query, wrapping_max));
  reading.value = Query{wrapper.message_id, wrapper.created, wrapper.to_asid, wrapper.from_asid,
                        std::move(*access)};
  return reading;
}

}  // namespace cpis::spine
