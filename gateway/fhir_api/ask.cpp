#include "gateway/fhir_api/ask.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "gateway/edge/ids.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/authenticate.h"
#include "gateway/fhir_api/permission.h"

namespace cpis::fhir_api {
namespace {

struct Asked {
  Exchange exchange;
  NhsNumber person;
  RenderRecord render;
  ProtectionAnswer answer;
};

http::Response render(const Asked& asked) {
  if (const auto* failed = std::get_if<CouldNotAsk>(&asked.answer)) {
    return could_not_ask_answer(*failed);
  }
  return asked.render(asked.exchange, std::get_if<ProtectionRecord>(&asked.answer));
}

// PDS followed a superseded number: whoever asked must know that theirs is out of date.
bool is_about_another(const ProtectionAnswer& answer, const NhsNumber& asked) {
  const auto* const record = std::get_if<ProtectionRecord>(&answer);
  const auto* const none = std::get_if<NoneHeld>(&answer);
  return (record != nullptr && record->person != asked) ||
         (none != nullptr && none->person != asked);
}

// What the answer is shown as: the type that was asked for, and what comes with it.
std::vector<std::string> types_shown(const Exchange& exchange, std::string_view action) {
  if (action == "Patient.everything") {
    return {"Flag", "CarePlan", "CareTeam", "Organization", "AuditEvent"};
  }
  const std::string_view asked = action.substr(0, action.find('.'));
  const bool form = asked == "PatientFlag";
  std::vector<std::string> types{form ? "Flag" : std::string{asked}};
  const auto show = [&](std::string_view type) {
    if (std::find(types.begin(), types.end(), type) == types.end()) types.emplace_back(type);
  };
  for (const Need& need : needs_of("GET", asked, exchange.query)) {
    if (need.action != auth::Action::read) continue;
    for (const std::string_view type : {"CarePlan", "CareTeam", "Organization"}) {
      if (need.type == "*" || need.type == type) show(type);
    }
  }
  if (form && exchange.query.first("code")) {
    show("CarePlan");
    show("CareTeam");
  }
  return types;
}

}  // namespace

std::string names_of(const std::vector<resources::EntryPtr>& entries) {
  std::string names;
  for (const auto& entry : entries) {
    if (!names.empty()) names += ' ';
    names += entry->type + '/' + entry->id;
  }
  return names;
}

std::vector<Remark> remarks_on(const Exchange& asked, const ProtectionRecord* record) {
  std::vector<Remark> remarks;
  if (record != nullptr && record->incomplete) {
    remarks.push_back(
        {"incomplete",
         "More is held about this person than is shown here: something in the national answer "
         "could not be read. Ask the council, or look in the national system."});
  }
  if (asked.superseded) {
    remarks.push_back({"informational",
                       "The NHS number that was asked about has been superseded. This answer is "
                       "about the number in its place: correct the number in your record."});
  }
  return remarks;
}

void ask(const Services& services, Exchange&& exchange, const NhsNumber& person,
         std::string_view action, RenderRecord render_record, std::string beside) {
  const auto setting = stated_setting(exchange.request, exchange.caller.setting);
  if (!setting) {
    fhir_r4::OutcomeIssue issue;
    issue.code = "invalid";
    issue.detail_code = "PRECONDITION_FAILED";
    issue.diagnostics = "the header IsUnscheduledAccessEvent must be true or false";
    return exchange.send(outcome_answer(400, issue));
  }
  if (const std::string_view why = auth::refuse_look(*exchange.who, *setting); !why.empty()) {
    const auth::Refusal refusal = auth::not_permitted(std::string{why});
    services.refusals.note(exchange.request, exchange.client, refusal);
    return exchange.send(refusal_answer(refusal));
  }
  exchange.caller.setting = *setting;
  usecases::CheckRequest request{
      person, exchange.caller, exchange.correlation_id, std::string{action}, exchange.client, ""};
  request.types = types_shown(exchange, action);
  request.beside = std::move(beside);
  request.trace_id = exchange.request.trace_id();
  if (services.settings.cpis_fhir.callers_token) {
    request.user_token = auth::signed_token_of(exchange.request);
  }
  const Time now = services.clock.now();
  request.question_id = services.looks.question_id(exchange.caller, person, now, ordered_uuid(now));
  exchange.audited = true;
  auto asked = std::make_shared<Asked>(
      Asked{std::move(exchange), person, std::move(render_record), CouldNotAsk{}});
  // Neither the store's thread nor a source's renders: the connection's own loop does.
  services.check.run(std::move(request), [asked](ProtectionAnswer answer) {
    asked->answer = std::move(answer);
    asked->exchange.superseded = is_about_another(asked->answer, asked->person);
    asked->exchange.send_made([asked] { return render(*asked); });
  });
}

}  // namespace cpis::fhir_api
