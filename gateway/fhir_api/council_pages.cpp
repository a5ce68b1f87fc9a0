#include "gateway/fhir_api/council_pages.h"

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/tree/document.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/observe/metric_family.h"
#include "gateway/usecases/council_book.h"

namespace cpis::fhir_api {
namespace {

using fhir::Document;
using fhir::Element;
using registry::NoticeRow;

http::Response page_of(const Document& doc) {
  http::Response response{200, "application/json", fhir::json::write(doc.root())};
  response.set("Cache-Control", "no-store");
  return response;
}

Status add_content(Document& doc, Element& root, const Operations::Parts& parts,
                   const NoticeRow& notice) {
  doc.append(root, "council", notice.council);
  doc.append(root, "kind", notice.kind == NoticeRow::Kind::access ? "access" : "inactive-number");
  doc.append(root, "created", to_iso(notice.created));
  doc.append(root, "la_person_id", notice.local_id);
  doc.append(root, "nhs_number", notice.person.masked());
  if (notice.access_id.empty()) return done;
  const auto access = parts.registry.access(notice.access_id);
  if (!access) return access.error();
  if (!*access) return done;
  const Caller& by = (*access)->by;
  doc.append(root, "at", to_iso((*access)->at));
  doc.append(root, "organisation_code", by.organisation_code);
  doc.append(root, "organisation", by.organisation_name);
  doc.append(root, "role", by.role_name);
  return done;
}

std::optional<usecases::WorkAct> act_named(std::string_view name) {
  if (name == "take") return usecases::WorkAct::take;
  if (name == "close") return usecases::WorkAct::close;
  if (name == "approve") return usecases::WorkAct::approve;
  return std::nullopt;
}

}  // namespace

http::Response notice_page(const Operations::Parts& parts, std::string_view id,
                           const usecases::Opener* opener) {
  if (opener != nullptr) {
    const Status noted = usecases::note_opening(parts.database, parts.services.clock, id, *opener);
    if (!noted) return error_answer(noted.error());
  }
  const auto notice = parts.registry.notice(id);
  if (!notice) return error_answer(notice.error());
  if (!*notice) return error_answer({ErrorKind::not_found, "there is no such notice"});
  const auto openings = usecases::openings_of(parts.database, id);
  if (!openings) return error_answer(openings.error());
  Document doc;
  Element& root = doc.set_fragment("");
  doc.append(root, "id", (*notice)->id);
  if (opener != nullptr) {
    const Status added = add_content(doc, root, parts, **notice);
    if (!added) return error_answer(added.error());
  }
  for (const usecases::NoticeOpening& one : *openings) {
    Element& row = doc.append_item(root, "opened");
    doc.append(row, "at", to_iso(one.at));
    doc.append(row, "who", one.who);
    doc.append(row, "source", one.source);
  }
  return page_of(doc);
}

http::Response work_page(const Operations::Parts& parts, const std::string& body,
                         const std::string& who) {
  Document asked;
  fhir::Issues issues;
  fhir::json::ReadOptions fragment;
  fragment.fragment = true;
  if (!fhir::json::read_view(body, asked, issues, fragment)) {
    return error_answer({ErrorKind::bad_input, "the body is not a JSON object"});
  }
  const Element& root = asked.root();
  const std::string_view act = root.value_of("do");
  const auto wanted = act_named(act);
  if (!wanted) return error_answer({ErrorKind::bad_input, "do: write take, close or approve"});
  const usecases::WorkDeed deed{*wanted, std::string{root.value_of("council")},
                                std::string{root.value_of("id")}, who};
  const Status acted = usecases::act_on_work(parts.database, deed, parts.services.clock.now());
  if (!acted) return error_answer(acted.error());
  Document doc;
  doc.append(doc.set_fragment(""), "done", act);
  return page_of(doc);
}

std::string council_metrics(const Operations::Parts& parts) {
  std::string out;
  observe::add_metric(out, "notices_oldest_waiting_seconds", "gauge",
                      "How long the oldest notice waits",
                      static_cast<std::uint64_t>(parts.notices.oldest_waiting().count()));
  observe::add_metric(out, "notices_alarm", "gauge",
                      "1: a notice waits longer than notice.alarm_seconds",
                      parts.notices.alarm() ? 1 : 0);
  const auto ages = usecases::extract_ages(parts.database, parts.services.clock.now());
  if (!ages) return out;
  std::uint64_t old = 0;
  observe::MetricFamily age{"extract_age_seconds", "gauge", "Age of the newest good extract"};
  for (const usecases::ExtractAge& one : *ages) {
    age.add({"council", one.council}, one.age.count());
    old += one.age > parts.services.settings.extract_alarm ? 1U : 0U;
  }
  out += age.text();
  observe::add_metric(out, "extracts_old", "gauge",
                      "Councils whose extract is older than intake.alarm_hours", old);
  return out;
}

}  // namespace cpis::fhir_api
