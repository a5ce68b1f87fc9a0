#include "gateway/fhir_api/present.h"

#include <utility>

#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/xml/writer.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/subset.h"
#include "gateway/http/gzip.h"
#include "gateway/http/http_date.h"

namespace cpis::fhir_api {
namespace {

constexpr std::size_t gzip_bytes_min = 1024;

bool etag_listed(std::string_view list, std::string_view etag) {
  if (list == "*") return true;
  const auto opaque = [](std::string_view tag) {
    return tag.starts_with("W/") ? tag.substr(2) : tag;
  };
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view one = list.substr(0, comma);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (opaque(one) == opaque(etag)) return true;
    list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
  }
  return false;
}

// Leaves the body as it is when it cannot be read: our own writer made it, so that is a bug that
// must not hide the answer.
void reshape(http::Response& response, const Wishes& wishes) {
  const bool subset =
      response.status < 300 && (wishes.summary != Summary::off || !wishes.elements.empty());
  if (!wishes.xml && !wishes.pretty && !subset) return;
  fhir::Document doc;
  fhir::Issues issues;
  if (!fhir::json::read_view(response.body, doc, issues)) return;
  if (subset) keep_only(doc, wishes);
  if (!wishes.xml) {
    response.body = fhir::json::write(doc.root(), {.pretty = wishes.pretty});
    return;
  }
  const fhir::xml::WriteOptions options{wishes.pretty, &fhir::Definitions::r4().types()};
  response.body = fhir::xml::write(doc.root(), issues, options);
  response.set("Content-Type", "application/fhir+xml");
}

}  // namespace

bool not_modified(const http::Request& request, const http::Response& response) {
  if (response.status != 200) return false;
  if (request.method() != "GET" && request.method() != "HEAD") return false;
  const std::string_view etag = response.header("ETag");
  if (const auto known = request.header("If-None-Match")) {
    return !etag.empty() && etag_listed(*known, etag);
  }
  const auto since = request.header("If-Modified-Since");
  if (!since) return false;
  const auto changed = http::parse_http_date(response.header("Last-Modified"));
  const auto known = http::parse_http_date(*since);
  return changed && known && *changed <= *known;
}

http::Response present(http::Response response, const Wishes& wishes,
                       const http::Request& request) {
  if (not_modified(request, response)) {
    response.status = 304;
    response.body.clear();
    std::erase_if(response.headers,
                  [](const auto& header) { return http::same_name(header.first, "Content-Type"); });
    return response;
  }
  if (wishes.plain() || response.body.empty()) return response;
  if (response.header("Content-Type") == fhir_json) reshape(response, wishes);
  if (wishes.gzip && response.body.size() >= gzip_bytes_min) {
    response.body = http::gzip(response.body);
    response.set("Content-Encoding", "gzip");
  }
  response.set("Vary", "Accept, Accept-Encoding");
  return response;
}

}  // namespace cpis::fhir_api
