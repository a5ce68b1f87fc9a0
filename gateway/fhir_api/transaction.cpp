#include "gateway/fhir_api/transaction.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <set>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/authenticate.h"
#include "gateway/fhir_api/local_api.h"
#include "gateway/fhir_api/local_search.h"
#include "gateway/fhir_api/permission.h"
#include "gateway/fhir_api/resource_body.h"
#include "gateway/fhir_api/routes.h"
#include "gateway/fhir_api/write_answer.h"
#include "gateway/fhir_api/write_plan.h"

namespace cpis::fhir_api {
namespace {

using fhir::Element;
using References = std::map<std::string, std::string, std::less<>>;

http::Response fault(int status, std::string_view code, std::size_t index, std::string text) {
  fhir_r4::OutcomeIssue issue;
  issue.code = code;
  issue.diagnostics = std::move(text);
  issue.expression = "Bundle.entry[" + std::to_string(index) + "]";
  return outcome_answer(status, issue);
}

// Where in the Bundle: what is said of `Encounter.status` is about that entry's resource.
http::Response located(http::Response response, std::size_t index) {
  fhir::Document doc;
  fhir::Issues issues;
  if (!fhir::json::read_view(response.body, doc, issues)) return response;
  const std::string entry = "Bundle.entry[" + std::to_string(index) + "]";
  for (const Element& each : doc.root().children("issue")) {
    Element& issue = doc.edit(each);
    const Element* const first = issue.first("expression");
    if (first == nullptr) {
      doc.append_item(issue, "expression", entry);
      continue;
    }
    for (const Element& expression : issue.children("expression")) {
      const std::string_view path = expression.value();
      if (path.starts_with("Bundle")) continue;
      const std::size_t dot = path.find('.');
      const std::string_view rest = dot == path.npos ? std::string_view{} : path.substr(dot);
      doc.set_value(doc.edit(expression), entry + ".resource" + std::string{rest});
    }
  }
  response.body = fhir::json::write(doc.root());
  return response;
}

std::string without_base(std::string_view url, const std::string& base) {
  if (url.starts_with(base + '/')) url.remove_prefix(base.size() + 1);
  while (url.starts_with('/')) url.remove_prefix(1);
  return std::string{url};
}

struct Place {
  std::string type, id, condition;
};

Place place_of(const std::string& url) {
  Place place;
  const std::size_t mark = url.find('?');
  const std::string path = url.substr(0, mark);
  if (mark != std::string::npos) place.condition = url.substr(mark + 1);
  const std::size_t slash = path.find('/');
  place.type = path.substr(0, slash);
  if (slash != std::string::npos) place.id = path.substr(slash + 1);
  return place;
}

int turn_of(const std::string& method) {
  constexpr std::array<std::string_view, 4> order{"DELETE", "POST", "PUT", "PATCH"};
  const auto at = std::find(order.begin(), order.end(), method);
  return static_cast<int>(at - order.begin());
}

// A transaction on its way: plans collect, then all is written.
class Transaction {
 public:
  Transaction(const Services& services, const Exchange& exchange, fhir::Document& bundle,
              std::vector<BundleEntry>& entries)
      : services_{services},
        exchange_{exchange},
        bundle_{bundle},
        entries_{entries},
        planner_{services, exchange.base, exchange.client} {}

  std::optional<http::Response> run() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (auto response = prepare(i)) return located(*std::move(response), i);
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].resource == nullptr) continue;
      root_ = root_of(entries_[i].full_url);
      auto response = resolve(bundle_.edit(*entries_[i].resource));
      if (response) return located(*std::move(response), i);
    }
    for (int turn = 0; turn < 4; ++turn) {
      for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (turn_of(entries_[i].method) != turn) continue;
        if (auto response = plan(i)) return located(*std::move(response), i);
      }
    }
    return commit();
  }

 private:
  using Refusal = std::optional<http::Response>;

  const Route* route_of(const BundleEntry& entry) const {
    const Target target = target_of(entry.method, entry.url.substr(0, entry.url.find('?')));
    return target.route;
  }

  // Gives creates their ids, so that other entries can refer to them.
  Refusal prepare(std::size_t i) {
    BundleEntry& entry = entries_[i];
    const Place place = place_of(entry.url);
    if (turn_of(entry.method) > 3) {
      if (entry.method == "GET" || entry.method == "HEAD") return std::nullopt;
      return fault(400, "not-supported", i, "this method is not for a Bundle");
    }
    const auto query = http::QueryString::parse(place.condition);
    if (!query) return fault(400, "invalid", i, "the url cannot be read");
    const std::string path = entry.url.substr(0, entry.url.find('?'));
    if (const auto refused = refuse_by_scope(*exchange_.who, entry.method, path, *query)) {
      services_.refusals.note(exchange_.request, exchange_.client, *refused);
      return refusal_answer(*refused);
    }
    const Route* route = route_of(entry);
    if (route == nullptr || !route->operation.empty()) {
      return fault(405, "not-supported", i, "this interaction is not offered");
    }
    const bool sends = entry.method == "POST" || entry.method == "PUT";
    if ((sends || entry.method == "PATCH") && entry.resource == nullptr) {
      return fault(400, "required", i, "a resource is needed");
    }
    if (sends && entry.resource->resource_type() != place.type) {
      return fault(400, "invalid", i, "the resource is not of the type in the URL");
    }
    if (entry.method == "POST") return prepare_create(i, place, entry.if_none_exist);
    if (entry.method != "PUT") return std::nullopt;
    if (place.id.empty()) return prepare_create(i, place, place.condition);
    return know(i, place.type + '/' + place.id);
  }

  // A create, or a conditional update: what it finds, or makes, is known before others refer to it.
  Refusal prepare_create(std::size_t i, const Place& place, const std::string& condition) {
    BundleEntry& entry = entries_[i];
    const std::string_view stated = entry.resource->value_of("id");
    const bool keeps_id = entry.method == "PUT" && !stated.empty();
    std::string id = keeps_id ? std::string{stated} : WritePlanner::id_for(*entry.resource);
    if (!condition.empty()) {
      auto found = by_condition(place.type, condition);
      if (auto* response = std::get_if<http::Response>(&found)) return std::move(*response);
      const auto& ids = std::get<std::vector<std::string>>(found);
      if (ids.size() == 1) id = ids.front();
      if (ids.empty() && !makers_.insert(place.type + '?' + condition).second) {
        return fault(400, "duplicate", i, "another entry makes a resource by the same condition");
      }
    }
    ids_[&entry] = id;
    return know(i, place.type + '/' + id);
  }

  Refusal know(std::size_t i, const std::string& reference) {
    const std::string& url = entries_[i].full_url;
    if (!url.empty() && !references_.emplace(url, reference).second) {
      return fault(400, "duplicate", i, "another entry has the same fullUrl");
    }
    planner_.expect(reference);
    return std::nullopt;
  }

  // Bundle 2.36.4.1: a relative reference is one to an entry when it is with the root of the
  // referring entry's own fullUrl, `http://host/fhir` of `http://host/fhir/Encounter/1`.
  static std::string root_of(std::string_view full_url) {
    if (!full_url.starts_with("http")) return {};
    const std::size_t id = full_url.rfind('/');
    const std::size_t type = id == 0 || id == full_url.npos ? id : full_url.rfind('/', id - 1);
    return type == full_url.npos ? std::string{} : std::string{full_url.substr(0, type + 1)};
  }

  References::const_iterator known_reference(std::string_view value, bool is_reference) const {
    const auto known = references_.find(value);
    const bool relative = is_reference && value.find(':') == value.npos && !root_.empty();
    return known == references_.end() && relative ? references_.find(root_ + std::string{value})
                                                  : known;
  }

  std::variant<std::vector<std::string>, http::Response> by_condition(
      const std::string& type, const std::string& condition) const {
    if (auto refused = refuse_condition(services_, exchange_, type, condition)) {
      return *std::move(refused);
    }
    const auto query = http::QueryString::parse(condition);
    if (!query) return error_answer(query.error());
    LocalQuery asked;
    asked.type = type;
    asked.base = exchange_.base;
    asked.any_breadth = true;
    for (const auto& each : query->parameters()) asked.items.emplace_back(each.name, each.value);
    auto found = search_local(services_, asked);
    if (auto* response = std::get_if<http::Response>(&found)) return std::move(*response);
    std::vector<std::string> ids;
    for (const auto& match : std::get<LocalPage>(found).matches) ids.push_back(match->id);
    return ids;
  }

  // FHIR R4 3.1.0.11.2: links to entries, in references, uris and narrative, and conditional
  // references.
  Refusal resolve(Element& element) {
    if (element.primitive()) {
      const std::string_view value = element.value();
      const auto known = known_reference(value, element.name() == "reference");
      if (known != references_.end()) {
        bundle_.set_value(element, known->second);
      } else if (element.name() == "div") {
        rewrite_narrative(element);
      } else if (element.name() == "reference" && value.find('?') != value.npos &&
                 value.find(':') > value.find('?')) {
        return resolve_condition(element);
      }
    }
    for (const Element& child : element.children()) {
      if (auto response = resolve(bundle_.edit(child))) return response;
    }
    return std::nullopt;
  }

  void rewrite_narrative(Element& element) {
    std::string text{element.value()};
    bool changed = false;
    for (const auto& [url, reference] : references_) {
      const std::string quoted = '"' + url + '"';
      for (std::size_t at = text.find(quoted); at != std::string::npos;
           at = text.find(quoted, at)) {
        text.replace(at, quoted.size(), '"' + reference + '"');
        changed = true;
      }
    }
    if (changed) bundle_.set_value(element, text);
  }

  Refusal resolve_condition(Element& element) {
    const Place place = place_of(std::string{element.value()});
    auto found = by_condition(place.type, place.condition);
    if (auto* response = std::get_if<http::Response>(&found)) return std::move(*response);
    const auto& ids = std::get<std::vector<std::string>>(found);
    if (ids.size() != 1) {
      fhir_r4::OutcomeIssue issue;
      issue.code = ids.empty() ? "not-found" : "multiple-matches";
      issue.diagnostics = "a conditional reference must find exactly one resource";
      return outcome_answer(412, issue);
    }
    bundle_.set_value(element, place.type + '/' + ids.front());
    return std::nullopt;
  }

  PlanOutcome outcome_of(BundleEntry& entry) {
    const Place place = place_of(entry.url);
    WriteWish wish;
    wish.type = place.type;
    wish.id = place.id;
    wish.if_match = entry.if_match;
    wish.if_none_match = entry.if_none_match;
    demanded_ = demanded_ || !wish.if_match.empty() || !wish.if_none_match.empty();
    wish.conditional = entry.method != "POST" && place.id.empty();
    wish.condition = place.condition;
    if (entry.method == "DELETE") return planner_.remove(wish);
    if (entry.method == "PATCH") {
      wish.content_type = "application/fhir+json";
      wish.body = fhir::json::write(*entry.resource);
      return planner_.patch(wish);
    }
    fhir::Document body;
    body.clone_root(*entry.resource);
    if (entry.method == "PUT") {
      if (wish.conditional) wish.fresh_id = ids_[&entry];
      return planner_.update(wish, body);
    }
    wish.id = ids_[&entry];
    wish.conditional = !entry.if_none_exist.empty();
    wish.condition = entry.if_none_exist;
    return planner_.create(wish, body);
  }

  Refusal plan(std::size_t i) {
    PlanOutcome outcome = outcome_of(entries_[i]);
    if (auto* response = std::get_if<http::Response>(&outcome)) return std::move(*response);
    Planned& planned = std::get<Planned>(outcome);
    if (!planned.write) {
      entries_[i].response = unwritten_answer(exchange_.base, exchange_.wishes, planned);
      return std::nullopt;
    }
    if (!touched_.insert(planned.type + '/' + planned.id).second) {
      return fault(400, "duplicate", i, "two entries change the same resource");
    }
    writes_.push_back(std::move(*planned.write));
    planned.write.reset();
    planned_.emplace_back(i, std::move(planned));
    return std::nullopt;
  }

  Refusal commit() {
    if (writes_.empty()) return std::nullopt;
    std::vector<std::string> bodies;
    for (const auto& write : writes_) bodies.push_back(write.body);
    auto written = services_.writes.run(std::move(writes_), writer_of(exchange_));
    if (!written) return write_failed(written.error(), demanded_);
    for (std::size_t k = 0; k < planned_.size(); ++k) {
      entries_[planned_[k].first].response =
          written_answer(exchange_.base, exchange_.wishes, planned_[k].second, bodies[k],
                         written->versions[k], written->at);
    }
    return std::nullopt;
  }

  const Services& services_;
  const Exchange& exchange_;
  fhir::Document& bundle_;
  std::vector<BundleEntry>& entries_;
  WritePlanner planner_;
  References references_;
  std::string root_;              // of the entry whose references are resolved
  std::set<std::string> makers_;  // conditions that found nothing, with their types
  bool demanded_ = false;         // an entry names a version
  std::map<const BundleEntry*, std::string> ids_;
  std::set<std::string> touched_;
  std::vector<usecases::ResourceWrite> writes_;
  std::vector<std::pair<std::size_t, Planned>> planned_;
};

}  // namespace

std::variant<std::vector<BundleEntry>, http::Response> read_entries(const fhir::Document& bundle,
                                                                    const std::string& base) {
  std::vector<BundleEntry> entries;
  for (const Element& each : bundle.root().children("entry")) {
    const std::size_t index = entries.size();
    if (index == bundle_entries_max) {
      return fault(413, "too-long", index, "a Bundle holds too many entries");
    }
    const Element* request = each.first("request");
    if (request == nullptr) return fault(400, "required", index, "request is missing");
    BundleEntry& entry = entries.emplace_back();
    entry.method = request->value_of("method");
    entry.url = without_base(request->value_of("url"), base);
    entry.full_url = each.value_of("fullUrl");
    entry.if_match = request->value_of("ifMatch");
    entry.if_none_match = request->value_of("ifNoneMatch");
    entry.if_modified_since = request->value_of("ifModifiedSince");
    entry.if_none_exist = request->value_of("ifNoneExist");
    entry.resource = each.first("resource");
    if (entry.resource != nullptr) entry.body = fhir::json::write(*entry.resource);
    if (entry.method.empty() || entry.url.empty()) {
      return fault(400, "required", index, "request needs method and url");
    }
  }
  return entries;
}

std::optional<http::Response> run_transaction(const Services& services, const Exchange& exchange,
                                              fhir::Document& bundle,
                                              std::vector<BundleEntry>& entries) {
  const std::lock_guard lock{services.writes.conditional()};
  return Transaction{services, exchange, bundle, entries}.run();
}

}  // namespace cpis::fhir_api
