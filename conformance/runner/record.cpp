#include "conformance/runner/record.h"

#include <algorithm>

#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/xml/reader.h"
#include "fhir/xml/writer.h"

namespace cpis::conformance {

namespace {

const fhir::TypeTable& types() { return fhir::Definitions::r4().types(); }

/// The steps of a url path behind the type: `.../Patient/1/_history/2` gives type, id, version.
struct Place {
  std::string_view type;
  std::string_view id;
  std::string_view version;
};

Place place_of(std::string_view url) {
  url = url.substr(0, url.find('?'));
  std::vector<std::string_view> steps;
  while (!url.empty()) {
    const std::size_t slash = url.find('/');
    if (slash != 0) steps.push_back(url.substr(0, slash));
    if (slash == std::string_view::npos) break;
    url.remove_prefix(slash + 1);
  }
  Place place;
  const auto history = std::ranges::find(steps, "_history");
  if (history != steps.end() && history + 1 != steps.end()) place.version = *(history + 1);
  const auto end = history - steps.begin();
  if (end >= 2) {
    place.id = steps[static_cast<std::size_t>(end) - 1];
    place.type = steps[static_cast<std::size_t>(end) - 2];
  }
  return place;
}

}  // namespace

fhir::Document* Body::resource() {
  if (!tried_) {
    tried_ = true;
    auto document = std::make_unique<fhir::Document>();
    fhir::Issues issues;
    bool read = false;
    if (format_of(text_) == "xml") {
      fhir::xml::ReadOptions options;
      options.strict = false;
      options.schema = &types();
      read = fhir::xml::read(text_, *document, issues, options);
    } else if (format_of(text_) == "json") {
      fhir::json::ReadOptions options;
      options.strict = false;
      read = fhir::json::read(text_, *document, issues, options);
    }
    if (read && document->root().resource()) {
      types().annotate(*document);
      document_ = std::move(document);
    }
  }
  return document_.get();
}

std::string Record::resource_id() {
  const Place place = place_of(header_value(headers, "Location"));
  if (!place.id.empty()) return std::string{place.id};
  fhir::Document* const resource = body.resource();
  return resource == nullptr ? std::string{} : std::string{resource->root().value_of("id")};
}

std::string Record::resource_type() {
  if (fhir::Document* const resource = body.resource()) {
    return std::string{resource->root().resource_type()};
  }
  return std::string{place_of(header_value(headers, "Location")).type};
}

std::string Record::version_id() {
  const Place place = place_of(header_value(headers, "Location"));
  if (!place.version.empty()) return std::string{place.version};
  std::string_view tag = header_value(headers, "ETag");
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  if (tag.size() >= 2 && tag.front() == '"') return std::string{tag.substr(1, tag.size() - 2)};
  fhir::Document* const resource = body.resource();
  const fhir::Element* const meta = resource == nullptr ? nullptr : resource->root().first("meta");
  return meta == nullptr ? std::string{} : std::string{meta->value_of("versionId")};
}

std::string_view format_of(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  if (text[first] == '<') return "xml";
  return text[first] == '{' ? "json" : std::string_view{};
}

std::string in_format(Body& body, std::string_view format) {
  if (format == format_of(body.text())) return body.text();
  fhir::Document* const resource = body.resource();
  if (resource == nullptr) return body.text();
  if (format == "json") return fhir::json::write(resource->root(), {false, &types()});
  if (format != "xml") return body.text();
  fhir::Issues issues;
  return fhir::xml::write(resource->root(), issues, {false, &types()});
}

bool contains_all(const fhir::Element& minimum, const fhir::Element& actual) {
  const bool inside_bundle = minimum.resource() && actual.resource_type() == "Bundle" &&
                             minimum.resource_type() != "Bundle";
  if (inside_bundle) {
    const fhir::ElementRange entries = actual.children("entry");
    return std::any_of(entries.begin(), entries.end(), [&](const fhir::Element& entry) {
      const fhir::Element* const resource = entry.first("resource");
      return resource != nullptr && contains_all(minimum, *resource);
    });
  }
  if (minimum.resource() && minimum.resource_type() != actual.resource_type()) return false;
  if (minimum.has_value() && minimum.value() != actual.value()) return false;
  // The readers bound the depth of the trees, and with it this recursion.
  for (const fhir::Element& wanted : minimum.children()) {
    const fhir::ElementRange candidates = actual.children(wanted.name());
    const bool found = std::any_of(
        candidates.begin(), candidates.end(),
        [&](const fhir::Element& candidate) { return contains_all(wanted, candidate); });
    if (!found) return false;
  }
  return true;
}

}  // namespace cpis::conformance
