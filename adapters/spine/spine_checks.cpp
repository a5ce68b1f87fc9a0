#include "adapters/spine/spine_checks.h"

#include <array>
#include <string_view>

#include "adapters/spine/oids.h"
#include "adapters/spine/wrapper.h"
#include "adapters/spine/xml_tree.h"

namespace cpis::spine {
namespace {

constexpr std::string_view header_1732 = "ErrorBase1732.";
constexpr std::string_view missing_1712 = "ErrorBase1712.MANDATORY_DATA_MISSING";
constexpr std::string_view tms = "ErrorBaseTms.";

class Checker {
 public:
  void need(bool fulfilled, std::string_view name, std::string_view about) {
    if (!fulfilled) faults_.push_back({std::string{name}, std::string{about}});
  }
  void wrapper(bool fulfilled, std::string_view fault) {
    need(fulfilled, std::string{header_1732} + std::string{fault}, "");
  }
  void data(bool fulfilled, std::string_view about) { need(fulfilled, missing_1712, about); }
  void ebxml(bool fulfilled, std::string_view fault, std::string_view about = "") {
    need(fulfilled, std::string{tms} + std::string{fault}, about);
  }
  SpineFaults take() { return std::move(faults_); }

 private:
  SpineFaults faults_;
};

bool one_with(XmlView parent, std::string_view name, std::string_view attribute) {
  return parent.count(name) == 1 && !parent.child(name).attr(attribute).empty();
}

std::string_view asid_of(XmlView parent, std::string_view function) {
  return parent.child(function).child("device").child("id").attr("extension");
}

XmlView template_of(XmlView author, std::string_view wanted) {
  for (XmlView at = author.first_child(); at; at = at.next()) {
    if (at.name().substr(at.name().rfind('.') + 1) == wanted) return at;
  }
  return {};
}

bool has_name(XmlView person) {
  const XmlView name = person.child("name");
  return static_cast<bool>(name.first_child()) || !name.text().empty();
}

void check_person(XmlView author, Checker& check) {
  const XmlView code = author.child("code");
  const XmlView organisation = author.child("representedOrganization");
  check.data(!code.attr("code").empty(), "Job Role Code");
  check.data(!code.attr("displayName").empty(), "Job Role Name");
  check.data(!organisation.child("id").attr("extension").empty(), "Organisation Code");
  check.data(!organisation.text_of("name").empty(), "Organisation Name");
  bool user = false;
  for (XmlView id = author.child("id"); id; id = id.next_same()) {
    user = user || (id.attr("root") == oid::sds_user && !id.attr("extension").empty());
  }
  check.data(user, "authorID");
}

void check_system(XmlView author, Checker& check) {
  const XmlView organisation = author.child("maintainingOrganization");
  check.data(!author.child("id").attr("extension").empty(), "authorDevice.systemID");
  check.data(!organisation.child("id").attr("extension").empty(), "authorDevice.orgCode");
  check.data(!organisation.text_of("name").empty(), "authorDevice.orgName");
  const XmlView authority = author.child("indirectAuthority");
  if (!authority) return;
  const XmlView entity = authority.child("superiorAssignedEntity");
  check.data(!entity.child("code").attr("code").empty(), "authorDevice.jobRoleCode");
  check.data(!entity.child("code").attr("displayName").empty(), "authorDevice.jobRoleName");
  check.data(has_name(entity.child("assignedPerson")), "authorDevice.assignedPersonName");
}

// Whether anything is left of it in a document: blanks at the ends are nobody's text.
bool says(std::string_view text) { return !detail::trim(text).empty(); }

void check_person(const Caller& by, Checker& check) {
  check.data(says(by.role_code), "Job Role Code");
  check.data(says(by.role_name), "Job Role Name");
  check.data(says(by.organisation_code), "Organisation Code");
  check.data(says(by.organisation_name), "Organisation Name");
  check.data(says(by.user_id), "authorID");
}

void check_system(const Caller& by, Checker& check) {
  check.data(says(by.system_id), "authorDevice.systemID");
  check.data(says(by.organisation_code), "authorDevice.orgCode");
  check.data(says(by.organisation_name), "authorDevice.orgName");
  check.data(says(by.role_code), "authorDevice.jobRoleCode");
  check.data(says(by.role_name), "authorDevice.jobRoleName");
  check.data(says(by.person_name), "authorDevice.assignedPersonName");
}

void check_payload(XmlView query, Checker& check) {
  check.data(!query.child("id").attr("root").empty(), "Event ID");
  check.data(!query.child("queryByParameter")
                  .child("person.NHSnumber")
                  .child("value")
                  .attr("extension")
                  .empty(),
             "NHS Number");
  const XmlView author = query.child("author");
  const XmlView person = template_of(author, "AssignedAuthor");
  const XmlView system = template_of(author, "System");
  check.data(person || system, "[authorPerson or authorDevice]");
  if (person) check_person(person, check);
  if (system && !person) check_system(system, check);
}

// One non-empty element of this name.
bool one_text(XmlView parent, std::string_view name) {
  return parent.count(name) == 1 && !parent.text_of(name).empty();
}

// An attribute that, when there, must be qualified and have this value.
bool is_or_absent(XmlView at, std::string_view name_space, std::string_view name,
                  std::string_view wanted) {
  const auto value = at.attr(name_space, name);
  return !value ? at.attr(name).empty() : *value == wanted;
}

bool is(XmlView at, std::string_view name_space, std::string_view name, std::string_view wanted) {
  const auto value = at.attr(name_space, name);
  return value && *value == wanted;
}

void check_message_header(XmlView message, Checker& check) {
  constexpr std::string_view malformed = "MESSAGE_NOT_WELL_FORMED";
  check.ebxml(one_text(message.child("From"), "PartyId"), malformed, "From/PartyId");
  check.ebxml(one_text(message.child("To"), "PartyId"), malformed, "To/PartyId");
  for (const std::string_view name : {"CPAId", "ConversationId", "Service", "Action"}) {
    check.ebxml(one_text(message, name), malformed, name);
  }
  const XmlView data = message.child("MessageData");
  check.ebxml(message.count("MessageData") == 1, malformed, "MessageData");
  check.ebxml(one_text(data, "MessageId"), malformed, "MessageId");
  check.ebxml(one_text(data, "Timestamp"), malformed, "Timestamp");
  check.ebxml(is_or_absent(message, ns::ebxml, "version", "2.0"), "INVALID_MESSAGE_HEADER_VERSION");
}

void check_reliability(XmlView header, Pattern pattern, Checker& check) {
  const std::size_t wanted = pattern == Pattern::reliable ? 1 : 0;
  const XmlView message = header.child("MessageHeader");
  check.ebxml(message.count("DuplicateElimination") == wanted,
              "DUPLICATE_ELIMINATION_INCONSISTENT_WITH_CONTRACT");
  check.ebxml(header.count("AckRequested") == wanted, "ACK_REQUESTED_INCONSISTENT_WITH_CONTRACT");
  if (pattern != Pattern::reliable) return;
  const XmlView ack = header.child("AckRequested");
  check.ebxml(is(ack, ns::ebxml, "version", "2.0"), "ACK_REQUESTED_VERSION_INVALID");
  check.ebxml(is(ack, ns::ebxml, "signed", "false"), "ACK_REQUESTED_SIGNED_INVALID");
  check.ebxml(is(ack, ns::soap, "actor", "urn:oasis:names:tc:ebxml-msg:actor:toPartyMSH"),
              "ACK_REQUESTED_ACTOR_INVALID");
  const XmlView sync = header.child("SyncReply");
  check.ebxml(header.count("SyncReply") == 1, "SYNCREPLY_INCONSISTENT_WITH_CONTRACT");
  if (!sync) return;
  check.ebxml(is(sync, ns::ebxml, "version", "2.0"), "SYNCREPLY_VERSION_INVALID");
  check.ebxml(is(sync, ns::soap, "actor", "http://schemas.xmlsoap.org/soap/actor/next"),
              "SYNCREPLY_ACTOR_INVALID");
}

}  // namespace

SpineFaults check_query(XmlView at) {
  Checker check;
  const auto interaction_id = at.child("interactionId");
  check.wrapper(one_with(at, "id", "root"), "INVALID_ID");
  check.wrapper(one_with(at, "creationTime", "value"), "INVALID_CREATION_TIME");
  check.wrapper(one_with(at, "versionCode", "code"), "INVALID_VERSION_CODE");
  check.wrapper(at.count("interactionId") == 1 && interaction_id.attr("root") == oid::interaction &&
                    interaction_id.attr("extension") == at.name(),
                "INCONSISTENT_HL7_INTERACTION_ID");
  check.wrapper(
      at.count("communicationFunctionRcv") == 1 && !asid_of(at, "communicationFunctionRcv").empty(),
      "INVALID_COMM_FUNC_RCV");
  check.wrapper(
      at.count("communicationFunctionSnd") == 1 && !asid_of(at, "communicationFunctionSnd").empty(),
      "INVALID_COMM_FUNC_SND");
  check.wrapper(at.count("ControlActEvent") == 1, "INVALID_CONTROL_ACT");
  const XmlView act = at.child("ControlActEvent");
  const XmlView author1 = act.child("author1").child("AgentSystemSDS").child("agentSystemSDS");
  check.data(act.count("author1") == 1 && !author1.child("id").attr("extension").empty(),
             "author1");
  check.wrapper(act.count("author") <= 1, "CONTROL_ACT_AUTHOR_INVALID_CARDINALITY");
  check_payload(act.child("subject").child("CP-ISQueryStub").child("cP-ISNHSQuery"), check);
  return check.take();
}

SpineFaults check_query(const Query& query) {
  Checker check;
  check.wrapper(says(query.message_id), "INVALID_ID");
  check.wrapper(says(query.to_asid), "INVALID_COMM_FUNC_RCV");
  check.wrapper(says(query.from_asid), "INVALID_COMM_FUNC_SND");
  check.data(says(query.from_asid), "author1");
  check.data(says(query.event.id), "Event ID");
  const Caller& by = query.event.by;
  by.kind == Caller::Kind::person ? check_person(by, check) : check_system(by, check);
  return check.take();
}

SpineFaults check_soap(XmlView envelope) {
  Checker check;
  const XmlView header = envelope.child("Header");
  constexpr std::size_t id_length = 41;  // `uuid:` and 36 characters
  check.ebxml(header.text_of("MessageID").size() == id_length, "SOAP_MESSAGE_ID_ERROR");
  check.ebxml(header.count("Action") == 1 && !header.text_of("Action").empty(),
              "SOAP_ACTION_ERROR");
  check.ebxml(one_text(header, "To"), "SOAP_TO_ERROR");
  const std::string_view to = asid_of(header, "communicationFunctionRcv");
  const std::string_view from = asid_of(header, "communicationFunctionSnd");
  check.ebxml(!to.empty(), "SOAP_COMM_FUNC_RCV_ERROR");
  check.ebxml(!from.empty(), "SOAP_COMM_FUNC_SND_ERROR");
  const XmlView body = envelope.child("Body").first_child();
  check.wrapper(asid_of(body, "communicationFunctionRcv") == to, "INCONSISTENT_COMM_FUNC_RCV");
  check.wrapper(asid_of(body, "communicationFunctionSnd") == from, "INCONSISTENT_COMM_FUNC_SND");
  return check.take();
}

SpineFaults check_ebxml(XmlView envelope, Pattern pattern) {
  Checker check;
  const XmlView header = envelope.child("Header");
  const XmlView body = envelope.child("Body");
  check.ebxml(
      envelope.name() == "Envelope" && envelope.count("Header") == 1 && envelope.count("Body") == 1,
      "MESSAGE_NOT_WELL_FORMED", "soapEnvelopeCount");
  check.ebxml(header.count("MessageHeader") == 1, "MESSAGE_NOT_WELL_FORMED", "MessageHeader");
  check_message_header(header.child("MessageHeader"), check);
  check_reliability(header, pattern, check);
  const XmlView manifest = body.child("Manifest");
  const std::string_view href = manifest.child("Reference").attr("href");
  const std::size_t colon = href.find(':');
  check.ebxml(is_or_absent(manifest, ns::ebxml, "version", "2.0"), "INVALID_MANIFEST_REFERENCE",
              "version");
  check.ebxml(manifest.count("Reference") == 1, "INVALID_MANIFEST_REFERENCE", "Reference");
  check.ebxml(colon != std::string_view::npos && colon + 1 < href.size(),
              "INVALID_MANIFEST_REFERENCE", "href");
  return check.take();
}

SpineFaults check_upload(const UploadHead& head, const UploadRecord& record) {
  Checker check;
  const std::string_view missing = "ErrorBaseCPIS.MISSING_MANDATORY_FIELD";
  check.need(!record.plans.empty(), missing, "Care Plan Type");
  check.need(!head.council.ods_code.empty(), missing, "Organisation ID");
  check.need(!head.council.name.empty(), missing, "Organisation Name");
  check.need(record.subject.birth_date.has_value(), missing, "Birth Date");
  check.need(head.sequence >= 0, missing, "File ID");
  check.need(!head.council.emergency_phone.empty(), "ErrorBaseCPIS.MISSING_MANDATORY_TELECOM_TYPE",
             "EC");
  return check.take();
}

std::string in_words(const SpineFaults& faults) {
  std::string out;
  for (const SpineFault& fault : faults) {
    if (!out.empty()) out += "; ";
    out += fault.name;
    if (!fault.about.empty()) out += " (" + fault.about + ")";
  }
  return out;
}

}  // namespace cpis::spine
