#include "adapters/spine/pds.h"

#include <array>
#include <utility>

#include "adapters/spine/json.h"

namespace cpis::spine {
namespace {

struct CodeRule {
  std::string_view code;
  ErrorKind kind;
};
// PDS's own words come first; the HTTP status decides about codes that are not here.
constexpr std::array code_rules{
    CodeRule{"RESOURCE_NOT_FOUND", ErrorKind::not_found},
    CodeRule{"INVALIDATED_RESOURCE", ErrorKind::not_found},
    CodeRule{"TOO_MANY_MATCHES", ErrorKind::conflict},
    CodeRule{"MULTIPLE_MATCHES", ErrorKind::conflict},
    CodeRule{"MULTIPLE_MATCHES_FOUND", ErrorKind::conflict},
    CodeRule{"TOO_MANY_REQUESTS", ErrorKind::busy},
    CodeRule{"ACCESS_DENIED", ErrorKind::forbidden},
    CodeRule{"INVALID_METHOD", ErrorKind::forbidden},
    CodeRule{"UNABLE_TO_CALL_SERVICE", ErrorKind::unavailable},
    CodeRule{"INVALID_RESOURCE_ID", ErrorKind::bad_input},
    CodeRule{"INVALID_SEARCH_DATA", ErrorKind::bad_input},
    CodeRule{"INVALID_VALUE", ErrorKind::bad_input},
    CodeRule{"MISSING_VALUE", ErrorKind::bad_input},
    CodeRule{"UNSUPPORTED_SERVICE", ErrorKind::bad_input},
    CodeRule{"ADDITIONAL_PROPERTIES", ErrorKind::bad_input},
};

ErrorKind kind_of_status(int status) {
  switch (status) {
    case 400:
      return ErrorKind::bad_input;
    case 401:
    case 403:
      return ErrorKind::forbidden;
    case 408:
      return ErrorKind::unavailable;
    case 429:
      return ErrorKind::busy;
    default:
      return status >= 500 ? ErrorKind::unavailable : ErrorKind::fault;
  }
}

// The first code of the outcome that we know, else its first code at all.
std::pair<std::string_view, const CodeRule*> code_in(JsonView outcome) {
  std::string_view first;
  const JsonView issues = outcome["issue"];
  for (std::size_t i = 0; i < issues.size(); ++i) {
    const JsonView codings = issues.at(i)["details"]["coding"];
    for (std::size_t c = 0; c < codings.size(); ++c) {
      const std::string_view code = codings.at(c).text("code");
      for (const CodeRule& rule : code_rules) {
        if (rule.code == code) return {code, &rule};
      }
      if (first.empty()) first = code;
    }
  }
  return {first, nullptr};
}

Error error_from(int http_status, JsonView outcome) {
  const auto [code, rule] = code_in(outcome);
  const std::string words = "PDS answered " + std::to_string(http_status) +
                            (code.empty() ? "" : " " + std::string{code.substr(0, 40)});
  return {rule != nullptr ? rule->kind : kind_of_status(http_status), words};
}

// The usual name, else the first.
JsonView name_of(JsonView patient) {
  const JsonView names = patient["name"];
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names.at(i).text("use") == "usual") return names.at(i);
  }
  return names.at(0);
}

// Unrestricted, low, moderate, normal (v3-Confidentiality). Anything else keeps people apart from
// what is said of them.
bool is_open(std::string_view label) {
  return label == "U" || label == "L" || label == "M" || label == "N";
}

bool is_restricted(JsonView patient) {
  const JsonView labels = patient["meta"]["security"];
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!is_open(labels.at(i).text("code"))) return true;
  }
  return false;
}

void append(std::string& url, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  url += url.back() == '?' ? "" : "&";
  url += name;
  url += "=" + url_encoded(value);
}

}  // namespace

std::optional<PdsPerson> read_person(JsonView patient) {
  const auto number = NhsNumber::parse(patient.text("id"));
  if (patient.text("resourceType") != "Patient" || !number) return std::nullopt;
  PdsPerson person{*number, {}, {}, {}, {}, false, false};
  const JsonView name = name_of(patient);
  person.family = name.text("family");
  for (std::size_t i = 0; i < name["given"].size(); ++i) {
    person.given.emplace_back(name["given"].at(i).text());
  }
  person.birth_date = parse_iso_date(patient.text("birthDate"));
  person.gender = patient.text("gender");
  person.restricted = is_restricted(patient);
  person.deceased = static_cast<bool>(patient["deceasedDateTime"]) ||
                    patient["deceasedBoolean"].boolean().value_or(false);
  return person;
}

std::string patient_path(const NhsNumber& number) {
  return "/Patient/" + std::string{number.digits()};
}

Result<std::string> patient_search(const PdsTraits& traits) {
  if (traits.family.empty() || !traits.birth_date) {
    return Error{ErrorKind::bad_input, "a trace needs the family name and the birth date"};
  }
  std::string url = "/Patient?";
  append(url, "family", traits.family);
  for (const std::string& given : traits.given) append(url, "given", given);
  append(url, "gender", traits.gender);
  append(url, "birthdate", "eq" + to_iso(*traits.birth_date));
  append(url, "address-postalcode", traits.postcode);
  append(url, "_max-results", "1");
  return url;
}

Result<PdsRead> read_patient(int http_status, std::string_view body, const NhsNumber& asked) {
  Findings findings;
  const auto document = parse_json(body, findings);
  const JsonView root = document ? document->root() : JsonView{};
  if (http_status != 200 || root.text("resourceType") == "OperationOutcome") {
    return error_from(http_status, root);
  }
  auto person = read_person(root);
  if (!person) return Error{ErrorKind::fault, "PDS answered with something other than a Patient"};
  const bool superseded = person->nhs_number != asked;
  return PdsRead{std::move(*person), superseded};
}

Result<PdsPerson> read_search(int http_status, std::string_view body) {
  Findings findings;
  const auto document = parse_json(body, findings);
  const JsonView root = document ? document->root() : JsonView{};
  if (http_status != 200 || root.text("resourceType") == "OperationOutcome") {
    return error_from(http_status, root);
  }
  if (root.text("resourceType") != "Bundle") {
    return Error{ErrorKind::fault, "PDS answered with something other than a Bundle"};
  }
  std::optional<PdsPerson> found;
  const JsonView entries = root["entry"];
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const JsonView resource = entries.at(i)["resource"];
    if (resource.text("resourceType") == "OperationOutcome")
      return error_from(http_status, resource);
    auto person = read_person(resource);
    if (!person) return Error{ErrorKind::fault, "PDS found something other than a Patient"};
    if (found) return Error{ErrorKind::conflict, "PDS found more than one person"};
    found = std::move(person);
  }
  if (!found && root["total"].integer().value_or(0) > 0) {
    return Error{ErrorKind::fault, "PDS says that it found somebody, and not whom"};
  }
  if (!found) return Error{ErrorKind::not_found, "PDS found nobody"};
  return *std::move(found);
}

std::string write_patient(const PdsPerson& person, const PdsHome* home) {
  std::string out =
      "{\"resourceType\":\"Patient\",\"id\":" + json_text(person.nhs_number.digits()) +
      ",\"identifier\":[{\"system\":\"https://fhir.nhs.uk/Id/nhs-number\",\"value\":" +
      json_text(person.nhs_number.digits()) +
      "}],\"meta\":{\"versionId\":\"1\",\"security\":[{\"system\":"
      "\"http://terminology.hl7.org/CodeSystem/v3-Confidentiality\",\"code\":" +
      (person.restricted ? "\"R\"" : "\"U\"") +
      "}]},\"name\":[{\"use\":\"usual\",\"family\":" + json_text(person.family) + ",\"given\":[";
  for (std::size_t i = 0; i < person.given.size(); ++i) {
    out += (i > 0 ? "," : "") + json_text(person.given[i]);
  }
  out += "]}]";
  if (!person.gender.empty()) out += ",\"gender\":" + json_text(person.gender);
  if (person.birth_date) out += ",\"birthDate\":" + json_text(to_iso(*person.birth_date));
  if (person.deceased) out += ",\"deceasedBoolean\":true";
  if (home != nullptr) {
    out += ",\"address\":[{\"use\":\"home\",\"line\":[" + json_text(home->line) +
           "],\"postalCode\":" + json_text(home->postcode) +
           "}],\"telecom\":[{\"system\":\"phone\",\"value\":" + json_text(home->phone) +
           "}],\"generalPractitioner\":[{\"type\":\"Organization\",\"identifier\":{\"system\":"
           "\"https://fhir.nhs.uk/Id/ods-organization-code\",\"value\":" +
           json_text(home->practice) + "}}]";
  }
  return out + "}";
}

std::string write_patient_searchset(const std::vector<PdsPerson>& people) {
  std::string out = "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"total\":" +
                    std::to_string(people.size()) + ",\"entry\":[";
  for (std::size_t i = 0; i < people.size(); ++i) {
    out += (i > 0 ? "," : "");
    out += "{\"search\":{\"score\":1},\"resource\":" + write_patient(people[i]) + "}";
  }
  return out + "]}";
}

}  // namespace cpis::spine
