#include "adapters/spine/explain_json.h"

#include <map>
#include <string>

#include "adapters/spine/json.h"
#include "adapters/spine/pds.h"
#include "adapters/spine/sds.h"

namespace cpis::spine {
namespace {

constexpr std::size_t listed_max = 50;

void tell_person(std::string& text, const PdsPerson& person) {
  text += "NHS number " + person.nhs_number.masked();
  if (!person.gender.empty()) text += ", " + person.gender;
  if (person.deceased) text += ", has died";
  text += '\n';
  if (person.restricted) {
    text += "restricted: address, telephone and GP must not be shown; they are not read\n";
  }
}

void tell_device(std::string& text, const SdsDevice& device) {
  text += "system " + device.asid + ", party key " + device.party_key + '\n';
}

void tell_endpoint(std::string& text, const Contract& contract) {
  text += "endpoint " + contract.url + ", party key " + contract.party_key + ", CPA id " +
          contract.cpa_id + ", " + std::string{name_of(contract.pattern)} + ", " +
          std::to_string(contract.retries) + " retries\n";
}

// Codes only: the words beside them may repeat what was asked.
void tell_outcome(Explanation& out, JsonView outcome) {
  out.kind = "OperationOutcome: the answer of a service that says what is wrong";
  out.understood = true;
  const JsonView issues = outcome["issue"];
  for (std::size_t i = 0; i < issues.size() && i < listed_max; ++i) {
    const JsonView issue = issues.at(i);
    const std::string_view code = issue["details"]["coding"].at(0).text("code");
    out.text += "  - " + std::string{issue.text("severity")} + " " +
                std::string{issue.text("code")} + (code.empty() ? "" : " ") + std::string{code} +
                '\n';
  }
}

// Nothing is told of a resource that is not of the look-ups, but its type.
bool tell_resource(Explanation& out, JsonView resource) {
  const std::string_view type = resource.text("resourceType");
  if (type == "Patient") {
    const auto person = read_person(resource);
    if (person) tell_person(out.text, *person);
    return person.has_value();
  }
  if (type == "Device") {
    tell_device(out.text, device_of(resource));
    return true;
  }
  if (type == "Endpoint") {
    tell_endpoint(out.text, contract_of(resource));
    return true;
  }
  return false;
}

void tell_bundle(Explanation& out, JsonView bundle) {
  const JsonView entries = bundle["entry"];
  std::map<std::string, std::size_t> others;
  out.kind = "FHIR " + std::string{bundle.text("type")} + " of " + std::to_string(entries.size()) +
             " resource(s)";
  out.understood = true;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const JsonView resource = entries.at(i)["resource"];
    if (i >= listed_max || !tell_resource(out, resource)) {
      ++others[std::string{resource.text("resourceType").substr(0, 40)}];
    }
  }
  for (const auto& [type, count] : others) {
    out.text +=
        "and " + std::to_string(count) + " " + (type.empty() ? "without a type" : type) + '\n';
  }
}

}  // namespace

void explain_json(Explanation& out, std::string_view json) {
  const auto document = parse_json(json, out.findings);
  if (!document) return;
  const JsonView root = document->root();
  const std::string_view type = root.text("resourceType");
  if (type == "OperationOutcome") return tell_outcome(out, root);
  if (type == "Bundle") return tell_bundle(out, root);
  out.understood = tell_resource(out, root);
  if (out.understood) {
    out.kind = type == "Patient" ? "Person as PDS describes them (FHIR Patient)"
                                 : "FHIR " + std::string{type} + " of SDS";
    return;
  }
  out.findings.push_back({Severity::error, "FHIR-KIND", "", 0, "resourceType",
                          "no resource that PDS or SDS answers with"});
}

}  // namespace cpis::spine
