#include "adapters/spine/cpis_fhir.h"

#include <algorithm>
#include <utility>

#include "adapters/spine/json.h"
#include "adapters/spine/plan_parts.h"

namespace cpis::spine {
namespace {

constexpr std::string_view nhs_system = "https://fhir.nhs.uk/Id/nhs-number";
constexpr std::string_view snomed = "http://snomed.info/sct";

std::string identifier_query(const NhsNumber& person) {
  return "patient:identifier=" +
         url_encoded(std::string{nhs_system} + "|" + std::string{person.digits()});
}

// The resource of an entry that a reference points to, by id or full URL.
JsonView resolve(JsonView bundle, std::string_view reference) {
  if (reference.empty()) return JsonView{};
  const JsonView entries = bundle["entry"];
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const JsonView resource = entries.at(i)["resource"];
    const std::string relative =
        std::string{resource.text("resourceType")} + "/" + std::string{resource.text("id")};
    if (entries.at(i).text("fullUrl") == reference || relative == reference) return resource;
  }
  return JsonView{};
}

std::optional<PlanType> plan_type_in(JsonView categories) {
  for (std::size_t i = 0; i < categories.size(); ++i) {
    const JsonView codings = categories.at(i)["coding"];
    for (std::size_t c = 0; c < codings.size(); ++c) {
      for (const PlanTypeWords& words : plan_type_words) {
        if (codings.at(c).text("code") == words.snomed) return words.type;
      }
    }
  }
  return std::nullopt;
}

// The day of a FHIR date or dateTime; partial dates are no plan dates.
std::optional<PlanDate> plan_date(std::string_view text) {
  const auto day = parse_iso_date(text.substr(0, 10));
  return day ? std::optional{PlanDate{*day, 0}} : std::nullopt;
}

Council council_from(JsonView care_team) {
  Council council;
  council.name = care_team.text("name");
  const JsonView telecoms = care_team["telecom"];
  for (std::size_t i = 0; i < telecoms.size(); ++i) {
    // NHS England maps use EC to mobile and use WP to work (cpis.md 14.2).
    const std::string_view use = telecoms.at(i).text("use");
    const std::string_view system = telecoms.at(i).text("system");
    if (!system.empty() && system != "phone" && system != "sms") continue;
    std::string* const phone = use == "mobile" ? &council.emergency_phone
                               : use == "work" ? &council.office_phone
                                               : nullptr;
    if (phone != nullptr && phone->empty()) *phone = read_phone(telecoms.at(i).text("value"));
  }
  const JsonView managing = care_team["managingOrganization"].at(0)["identifier"];
  council.ods_code = managing.text("value");
  return council;
}

// `source` carries category and period: the CareTeam itself, or the CarePlan of the flag form.
std::optional<HeldPlan> held_from(JsonView source, JsonView care_team, const NhsNumber& asked) {
  const auto type = plan_type_in(source["category"]);
  const auto start = plan_date(source["period"].text("start"));
  const std::string_view end_text = source["period"].text("end");
  const auto end = plan_date(end_text);
  if (!type || !start || (!end_text.empty() && !end)) return std::nullopt;
  PlanSubject subject{asked, "", "", {}, std::nullopt, *type == PlanType::ucp};
  return HeldPlan{Plan{*type, *start, end, {}}, council_from(care_team), std::move(subject), Time{},
                  ""};
}

// The NHS number that a resource says it is about, when it says one.
bool about_another(JsonView resource, const NhsNumber& asked) {
  const auto said = NhsNumber::parse(resource["subject"]["identifier"].text("value"));
  return said && *said != asked;
}

Error error_from(int http_status, JsonView root) {
  const std::string_view code = root["issue"].at(0)["details"]["coding"].at(0).text("code");
  const std::string words = "the CP-IS FHIR API answered " + std::to_string(http_status) +
                            (code.empty() ? "" : " " + std::string{code.substr(0, 40)});
  if (http_status == 401 || http_status == 403) return {ErrorKind::forbidden, words};
  if (http_status == 429) return {ErrorKind::busy, words};
  if (http_status >= 500 || http_status == 408) return {ErrorKind::unavailable, words};
  return {code == "INVALID_SEARCH_DATA" ? ErrorKind::bad_input : ErrorKind::fault, words};
}

// Whether there is more of the searchset than came. It is not fetched: that would be another look.
bool has_more(JsonView bundle) {
  const JsonView links = bundle["link"];
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (links.at(i).text("relation") == "next") return true;
  }
  return false;
}

// Plans of a bundle; `unread` counts those that could not be read.
std::vector<HeldPlan> plans_in(JsonView bundle, const NhsNumber& asked, std::size_t& unread) {
  std::vector<HeldPlan> plans;
  const JsonView entries = bundle["entry"];
  bool flag_form = false;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    flag_form = flag_form || entries.at(i)["resource"].text("resourceType") == "CarePlan";
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const JsonView resource = entries.at(i)["resource"];
    const std::string_view type = resource.text("resourceType");
    if (type != (flag_form ? "CarePlan" : "CareTeam")) continue;
    const JsonView team =
        flag_form ? resolve(bundle, resource["careTeam"].at(0).text("reference")) : resource;
    auto held = held_from(resource, team, asked);
    if (held && !about_another(resource, asked)) {
      plans.push_back(std::move(*held));
    } else {
      ++unread;
    }
  }
  return plans;
}

// Who looked: the PractitionerRole that the event's agent refers to, or the agent itself.
Caller caller_from(JsonView event, JsonView bundle) {
  Caller caller;
  const JsonView agents = event["agent"];
  for (std::size_t i = 0; i < agents.size(); ++i) {
    const JsonView who = agents.at(i)["who"];
    const JsonView role = resolve(bundle, who.text("reference"));
    const bool known = role.text("resourceType") == "PractitionerRole";
    const JsonView coding =
        (known ? role["code"].at(0) : agents.at(i)["role"].at(0))["coding"].at(0);
    caller.person_name = known ? role["practitioner"].text("display") : who.text("display");
    caller.organisation_name = role["organization"].text("display");
    caller.organisation_code = role["organization"]["identifier"].text("value");
    caller.role_code = coding.text("code");
    caller.role_name = coding.text("display");
    caller.user_id = role["practitioner"]["identifier"].text("value");
    if (!caller.person_name.empty()) break;
  }
  return caller;
}

std::string searchset(const std::vector<std::string>& resources, std::size_t total) {
  std::string out =
      "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"total\":" + std::to_string(total) +
      ",\"entry\":[";
  for (std::size_t i = 0; i < resources.size(); ++i) {
    out += (i > 0 ? "," : "");
    out += "{\"resource\":" + resources[i] + "}";
  }
  return out + "]}";
}

std::string telecom_json(std::string_view use, const std::string& value) {
  return "{\"system\":\"phone\",\"use\":" + json_text(use) + ",\"value\":" + json_text(value) + "}";
}

std::string care_team_json(const HeldPlan& held) {
  const PlanTypeWords& words = words_of(held.plan.type);
  std::string period = "{\"start\":" + json_text(to_iso(held.plan.start.day));
  if (held.plan.end) period += ",\"end\":" + json_text(to_iso(held.plan.end->day));
  return "{\"resourceType\":\"CareTeam\",\"status\":\"active\",\"category\":[{\"coding\":[{"
         "\"system\":" +
         json_text(snomed) + ",\"code\":" + json_text(words.snomed) +
         ",\"display\":" + json_text(words.display) +
         "}]}],\"name\":" + json_text(held.council.name) +
         ",\"subject\":{\"identifier\":{\"system\":" + json_text(nhs_system) +
         ",\"value\":" + json_text(held.subject.nhs_number.digits()) + "}},\"period\":" + period +
         "},\"managingOrganization\":[{\"identifier\":{\"system\":"
         "\"https://fhir.nhs.uk/Id/ods-organization-code\",\"value\":" +
         json_text(held.council.ods_code) + "}}],\"telecom\":[" +
         telecom_json("work", held.council.office_phone) + "," +
         telecom_json("mobile", held.council.emergency_phone) + "]}";
}

}  // namespace

std::string care_team_path(const NhsNumber& person) {
  return "/CareTeam?" + identifier_query(person);
}

std::string audit_event_path(const NhsNumber& person) {
  return "/AuditEvent?" + identifier_query(person) + "&_include=" +
         url_encoded(
             "AuditEvent:entity-type=http://terminology.hl7.org/CodeSystem/v3-RoleClass|ASSIGNED");
}

std::string patient_flag_path(const NhsNumber& person) {
  return "/PatientFlag?patient=" + std::string{person.digits()} +
         "&code=child-protection-information-system-flag";
}

std::string_view unscheduled_header(CareSetting setting) {
  return setting == CareSetting::scheduled ? "false" : "true";
}

ProtectionAnswer read_plans(int http_status, std::string_view body, const NhsNumber& asked) {
  const auto unknown = [](Error why) { return CouldNotAsk{std::move(why), true}; };
  Findings findings;
  const auto document = parse_json(body, findings);
  const JsonView root = document ? document->root() : JsonView{};
  if (http_status != 200) return unknown(error_from(http_status, root));
  if (root.text("resourceType") != "Bundle") {
    return unknown({ErrorKind::fault, "the answer is not a Bundle"});
  }
  std::size_t unread = 0;
  std::vector<HeldPlan> plans = plans_in(root, asked, unread);
  const auto total = root["total"].integer();
  const bool more = has_more(root);
  if (plans.empty() && unread == 0 && root["entry"].size() == 0 && total == 0 && !more) {
    return NoneHeld{asked};
  }
  if (plans.empty()) return unknown({ErrorKind::fault, "no plan in the answer can be read"});
  const bool fewer = total && *total > static_cast<std::int64_t>(root["entry"].size());
  return ProtectionRecord{asked, std::move(plans), {}, unread > 0 || more || fewer};
}

Reading<std::vector<AccessEvent>> read_history(int http_status, std::string_view body,
                                               const NhsNumber& asked) {
  Reading<std::vector<AccessEvent>> reading;
  const auto document = parse_json(body, reading.findings);
  if (!document || http_status != 200) {
    reading.findings.push_back({Severity::fatal, "FHIR-HTTP", "", 0, "AuditEvent",
                                "HTTP status " + std::to_string(http_status)});
    return reading;
  }
  const JsonView root = document->root();
  const JsonView entries = root["entry"];
  std::vector<AccessEvent> accesses;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const JsonView event = entries.at(i)["resource"];
    if (event.text("resourceType") != "AuditEvent") continue;
    const auto at = parse_iso_time(event.text("recorded"));
    if (!at) {
      reading.findings.push_back({Severity::error, "FHIR-TIME", "", 0,
                                  "Bundle.entry[" + std::to_string(i) + "].resource.recorded",
                                  "missing or not an instant"});
      continue;
    }
    accesses.push_back({std::string{event.text("id")}, *at, asked, caller_from(event, root)});
  }
  std::stable_sort(accesses.begin(), accesses.end(),
                   [](const AccessEvent& a, const AccessEvent& b) { return a.at > b.at; });
  if (has_more(root)) {
    reading.findings.push_back(
        {Severity::error, "FHIR-PAGE", "", 0, "Bundle.link", "there are more pages"});
  }
  reading.value = std::move(accesses);
  return reading;
}

std::string write_care_teams(const ProtectionRecord* record) {
  std::vector<std::string> teams;
  if (record != nullptr) {
    for (const HeldPlan& held : record->plans) teams.push_back(care_team_json(held));
  }
  return searchset(teams, teams.size());
}

std::string write_audit_events(const ProtectionRecord* record) {
  std::vector<std::string> resources;
  const std::size_t total = record == nullptr ? 0 : record->accesses.size();
  for (std::size_t i = 0; i < total; ++i) {
    const AccessEvent& access = record->accesses[i];
    const std::string role = "role-" + std::to_string(i + 1);
    resources.push_back("{\"resourceType\":\"AuditEvent\",\"id\":" + json_text(access.id) +
                        ",\"recorded\":" + json_text(to_iso(access.at)) +
                        ",\"agent\":[{\"requestor\":true,\"who\":{\"reference\":" +
                        json_text("PractitionerRole/" + role) + "}}]}");
    resources.push_back(
        "{\"resourceType\":\"PractitionerRole\",\"id\":" + json_text(role) +
        ",\"practitioner\":{\"identifier\":{\"value\":" + json_text(access.by.user_id) +
        "},\"display\":" + json_text(access.by.person_name) +
        "},\"code\":[{\"coding\":[{\"code\":" + json_text(access.by.role_code) + ",\"display\":" +
        json_text(access.by.role_name) + "}]}],\"organization\":{\"identifier\":{\"value\":" +
        json_text(access.by.organisation_code) +
        "},\"display\":" + json_text(access.by.organisation_name) + "}}");
  }
  return searchset(resources, total);
}

}  // namespace cpis::spine
