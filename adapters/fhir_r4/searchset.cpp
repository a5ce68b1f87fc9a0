#include "adapters/fhir_r4/searchset.h"

#include "adapters/fhir_r4/outcome_mapper.h"

namespace cpis::fhir_r4 {

Searchset::Searchset(fhir::Document& doc, std::string_view base, std::string_view self,
                     std::string_view timestamp)
    : doc_{doc}, bundle_{doc.set_root("Bundle")}, base_{base} {
  if (!timestamp.empty()) {
    doc_.append(doc_.append(bundle_, "meta"), "lastUpdated", timestamp);
  }
  doc_.append(bundle_, "type", "searchset");
  total_ = &doc_.append(bundle_, "total", "0", fhir::Kind::number);
  add_link("self", self);
}

void Searchset::add_link(std::string_view relation, std::string_view url) {
  fhir::Element& link = doc_.append_item(bundle_, "link");
  doc_.append(link, "relation", relation);
  doc_.append(link, "url", url);
}

fhir::Element& Searchset::entry(std::string_view type, std::string_view id) {
  fhir::Element& entry = doc_.append_item(bundle_, "entry");
  doc_.append(entry, "fullUrl", base_ + '/' + std::string{type} + '/' + std::string{id});
  return entry;
}

fhir::Element& Searchset::add(std::string_view type, std::string_view id, bool is_match) {
  fhir::Element& holder = entry(type, id);
  fhir::Element& resource = doc_.append_resource(holder, "resource", type);
  doc_.append(doc_.append(holder, "search"), "mode", is_match ? "match" : "include");
  return resource;
}

void Searchset::add_copy(const fhir::Element& resource, std::string_view id, bool is_match) {
  fhir::Element& holder = entry(resource.resource_type(), id);
  doc_.clone(holder, resource, "resource");
  doc_.append(doc_.append(holder, "search"), "mode", is_match ? "match" : "include");
}

void Searchset::warn(std::string_view code, std::string diagnostics) {
  fhir::Element& holder = doc_.append_item(bundle_, "entry");
  fhir::Element& outcome = doc_.append_resource(holder, "resource", "OperationOutcome");
  OutcomeIssue issue;
  issue.severity = "warning";
  issue.code = code;
  issue.diagnostics = std::move(diagnostics);
  add_issue(doc_, outcome, issue);
  doc_.append(doc_.append(holder, "search"), "mode", "outcome");
}

void Searchset::finish(std::size_t total) {
  doc_.set_value(*total_, std::to_string(total), fhir::Kind::number);
}

}  // namespace cpis::fhir_r4
