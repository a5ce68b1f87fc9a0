#include "gateway/fhir_api/audit_event.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "adapters/core/nhs_number.h"
#include "adapters/fhir_r4/systems.h"
#include "fhir/json/writer.h"
#include "fhir/tree/document.h"

namespace cpis::fhir_api {
namespace {

using fhir::Document;
using fhir::Element;

constexpr std::string_view entity_type = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
constexpr std::string_view object_role = "http://terminology.hl7.org/CodeSystem/object-role";
constexpr std::string_view dicom = "http://dicom.nema.org/resources/ontology/DCM";
constexpr std::string_view participation =
    "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

void add_coding(Document& doc, Element& coding, std::string_view system, std::string_view code) {
  doc.append(coding, "system", system);
  doc.append(coding, "code", code);
}

void add_code(Document& doc, Element& parent, std::string_view name, std::string_view system,
              std::string_view code) {
  add_coding(doc, doc.append_item(doc.append(parent, name), "coding"), system, code);
}

void add_named(Document& doc, Element& parent, std::string_view name, std::string_view value) {
  doc.append(doc.append(doc.append(parent, name), "identifier"), "value", value);
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4U];
    text += digits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k > bytes.size() ? '=' : letters[bits >> (18 - 6 * k) & 63U];
    }
  }
  return out;
}

constexpr std::array interactions{
    "read",   "vread", "history-instance", "history-type", "create",
    "update", "patch", "delete",           "batch",        "transaction"};

// `Flag.search` is a search of Flag; what is no interaction of FHIR is an operation.
struct Act {
  std::string_view type;
  std::string_view interaction;
};
Act act_of(std::string_view action) {
  const std::size_t dot = action.find('.');
  if (dot == action.npos) return {{}, "operation"};
  const std::string_view word = action.substr(dot + 1);
  const std::string_view type = action.substr(0, dot);
  if (word.starts_with("search")) return {type, "search-type"};
  if (word == "write") return {type, "update"};  // older rows, which do not say which
  const bool known =
      std::find(interactions.begin(), interactions.end(), word) != interactions.end();
  return {type, known ? word : "operation"};
}

std::string_view action_code(std::string_view interaction) {
  if (interaction == "create") return "C";
  if (interaction == "update" || interaction == "patch") return "U";
  if (interaction == "delete") return "D";
  const bool reads = interaction == "read" || interaction == "vread";
  return reads || interaction.starts_with("history") ? "R" : "E";
}

std::string_view outcome_code(std::string_view outcome) {
  if (outcome.starts_with('4')) return "4";
  return outcome.starts_with('5') ? "8" : "0";
}

// The words behind "; " in the detail are the resources that were returned.
std::vector<std::string_view> resources_in(std::string_view detail) {
  std::vector<std::string_view> found;
  const std::size_t mark = detail.find("; ");
  if (mark == detail.npos) return found;
  detail.remove_prefix(mark + 2);
  while (!detail.empty()) {
    const std::size_t space = detail.find(' ');
    const std::string_view word = detail.substr(0, space);
    if (word.find('/') != word.npos) found.push_back(word);
    detail.remove_prefix(space == detail.npos ? detail.size() : space + 1);
  }
  return found;
}

// Whom a CDS client said it asks for: `unscheduled, user Practitioner/1; Flag/2`.
std::string_view user_in(std::string_view detail) {
  constexpr std::string_view mark = ", user ";
  detail = detail.substr(0, detail.find(';'));
  const std::size_t at = detail.find(mark);
  return at == detail.npos ? std::string_view{} : detail.substr(at + mark.size());
}

// The query that a row says; of a look, the one that its normal form is.
std::string query_in(const store::AuditEntry& entry, const Act& act) {
  if (entry.detail.starts_with('?')) {
    return std::string{act.type} + std::string{entry.detail.substr(0, entry.detail.find(';'))};
  }
  if (entry.subject.empty()) return {};
  return std::string{act.type} +
         "?patient:identifier=" + std::string{fhir_r4::systems::nhs_number} + '|' +
         std::string{entry.subject};
}

void add_agents(Document& doc, Element& event, const store::AuditEntry& entry) {
  Element& client = doc.append_item(event, "agent");
  add_code(doc, client, "type", dicom, "110153");
  add_named(doc, client, "who", entry.source.empty() ? "unknown" : entry.source);
  doc.append(client, "requestor", "false", fhir::Kind::boolean);
  Element& server = doc.append_item(event, "agent");
  add_code(doc, server, "type", dicom, "110152");
  add_named(doc, server, "who", "cpis-gateway");
  doc.append(server, "requestor", "false", fhir::Kind::boolean);
  Element& user = doc.append_item(event, "agent");
  add_code(doc, user, "type", participation, "IRCP");
  if (!entry.actor_role.empty()) {
    doc.append(doc.append_item(user, "role"), "text", entry.actor_role);
  }
  Element& who = doc.append(user, "who");
  if (!entry.actor_id.empty()) {
    doc.append(doc.append(who, "identifier"), "value", entry.actor_id);
  }
  doc.append(who, "display", entry.actor_name.empty() ? "not known" : entry.actor_name);
  if (!entry.organisation.empty()) doc.append(user, "altId", entry.organisation);
  doc.append(user, "requestor", "true", fhir::Kind::boolean);
  const std::string_view said = user_in(entry.detail);
  if (said.empty()) return;
  Element& other = doc.append_item(event, "agent");
  add_code(doc, other, "type", participation, "IRCP");
  if (said.find('/') != said.npos) {
    doc.append(doc.append(other, "who"), "reference", said);
  } else {
    add_named(doc, other, "who", said);
  }
  doc.append(other, "requestor", "true", fhir::Kind::boolean);
}

Element& add_entity(Document& doc, Element& event, std::string_view type, std::string_view role) {
  Element& entity = doc.append_item(event, "entity");
  add_coding(doc, doc.append(entity, "type"), entity_type, type);
  add_coding(doc, doc.append(entity, "role"), object_role, role);
  return entity;
}

void add_entities(Document& doc, Element& event, const store::AuditEntry& entry, const Act& act) {
  if (!entry.subject.empty()) {
    Element& patient = add_entity(doc, event, "1", "1");
    Element& identifier = doc.append(doc.append(patient, "what"), "identifier");
    const bool is_number = static_cast<bool>(NhsNumber::parse(entry.subject));
    if (is_number) doc.append(identifier, "system", fhir_r4::systems::nhs_number);
    doc.append(identifier, "value", entry.subject);
  }
  const std::string query = act.interaction == "search-type" ? query_in(entry, act) : std::string{};
  if (!query.empty()) doc.append(add_entity(doc, event, "2", "24"), "query", base64(query));
  for (const std::string_view resource : resources_in(entry.detail)) {
    Element& data = add_entity(doc, event, "2", "4");
    doc.append(doc.append(data, "what"), "reference", resource);
  }
  Element& request = doc.append_item(event, "entity");
  add_coding(doc, doc.append(request, "type"),
             "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType", "XrequestId");
  add_named(doc, request, "what", entry.correlation_id);
}

void put_csv(std::string& line, std::string_view value) {
  if (!line.empty()) line += ',';
  line += '"';
  if (value.find_first_of("=+-@\t\r") == 0) line += '\'';
  for (const char c : value) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

}  // namespace

std::string audit_event_line(const store::AuditRow& row) {
  const store::AuditEntry& entry = row.entry;
  const Act act = act_of(entry.action);
  Document doc;
  Element& event = doc.set_root("AuditEvent");
  doc.append(event, "id", std::to_string(row.chain) + '-' + std::to_string(row.seq));
  add_coding(doc, doc.append(event, "type"),
             "http://terminology.hl7.org/CodeSystem/audit-event-type", "rest");
  Element& subtype = doc.append_item(event, "subtype");
  add_coding(doc, subtype, "http://hl7.org/fhir/restful-interaction", act.interaction);
  doc.append(subtype, "display", entry.action);
  doc.append(event, "action", action_code(act.interaction));
  doc.append(event, "recorded", to_iso(entry.at));
  doc.append(event, "outcome", outcome_code(entry.outcome));
  doc.append(event, "outcomeDesc", std::string{entry.outcome} + ", " + std::string{entry.detail});
  add_agents(doc, event, entry);
  Element& source = doc.append(event, "source");
  doc.append(source, "site", "chain " + std::to_string(row.chain) + ", hash " + hex(row.hash));
  add_named(doc, source, "observer", "cpis-gateway");
  add_coding(doc, doc.append_item(source, "type"),
             "http://terminology.hl7.org/CodeSystem/security-source-type", "4");
  add_entities(doc, event, entry, act);
  return fhir::json::write(doc.root()) + '\n';
}

std::string audit_csv_header() {
  return "chain,seq,at,correlation_id,actor_id,actor_name,actor_role,organisation,source,action,"
         "subject,outcome,detail,hash\r\n";
}

std::string audit_csv_line(const store::AuditRow& row) {
  const store::AuditEntry& entry = row.entry;
  std::string line;
  for (const std::string& value :
       {std::to_string(row.chain), std::to_string(row.seq), to_iso(entry.at)}) {
    put_csv(line, value);
  }
  for (const std::string_view value : {entry.correlation_id, entry.actor_id, entry.actor_name,
                                       entry.actor_role, entry.organisation, entry.source,
                                       entry.action, entry.subject, entry.outcome, entry.detail}) {
    put_csv(line, value);
  }
  put_csv(line, hex(row.hash));
  return line + "\r\n";
}

}  // namespace cpis::fhir_api
