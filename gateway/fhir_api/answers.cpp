#include "gateway/fhir_api/answers.h"

#include "fhir/json/writer.h"
#include "gateway/edge/error_rules.h"

namespace cpis::fhir_api {

http::Response resource_answer(int status, const fhir::Element& resource) {
  http::Response response{status, std::string{fhir_json}, fhir::json::write(resource)};
  // What is about a child must not stay in a cache on the way.
  response.set("Cache-Control", "no-store");
  return response;
}

http::Response outcome_answer(int status, const fhir_r4::OutcomeIssue& issue) {
  fhir::Document doc;
  fhir_r4::write_outcome(doc, issue);
  return resource_answer(status, doc.root());
}

http::Response error_answer(const Error& error) {
  const ErrorRule& rule = rule_for(error.kind);
  fhir_r4::OutcomeIssue issue;
  issue.code = rule.issue_code;
  issue.diagnostics = error.message;
  if (error.kind == ErrorKind::forbidden) issue.detail_code = "ACCESS_DENIED";
  if (error.kind == ErrorKind::not_found) issue.detail_code = "RESOURCE_NOT_FOUND";
  http::Response response = outcome_answer(rule.http_status, issue);
  if (rule.http_status == 503) response.set("Retry-After", "2");
  return response;
}

http::Response bad_parameter(std::string_view name, std::string diagnostics,
                             std::string_view detail) {
  fhir_r4::OutcomeIssue issue;
  issue.code = "invalid";
  issue.detail_code = detail;
  issue.diagnostics = std::move(diagnostics);
  if (!name.empty()) issue.expression = "http." + std::string{name};
  return outcome_answer(400, issue);
}

http::Response could_not_ask_answer(const CouldNotAsk& unknown) {
  const Error& why = unknown.why;
  if (why.kind == ErrorKind::forbidden || why.kind == ErrorKind::bad_input) {
    return error_answer(why);
  }
  const ErrorRule& rule = rule_for(why.kind);
  // Something was said to us, and it was of no use: that is not our own failure.
  const bool answered_badly = why.kind == ErrorKind::fault && unknown.may_have_been_received;
  fhir_r4::OutcomeIssue issue;
  issue.code = rule.issue_code;
  issue.detail_code =
      why.kind == ErrorKind::fault ? "FAILURE_TO_PROCESS_MESSAGE" : "UNABLE_TO_CALL_SERVICE";
  issue.diagnostics =
      "Child protection information could not be asked for. Nothing is known about this person; "
      "this is not an answer that no record is held. (" +
      why.message + ")";
  http::Response response = outcome_answer(answered_badly ? 502 : rule.http_status, issue);
  // Nobody is invited to put a question again that may have been heard.
  if (rule.http_status == 503 && !unknown.may_have_been_received) response.set("Retry-After", "2");
  return response;
}

}  // namespace cpis::fhir_api
