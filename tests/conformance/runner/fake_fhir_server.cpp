#include "tests/conformance/runner/fake_fhir_server.h"

#include "conformance/runner/record.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"

namespace cpis::test {

namespace {

using conformance::Body;
using conformance::HttpRequest;
using conformance::HttpResponse;

bool wants_xml(const HttpRequest& request) {
  return conformance::header_value(request.headers, "Accept").find("xml") != std::string_view::npos;
}

HttpResponse reply(int status, const std::string& json, const HttpRequest& request) {
  HttpResponse response;
  response.status = status;
  Body body{json};
  const bool xml = wants_xml(request);
  response.body = json.empty() ? json : conformance::in_format(body, xml ? "xml" : "json");
  response.headers.push_back(
      {"Content-Type", xml ? "application/fhir+xml; charset=utf-8" : "application/fhir+json"});
  return response;
}

HttpResponse refuse(int status, std::string_view code, const HttpRequest& request) {
  return reply(status,
               R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":")" +
                   std::string{code} + "\"}]}",
               request);
}

std::string with_id(const std::string& json, const std::string& id) {
  fhir::Document document;
  fhir::Issues issues;
  if (!fhir::json::read(json, document, issues)) return json;
  document.set(document.root(), "id", id);
  return fhir::json::write(document.root());
}

std::vector<std::string> steps_of(std::string_view path) {
  std::vector<std::string> steps;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) steps.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  steps.resize(4);
  return steps;
}

}  // namespace

Result<HttpResponse> FakeFhirServer::send(const HttpRequest& request) {
  requests.push_back(request);
  if (away) return Error{ErrorKind::unavailable, "nobody there"};
  return answer(request);
}

HttpResponse FakeFhirServer::answer(const HttpRequest& request) {
  std::string_view url = request.url;
  if (!url.starts_with(base)) return refuse(404, "not-found", request);
  url.remove_prefix(base.size());
  const std::size_t question = url.find('?');
  const std::string query{question == std::string_view::npos ? "" : url.substr(question + 1)};
  const auto steps = steps_of(url.substr(0, question));
  const std::string& type = steps[0];
  const std::string& id = steps[1];
  if (type == "metadata") {
    return reply(200, R"({"resourceType":"CapabilityStatement","fhirVersion":"4.0.1"})", request);
  }
  if (request.method == "POST") return put(type, "new-" + std::to_string(next_id_++), request);
  if (request.method == "PUT") return put(type, id, request);
  if (request.method == "DELETE") {
    auto& versions = resources_[type + '/' + id].versions;
    if (!versions.empty()) versions.emplace_back();
    return reply(204, {}, request);
  }
  if (steps[1] == "_history") return list(type, {}, query, request);
  if (steps[2] == "_history" && steps[3].empty()) return list(type, id, query, request);
  if (id.empty()) return list(type, {}, query, request);
  return get(type, id, steps[3], request);
}

HttpResponse FakeFhirServer::put(const std::string& type, const std::string& id,
                                 const HttpRequest& request) {
  Body sent{request.body};
  if (sent.resource() == nullptr) return refuse(400, "structure", request);
  auto& versions = resources_[type + '/' + id].versions;
  const bool fresh = versions.empty() || versions.back().empty();
  versions.push_back(with_id(conformance::in_format(sent, "json"), id));
  HttpResponse response = reply(fresh ? 201 : 200, versions.back(), request);
  response.headers.push_back({"Location", address + '/' + type + '/' + id + "/_history/" +
                                              std::to_string(versions.size())});
  response.headers.push_back({"Last-Modified", "Mon, 05 Jan 2026 09:00:00 GMT"});
  return response;
}

HttpResponse FakeFhirServer::get(const std::string& type, const std::string& id,
                                 const std::string& version, const HttpRequest& request) {
  if (id.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos) {
    return refuse(400, "value", request);
  }
  const auto& versions = resources_[type + '/' + id].versions;
  if (versions.empty()) return refuse(404, "not-found", request);
  std::size_t number = versions.size();
  if (!version.empty()) number = static_cast<std::size_t>(version[0] - '0');
  if (number == 0 || number > versions.size()) return refuse(404, "not-found", request);
  const std::string& json = versions[number - 1];
  if (json.empty()) return refuse(410, "deleted", request);
  if (lies) return reply(200, R"({"resourceType":"Patient","id":"somebody-else"})", request);
  HttpResponse response = reply(200, json, request);
  response.headers.push_back({"Last-Modified", "Mon, 05 Jan 2026 09:00:00 GMT"});
  response.headers.push_back({"ETag", "W/\"" + std::to_string(number) + "\""});
  return response;
}

HttpResponse FakeFhirServer::list(const std::string& type, const std::string& only_id,
                                  const std::string& query, const HttpRequest& request) {
  const bool history = request.url.find("_history") != std::string::npos;
  const std::size_t equals = query.find('=');
  const std::string wanted =
      equals == std::string::npos ? "" : query.substr(equals + 1, query.find('&') - equals - 1);
  std::string entries;
  std::size_t total = 0;
  for (const auto& [key, stored] : resources_) {
    if (!key.starts_with(type + '/')) continue;
    if (!only_id.empty() && key != type + '/' + only_id) continue;
    for (const std::string& version : stored.versions) {
      const bool last = &version == &stored.versions.back();
      if (version.empty() || (!history && !last)) continue;
      if (version.find(wanted) == std::string::npos) continue;
      entries += (total++ == 0 ? "" : ",") + std::string{R"({"fullUrl":")"} + std::string{base} +
                 '/' + key + R"(","resource":)" + version + "}";
    }
  }
  std::string json = R"({"resourceType":"Bundle","type":")" +
                     std::string{history ? "history" : "searchset"} + R"(","total":)" +
                     std::to_string(total) + R"(,"link":[{"relation":"self","url":"http://s"}])";
  if (total > 0) json += ",\"entry\":[" + entries + "]";
  return reply(200, json + "}", request);
}

}  // namespace cpis::test
