#include "gateway/fhir_api/interaction_audit.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/named_in_answer.h"
#include "gateway/fhir_api/page_link.h"
#include "gateway/fhir_api/present.h"
#include "gateway/fhir_api/routes.h"

namespace cpis::fhir_api {
namespace {

constexpr std::size_t query_bytes_max = 4'000;
/// Names of one row. A longer answer makes several, of which a column holds each.
constexpr std::size_t names_bytes_max = 50'000;

struct Held {
  Exchange exchange;
  http::Response response;
  Time at{};
  std::string action, subject, outcome;
  std::vector<std::string> details{};  ///< one for each row
  Status audited = done;
};

std::string action_of(const Target& target) {
  const std::string type = target.type.empty() ? "system" : target.type;
  if (!target.operation.empty()) return type + '.' + target.operation;
  const bool search =
      target.interaction == "search-type" || target.interaction == "search-compartment";
  return type + '.' + (search ? "search" : target.interaction);
}

// Every resource that is shown; of a read, meta and whatever else goes to one, that one.
std::vector<NamedResource> shown(const Target& target, const http::Response& response) {
  std::vector<NamedResource> all;
  if (response.status >= 400) return all;
  if (response.header("Content-Type") == fhir_json) all = named_in(response.body);
  if (!all.empty() || target.id.empty() || !target.compartment.empty()) return all;
  all.push_back({target.type, target.id, target.version});
  return all;
}

bool shows_versions(const Target& target) {
  return target.interaction == "vread" || target.interaction.starts_with("history");
}

std::string query_of(const Exchange& exchange) {
  std::vector<http::QueryParameter> kept;
  for (const auto& each : exchange.query.parameters()) {
    if (each.name != page_parameter) kept.push_back(each);
  }
  std::string query = http::write_query(kept);
  if (query.size() > query_bytes_max) query.resize(query_bytes_max);
  return query.empty() ? query : '?' + query;
}

std::vector<std::string> details_of(const Exchange& exchange,
                                    const std::vector<NamedResource>& all) {
  std::vector<std::string> details{query_of(exchange) + ';'};
  const bool versions = shows_versions(exchange.target);
  std::size_t bytes = 0;
  for (const NamedResource& each : all) {
    const std::string name = each.text(versions);
    if (bytes + name.size() > names_bytes_max) {
      details.emplace_back("continued;");
      bytes = 0;
    }
    bytes += name.size() + 1;
    details.back() += ' ' + name;
  }
  return details;
}

// Whom all that is shown is about; nobody when it is about several.
std::string subject_of(const resources::ResourceBook& book, const Exchange& exchange,
                       const std::vector<NamedResource>& all) {
  std::string subject;
  for (const NamedResource& each : all) {
    std::string person = each.type == "Patient" ? each.id : std::string{};
    if (person.empty()) {
      if (const auto entry = book.find(each.type, each.id)) person = entry->keys.patient_id;
    }
    if (person.empty() || person == subject) continue;
    if (!subject.empty()) return {};
    subject = std::move(person);
  }
  if (!subject.empty()) return subject;
  if (!exchange.target.compartment.empty()) return exchange.target.id;
  for (const std::string_view name : {"patient", "subject"}) {
    const auto asked = exchange.query.first(name);
    if (!asked) continue;
    const std::size_t mark = asked->find_last_of("/|");
    return std::string{mark == asked->npos ? *asked : asked->substr(mark + 1)};
  }
  return exchange.target.type == "Patient" ? exchange.target.id : std::string{};
}

Status append(store::Session& session, const store::AuditStore& audit, const Held& held) {
  const Caller& caller = held.exchange.caller;
  store::AuditEntry entry = store::entry_by(caller);
  entry.at = held.at;
  entry.correlation_id = held.exchange.correlation_id;
  entry.source = held.exchange.client;
  entry.action = held.action;
  entry.subject = held.subject;
  entry.outcome = held.outcome;
  for (const std::string& detail : held.details) {
    entry.detail = detail;
    const auto row = audit.append(session, entry);
    if (!row) return row.error();
  }
  return done;
}

http::Response unaudited(const Error& why) {
  return error_answer({why.kind, "the audit could not be written, so nothing is shown"});
}

}  // namespace

bool InteractionAudit::wants(const Exchange& exchange, const http::Response& response) const {
  if (exchange.audited || exchange.target.route == nullptr) return false;
  return parts_.all || (exchange.target.route->traced && response.status < 400);
}

void InteractionAudit::answer(Exchange&& exchange, http::Response response) const {
  const std::vector<NamedResource> all = shown(exchange.target, response);
  auto held = std::make_shared<Held>(
      Held{std::move(exchange), std::move(response), parts_.clock.now(), {}, {}, {}});
  Exchange& asked = held->exchange;
  asked.audited = true;
  held->action = action_of(asked.target);
  held->subject = subject_of(parts_.book, asked, all);
  const bool known = not_modified(asked.request, held->response);
  held->outcome = std::to_string(known ? 304 : held->response.status);
  held->details = details_of(asked, all);
  const bool queued = parts_.database.submit(
      [held, &audit = audit_](store::Session& session) { return append(session, audit, *held); },
      // The connection's loop sends: the store's thread has others to tell.
      [held](const Status& audited) {
        held->audited = audited;
        held->exchange.send_made([held] {
          return held->audited ? std::move(held->response) : unaudited(held->audited.error());
        });
      });
  if (!queued) asked.send(unaudited({ErrorKind::busy, {}}));
}

}  // namespace cpis::fhir_api
