#include "gateway/fhir_api/permission.h"

#include <algorithm>
#include <array>

#include "fhir/definitions/definitions.h"
#include "gateway/fhir_api/routes.h"

namespace cpis::fhir_api {
namespace {

using auth::Action;

// What an _include brings when the request does not name the type (third part).
struct Brings {
  std::string_view what;
  std::string_view types;  // separated by blanks
};
constexpr std::array brings{
    Brings{"Flag:detail", "CarePlan CareTeam"},
    Brings{"Flag:author", "Organization"},
    Brings{"Flag:patient", "Patient"},
    Brings{"Flag:subject", "Patient"},
    Brings{"Flag:encounter", "Encounter"},
    Brings{"CarePlan:care-team", "CareTeam"},
    Brings{"CarePlan:patient", "Patient"},
    Brings{"CarePlan:subject", "Patient"},
    Brings{"CareTeam:organization", "Organization"},
    Brings{"CareTeam:patient", "Patient"},
    Brings{"CareTeam:subject", "Patient"},
    Brings{"Encounter:patient", "Patient"},
    Brings{"Encounter:subject", "Patient"},
    Brings{"Encounter:part-of", "Encounter"},
    Brings{"Encounter:location", "Location"},
    Brings{"Encounter:episode-of-care", "EpisodeOfCare"},
    Brings{"Encounter:practitioner", "Practitioner"},
    Brings{"Encounter:participant", "Practitioner PractitionerRole RelatedPerson"},
    Brings{"Patient:general-practitioner", "Organization Practitioner PractitionerRole"},
    Brings{"Patient:organization", "Organization"},
    Brings{"Coverage:patient", "Patient"},
    Brings{"Coverage:beneficiary", "Patient"},
    Brings{"EpisodeOfCare:patient", "Patient"},
    Brings{"Location:partof", "Location"},
    Brings{"Location:organization", "Organization"},
    Brings{"PractitionerRole:practitioner", "Practitioner"},
    Brings{"PractitionerRole:organization", "Organization"},
    Brings{"Provenance:patient", "Patient"},
    Brings{"RelatedPerson:patient", "Patient"},
    Brings{"Encounter:service-provider", "Organization"},
    // Who looked, in the answer's own words: part of the event.
    Brings{"AuditEvent:entity-type", "AuditEvent"},
    Brings{"AuditEvent:agent", "AuditEvent"},
};

// `$everything` of a person shows what there is about it.
constexpr std::array everything{"Patient",  "Encounter",  "Flag",        "CarePlan",
                                "CareTeam", "AuditEvent", "Organization"};

std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == text.npos) return parts;
    text.remove_prefix(at + 1);
  }
}

void add_included(std::vector<Need>& needs, std::string_view value) {
  const auto parts = parts_of(value, ':');
  if (parts.size() > 2 && !parts[2].empty()) {
    needs.push_back({std::string{parts[2]}, Action::read});
    return;
  }
  const auto* known = std::find_if(brings.begin(), brings.end(),
                                   [&](const Brings& row) { return row.what == value; });
  if (known == brings.end()) {
    needs.push_back({"*", Action::read});
    return;
  }
  for (const std::string_view type : parts_of(known->types, ' ')) {
    needs.push_back({std::string{type}, Action::read});
  }
}

void add_includes(std::vector<Need>& needs, const http::QueryString& query) {
  for (const http::QueryParameter& parameter : query.parameters()) {
    const std::string_view name =
        std::string_view{parameter.name}.substr(0, parameter.name.find(':'));
    if (name == "_include") add_included(needs, parameter.value);
    if (name == "_revinclude") {
      needs.push_back({parameter.value.substr(0, parameter.value.find(':')), Action::read});
    }
  }
}

void add_search(std::vector<Need>& needs, std::string_view type) {
  const bool there = std::any_of(needs.begin(), needs.end(), [&](const Need& need) {
    return need.type == type && need.action == Action::search;
  });
  if (!there) needs.push_back({std::string{type}, Action::search});
}

// Whoever may ask which attendances a Secret has learns names: a chain or _has searches each type
// that it goes through. The identifier and id of who is referred to stand in the reference itself.
void add_criterion(std::vector<Need>& needs, std::string_view type, std::string_view name) {
  constexpr std::string_view has = "_has:";
  if (name.starts_with(has)) {
    const auto parts = parts_of(name.substr(has.size()), ':');
    if (parts.size() < 3) return;
    add_search(needs, parts[0]);
    const auto rest = static_cast<std::size_t>(parts[2].data() - name.data());
    return add_criterion(needs, parts[0], name.substr(rest));
  }
  const std::size_t dot = name.find('.');
  if (dot == name.npos) return;
  const std::string_view rest = name.substr(dot + 1);
  if (rest == "identifier" || rest == "_id") return;
  const std::string_view head = name.substr(0, dot);
  const std::size_t colon = head.find(':');
  const auto& definitions = fhir::Definitions::r4();
  const auto* parameter = definitions.search_parameter(type, head.substr(0, colon));
  if (parameter == nullptr) return;  // refused as unknown
  for (const std::string_view target : parameter->targets) {
    if (colon != head.npos && head.substr(colon + 1) != target) continue;
    const std::string_view next = rest.substr(0, rest.find_first_of(":."));
    if (!serves(target) || definitions.search_parameter(target, next) == nullptr) continue;
    add_search(needs, target);
    add_criterion(needs, target, rest);
  }
}

void add_criteria(std::vector<Need>& needs, std::string_view type, const http::QueryString& query) {
  for (const http::QueryParameter& parameter : query.parameters()) {
    add_criterion(needs, type, parameter.name);
  }
}

Action action_on(std::string_view method, bool instance) {
  if (method == "POST") return Action::create;
  if (method == "PUT" || method == "PATCH") return Action::update;
  if (method == "DELETE") return Action::remove;
  return instance ? Action::read : Action::search;
}

void add_operation(std::vector<Need>& needs, const std::string& type, std::string_view name) {
  if (name == "$validate" || name == "$convert") return;
  if (name == "$expand" || name == "$validate-code") return;  // codes are about nobody
  if (name == "$match") return needs.push_back({type, Action::search});
  if (name == "$meta") return needs.push_back({type.empty() ? "*" : type, Action::read});
  const bool of_subscription =
      name == "$status" || name == "$events" || name == "$get-ws-binding-token";
  if (type == "Subscription" && of_subscription) return needs.push_back({type, Action::read});
  if (name == "$everything") {
    for (const char* one : everything) needs.push_back({one, Action::read});
    return;
  }
  // What an operation that is not known here would do is not known either.
  needs.push_back({"*", Action::read});
  needs.push_back({"*", Action::update});
}

// Below `Type/id`: a version, the history, an operation or a compartment.
void add_below_instance(std::vector<Need>& needs, const std::string& type,
                        const std::vector<std::string_view>& parts) {
  const std::string_view third = parts[2];
  if (third.starts_with('$')) return add_operation(needs, type, third);
  needs.push_back({type, Action::read});
  if (third != "_history") {
    needs.push_back({third.empty() ? "*" : std::string{third}, Action::search});
  }
}

}  // namespace

std::vector<Need> needs_of(std::string_view method, std::string_view below,
                           const http::QueryString& query) {
  std::vector<Need> needs;
  const auto parts = parts_of(below, '/');
  // PatientFlag is another form of Flag; the plans and teams it brings belong to that form.
  const std::string type{parts[0] == "PatientFlag" ? "Flag" : parts[0]};
  const std::string_view second = parts.size() > 1 ? parts[1] : std::string_view{};
  if (below == "metadata" || (below.empty() && method == "POST")) return needs;
  if (type == "Basic") return needs;  // topics of subscriptions are about nobody
  add_includes(needs, query);
  if (type.empty() || type == "_history" || type == "_search") {
    needs.push_back({"*", Action::search});
  } else if (type.starts_with('$')) {
    add_operation(needs, "", type);
  } else if (parts.size() > 2) {
    add_below_instance(needs, type, parts);
  } else if (second.starts_with('$')) {
    add_operation(needs, type, second);
  } else if (second == "_search" || second == "_history") {
    needs.push_back({type, Action::search});
  } else {
    needs.push_back({type, action_on(method, !second.empty())});
    // A patch shows what stands there: its tests say so, and so does the answer.
    if (method == "PATCH") needs.push_back({type, Action::read});
    const bool by_condition = second.empty() && method != "POST";
    if (by_condition) add_search(needs, type);
  }
  if (parts.size() < 3 || !parts[2].starts_with('$')) {
    add_criteria(needs, parts.size() > 2 ? parts[2] : std::string_view{type}, query);
  }
  return needs;
}

std::optional<auth::Refusal> refuse_by_scope(const auth::Identity& who, std::string_view method,
                                             std::string_view below,
                                             const http::QueryString& query) {
  for (const Need& need : needs_of(method, below, query)) {
    if (who.may.allows(need.type, need.action)) continue;
    const bool person = who.caller.kind == Caller::Kind::person;
    // Types of our own tables are named; what a client wrote is not sent back to it.
    const bool plain = need.type == "*" || need.type.find_first_not_of(
                                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                               "abcdefghijklmnopqrstuvwxyz") == std::string::npos;
    auth::Refusal refusal{403, "insufficient_scope", "this caller is not permitted to do that"};
    if (plain) {
      refusal.scope =
          (person ? "user/" : "system/") + need.type + '.' + auth::letter_of(need.action);
    }
    return refusal;
  }
  return std::nullopt;
}

}  // namespace cpis::fhir_api
