#include "gateway/fhir_api/write_plan.h"

#include <algorithm>
#include <utility>

#include "adapters/fhir_r4/attendance_reader.h"
#include "adapters/fhir_r4/plan_mapper.h"
#include "adapters/fhir_r4/systems.h"
#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/path/definitions_model.h"
#include "fhir/path/json_patch.h"
#include "fhir/path/patch.h"
#include "gateway/edge/ids.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/local_search.h"
#include "gateway/fhir_api/resource_body.h"
#include "gateway/fhir_api/subscription_api.h"
#include "gateway/usecases/subscription.h"

namespace cpis::fhir_api {
namespace {

using resources::EntryPtr;

constexpr std::size_t subscriptions_max = 10'000;

http::Response refused(int status, std::string_view code, std::string diagnostics,
                       std::string expression = {}) {
  fhir_r4::OutcomeIssue issue;
  issue.code = code;
  issue.diagnostics = std::move(diagnostics);
  issue.expression = std::move(expression);
  return outcome_answer(status, issue);
}

http::Response read_only() {
  http::Response response = refused(
      405, "not-supported",
      "this resource mirrors the national record and is read-only here: councils change it");
  response.set("Allow", "GET");
  return response;
}

bool is_ten_digits(std::string_view text) {
  return text.size() == 10 && text.find_first_not_of("0123456789") == text.npos;
}

// Extensions of the backport are no part of R4: `read_subscription` reads them.
fhir::Issues without_backport(const fhir::Issues& issues) {
  fhir::Issues kept;
  for (const fhir::Issue& issue : issues) {
    const bool ours = issue.rule == "extension-unknown" &&
                      (issue.diagnostics.find(usecases::backport_base) != std::string::npos ||
                       issue.diagnostics.find(usecases::owner_extension) != std::string::npos);
    if (!ours) kept.add(issue);
  }
  return kept;
}

std::string subject_of(const fhir::Element& resource, std::string_view id) {
  if (resource.resource_type() == "Patient") return std::string{id};
  const fhir::Element* subject = resource.first("subject");
  const std::string_view reference =
      subject == nullptr ? std::string_view{} : subject->value_of("reference");
  return std::string{reference.substr(reference.rfind('/') + 1)};
}

}  // namespace

http::Response write_failed(const Error& error, bool version_demanded) {
  if (error.kind != ErrorKind::conflict || !version_demanded) return error_answer(error);
  return refused(412, "conflict", error.message);
}

std::string WritePlanner::id_for(const fhir::Element& resource) {
  if (resource.resource_type() == "Patient") {
    const PatientIdentity identity = fhir_r4::read_identity(resource);
    if (identity.nhs_number && !identity.nhs_number_ambiguous) {
      return std::string{identity.nhs_number->digits()};
    }
  }
  return random_hex_id();
}

std::variant<WritePlanner::FoundOne, http::Response> WritePlanner::find_one(
    std::string_view type, const std::string& condition) const {
  const auto query = http::QueryString::parse(condition);
  if (!query) return error_answer(query.error());
  LocalQuery asked;
  asked.type = type;
  asked.base = base_;
  asked.any_breadth = true;
  asked.owner = client_;
  for (const auto& each : query->parameters()) {
    if (each.name != "_format" && each.name != "_pretty") {
      asked.items.emplace_back(each.name, each.value);
    }
  }
  if (asked.items.empty()) {
    return refused(412, "incomplete", "a conditional interaction needs search parameters");
  }
  auto found = search_local(services_, asked);
  if (auto* response = std::get_if<http::Response>(&found)) return std::move(*response);
  auto& page = std::get<LocalPage>(found);
  if (page.matches.size() > 1 || page.next) {
    return refused(412, "multiple-matches", "the condition finds more than one resource");
  }
  return FoundOne{page.matches.empty() ? nullptr : page.matches.front()};
}

bool WritePlanner::mirrors_national(std::string_view type, std::string_view id) const {
  return type == "Flag" && services_.local != nullptr &&
         services_.local->view().person_of(std::string{id}).has_value();
}

std::optional<http::Response> WritePlanner::check_patient(const fhir::Element& patient,
                                                          std::string_view id) const {
  for (const fhir::Element& each : patient.children("identifier")) {
    if (each.value_of("system") != fhir_r4::systems::nhs_number) continue;
    if (!each.value_of("value").empty() && !NhsNumber::parse(each.value_of("value"))) {
      return refused(422, "business-rule", "an NHS number is not valid", "Patient.identifier");
    }
  }
  const PatientIdentity identity = fhir_r4::read_identity(patient);
  if (identity.nhs_number_ambiguous) {
    return refused(422, "business-rule", "one person has one NHS number; mark old ones use = old",
                   "Patient.identifier");
  }
  const bool same = identity.nhs_number && identity.nhs_number->digits() == id;
  if ((identity.nhs_number || is_ten_digits(id)) && !same) {
    return refused(422, "business-rule",
                   "the id of a Patient with an NHS number is that number, and only then",
                   "Patient.id");
  }
  return std::nullopt;
}

std::optional<http::Response> WritePlanner::check_subject(const fhir::Element& resource) const {
  const std::string where = std::string{resource.resource_type()} + ".subject";
  const fhir::Element* subject = resource.first("subject");
  const std::string_view reference =
      subject == nullptr ? std::string_view{} : subject->value_of("reference");
  const auto key = fhir::search::reference_key(reference, base_);
  if (key.type != "Patient" || !key.url.empty()) {
    return refused(422, "business-rule", "a reference Patient/ID of this server is needed", where);
  }
  const std::string wanted = "Patient/" + key.id;
  const bool comes = std::find(expected_.begin(), expected_.end(), wanted) != expected_.end();
  if (comes || services_.book.find("Patient", key.id)) return std::nullopt;
  return refused(422, "not-found", "this person is not known here: create the Patient first",
                 where);
}

// A local flag that looks like one of the national record would be taken for it.
std::optional<http::Response> WritePlanner::check_flag(const fhir::Element& flag) const {
  const fhir::Element* code = flag.first("code");
  if (code == nullptr) return std::nullopt;
  for (const fhir::Element& coding : code->children("coding")) {
    const std::string_view value = coding.value_of("code");
    const bool plan_type =
        coding.value_of("system") == fhir_r4::systems::snomed &&
        (value == words_of(PlanType::cpp).snomed || value == words_of(PlanType::lac).snomed ||
         value == words_of(PlanType::ucp).snomed);
    if (plan_type || value == fhir_r4::cpis_flag_code) {
      return refused(422, "business-rule",
                     "child protection flags come from the national record and cannot be written",
                     "Flag.code");
    }
  }
  return std::nullopt;
}

std::optional<http::Response> WritePlanner::refuse(const fhir::Element& resource,
                                                   std::string_view id) const {
  if (resource.resource_type() == "Patient") return check_patient(resource, id);
  if (resource.resource_type() == "Subscription") return std::nullopt;
  if (resource.resource_type() == "Flag") {
    if (auto response = check_flag(resource)) return response;
  }
  return check_subject(resource);
}

bool WritePlanner::is_strange(const EntryPtr& entry) const {
  return entry && entry->type == "Subscription" && !owns_subscription(*entry, client_);
}

std::optional<http::Response> WritePlanner::check_subscription(fhir::Document& body,
                                                               std::string_view id) const {
  fhir::Element& root = body.root();
  for (bool found = true; std::exchange(found, false);) {
    for (const fhir::Element& each : root.children("extension")) {
      if (each.value_of("url") != usecases::owner_extension) continue;
      body.remove(body.edit(each));
      found = true;
      break;
    }
  }
  fhir::Element& owner = body.append_item(root, "extension");
  body.append(owner, "url", usecases::owner_extension);
  body.append(owner, "valueString", client_);
  const std::string_view status = root.value_of("status");
  if (status != "off") body.set(root, "status", "requested");
  body.remove_all(root, "error");
  const auto read = usecases::read_subscription(root);
  if (!read) {
    const std::string& text = read.error().message;
    const std::size_t colon = text.find(':');
    return refused(422, "business-rule", text.substr(colon == text.npos ? 0 : colon + 2),
                   text.substr(0, colon));
  }
  if (const std::string why = services_.subscriber_rights.refuse(*read); !why.empty()) {
    return refused(403, "forbidden", "this subscription is not served: " + why);
  }
  const auto all = services_.book.all("Subscription", subscriptions_max);
  const auto own = all ? std::count_if(all->begin(), all->end(),
                                       [&](const EntryPtr& entry) {
                                         return entry->id != id && !is_strange(entry);
                                       })
                       : static_cast<std::ptrdiff_t>(subscriptions_max);
  if (static_cast<std::size_t>(own) >= services_.settings.subscriptions_per_client) {
    return refused(422, "too-costly", "this client has as many subscriptions as it may have");
  }
  return std::nullopt;
}

PlanOutcome WritePlanner::put(fhir::Document& body, const std::string& type, const std::string& id,
                              const EntryPtr& current, std::optional<std::int64_t> if_version) {
  fhir::Issues issues;
  services_.validation.check(body, issues);
  if (type == "Subscription") issues = without_backport(issues);
  if (!issues.ok()) return issues_answer(422, issues);
  if (auto response = refuse(body.root(), id)) return *std::move(response);
  if (type == "Subscription") {
    if (auto response = check_subscription(body, id)) return *std::move(response);
  }
  Planned planned;
  planned.type = type;
  planned.id = id;
  planned.status = current ? 200 : 201;
  usecases::ResourceWrite& write = planned.write.emplace();
  write.type = type;
  write.id = id;
  write.body = stored_form(body.root(), id);
  write.subject = subject_of(body.root(), id);
  write.if_version = if_version;
  return planned;
}

PlanOutcome WritePlanner::create(const WriteWish& wish, fhir::Document& body) {
  if (wish.conditional) {
    auto found = find_one(wish.type, wish.condition);
    if (auto* response = std::get_if<http::Response>(&found)) return std::move(*response);
    if (const EntryPtr& entry = std::get<FoundOne>(found).entry) {
      return Planned{std::nullopt, 200, wish.type, entry->id, entry};
    }
  }
  const std::string id = wish.id.empty() ? id_for(body.root()) : wish.id;
  if (services_.book.find(wish.type, id)) {
    return refused(409, "duplicate",
                   "there is a Patient with this NHS number: update it, or create by condition");
  }
  // Somebody may create the same person at the same moment: one of the two is refused.
  return put(body, wish.type, id, nullptr, 0);
}

PlanOutcome WritePlanner::update(const WriteWish& wish, fhir::Document& body) {
  std::string id = wish.id;
  const std::string_view stated = body.root().value_of("id");
  EntryPtr current;
  if (wish.conditional) {
    auto found = find_one(wish.type, wish.condition);
    if (auto* response = std::get_if<http::Response>(&found)) return std::move(*response);
    current = std::get<FoundOne>(found).entry;
    id = current                  ? current->id
         : !stated.empty()        ? std::string{stated}
         : !wish.fresh_id.empty() ? wish.fresh_id
                                  : id_for(body.root());
  } else {
    if (stated != id) {
      return refused(400, "invalid", "the id in the resource must be that of the URL",
                     wish.type + ".id");
    }
    current = services_.book.find(wish.type, id);
  }
  if (!stated.empty() && stated != id) {
    return refused(400, "invalid", "the condition finds a resource of another id",
                   wish.type + ".id");
  }
  if (is_strange(current)) return refused(404, "not-found", "there is no such Subscription");
  if (mirrors_national(wish.type, id)) return read_only();
  if (!is_resource_id(id))
    return refused(400, "invalid", "this cannot be an id", wish.type + ".id");
  std::optional<std::int64_t> if_version;
  if (wish.if_match == "*") {
    if (!current) return refused(412, "conflict", "there is no such resource");
    if_version = current->version;
  } else if (!wish.if_match.empty()) {
    if_version = version_of_etag(wish.if_match);
    if (!if_version) return refused(400, "invalid", "If-Match must be like W/\"3\"");
    if (!current || current->version != *if_version) {
      return refused(412, "conflict", "this is not the current version: read it again");
    }
  }
  if (wish.if_none_match == "*") {
    if (current) return refused(412, "conflict", "the resource exists");
    if_version = 0;
  }
  return put(body, wish.type, id, current, if_version);
}

std::variant<WritePlanner::FoundOne, http::Response> WritePlanner::find_wished(
    const WriteWish& wish) const {
  if (wish.conditional) return find_one(wish.type, wish.condition);
  EntryPtr current = services_.book.find(wish.type, wish.id);
  if (!current && mirrors_national(wish.type, wish.id)) return read_only();
  return FoundOne{std::move(current)};
}

PlanOutcome WritePlanner::patch(const WriteWish& wish) {
  auto found = find_wished(wish);
  if (auto* response = std::get_if<http::Response>(&found)) return std::move(*response);
  const EntryPtr current = std::get<FoundOne>(found).entry;
  if (!current || is_strange(current)) {
    return refused(404, "not-found", "there is no such " + wish.type);
  }
  const bool any = wish.if_match.empty() || wish.if_match == "*";
  if (!any && version_of_etag(wish.if_match) != current->version) {
    return refused(412, "conflict", "this is not the current version: read it again");
  }
  fhir::Document doc;
  fhir::Issues issues;
  if (http::same_name(std::string_view{wish.content_type}.substr(0, wish.content_type.find(';')),
                      "application/json-patch+json")) {
    auto text = fhir::path::apply_json_patch(current->body, wish.body, issues);
    if (!text) return issues_answer(422, issues);
    if (!fhir::json::read(*std::move(text), doc, issues) || !issues.ok()) {
      return issues_answer(422, issues);
    }
  } else {
    fhir::Document patch;
    if (auto response =
            read_resource(wish.content_type, wish.body, patch, services_.validation.policy())) {
      if (response->status == 415) {
        response->set("Accept-Patch",
                      "application/json-patch+json, application/fhir+json, application/fhir+xml");
      }
      return *std::move(response);
    }
    if (patch.root().resource_type() != "Parameters") {
      return refused(400, "invalid", "a FHIRPath Patch is a Parameters resource");
    }
    if (!fhir::json::read_view(current->body, doc, issues)) return issues_answer(500, issues);
    if (!fhir::path::apply_patch(patch.root(), doc, &fhir::path::DefinitionsModel::r4(), issues)) {
      return issues_answer(422, issues);
    }
  }
  const bool same_place =
      doc.root().resource_type() == current->type && doc.root().value_of("id") == current->id;
  if (!same_place) return refused(422, "business-rule", "a patch cannot change type or id");
  PlanOutcome outcome = put(doc, current->type, current->id, current, current->version);
  if (auto* planned = std::get_if<Planned>(&outcome)) planned->write->patches = true;
  return outcome;
}

PlanOutcome WritePlanner::remove(const WriteWish& wish) {
  auto found = find_wished(wish);
  if (auto* response = std::get_if<http::Response>(&found)) return std::move(*response);
  const EntryPtr current = std::get<FoundOne>(found).entry;
  // Deleting what is not there has the wanted effect (3.1.0.7).
  if (!current || is_strange(current))
    return Planned{std::nullopt, 204, wish.type, wish.id, nullptr};
  std::optional<std::int64_t> if_version;
  if (!wish.if_match.empty() && wish.if_match != "*") {
    if_version = version_of_etag(wish.if_match);
    if (if_version != current->version) {
      return refused(412, "conflict", "this is not the current version: read it again");
    }
  }
  const bool referred_to =
      wish.type == "Patient" && (!services_.book.of_patient("Encounter", current->id).empty() ||
                                 !services_.book.of_patient("Flag", current->id).empty());
  if (referred_to) {
    return refused(409, "conflict", "other resources refer to this person: delete them first");
  }
  Planned planned{std::nullopt, 204, wish.type, current->id, nullptr};
  usecases::ResourceWrite& write = planned.write.emplace();
  write.removes = true;
  write.type = wish.type;
  write.id = current->id;
  write.subject = current->keys.patient_id;
  write.if_version = if_version;
  return planned;
}

}  // namespace cpis::fhir_api
