#include <algorithm>

#include "adapters/fhir_r4/access_mapper.h"
#include "adapters/fhir_r4/plan_mapper.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/ask.h"
#include "gateway/fhir_api/local_api.h"
#include "gateway/fhir_api/searchset_text.h"

// Patient/ID/$everything (http://hl7.org/fhir/R4/patient-operation-everything.html). The person's
// Flags are among everything, so this is a look: audited, and told to the council, once.

namespace cpis::fhir_api {
namespace {

class Everything {
 public:
  Everything(const Services& services, const Exchange& asked)
      : services_{services}, asked_{asked}, bundle_{"searchset", services.clock.now()} {}

  void local(const std::vector<resources::EntryPtr>& all) {
    for (const auto& entry : all) add(entry->type, entry->id, entry->body);
  }

  void national(const ProtectionRecord& record) {
    const Date today = london_date(services_.clock.now());
    std::vector<std::string> councils;
    for (const HeldPlan& held : record.plans) {
      write("Flag", fhir_r4::plan_id(held), [&](fhir::Document& doc, fhir::Element& root) {
        fhir_r4::write_flag(doc, root, held, today);
      });
      write("CarePlan", fhir_r4::plan_id(held), [&](fhir::Document& doc, fhir::Element& root) {
        fhir_r4::write_care_plan(doc, root, held, today);
      });
      write("CareTeam", fhir_r4::plan_id(held), [&](fhir::Document& doc, fhir::Element& root) {
        fhir_r4::write_care_team(doc, root, held, today);
      });
      const std::string& code = held.council.ods_code;
      if (std::find(councils.begin(), councils.end(), code) != councils.end()) continue;
      councils.push_back(code);
      write("Organization", code, [&](fhir::Document& doc, fhir::Element& root) {
        fhir_r4::write_council(doc, root, held.council);
      });
    }
    for (const AccessEvent& access : record.accesses) {
      write("AuditEvent", fhir_r4::access_id(access), [&](fhir::Document& doc, fhir::Element&) {
        fhir_r4::write_access(doc, doc.root(), access);
      });
    }
  }

  void warn(std::string_view code, std::string text) {
    fhir_r4::OutcomeIssue issue;
    issue.severity = "warning";
    issue.code = code;
    issue.diagnostics = std::move(text);
    fhir::Document doc;
    fhir_r4::write_outcome(doc, issue);
    bundle_.entry("", fhir::json::write(doc.root()), "outcome");
  }

  http::Response finish() {
    bundle_.total(total_);
    bundle_.link("self", asked_.base + "/Patient/" + asked_.target.id + "/$everything");
    return std::move(bundle_).finish();
  }

 private:
  template <class Write>
  void write(std::string_view type, std::string_view id, const Write& fill) {
    fhir::Document doc;
    fill(doc, doc.set_root(type));
    add(type, id, fhir::json::write(doc.root()));
  }

  void add(std::string_view type, std::string_view id, std::string_view body) {
    ++total_;
    bundle_.entry(asked_.base + '/' + std::string{type} + '/' + std::string{id}, body, "match");
  }

  const Services& services_;
  const Exchange& asked_;
  BundleText bundle_;
  std::size_t total_ = 0;
};

std::vector<resources::EntryPtr> people_and_visits(const Services& services,
                                                   const resources::EntryPtr& person) {
  std::vector<resources::EntryPtr> all{person};
  for (const std::string_view type : {"Encounter", "Flag"}) {
    for (auto& entry : services.book.of_patient(type, person->id)) all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace

namespace {

// A POST may carry its parameters in a body: they are refused as those of a query are.
bool has_parameters(const http::Request& request) {
  fhir::Document doc;
  fhir::Issues issues;
  if (request.body().empty()) return false;
  return !fhir::json::read(std::string{request.body()}, doc, issues) ||
         doc.root().first("parameter") != nullptr;
}

}  // namespace

void everything_about(const Services& services, Exchange&& exchange) {
  if (has_parameters(exchange.request)) {
    return exchange.send(
        bad_parameter("", "$everything takes no parameters here: the whole is shown"));
  }
  for (const auto& each : exchange.query.parameters()) {
    const bool shapes = each.name == "_format" || each.name == "_pretty" ||
                        each.name == "_summary" || each.name == "_elements";
    if (!shapes) {
      return exchange.send(
          bad_parameter(each.name, "$everything takes no parameters here: the whole is shown"));
    }
  }
  const auto person = services.book.find("Patient", exchange.target.id);
  const auto number = NhsNumber::parse(exchange.target.id);
  if (!person) {
    return exchange.send(error_answer({ErrorKind::not_found, "there is no such Patient"}));
  }
  auto local = people_and_visits(services, person);
  if (!number) {
    Everything all{services, exchange};
    all.local(local);
    all.warn("not-supported",
             "this patient has no NHS number, so child protection information cannot be asked for; "
             "nothing is known about this person");
    return exchange.send(all.finish());
  }
  std::string beside = names_of(local);
  ask(
      services, std::move(exchange), *number, "Patient.everything",
      [&services, local = std::move(local)](const Exchange& asked, const ProtectionRecord* record) {
        Everything all{services, asked};
        all.local(local);
        if (record != nullptr) all.national(*record);
        for (const Remark& remark : remarks_on(asked, record)) {
          all.warn(remark.code, std::string{remark.text});
        }
        return all.finish();
      },
      std::move(beside));
}

}  // namespace cpis::fhir_api
