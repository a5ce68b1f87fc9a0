#include "gateway/fhir_api/openapi.h"

#include <map>
#include <set>
#include <vector>

#include "fhir/json/writer.h"
#include "gateway/fhir_api/other_places.h"
#include "gateway/fhir_api/routes.h"

namespace cpis::fhir_api {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  fhir::json::write_string(out, text);
  return out;
}

struct Place {
  std::string_view interaction, method, path;
};
// Below `/TYPE`; the interactions of FHIR R4 3.1.0.
constexpr Place places[] = {
    {"read", "get", "/{id}"},
    {"vread", "get", "/{id}/_history/{vid}"},
    {"update", "put", "/{id}"},
    {"patch", "patch", "/{id}"},
    {"delete", "delete", "/{id}"},
    {"history-instance", "get", "/{id}/_history"},
    {"history-type", "get", "/_history"},
    {"create", "post", ""},
    {"search-type", "get", ""},
    {"search-type", "post", "/_search"},
    {"search-compartment", "get", "/{id}/{type}"},
};

std::string path_parameters(std::string_view path) {
  std::string out;
  for (std::size_t at = path.find('{'); at != path.npos; at = path.find('{', at + 1)) {
    const std::string_view name = path.substr(at + 1, path.find('}', at) - at - 1);
    out += (out.empty() ? "" : ",");
    out += R"({"name":)" + quoted(name) +
           R"(,"in":"path","required":true,"schema":{"type":"string"}})";
  }
  return out;
}

std::string parameters_of(const Route& route, std::string_view path, std::string_view method) {
  std::string out = path_parameters(path);
  if (route.interaction == "search-type" && method == "get") {
    for (const SearchParam& param : route.params) {
      out += (out.empty() ? "" : ",");
      out += R"({"name":)" + quoted(param.name) + R"(,"in":"query","description":)" +
             quoted(param.documentation) + R"(,"schema":{"type":"string"}})";
    }
  }
  return '[' + out + ']';
}

bool has_body(std::string_view method) {
  return method == "post" || method == "put" || method == "patch";
}

std::string body_of(std::string_view interaction, std::string_view method) {
  if (!has_body(method)) return {};
  constexpr std::string_view resource = R"("application/fhir+json":{"schema":{"type":"object"}},)"
                                        R"("application/fhir+xml":{"schema":{"type":"string"}})";
  std::string content{resource};
  if (interaction == "search-type") {
    content = R"("application/x-www-form-urlencoded":{"schema":{"type":"object"}})";
  }
  if (interaction == "patch") {
    content += R"(,"application/json-patch+json":{"schema":{"type":"array"}})";
  }
  return R"(,"requestBody":{"content":{)" + content + "}}";
}

std::string operation_of(const Route& route, std::string_view path, std::string_view method) {
  const std::string type{route.type.empty() ? "system" : route.type};
  const std::string name{route.operation.empty() ? route.interaction : route.operation};
  std::string id = type + '-' + name + '-' + std::string{method};
  if (!route.operation.empty() && route.level == Level::instance) id += "-instance";
  return quoted(method) + R"(:{"operationId":)" + quoted(id) + R"(,"summary":)" +
         quoted(route.documentation) + R"(,"tags":[)" + quoted(type) + R"(],"parameters":)" +
         parameters_of(route, path, method) + body_of(route.interaction, method) +
         R"(,"responses":{"default":{"description":"A resource, or an OperationOutcome",)"
         R"("content":{"application/fhir+json":{"schema":{"type":"object"}},)"
         R"("application/fhir+xml":{"schema":{"type":"string"}}}}}})";
}

using Paths = std::map<std::string, std::vector<std::string>>;

void add_operation(Paths& paths, const Route& route) {
  std::string path = route.type.empty() ? "" : '/' + std::string{route.type};
  if (route.level == Level::instance) path += "/{id}";
  path += "/$" + std::string{route.operation};
  std::string_view methods = route.methods;
  while (!methods.empty()) {
    const std::size_t blank = methods.find(' ');
    const bool get = methods.substr(0, blank) == "GET";
    paths[path].push_back(operation_of(route, path, get ? "get" : "post"));
    methods.remove_prefix(blank == methods.npos ? methods.size() : blank + 1);
  }
}

void add(Paths& paths, const Route& route) {
  if (!route.operation.empty()) return add_operation(paths, route);
  if (route.interaction == "transaction") paths["/"].push_back(operation_of(route, "/", "post"));
  for (const Place& place : places) {
    if (place.interaction != route.interaction || route.type.empty()) continue;
    const std::string path = '/' + std::string{route.type} + std::string{place.path};
    paths[path].push_back(operation_of(route, path, place.method));
  }
}

constexpr std::string_view below_root = "/FHIR/R4";

// The server of a path, where it is another than the base.
std::string servers_of(const std::string& path, std::string_view base, bool other) {
  const std::string root{base.substr(0, base.size() - below_root.size())};
  // The NHS England shapes answer at both.
  const bool both = path == "/PatientFlag" || path == "/CareTeam" || path == "/AuditEvent";
  if (!other && !both) return {};
  std::string urls = R"({"url":)" + quoted(root.empty() ? "/" : root) + '}';
  if (both) urls = R"({"url":)" + quoted(base) + "}," + urls;
  return R"("servers":[)" + urls + "],";
}

}  // namespace

std::string openapi_document(std::string_view base, bool token_demanded, bool token_endpoint) {
  Paths paths;
  for (const Route& route : routes()) add(paths, route);
  std::set<std::string> others;
  for (const OtherPlace& place : other_places(token_endpoint)) {
    others.insert(place.path);
    paths[place.path].push_back(openapi_operation(place, token_demanded));
  }
  std::string out = R"({"openapi":"3.1.0","info":{"title":"cpis-gateway","version":)" +
                    quoted(CPIS_VERSION) + R"(},"servers":[{"url":)" + quoted(base) + "}]";
  if (token_demanded) {
    out += R"(,"security":[{"bearer":[]}],"components":{"securitySchemes":{"bearer":)"
           R"({"type":"http","scheme":"bearer"},"cds":{"type":"http","scheme":"bearer",)"
           R"("bearerFormat":"JWT","description":"Signed by a registered client for this URL"}}})";
  }
  out += R"(,"paths":{)";
  const char* separator = "";
  for (const auto& [path, operations] : paths) {
    out += separator + quoted(path) + ":{" + servers_of(path, base, others.contains(path));
    separator = ",";
    for (std::size_t i = 0; i < operations.size(); ++i) out += (i == 0 ? "" : ",") + operations[i];
    out += '}';
  }
  return out + "}}";
}

}  // namespace cpis::fhir_api
