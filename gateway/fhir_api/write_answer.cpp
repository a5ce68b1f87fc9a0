#include "gateway/fhir_api/write_answer.h"

#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/searchset_text.h"
#include "gateway/http/http_date.h"

namespace cpis::fhir_api {
namespace {

void shape(http::Response& response, const Wishes& wishes) {
  if (wishes.returned == Return::minimal) {
    response.body.clear();
    std::erase_if(response.headers,
                  [](const auto& header) { return header.first == "Content-Type"; });
  } else if (wishes.returned == Return::outcome) {
    fhir_r4::OutcomeIssue issue;
    issue.severity = "information";
    issue.code = "informational";
    issue.diagnostics = "done";
    response.body = outcome_answer(200, issue).body;
  }
}

}  // namespace

usecases::Writer writer_of(const Exchange& exchange) {
  return {exchange.caller, exchange.client, exchange.correlation_id};
}

http::Response written_answer(const std::string& base, const Wishes& wishes, const Planned& planned,
                              std::string_view body, std::int64_t version, Time at) {
  const std::string etag = "W/\"" + std::to_string(version) + "\"";
  if (planned.status == 204) {
    http::Response response{204};
    response.set("ETag", etag);
    return response;
  }
  resources::Entry entry;
  entry.version = version;
  entry.updated = at;
  entry.body = resources::with_version(body, version, at);
  http::Response response = entry_answer(planned.status, entry);
  const std::string place = base + '/' + planned.type + '/' + planned.id;
  if (planned.status == 201) {
    response.set("Location", place + "/_history/" + std::to_string(version));
  }
  shape(response, wishes);
  return response;
}

http::Response unwritten_answer(const std::string& base, const Wishes& wishes,
                                const Planned& planned) {
  if (!planned.existing) return http::Response{planned.status};
  http::Response response = entry_answer(planned.status, *planned.existing);
  response.set("Location", base + '/' + planned.type + '/' + planned.id + "/_history/" +
                               std::to_string(planned.existing->version));
  shape(response, wishes);
  return response;
}

}  // namespace cpis::fhir_api
