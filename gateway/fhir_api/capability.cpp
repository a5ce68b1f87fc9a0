#include "gateway/fhir_api/capability.h"

#include <initializer_list>
#include <string>

#include "fhir/json/writer.h"
#include "fhir/tree/document.h"
#include "gateway/fhir_api/routes.h"
#include "gateway/fhir_api/websocket_token.h"
#include "gateway/usecases/subscription.h"

namespace cpis::fhir_api {
namespace {

// Changed when what the server offers changes, not at each start.
constexpr std::string_view statement_date = "2026-11-22";

void add_params(fhir::Document& doc, fhir::Element& resource, const Route& route) {
  for (const SearchParam& param : route.params) {
    // A modifier is not a parameter of its own.
    if (param.name.find(':') != std::string_view::npos) continue;
    fhir::Element& element = doc.append_item(resource, "searchParam");
    doc.append(element, "name", param.name);
    doc.append(element, "type", param.type);
    doc.append(element, "documentation", param.documentation);
  }
}

void add_includes(fhir::Document& doc, fhir::Element& resource, std::string_view includes) {
  while (!includes.empty()) {
    const std::size_t space = includes.find(' ');
    doc.append_item(resource, "searchInclude", includes.substr(0, space));
    includes.remove_prefix(space == includes.npos ? includes.size() : space + 1);
  }
}

// Operations of FHIR R4 itself, as http://hl7.org/fhir/OperationDefinition/TYPE-NAME, and of the
// Subscriptions R5 Backport.
void add_operation(fhir::Document& doc, fhir::Element& parent, const Route& route) {
  for (const fhir::Element& known : parent.children("operation")) {
    if (known.value_of("name") == route.operation) return;
  }
  const bool of_backport = route.type == "Subscription";
  const bool of_any_type =
      route.operation == "validate" || route.operation == "meta" || route.operation == "convert";
  fhir::Element& operation = doc.append_item(parent, "operation");
  doc.append(operation, "name", route.operation);
  doc.append(
      operation, "definition",
      (of_backport   ? "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/"
                       "backport-subscription-"
       : of_any_type ? std::string{"http://hl7.org/fhir/OperationDefinition/Resource-"}
                     : "http://hl7.org/fhir/OperationDefinition/" + std::string{route.type} + "-") +
          std::string{route.operation});
  doc.append(operation, "documentation", route.documentation);
}

void add_conditions(fhir::Document& doc, fhir::Element& resource, std::string_view type) {
  const auto boolean = [&](std::string_view name, bool value) {
    doc.append(resource, name, value ? "true" : "false", fhir::Kind::boolean);
  };
  const bool written = find_route(type, "update") != nullptr;
  doc.append(resource, "versioning", written ? "versioned-update" : "no-version");
  boolean("readHistory", find_route(type, "vread") != nullptr);
  boolean("updateCreate", written);
  boolean("conditionalCreate", find_route(type, "create") != nullptr);
  doc.append(resource, "conditionalRead", written ? "full-support" : "not-supported");
  boolean("conditionalUpdate", written);
  doc.append(resource, "conditionalDelete",
             find_route(type, "delete") != nullptr ? "single" : "not-supported");
  if (written) doc.append_item(resource, "referencePolicy", "enforced");
}

// How an R4 server says which topics it has (Subscriptions R5 Backport).
void add_topics(fhir::Document& doc, fhir::Element& resource) {
  for (const usecases::TopicRow& topic : usecases::topics()) {
    fhir::Element& extension = doc.append_item(resource, "extension");
    doc.append(
        extension, "url",
        std::string{usecases::backport_base} + "capabilitystatement-subscriptiontopic-canonical");
    doc.append(extension, "valueCanonical", usecases::url_of(topic));
  }
}

void add_resource(fhir::Document& doc, fhir::Element& rest, std::string_view type) {
  fhir::Element& resource = doc.append_item(rest, "resource");
  if (type == "Subscription") add_topics(doc, resource);
  doc.append(resource, "type", type);
  for (const Route& route : routes()) {
    const bool plain = route.operation.empty() && route.interaction != "search-compartment";
    if (route.type != type || !plain) continue;
    fhir::Element& interaction = doc.append_item(resource, "interaction");
    doc.append(interaction, "code", route.interaction);
    doc.append(interaction, "documentation", route.documentation);
  }
  // Of a type with operations only, nothing is kept that a condition could be about.
  if (resource.first("interaction") != nullptr) add_conditions(doc, resource, type);
  for (const Route& route : routes()) {
    if (route.type != type || route.interaction != "search-type") continue;
    add_includes(doc, resource, route.includes);
    add_params(doc, resource, route);
  }
  for (const Route& route : routes()) {
    if (route.type == type && !route.operation.empty()) add_operation(doc, resource, route);
  }
}

void add_system(fhir::Document& doc, fhir::Element& rest) {
  for (const Route& route : routes()) {
    if (!route.type.empty() || !route.operation.empty()) continue;
    fhir::Element& interaction = doc.append_item(rest, "interaction");
    doc.append(interaction, "code", route.interaction);
    doc.append(interaction, "documentation", route.documentation);
  }
  for (const Route& route : routes()) {
    if (route.type.empty() && !route.operation.empty()) add_operation(doc, rest, route);
  }
  if (find_route("Patient", "search-compartment") != nullptr) {
    doc.append_item(rest, "compartment", "http://hl7.org/fhir/CompartmentDefinition/patient");
  }
}

// SMART App Launch 2.2, "Using CapabilityStatement": clients that do not read
// .well-known/smart-configuration find the token endpoint here.
void add_security(fhir::Document& doc, fhir::Element& rest, bool token_demanded,
                  std::string_view token_url) {
  fhir::Element& security = doc.append(rest, "security");
  if (!token_url.empty()) {
    fhir::Element& uris = doc.append_item(security, "extension");
    doc.append(uris, "url",
               "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris");
    fhir::Element& token = doc.append_item(uris, "extension");
    doc.append(token, "url", "token");
    doc.append(token, "valueUri", token_url);
  }
  if (token_demanded) {
    fhir::Element& service = doc.append_item(security, "service");
    fhir::Element& coding = doc.append_item(service, "coding");
    doc.append(coding, "system", "http://terminology.hl7.org/CodeSystem/restful-security-service");
    doc.append(coding, "code", token_url.empty() ? "OAuth" : "SMART-on-FHIR");
  }
  doc.append(security, "description",
             token_demanded ? "Bearer token, or TLS certificate, of a registered client; SMART "
                              "scopes v1 and v2; B0107 for looks that notify, B0170 for looks "
                              "from scheduled care."
                            : "None: this gateway listens on loopback only.");
}

}  // namespace

std::string capability_statement(std::string_view base, bool token_demanded,
                                 std::string_view token_url) {
  fhir::Document doc;
  fhir::Element& root = doc.set_root("CapabilityStatement");
  doc.append(root, "id", "cpis-gateway");
  doc.append(root, "version", CPIS_VERSION);
  doc.append(root, "name", "CpisGateway");
  doc.append(root, "status", "active");
  doc.append(root, "date", statement_date);
  doc.append(root, "kind", "instance");
  fhir::Element& software = doc.append(root, "software");
  doc.append(software, "name", "cpis-gateway");
  doc.append(software, "version", CPIS_VERSION);
  fhir::Element& implementation = doc.append(root, "implementation");
  doc.append(implementation, "description",
             "Child Protection - Information Sharing for electronic health records");
  doc.append(implementation, "url", base);
  doc.append(root, "fhirVersion", "4.0.1");
  doc.append_item(root, "format", "application/fhir+json");
  doc.append_item(root, "format", "application/fhir+xml");
  doc.append_item(root, "patchFormat", "application/json-patch+json");
  doc.append_item(root, "patchFormat", "application/fhir+json");
  doc.append_item(root, "patchFormat", "application/fhir+xml");
  fhir::Element& rest = doc.append_item(root, "rest");
  fhir::Element& websocket = doc.append_item(rest, "extension");
  doc.append(websocket, "url",
             "http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket");
  doc.append(websocket, "valueUri", websocket_url(base));
  doc.append(rest, "mode", "server");
  doc.append(rest, "documentation",
             "Reading a person's Flag, CarePlan, CareTeam or AuditEvent is a look at the national "
             "record. From unscheduled care it is recorded and told to the responsible council, "
             "once for one look. The path PatientFlag answers Flag in the form of the Patient Flag "
             "API.");
  add_security(doc, rest, token_demanded, token_url);
  std::string_view last;
  for (const Route& route : routes()) {
    // PatientFlag is a path, not a resource type.
    if (route.type.empty() || route.type == last || !route.resource.empty()) continue;
    last = route.type;
    add_resource(doc, rest, route.type);
  }
  add_system(doc, rest);
  return fhir::json::write(doc.root());
}

}  // namespace cpis::fhir_api
