#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "fhir/validate/below.h"
#include "fhir/validate/reference_text.h"
#include "fhir/validate/run.h"

namespace cpis::fhir {
namespace {

const Element* entry_around(const Element& element) {
  const Element* found = nullptr;
  for (const Element* at = &element; at != nullptr; at = at->parent()) {
    if (at->name() == "entry" && at->parent() != nullptr &&
        at->parent()->resource_type() == "Bundle") {
      found = at;
    }
  }
  return found;
}

bool version_fits(const Element& resource, std::string_view version) {
  if (version.empty()) return true;
  const Element* const meta = resource.first("meta");
  return meta != nullptr && meta->value_of("versionId") == version;
}

}  // namespace

const BundleIndex& Run::index_of(const Element& bundle) {
  if (index_.bundle == &bundle) return index_;
  index_ = {};
  index_.bundle = &bundle;
  for (const Element& entry : bundle.children("entry")) {
    const Element* const resource = resource_in(entry);
    if (resource == nullptr) continue;
    const std::string_view full_url = entry.value_of("fullUrl");
    if (!full_url.empty()) index_.by_url.emplace(std::string{full_url}, resource);
    const std::string_view id = resource->value_of("id");
    if (id.empty()) continue;
    const std::string key = std::string{resource->resource_type()}.append("/").append(id);
    index_.by_id.emplace(key, resource);
  }
  return index_;
}

/// FHIR R4, Bundle, "Resolving references in Bundles": a relative reference is relative to the base
/// of its own entry's fullUrl, and leads nowhere when that is a UUID.
std::vector<const Element*> Run::matches_in_bundle(const Element& bundle,
                                                   std::string_view reference,
                                                   const Element& from) {
  const BundleIndex& index = index_of(bundle);
  const ReferenceText parts = split_reference(reference);
  std::string url{parts.plain};
  if (parts.base.empty() && !parts.type.empty()) {
    const Element* const entry = entry_around(from);
    const std::string_view full_url = entry == nullptr ? "" : entry->value_of("fullUrl");
    const ReferenceText own = split_reference(full_url);
    if (!full_url.empty() && own.type.empty()) return {};
    url.insert(0, own.base);
  }
  std::vector<const Element*> found;
  const auto [first, last] = index.by_url.equal_range(url);
  for (auto at = first; at != last; ++at) {
    if (version_fits(*at->second, parts.version)) found.push_back(at->second);
  }
  return found;
}

const Element* Run::find_in_bundle(const Element& bundle, std::string_view reference,
                                   const Element& from) {
  const auto exact = matches_in_bundle(bundle, reference, from);
  if (!exact.empty()) return exact.front();
  const ReferenceText parts = split_reference(reference);
  if (!parts.base.empty() || parts.type.empty()) return nullptr;
  const auto known = index_of(bundle).by_id.find(std::string{parts.plain});
  return known == index_.by_id.end() ? nullptr : known->second;
}

void Run::bundle(const Element& element) {
  const std::string_view type = element.value_of("type");
  // A server's answer and a document hang together by these URLs; elsewhere they are a label.
  const bool vital = type == "document" || type == "searchset" || type == "history";
  for (const Element& entry : element.children("entry")) full_url(entry, vital);
  page_links(element);
  if (type == "document") {
    document_links(element);
    document_reach(element);
  }
  if (type == "searchset") search_entries(element);
}

/// There is one of each of these pages, so a second link says something else than the first.
void Run::page_links(const Element& bundle) {
  constexpr std::array<std::string_view, 6> pages{"self", "first",    "last",
                                                  "next", "previous", "prev"};
  std::array<bool, pages.size()> seen{};
  for (const Element& link : bundle.children("link")) {
    const auto* const page = std::ranges::find(pages, link.value_of("relation"));
    if (page == pages.end()) continue;
    if (std::exchange(seen[static_cast<std::size_t>(page - pages.begin())], true)) {
      report(Severity::error, IssueCode::duplicate, link, "bundle-link",
             "another link of the Bundle has the same relation", "relation");
    }
  }
}

void Run::full_url(const Element& entry, bool vital) {
  const Element* const url = entry.first("fullUrl");
  const Element* const resource = resource_in(entry);
  if (url == nullptr || !url->has_value()) return;
  if (url->value().find(':') == std::string_view::npos) {
    report(Severity::error, IssueCode::invalid, *url, "bundle-full-url",
           "the fullUrl must be an absolute URL");
    return;
  }
  const ReferenceText parts = split_reference(url->value());
  if (resource == nullptr || types().resource(parts.type) == Schema::no_type) return;
  const std::string_view id = resource->value_of("id");
  if (id.empty()) {
    const bool creates = entry.first("request") != nullptr;
    if (creates) return;
    report(Severity::error, IssueCode::invalid, *url, "bundle-full-url",
           "the fullUrl is that of a resource on a server, but the resource has no id");
  } else if (parts.id != id || parts.type != resource->resource_type()) {
    report(vital ? Severity::error : Severity::warning, IssueCode::invalid, *url,
           "bundle-full-url-id", "the fullUrl does not agree with type and id of the resource");
  }
}

void Run::search_entries(const Element& bundle) {
  for (const Element& entry : bundle.children("entry")) {
    const Element* const resource = resource_in(entry);
    const Element* const search = entry.first("search");
    if (resource == nullptr) continue;
    const std::string_view mode = search == nullptr ? "" : search->value_of("mode");
    const bool outcome = resource->resource_type() == "OperationOutcome";
    if (mode == "outcome" && !outcome) {
      report(Severity::error, IssueCode::invalid, *resource, "bundle-search-outcome",
             "what is marked as outcome must be an OperationOutcome");
    }
    if (mode == "match" && outcome) {
      report(Severity::error, IssueCode::invalid, *resource, "bundle-search-match",
             "an OperationOutcome cannot be a match");
    }
    if (mode != "outcome" && !outcome && resource->first("id") == nullptr) {
      report(Severity::error, IssueCode::invalid, *resource, "bundle-search-id",
             "a search result must have an id");
    }
  }
}

}  // namespace cpis::fhir
