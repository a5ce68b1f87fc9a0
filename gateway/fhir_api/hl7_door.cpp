#include "gateway/fhir_api/hl7_door.h"

#include <memory>
#include <utility>

#include "adapters/fhir_r4/v2_map/convert.h"
#include "adapters/hl7v2/charset.h"
#include "adapters/hl7v2/header.h"
#include "adapters/hl7v2/message_fields.h"
#include "adapters/hl7v2/understanding.h"
#include "gateway/config/feed_rows.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/http/http_server.h"

namespace cpis::fhir_api {
namespace {

constexpr std::string_view media_types[] = {"application/hl7-v2", "x-application/hl7-v2+er7",
                                            "application/hl7-v2+er7", "text/plain"};

bool is_hl7(const http::Request& request) {
  const std::string_view type = request.header("Content-Type").value_or("");
  const std::string_view bare = type.substr(0, type.find(';'));
  for (const std::string_view known : media_types) {
    if (http::same_name(bare, known)) return true;
  }
  return false;
}

// Of the Content-Type; empty: it names none.
std::string_view charset_of(const http::Request& request) {
  constexpr std::string_view name = "charset=";
  std::string_view type = request.header("Content-Type").value_or("");
  while (!type.empty()) {
    const std::size_t end = type.find(';');
    std::string_view part = type.substr(0, end);
    type.remove_prefix(end == type.npos ? type.size() : end + 1);
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.size() < name.size() || !http::same_name(part.substr(0, name.size() - 1), "charset")) {
      continue;
    }
    part.remove_prefix(name.size());
    while (!part.empty() && (part.front() == '"' || part.front() == ' ')) part.remove_prefix(1);
    return part.substr(0, part.find_first_of("\" "));
  }
  return {};
}

// What HTTP says of the letters counts where the message (MSH-18) says nothing. The bytes are kept
// as they came otherwise.
std::optional<std::string> in_utf8(std::string_view bytes, hl7v2::Charset charset) {
  if (charset == hl7v2::Charset::utf8 || hl7v2::is_utf8(bytes)) return std::nullopt;
  if (!hl7v2::read_header(bytes).charset.empty()) return std::nullopt;
  return hl7v2::to_utf8(bytes, charset);
}

http::Response refuse(int status, std::string_view code, std::string text) {
  fhir_r4::OutcomeIssue issue;
  issue.code = code;
  issue.diagnostics = std::move(text);
  return outcome_answer(status, issue);
}

// Whether a message, of a batch at least one, was not accepted. Each segment ends with CR.
bool refuses(std::string_view acknowledgements) {
  constexpr std::string_view msa = "\rMSA";
  for (std::size_t at = 0; (at = acknowledgements.find(msa, at)) != acknowledgements.npos;) {
    const std::string_view code = acknowledgements.substr(at + msa.size() + 1, 2);
    if (code != "AA" && code != "CA") return true;
    at += msa.size();
  }
  return false;
}

http::Response not_understood(const Findings& findings) {
  fhir::Document doc;
  fhir::Element& outcome = doc.set_root("OperationOutcome");
  for (const Finding& finding : findings) {
    fhir_r4::OutcomeIssue issue;
    issue.severity = finding.severity == Severity::fatal     ? "fatal"
                     : finding.severity == Severity::error   ? "error"
                     : finding.severity == Severity::warning ? "warning"
                                                             : "information";
    issue.code = "processing";
    issue.diagnostics = finding.text + " [" + finding.rule + "]";
    issue.expression = finding.field;
    fhir_r4::add_issue(doc, outcome, issue);
  }
  if (findings.empty()) return refuse(422, "processing", "the message asks for nothing here");
  return resource_answer(422, doc.root());
}

}  // namespace

Hl7Door::Hl7Door(const Services& services, usecases::ReceiveMessage& receive)
    : services_{services},
      receive_{receive},
      authenticate_{services.gatekeeper, services.refusals},
      feed_{config::reading_over_http(services.settings, feed_name)} {}

void Hl7Door::handle(http::Request&& request, http::Reply&& reply) {
  auto identity = authenticate_.run(request);
  if (auto* refused = std::get_if<http::Response>(&identity)) {
    return reply.send(std::move(*refused));
  }
  if (request.method() != "POST") {
    http::Response response = refuse(405, "not-supported", "HL7 v2 messages come by POST");
    response.set("Allow", "POST");
    return reply.send(std::move(response));
  }
  if (!is_hl7(request)) {
    return reply.send(refuse(415, "not-supported",
                             "send application/hl7-v2, x-application/hl7-v2+er7 or text/plain"));
  }
  const std::string_view named = charset_of(request);
  const auto charset = named.empty() ? hl7v2::Charset::utf8 : hl7v2::charset_named(named);
  if (!charset) {
    return reply.send(refuse(415, "not-supported", "the charset of the Content-Type is not known"));
  }
  const std::string_view below = request.path().substr(path.size());
  if (below.empty()) {
    // A message that is kept writes both.
    const auth::Permissions& may = std::get<auth::IdentityPtr>(identity)->may;
    if (!may.allows("Patient", auth::Action::create) ||
        !may.allows("Encounter", auth::Action::create)) {
      const auth::Refusal refusal{403, "insufficient_scope",
                                  "this caller is not permitted to do that",
                                  "system/Patient.c system/Encounter.c"};
      services_.refusals.note(request, std::get<auth::IdentityPtr>(identity)->client, refusal);
      return reply.send(refusal_answer(refusal));
    }
    return receive(std::move(request), *charset, std::move(reply));
  }
  if (below != "/$convert") {
    return reply.send(error_answer({ErrorKind::not_found, "there is nothing here"}));
  }
  http::offload(services_.workers, std::move(request), std::move(reply),
                [this, charset](http::Request&& asked, http::Reply&& later) {
                  later.send(convert(asked, *charset));
                });
}

void Hl7Door::receive(http::Request&& request, hl7v2::Charset charset, http::Reply&& reply) {
  auto kept = std::make_shared<http::Reply>(std::move(reply));
  const bool by_code = services_.settings.hl7_http_status;
  std::string body = request.take_body();
  if (auto read = in_utf8(body, charset)) body = *std::move(read);
  receive_.run(feed_, std::move(body), [kept, by_code](std::optional<std::string> acknowledgement) {
    if (!acknowledgement) return kept->send(http::busy_response());
    const int status = by_code && refuses(*acknowledgement) ? 400 : 200;
    http::Response response{status, "application/hl7-v2", *std::move(acknowledgement)};
    response.set("Cache-Control", "no-store");
    kept->send(std::move(response));
  });
}

http::Response Hl7Door::convert(const http::Request& request, hl7v2::Charset charset) const {
  const auto query = http::QueryString::parse(request.query());
  if (!query) return error_answer(query.error());
  const std::string name{query->first("feed").value_or(feed_name)};
  const auto feed = name == feed_name ? feed_ : config::reading_by_name(services_.settings, name);
  if (!feed) return refuse(400, "value", "feed: there is no feed of that name");
  const auto decoded = in_utf8(request.body(), charset);
  hl7v2::Understanding read =
      hl7v2::understand(decoded ? std::string_view{*decoded} : request.body(), *feed);
  if (!read.event || !read.message) return not_understood(read.findings);
  const hl7v2::MessageFields fields{*read.message, *feed};
  fhir_r4::v2::ConversionContext context;
  context.recorded = services_.clock.now();
  const std::string host{request.host().empty() ? "localhost" : request.host()};
  context.base_url = services_.settings.base_url.empty()
                         ? (request.peer().encrypted ? "https://" : "http://") + host + "/FHIR/R4"
                         : services_.settings.base_url + "/FHIR/R4";
  const fhir::Document bundle = fhir_r4::v2::convert(
      fields, *read.event, services_.mappings.of(name), context, read.findings);
  return resource_answer(200, bundle.root());
}

}  // namespace cpis::fhir_api
