#include <algorithm>
#include <memory>

#include "adapters/fhir_r4/plan_mapper.h"
#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/search/match.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/ask.h"
#include "gateway/fhir_api/local_api.h"
#include "gateway/fhir_api/local_search.h"
#include "gateway/fhir_api/protection_api.h"
#include "gateway/fhir_api/search_candidates.h"
#include "gateway/fhir_api/searchset_text.h"

namespace cpis::fhir_api {
namespace {

// What protection_api understands by itself, and quickly.
bool is_plain(const http::QueryString& query) {
  const auto& all = query.parameters();
  return std::all_of(all.begin(), all.end(), [](const http::QueryParameter& each) {
    if (each.name == "_include")
      return each.value.starts_with("Flag:detail") || each.value.starts_with("Flag:author");
    if (each.name == "_format" || each.name == "_pretty" || each.name == "_count" ||
        each.name == "_summary" || each.name == "_elements") {
      return true;
    }
    return std::any_of(std::begin(flag_params), std::end(flag_params),
                       [&](const SearchParam& param) { return param.name == each.name; });
  });
}

struct FlagQuery {
  fhir::search::Query query;
  bool plans = false, councils = false, people = false;
};

std::variant<FlagQuery, http::Response> read_flags(const Services& services,
                                                   const Exchange& exchange) {
  SearchItems items;
  for (const auto& each : exchange.query.parameters()) {
    if (each.name != "_format" && each.name != "_pretty") {
      items.emplace_back(each.name, each.value);
    }
  }
  auto normal = normalised(services, items);
  if (auto* response = std::get_if<http::Response>(&normal)) return std::move(*response);
  fhir::Issues issues;
  fhir::search::QueryOptions options;
  options.strict = true;
  options.own_base = exchange.base;
  options.more = own_parameters();
  FlagQuery read;
  // Flag:detail leads to the plan by an extension, which is no search parameter of R4.
  auto& known = std::get<SearchItems>(normal);
  std::erase_if(known, [&](const auto& item) {
    const bool detail = item.first == "_include" && item.second.starts_with("Flag:detail");
    read.plans |= detail;
    return detail;
  });
  read.query = fhir::search::read_query("Flag", known, fhir::Definitions::r4(), options, issues);
  for (const fhir::Issue& issue : issues) {
    std::string text = issue.diagnostics;
    if (issue.rule == "search-unknown") {
      text += "; valid ones are ";
      for (const SearchParam& param : defined_params("Flag"))
        text += std::string{param.name} + ", ";
      text += "_count, _include, _summary, _elements, _format";
    }
    return bad_parameter(base_name(issue.path), std::move(text), "INVALID_SEARCH_DATA");
  }
  if (!read.query.reverse_includes.empty() || !read.query.sort.empty()) {
    return bad_parameter("",
                         "a person's flags are few: they are not sorted, nor is what refers to "
                         "them included");
  }
  // It would leave flags out that are held: unknown is not none.
  const auto changed =
      std::find_if(read.query.criteria.begin(), read.query.criteria.end(),
                   [](const fhir::search::Criterion& each) { return each.name == "_lastUpdated"; });
  if (changed != read.query.criteria.end()) {
    return bad_parameter("_lastUpdated",
                         "the national record does not say when a flag was last updated here: "
                         "leave _lastUpdated out",
                         "INVALID_SEARCH_DATA");
  }
  for (const auto& each : read.query.includes) {
    const bool all = each.source == "*" || each.parameter == "*";
    read.councils |= all || each.parameter == "author";
    read.people |= all || each.parameter == "patient" || each.parameter == "subject";
  }
  return read;
}

class FlagPage {
 public:
  FlagPage(const Services& services, const Exchange& asked, const FlagQuery& read)
      : services_{services},
        asked_{asked},
        read_{read},
        matcher_{fhir::Definitions::r4(), asked.base, {}},
        bundle_{"searchset", services.clock.now()} {}

  using Entries = std::vector<resources::EntryPtr>;

  /// `local`: the flags of this place, then the person when one is included.
  http::Response make(const ProtectionRecord* record, const Entries& local) {
    const Date today = london_date(services_.clock.now());
    if (record != nullptr) {
      for (const HeldPlan& held : record->plans) {
        fhir::Document doc;
        fhir_r4::write_flag(doc, doc.set_root("Flag"), held, today);
        if (add(doc, fhir_r4::plan_id(held))) shown_.push_back(&held);
      }
    }
    for (const auto& entry : local) {
      if (entry->type != "Flag") continue;
      fhir::Document doc;
      fhir::Issues issues;
      if (fhir::json::read_view(entry->body, doc, issues)) add(doc, entry->id);
    }
    include(local, today);
    if (matcher_.unanswered()) {
      return bad_parameter("", "a criterion of this search cannot be decided here");
    }
    bundle_.total(total_);
    const std::string query = http::write_query(asked_.query.parameters());
    bundle_.link("self", asked_.base + "/Flag" + (query.empty() ? "" : '?' + query));
    for (const Remark& remark : remarks_on(asked_, record)) warn(remark);
    return std::move(bundle_).finish();
  }

 private:
  std::size_t count() const {
    return std::min<std::size_t>(read_.query.count.value_or(count_default), count_max);
  }

  bool add(fhir::Document& doc, std::string_view id) {
    fhir::Definitions::r4().types().annotate(doc);
    if (!matcher_.matches(read_.query, doc.root())) return false;
    if (++total_ > count()) return false;
    write("Flag", id, doc, "match");
    return true;
  }

  void write(std::string_view type, std::string_view id, const fhir::Document& doc,
             std::string_view mode) {
    bundle_.entry(asked_.base + '/' + std::string{type} + '/' + std::string{id},
                  fhir::json::write(doc.root()), mode);
  }

  void include(const Entries& local, Date today) {
    for (const HeldPlan* held : shown_) {
      if (read_.plans) {
        fhir::Document plan, team;
        fhir_r4::write_care_plan(plan, plan.set_root("CarePlan"), *held, today);
        write("CarePlan", fhir_r4::plan_id(*held), plan, "include");
        fhir_r4::write_care_team(team, team.set_root("CareTeam"), *held, today);
        write("CareTeam", fhir_r4::plan_id(*held), team, "include");
      }
      const std::string& code = held->council.ods_code;
      if (read_.councils &&
          std::find(councils_.begin(), councils_.end(), code) == councils_.end()) {
        councils_.push_back(code);
        fhir::Document council;
        fhir_r4::write_council(council, council.set_root("Organization"), held->council);
        write("Organization", code, council, "include");
      }
    }
    for (const auto& entry : local) {
      if (entry->type != "Patient" || total_ == 0) continue;
      bundle_.entry(asked_.base + "/Patient/" + entry->id, entry->body, "include");
    }
  }

  void warn(const Remark& remark) {
    fhir_r4::OutcomeIssue issue;
    issue.severity = "warning";
    issue.code = remark.code;
    issue.diagnostics = remark.text;
    fhir::Document doc;
    fhir_r4::write_outcome(doc, issue);
    bundle_.entry("", fhir::json::write(doc.root()), "outcome");
  }

  const Services& services_;
  const Exchange& asked_;
  const FlagQuery& read_;
  fhir::search::Matcher matcher_;
  BundleText bundle_;
  std::vector<const HeldPlan*> shown_;
  std::vector<std::string> councils_;
  std::size_t total_ = 0;
};

}  // namespace

void read_any_flag(const Services& services, Exchange&& exchange) {
  if (const auto entry = services.book.find("Flag", exchange.target.id)) {
    return exchange.send(entry_answer(200, *entry));
  }
  read_flag(services, std::move(exchange));
}

void search_any_flags(const Services& services, Exchange&& exchange) {
  if (!exchange.target.compartment.empty()) {
    auto all = exchange.query.parameters();
    all.push_back({"patient", "Patient/" + exchange.target.id});
    auto query = http::QueryString::parse(http::write_query(all));
    if (!query) return exchange.send(error_answer(query.error()));
    exchange.query = *std::move(query);
  }
  auto read = read_patient(exchange.query);
  const auto* patient = std::get_if<PatientParam>(&read);
  const bool has_local =
      patient != nullptr && !services.book.of_patient("Flag", patient->id).empty();
  // Without one person it is refused there, in words.
  if (patient == nullptr || !patient->nhs_number || (!has_local && is_plain(exchange.query))) {
    return search_flags(services, std::move(exchange));
  }
  auto flags = read_flags(services, exchange);
  if (auto* response = std::get_if<http::Response>(&flags)) {
    return exchange.send(std::move(*response));
  }
  auto wanted = std::make_shared<FlagQuery>(std::move(std::get<FlagQuery>(flags)));
  const NhsNumber number = *patient->nhs_number;
  auto local = services.book.of_patient("Flag", patient->id);
  if (const auto person = wanted->people ? services.book.find("Patient", patient->id) : nullptr) {
    local.push_back(person);
  }
  std::string beside = names_of(local);
  ask(
      services, std::move(exchange), number, "Flag.search",
      [&services, wanted, local = std::move(local)](const Exchange& asked,
                                                    const ProtectionRecord* record) {
        return FlagPage{services, asked, *wanted}.make(record, local);
      },
      std::move(beside));
}

}  // namespace cpis::fhir_api
