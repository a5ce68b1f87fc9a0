#include "gateway/fhir_api/resource_body.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/validate/outcome.h"
#include "fhir/xml/reader.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/wishes.h"
#include "gateway/http/gzip.h"

namespace cpis::fhir_api {
namespace {

constexpr std::size_t id_bytes_max = 64;

http::Response unsupported_media(std::string diagnostics) {
  fhir_r4::OutcomeIssue issue;
  issue.code = "not-supported";
  issue.diagnostics = std::move(diagnostics);
  return outcome_answer(415, issue);
}

bool names_other_charset(std::string_view content_type) {
  const std::size_t at = content_type.find("charset=");
  if (at == content_type.npos) return false;
  std::string_view charset = content_type.substr(at + 8);
  if (charset.starts_with('"')) charset.remove_prefix(1);
  charset = charset.substr(0, charset.find_first_of("\"; "));
  return !http::same_name(charset, "utf-8") && !http::same_name(charset, "us-ascii");
}

}  // namespace

http::Response issues_answer(int status, const fhir::Issues& issues) {
  const fhir::Document outcome = fhir::to_operation_outcome(issues);
  return resource_answer(status, outcome.root());
}

std::optional<http::Response> take_plain_body(http::Request& request, std::size_t bytes_max,
                                              std::string& body) {
  const std::string_view coding = request.header("Content-Encoding").value_or("identity");
  if (http::same_name(coding, "identity")) {
    body = request.take_body();
    return std::nullopt;
  }
  if (!http::same_name(coding, "gzip")) {
    http::Response response = unsupported_media("only gzip is undone");
    response.set("Accept-Encoding", "gzip, identity");
    return response;
  }
  auto plain = http::gunzip(request.body(), bytes_max);
  if (plain) {
    body = *std::move(plain);
    return std::nullopt;
  }
  if (plain.error().kind != ErrorKind::busy) return error_answer(plain.error());
  fhir_r4::OutcomeIssue issue;
  issue.code = "too-long";
  issue.diagnostics = "the body is larger than this server takes";
  return outcome_answer(413, issue);
}

std::optional<http::Response> read_resource(std::string_view content_type, std::string body,
                                            fhir::Document& doc, const fhir::Policy& policy) {
  const MediaType type = media_type_of(content_type);
  if (type == MediaType::neither || names_other_charset(content_type) ||
      names_other_version(content_type)) {
    return unsupported_media(
        "a resource is sent as application/fhir+json or application/fhir+xml of FHIR 4.0 in UTF-8");
  }
  fhir::Issues issues;
  fhir::xml::ReadOptions as_xml;
  as_xml.schema = &fhir::Definitions::r4().types();
  const bool is_read = type == MediaType::xml
                           ? fhir::xml::read(std::move(body), doc, issues, as_xml)
                           : fhir::json::read(std::move(body), doc, issues);
  issues = policy.revise(issues);
  if (!is_read || !issues.ok()) return issues_answer(400, issues);
  return std::nullopt;
}

std::string stored_form(const fhir::Element& resource, std::string_view id) {
  fhir::Document doc;
  fhir::Element& root = doc.set_root(resource.resource_type());
  doc.append(root, "id", id);
  if (const fhir::Element* meta = resource.first("meta")) {
    fhir::Element& kept = doc.append(root, "meta");
    for (const fhir::Element& child : meta->children()) {
      if (child.name() != "versionId" && child.name() != "lastUpdated") doc.clone(kept, child);
    }
    if (!kept.has_children()) doc.remove(kept);
  }
  for (const fhir::Element& child : resource.children()) {
    if (child.name() != "id" && child.name() != "meta") doc.clone(root, child);
  }
  return fhir::json::write(doc.root(), {.schema = &fhir::Definitions::r4().types()});
}

std::optional<std::int64_t> version_of_etag(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() < 3 || !etag.starts_with('"') || !etag.ends_with('"')) return std::nullopt;
  etag = etag.substr(1, etag.size() - 2);
  std::int64_t version = 0;
  const auto end = std::from_chars(etag.data(), etag.data() + etag.size(), version);
  if (end.ec != std::errc{} || end.ptr != etag.data() + etag.size()) return std::nullopt;
  return version;
}

bool is_resource_id(std::string_view text) {
  return !text.empty() && text.size() <= id_bytes_max &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-' || c == '.';
         });
}

}  // namespace cpis::fhir_api
