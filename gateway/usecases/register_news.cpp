#include "gateway/usecases/register_news.h"

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/fhir_r4/access_mapper.h"
#include "adapters/fhir_r4/plan_mapper.h"
#include "fhir/json/writer.h"
#include "gateway/store/subscription_store.h"

namespace cpis::usecases {
namespace {

using fhir::Document;
using fhir::Element;
using registry::NoticeRow;
using registry::StoredPlan;

Element& add_entry(Document& doc, std::string_view type) {
  Element& entry = doc.append_item(doc.root(), "entry");
  return doc.append_resource(entry, "resource", type);
}

Document new_bundle() {
  Document doc;
  doc.append(doc.set_root("Bundle"), "type", "collection");
  return doc;
}

Status note_notice(store::Session& session, const AccessEvent& access, const NoticeRow& notice) {
  Document doc = new_bundle();
  fhir_r4::write_access(doc, add_entry(doc, "AuditEvent"), access);
  store::Happening happening;
  happening.id = "notice|" + notice.id;
  happening.at = notice.created;
  happening.topic = row_of(Topic::council_notice).name;
  happening.organisation = notice.council;
  happening.subject = notice.person.digits();
  happening.focus = "AuditEvent/" + fhir_r4::access_id(access);
  happening.content = fhir::json::write(doc.root());
  happening.correlation_id = access.id;
  return store::SubscriptionStore{}.note(session, happening);
}

HeldPlan held_plan(NhsNumber person, const StoredPlan& stored) {
  PlanSubject subject{person, {}, {}, stored.name, stored.birth_date, stored.is_mother};
  return {stored.plan, *stored.council, std::move(subject), stored.recorded, stored.id};
}

// A plan that was taken away (entered in error) is told of, and not shown.
std::string plan_bundle(const HeldPlan& held, Date today) {
  Document doc = new_bundle();
  if (held.plan.deleted) return {};
  fhir_r4::write_flag(doc, add_entry(doc, "Flag"), held, today);
  fhir_r4::write_care_plan(doc, add_entry(doc, "CarePlan"), held, today);
  fhir_r4::write_care_team(doc, add_entry(doc, "CareTeam"), held, today);
  fhir_r4::write_council(doc, add_entry(doc, "Organization"), held.council);
  return fhir::json::write(doc.root());
}

Status note_plan(store::Session& session, const HeldPlan& held, std::string_view organisation,
                 std::int64_t sequence, Time now) {
  const std::string id{fhir_r4::plan_id(held)};
  store::Happening happening;
  // One for each upload that changes it; the same when the work runs again.
  happening.id = "plan|" + id + '|' + held.council.ods_code + '|' + std::to_string(sequence);
  happening.at = now;
  happening.topic = row_of(Topic::plan_changed).name;
  happening.organisation = organisation;
  happening.subject = held.subject.nhs_number.digits();
  happening.focus = "Flag/" + id;
  happening.content = plan_bundle(held, london_date(now));
  happening.correlation_id = "upload." + held.council.ods_code + '.' + std::to_string(sequence);
  return store::SubscriptionStore{}.note(session, happening);
}

bool is_held(const registry::Register& registry, NhsNumber person, const StoredPlan& stored,
             Time now) {
  const auto record =
      registry.view().find(person, london_date(now), registry.settings().visibility);
  if (!record || stored.plan.deleted) return false;
  return std::any_of(record->plans.begin(), record->plans.end(), [&](const HeldPlan& held) {
    return held.plan == stored.plan && held.council.ods_code == stored.council->ods_code;
  });
}

}  // namespace

bool is_present(const resources::ResourceBook& book, std::string_view patient_id) {
  constexpr std::array<std::string_view, 4> present{"arrived", "triaged", "in-progress", "onleave"};
  const auto encounters = book.of_patient("Encounter", patient_id);
  return std::any_of(encounters.begin(), encounters.end(), [&](const auto& entry) {
    return std::find(present.begin(), present.end(), entry->keys.status) != present.end();
  });
}

registry::RegisterNews register_news(const registry::Register& registry,
                                     const resources::ResourceBook& book, const Clock& clock,
                                     std::string organisation, std::function<bool(Topic)> watched,
                                     std::function<void()> wake) {
  registry::RegisterNews news;
  news.notice = [watched](store::Session& session, const AccessEvent& access,
                          const NoticeRow& notice) -> Status {
    if (!watched(Topic::council_notice)) return done;
    return note_notice(session, access, notice);
  };
  news.concerns = [&book, watched](NhsNumber person) {
    return watched(Topic::plan_changed) && is_present(book, person.digits());
  };
  news.plan = [&registry, &clock, concerns = news.concerns, organisation = std::move(organisation)](
                  store::Session& session, NhsNumber person, const StoredPlan& plan,
                  bool surely) -> Status {
    if (!concerns(person)) return done;
    const Time now = clock.now();
    if (!surely && is_held(registry, person, plan, now)) return done;
    return note_plan(session, held_plan(person, plan), organisation, plan.upload_sequence, now);
  };
  news.wake = std::move(wake);
  return news;
}

}  // namespace cpis::usecases
