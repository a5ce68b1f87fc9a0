#include "gateway/fhir_api/searchset_text.h"

#include <utility>

#include "fhir/json/writer.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/http/http_date.h"

namespace cpis::fhir_api {
namespace {

void add(std::string& out, std::string_view name, std::string_view value) {
  out += '"';
  out += name;
  out += "\":";
  fhir::json::write_string(out, value);
}

}  // namespace

BundleText::BundleText(std::string_view type, Time now)
    : head_{R"({"resourceType":"Bundle","meta":{"lastUpdated":")" + to_iso(now) + R"("},"type":")" +
            std::string{type} + '"'} {}

void BundleText::total(std::size_t count) { head_ += ",\"total\":" + std::to_string(count); }

void BundleText::link(std::string_view relation, std::string_view url) {
  links_ += links_.empty() ? ",\"link\":[{" : ",{";
  add(links_, "relation", relation);
  links_ += ',';
  add(links_, "url", url);
  links_ += '}';
}

void BundleText::open_entry() { entries_ += entries_.empty() ? ",\"entry\":[{" : ",{"; }

void BundleText::entry(std::string_view url, std::string_view body, std::string_view mode) {
  open_entry();
  if (!url.empty()) {
    add(entries_, "fullUrl", url);
    entries_ += ',';
  }
  entries_ += "\"resource\":";
  entries_ += body;
  entries_ += ",\"search\":{";
  add(entries_, "mode", mode);
  entries_ += "}}";
}

void BundleText::history_entry(std::string_view url, std::string_view body, std::string_view method,
                               std::string_view request_url, std::string_view status,
                               std::int64_t version, Time at) {
  open_entry();
  add(entries_, "fullUrl", url);
  if (!body.empty()) entries_ += ",\"resource\":" + std::string{body};
  entries_ += ",\"request\":{";
  add(entries_, "method", method);
  entries_ += ',';
  add(entries_, "url", request_url);
  entries_ += "},\"response\":{";
  add(entries_, "status", status);
  entries_ += ",\"etag\":\"W/\\\"" + std::to_string(version) + "\\\"\",";
  add(entries_, "lastModified", to_iso(at));
  entries_ += "}}";
}

void BundleText::raw_entry(std::string_view members) {
  open_entry();
  entries_ += members;
  entries_ += '}';
}

http::Response BundleText::finish() && {
  std::string out = std::move(head_);
  if (!links_.empty()) out += links_ + ']';
  if (!entries_.empty()) out += entries_ + ']';
  out += '}';
  http::Response response{200, std::string{fhir_json}, std::move(out)};
  response.set("Cache-Control", "no-store");
  return response;
}

http::Response entry_answer(int status, const resources::Entry& entry) {
  http::Response response{status, std::string{fhir_json}, entry.body};
  response.set("ETag", "W/\"" + std::to_string(entry.version) + "\"");
  response.set("Last-Modified", http::write_http_date(entry.updated));
  // What is about a child must not stay in a cache on the way; a client may keep it and ask again.
  response.set("Cache-Control", "no-store");
  return response;
}

}  // namespace cpis::fhir_api
