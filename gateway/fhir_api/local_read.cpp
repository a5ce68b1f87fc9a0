#include <algorithm>
#include <memory>
#include <utility>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/authenticate.h"
#include "gateway/fhir_api/local_api.h"
#include "gateway/fhir_api/local_search.h"
#include "gateway/fhir_api/page_link.h"
#include "gateway/fhir_api/permission.h"
#include "gateway/fhir_api/searchset_text.h"
#include "gateway/store/resource_store.h"

namespace cpis::fhir_api {
namespace {

http::Response gone(const Services& services, const std::string& type, const std::string& id) {
  bool deleted = false;
  const Status read = services.database.read([&](store::Session& session) -> Status {
    const auto found = store::ResourceStore{}.read(session, type, id);
    if (!found) return found.error();
    deleted = *found && (*found)->deleted;
    return done;
  });
  if (!read) return error_answer(read.error());
  if (!deleted) return no_such_local(type);
  fhir_r4::OutcomeIssue issue;
  issue.code = "deleted";
  issue.diagnostics = "this resource was deleted; its versions can still be read";
  return outcome_answer(410, issue);
}

std::string query_text(const SearchItems& items) {
  std::vector<http::QueryParameter> parameters;
  for (const auto& [name, value] : items) parameters.push_back({name, value});
  return http::write_query(parameters);
}

std::string warning(const std::vector<std::string>& names) {
  fhir_r4::OutcomeIssue issue;
  issue.severity = "warning";
  issue.code = "not-supported";
  issue.diagnostics = "left out, because there are no such search parameters:";
  for (const std::string& name : names) issue.diagnostics += ' ' + name;
  fhir::Document doc;
  fhir_r4::write_outcome(doc, issue);
  return fhir::json::write(doc.root());
}

http::Response page_answer(const Services& services, const Exchange& exchange,
                           const LocalQuery& asked, const LocalPage& page) {
  BundleText bundle{"searchset", services.clock.now()};
  if (page.total) bundle.total(*page.total);
  const std::string url = exchange.base + '/' + asked.type;
  const std::string query = query_text(page.used);
  bundle.link("self", query.empty() ? url : url + '?' + query);
  if (page.next) {
    const auto sealed = seal_page(services, exchange, asked, *page.next);
    if (!sealed) return error_answer(sealed.error());
    bundle.link("next", url + "?" + std::string{page_parameter} + "=" + *sealed);
  }
  for (const resources::EntryPtr& entry : page.matches) {
    bundle.entry(exchange.base + '/' + entry->type + '/' + entry->id, entry->body, "match");
  }
  for (const resources::EntryPtr& entry : page.included) {
    bundle.entry(exchange.base + '/' + entry->type + '/' + entry->id, entry->body, "include");
  }
  if (!page.left_out.empty()) bundle.entry("", warning(page.left_out), "outcome");
  return std::move(bundle).finish();
}

// What somebody asks beside a page link would be left out, and they would take it for answered.
std::optional<std::string_view> beside_page(const http::QueryString& query) {
  constexpr std::string_view shapes[] = {page_parameter, "_format", "_pretty", "_summary",
                                         "_elements"};
  for (const http::QueryParameter& each : query.parameters()) {
    const bool shape =
        std::find(std::begin(shapes), std::end(shapes), each.name) != std::end(shapes);
    if (!shape) return each.name;
  }
  return std::nullopt;
}

http::Response search(const Services& services, Exchange& exchange) {
  LocalQuery asked;
  asked.type = exchange.target.type;
  asked.base = exchange.base;
  asked.owner = exchange.client;
  asked.lenient = exchange.wishes.handling == Handling::lenient && services.settings.search_lenient;
  if (const auto token = exchange.query.first(page_parameter)) {
    if (const auto beside = beside_page(exchange.query)) {
      return bad_parameter(*beside, "a page link stands alone: the search is in it");
    }
    if (!open_page(services, exchange, *token, asked)) {
      return bad_parameter(page_parameter, "this page link is not one of ours, or not for you");
    }
    // The query that is in the link must be permitted to whoever follows it.
    const std::string text = query_text(asked.items);
    if (auto response = refuse_condition(services, exchange, asked.type, text)) {
      return *std::move(response);
    }
    exchange.query = *http::QueryString::parse(text);
  } else {
    if (!exchange.target.compartment.empty()) {
      asked.items.emplace_back("patient", "Patient/" + exchange.target.id);
    }
    for (const auto& each : exchange.query.parameters()) {
      if (each.name != "_format" && each.name != "_pretty") {
        asked.items.emplace_back(each.name, each.value);
      }
    }
  }
  auto found = search_local(services, asked);
  if (auto* response = std::get_if<http::Response>(&found)) return std::move(*response);
  return page_answer(services, exchange, asked, std::get<LocalPage>(found));
}

http::Response meta(const Services& services, Exchange& exchange) {
  const auto entry = services.book.find(exchange.target.type, exchange.target.id);
  if (!entry) return gone(services, exchange.target.type, exchange.target.id);
  fhir::Document resource;
  fhir::Issues issues;
  fhir::Document doc;
  fhir::Element& parameters = doc.set_root("Parameters");
  fhir::Element& parameter = doc.append_item(parameters, "parameter");
  doc.append(parameter, "name", "return");
  if (fhir::json::read_view(entry->body, resource, issues)) {
    if (const fhir::Element* found = resource.root().first("meta")) {
      doc.clone(parameter, *found, "valueMeta");
    }
  }
  return resource_answer(200, doc.root());
}

}  // namespace

http::Response no_such_local(const std::string& type) {
  // There may be one of the national record by that id.
  const bool flag = type == "Flag";
  return error_answer({ErrorKind::not_found,
                       flag ? "there is no such Flag of this place; those of the national record "
                              "have no versions and no meta here"
                            : "there is no such " + type});
}

std::optional<http::Response> refuse_condition(const Services& services, const Exchange& exchange,
                                               std::string_view type, std::string_view condition) {
  const auto query = http::QueryString::parse(condition);
  if (!query) return error_answer(query.error());
  const auto refused = refuse_by_scope(*exchange.who, "GET", type, *query);
  if (!refused) return std::nullopt;
  services.refusals.note(exchange.request, exchange.client, *refused);
  return refusal_answer(*refused);
}

void on_worker(const Services& services, Exchange&& exchange,
               http::Response (*work)(const Services&, Exchange&)) {
  auto place = services.workers.reserve();
  if (!place) return exchange.send(error_answer({ErrorKind::busy, "try again in a moment"}));
  auto asked = std::make_shared<Exchange>(std::move(exchange));
  place->submit([&services, asked, work] { asked->send(work(services, *asked)); });
}

void read_local(const Services& services, Exchange&& exchange) {
  if (const auto entry = services.book.find(exchange.target.type, exchange.target.id)) {
    return exchange.send(entry_answer(200, *entry));
  }
  on_worker(services, std::move(exchange), [](const Services& all, Exchange& asked) {
    return gone(all, asked.target.type, asked.target.id);
  });
}

void search_local_type(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange), search);
}

void meta_of_instance(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange), meta);
}

}  // namespace cpis::fhir_api
