#include "gateway/fhir_api/protection_api.h"

#include <algorithm>

#include "adapters/core/rules/visibility.h"
#include "adapters/fhir_r4/access_mapper.h"
#include "adapters/fhir_r4/plan_mapper.h"
#include "adapters/fhir_r4/searchset.h"
#include "adapters/fhir_r4/systems.h"
#include "fhir/json/reader.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/ask.h"
#include "gateway/fhir_api/rows.h"
#include "gateway/fhir_api/searchset_text.h"

namespace cpis::fhir_api {
namespace {

namespace systems = fhir_r4::systems;

std::string self_of(const Exchange& exchange) {
  std::string url = exchange.base;
  std::string_view path = exchange.request.path();
  if (path.ends_with("/_search")) path.remove_suffix(std::string_view{"/_search"}.size());
  const std::size_t at = path.rfind('/');
  url += path.substr(at == path.npos ? 0 : at);
  const std::string query = http::write_query(exchange.query.parameters());
  return query.empty() ? url : url + '?' + query;
}

bool period_overlaps(const Plan& plan, const DateRange& range) {
  if (from_london(plan.start.day, Duration{0}) >= range.to) return false;
  return !plan.end || from_london(add_days(plan.end->day, 1), Duration{0}) > range.from;
}

// What a search over plans asks for; the same for Flag, CarePlan and CareTeam.
struct PlanFilter {
  DateRange dates;
  std::vector<std::string_view> status, code, category, id;
  bool matches_nothing = false;
  std::size_t count = count_default;
};

bool any_token(std::string_view value, std::string_view system, std::string_view code) {
  const auto all = alternatives(value);
  return std::any_of(all.begin(), all.end(),
                     [&](const std::string& one) { return read_token(one).matches(system, code); });
}

enum class Shape { flag, care_plan, care_team };

std::string_view status_of(Shape shape, bool active) {
  if (active) return "active";
  return shape == Shape::care_plan ? "completed" : "inactive";
}

bool kept(const PlanFilter& filter, Shape shape, const HeldPlan& held, Date today) {
  if (filter.matches_nothing || !period_overlaps(held.plan, filter.dates)) return false;
  const bool active = rules::is_active(held.plan, today);
  const PlanTypeWords& words = words_of(held.plan.type);
  const auto all_match = [](const std::vector<std::string_view>& values, const auto& match) {
    return std::all_of(values.begin(), values.end(), match);
  };
  return all_match(filter.status,
                   [&](std::string_view value) {
                     return any_token(value, "", status_of(shape, active)) ||
                            any_token(value, "http://hl7.org/fhir/flag-status",
                                      status_of(shape, active));
                   }) &&
         all_match(filter.code,
                   [&](std::string_view value) {
                     return any_token(value, systems::flag_kind, fhir_r4::cpis_flag_code) ||
                            any_token(value, systems::snomed, words.snomed);
                   }) &&
         all_match(filter.category,
                   [&](std::string_view value) {
                     return shape == Shape::flag
                                ? any_token(value, systems::flag_category, "safety")
                                : any_token(value, systems::snomed, words.snomed);
                   }) &&
         all_match(filter.id, [&](std::string_view value) {
           return any_token(value, "", fhir_r4::plan_id(held));
         });
}

struct Including {
  bool plan = false, team = false, council = false;
};

void add_plan(fhir::Document& doc, fhir_r4::Searchset& set, Shape shape, const HeldPlan& held,
              Date today) {
  const std::string_view id = fhir_r4::plan_id(held);
  switch (shape) {
    case Shape::flag:
      return fhir_r4::write_flag(doc, set.match("Flag", id), held, today);
    case Shape::care_plan:
      return fhir_r4::write_care_plan(doc, set.match("CarePlan", id), held, today);
    case Shape::care_team:
      return fhir_r4::write_care_team(doc, set.match("CareTeam", id), held, today);
  }
}

void add_included(fhir::Document& doc, fhir_r4::Searchset& set, const Including& including,
                  const std::vector<const HeldPlan*>& plans, Date today) {
  std::vector<std::string_view> councils;
  for (const HeldPlan* held : plans) {
    const std::string_view id = fhir_r4::plan_id(*held);
    if (including.plan) {
      fhir_r4::write_care_plan(doc, set.include("CarePlan", id), *held, today);
    }
    if (including.team) {
      fhir_r4::write_care_team(doc, set.include("CareTeam", id), *held, today);
    }
    const std::string_view code = held->council.ods_code;
    if (including.council && std::find(councils.begin(), councils.end(), code) == councils.end()) {
      councils.push_back(code);
      fhir_r4::write_council(doc, set.include("Organization", code), held->council);
    }
  }
}

void add_remarks(fhir_r4::Searchset& set, const Exchange& asked, const ProtectionRecord* record) {
  for (const Remark& remark : remarks_on(asked, record)) {
    set.warn(remark.code, std::string{remark.text});
  }
}

http::Response plans_answer(const Exchange& exchange, const ProtectionRecord* record, Shape shape,
                            const PlanFilter& filter, const Including& including, Time now) {
  fhir::Document doc;
  fhir_r4::Searchset set{doc, exchange.base, self_of(exchange), to_iso(now)};
  const Date today = london_date(now);
  std::vector<const HeldPlan*> shown;
  std::size_t total = 0;
  if (record != nullptr) {
    for (const HeldPlan& held : record->plans) {
      if (!kept(filter, shape, held, today)) continue;
      if (++total <= filter.count) shown.push_back(&held);
    }
  }
  for (const HeldPlan* held : shown) add_plan(doc, set, shape, *held, today);
  add_included(doc, set, including, shown, today);
  add_remarks(set, exchange, record);
  set.finish(total);
  return resource_answer(200, doc.root());
}

// The person of a search, or the exchange is answered and nothing comes back.
std::optional<NhsNumber> person_of(Exchange& exchange) {
  auto read = read_patient(exchange.query);
  if (auto* response = std::get_if<http::Response>(&read)) {
    exchange.send(std::move(*response));
    return std::nullopt;
  }
  const auto* patient = std::get_if<PatientParam>(&read);
  if (patient == nullptr) {
    exchange.send(bad_parameter("patient",
                                "a patient is needed: this is not a directory of children",
                                "INVALID_SEARCH_DATA"));
    return std::nullopt;
  }
  if (!patient->nhs_number) {
    fhir_r4::OutcomeIssue issue;
    issue.code = "not-supported";
    issue.diagnostics =
        "this patient has no NHS number, so child protection information cannot be asked for; "
        "nothing is known about this person";
    issue.expression = "http.patient";
    exchange.send(outcome_answer(422, issue));
    return std::nullopt;
  }
  return patient->nhs_number;
}

// False, with the exchange answered, when a value cannot be read.
bool values_are_readable(Exchange& exchange) {
  if (!read_dates(exchange.query, "date")) {
    exchange.send(bad_parameter("date", "a date like ge2026-01-31 is needed"));
    return false;
  }
  if (!read_count(exchange.query)) {
    exchange.send(bad_parameter("_count", "a whole number is needed"));
    return false;
  }
  return true;
}

// Views of the query. Precondition: `values_are_readable`.
PlanFilter filter_of(const http::QueryString& query) {
  PlanFilter filter;
  filter.dates = *read_dates(query, "date");
  filter.count = *read_count(query);
  filter.status = query.all("status");
  filter.code = query.all("code");
  filter.category = query.all("category");
  filter.id = query.all("_id");
  filter.matches_nothing = query.first("identifier").has_value();
  return filter;
}

void search_plans(const Services& services, Exchange&& exchange, Shape shape,
                  std::span<const SearchParam> params, std::string_view action,
                  const Including& including) {
  if (auto refused = refuse_unknown(exchange.query, params)) {
    return exchange.send(*std::move(refused));
  }
  const auto person = person_of(exchange);
  if (!person) return;
  if (!values_are_readable(exchange)) return;
  ask(services, std::move(exchange), *person, action,
      [shape, including, &clock = services.clock](const Exchange& asked,
                                                  const ProtectionRecord* record) {
        return plans_answer(asked, record, shape, filter_of(asked.query), including, clock.now());
      });
}

// Hospitals and practices that messages named. More than the limit are not looked through.
std::size_t add_kept_organisations(const Services& services, const Exchange& exchange,
                                   fhir::Document& doc, fhir_r4::Searchset& set) {
  const auto identifier = exchange.query.first("identifier");
  const auto name = exchange.query.first("name");
  const auto id = exchange.query.first("_id");
  const auto all = services.book.all("Organization", services.settings.search_examined_max);
  std::size_t total = 0;
  for (const auto& entry : all.value_or(std::vector<resources::EntryPtr>{})) {
    if (id && !any_token(*id, "", entry->id)) continue;
    fhir::Document kept;
    fhir::Issues issues;
    if (!fhir::json::read_view(entry->body, kept, issues)) continue;
    const std::string_view called = kept.root().value_of("name");
    if (name && !http::same_name(called.substr(0, name->size()), *name)) continue;
    const fhir::Element* code = kept.root().first("identifier");
    const std::string_view ods = code == nullptr ? std::string_view{} : code->value_of("value");
    if (identifier && !any_token(*identifier, systems::ods_organisation, ods)) continue;
    ++total;
    fhir::Element& match = set.match("Organization", entry->id);
    for (const fhir::Element& child : kept.root().children()) doc.clone(match, child);
  }
  return total;
}

void read_plan(const Services& services, Exchange&& exchange, Shape shape,
               std::string_view action) {
  const auto person = services.local == nullptr
                          ? std::nullopt
                          : services.local->view().person_of(exchange.target.id);
  if (!person) {
    return exchange.send(error_answer({ErrorKind::not_found, "there is no such resource"}));
  }
  ask(services, std::move(exchange), *person, action,
      [shape, &clock = services.clock](const Exchange& asked, const ProtectionRecord* record) {
        const Date today = london_date(clock.now());
        fhir::Document doc;
        for (const HeldPlan& held : record == nullptr ? std::vector<HeldPlan>{} : record->plans) {
          if (fhir_r4::plan_id(held) != asked.target.id) continue;
          if (shape == Shape::flag) {
            fhir_r4::write_flag(doc, doc.set_root("Flag"), held, today);
          } else if (shape == Shape::care_plan) {
            fhir_r4::write_care_plan(doc, doc.set_root("CarePlan"), held, today);
          } else {
            fhir_r4::write_care_team(doc, doc.set_root("CareTeam"), held, today);
          }
          return resource_answer(200, doc.root());
        }
        return error_answer({ErrorKind::not_found, "there is no such resource"});
      });
}

}  // namespace

void search_flags(const Services& services, Exchange&& exchange) {
  const Including including{includes(exchange.query, "Flag:detail"),
                            includes(exchange.query, "Flag:detail"),
                            includes(exchange.query, "Flag:author")};
  search_plans(services, std::move(exchange), Shape::flag, flag_params, "Flag.search", including);
}

// NHS Patient Flag API (cpis.md 14.3): with a code, plans and teams come with the flags.
void search_patient_flags(const Services& services, Exchange&& exchange) {
  const bool coded = exchange.query.first("code").has_value();
  search_plans(services, std::move(exchange), Shape::flag, flag_params, "PatientFlag.search",
               {coded, coded, false});
}

void search_care_plans(const Services& services, Exchange&& exchange) {
  const Including including{false, includes(exchange.query, "CarePlan:care-team"), false};
  search_plans(services, std::move(exchange), Shape::care_plan, plan_params, "CarePlan.search",
               including);
}

void search_care_teams(const Services& services, Exchange&& exchange) {
  const Including including{false, false, includes(exchange.query, "CareTeam:organization")};
  search_plans(services, std::move(exchange), Shape::care_team, plan_params, "CareTeam.search",
               including);
}

void search_accesses(const Services& services, Exchange&& exchange) {
  if (auto refused = refuse_unknown(exchange.query, access_params)) {
    return exchange.send(*std::move(refused));
  }
  const auto person = person_of(exchange);
  if (!person) return;
  if (!values_are_readable(exchange)) return;
  ask(services, std::move(exchange), *person, "AuditEvent.search",
      [&clock = services.clock](const Exchange& asked, const ProtectionRecord* record) {
        fhir::Document doc;
        fhir_r4::Searchset set{doc, asked.base, self_of(asked), to_iso(clock.now())};
        const DateRange dates = *read_dates(asked.query, "date");
        const std::size_t count = *read_count(asked.query);
        std::vector<const AccessEvent*> shown;
        std::size_t total = 0;
        for (std::size_t i = 0; record != nullptr && i < record->accesses.size(); ++i) {
          const AccessEvent& access = record->accesses[i];
          if (access.at < dates.from || access.at >= dates.to) continue;
          if (++total <= count) shown.push_back(&access);
        }
        for (const AccessEvent* access : shown) {
          fhir_r4::write_access(doc, set.match("AuditEvent", fhir_r4::access_id(*access)), *access);
        }
        if (includes(asked.query, "AuditEvent:entity-type") ||
            includes(asked.query, "AuditEvent:agent")) {
          for (const AccessEvent* access : shown) {
            fhir_r4::write_accessor(
                doc, set.include("PractitionerRole", fhir_r4::access_id(*access)), *access);
          }
        }
        add_remarks(set, asked, record);
        set.finish(total);
        return resource_answer(200, doc.root());
      });
}

void search_organisations(const Services& services, Exchange&& exchange) {
  if (auto refused = refuse_unknown(exchange.query, organisation_params)) {
    return exchange.send(*std::move(refused));
  }
  fhir::Document doc;
  fhir_r4::Searchset set{doc, exchange.base, self_of(exchange), to_iso(services.clock.now())};
  std::size_t total = 0;
  const auto councils =
      services.local == nullptr ? std::vector<Council>{} : services.local->view().councils();
  for (const Council& council : councils) {
    const auto identifier = exchange.query.first("identifier");
    const auto name = exchange.query.first("name");
    const auto id = exchange.query.first("_id");
    if (identifier && !any_token(*identifier, systems::ods_organisation, council.ods_code)) {
      continue;
    }
    if (name && !http::same_name(std::string_view{council.name}.substr(0, name->size()), *name)) {
      continue;
    }
    if (id && !any_token(*id, "", council.ods_code)) continue;
    ++total;
    fhir_r4::write_council(doc, set.match("Organization", council.ods_code), council);
  }
  total += add_kept_organisations(services, exchange, doc, set);
  set.finish(total);
  exchange.send(resource_answer(200, doc.root()));
}

void read_flag(const Services& services, Exchange&& exchange) {
  read_plan(services, std::move(exchange), Shape::flag, "Flag.read");
}
void read_care_plan(const Services& services, Exchange&& exchange) {
  read_plan(services, std::move(exchange), Shape::care_plan, "CarePlan.read");
}
void read_care_team(const Services& services, Exchange&& exchange) {
  read_plan(services, std::move(exchange), Shape::care_team, "CareTeam.read");
}

void read_organisation(const Services& services, Exchange&& exchange) {
  const auto council =
      services.local == nullptr ? nullptr : services.local->view().council(exchange.target.id);
  if (!council) {
    if (const auto entry = services.book.find("Organization", exchange.target.id)) {
      return exchange.send(entry_answer(200, *entry));
    }
    return exchange.send(error_answer({ErrorKind::not_found, "there is no such organisation"}));
  }
  fhir::Document doc;
  fhir_r4::write_council(doc, doc.set_root("Organization"), *council);
  exchange.send(resource_answer(200, doc.root()));
}

std::span<const Route> protection_rows() {
  static constexpr Route rows[] = {
      {.type = "AuditEvent",
       .interaction = "search-type",
       .handle = search_accesses,
       .documentation = "Earlier looks at a person's record (CP-IS API form)",
       .params = access_params,
       .includes = "AuditEvent:entity-type",
       .look = true},
      {.type = "CarePlan",
       .interaction = "read",
       .handle = read_care_plan,
       .documentation = "The plan a Flag points to",
       .look = true},
      {.type = "CarePlan",
       .interaction = "search-type",
       .handle = search_care_plans,
       .documentation = "A person's plans",
       .params = plan_params,
       .includes = "CarePlan:care-team",
       .look = true},
      {.type = "CareTeam",
       .interaction = "read",
       .handle = read_care_team,
       .documentation = "The responsible council of a plan",
       .look = true},
      {.type = "CareTeam",
       .interaction = "search-type",
       .handle = search_care_teams,
       .documentation = "A person's plans in the form of the CP-IS API",
       .params = plan_params,
       .includes = "CareTeam:organization",
       .look = true},
      {.type = "Organization",
       .interaction = "read",
       .handle = read_organisation,
       .documentation = "A council, or a hospital or practice that messages named"},
      {.type = "Organization",
       .interaction = "search-type",
       .handle = search_organisations,
       .documentation = "Councils, and hospitals and practices that messages named",
       .params = organisation_params},
      {.type = "PatientFlag",
       .interaction = "search-type",
       .handle = search_patient_flags,
       .documentation = "Patient Flag API form: with a code, plans and teams come too",
       .params = flag_params,
       .resource = "Flag",
       .look = true},
  };
  return rows;
}

}  // namespace cpis::fhir_api
