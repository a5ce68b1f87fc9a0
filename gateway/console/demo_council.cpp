// The council's part of the demo: Fenshire drops exports into the intake folder, and everything is
// verified by what the gateway gives back: the outcome beside the export, the work list, FHIR, the
// notice tray.
#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

#include "fhir/json/reader.h"
#include "fhir/tree/document.h"
#include "gateway/console/commands.h"
#include "gateway/console/demo_story.h"
#include "gateway/console/http_get.h"
#include "gateway/usecases/deliver_notices.h"

namespace cpis::console {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t children_of_fenshire = 4;
constexpr std::chrono::milliseconds look_again{100};

using People = std::vector<registry::IndexedPerson>;

// Children who are on no plan, and play no other part.
People children_without_plan(const Stage& stage) {
  const Date today = london_date(stage.now);
  People found;
  for (const registry::IndexedPerson& person : stage.world.people) {
    if (!person.birth_date || person.sensitive || person.superseded) continue;
    if (person.nhs_number == stage.cast.child_without_record.nhs_number) continue;
    const int age = age_on(*person.birth_date, today);
    if (age < 2 || age > 15 || person.name.family.empty()) continue;
    if (stage.world.held().view().find(person.nhs_number, today, stage.world.settings.visibility)) {
      continue;
    }
    found.push_back(person);
    if (found.size() == children_of_fenshire) break;
  }
  return found;
}

std::string in_quotes(std::string_view text) { return '"' + std::string{text} + '"'; }

// A cohort CSV of one plan each, in this order.
std::string cohort(const People& people) {
  std::string csv =
      "source_plan_key,la_person_id,nhs_number,no_nhs_number_reason,surname,given_names,birth_date,"
      "expected_birth_date,plan_type,plan_start,plan_end,delete_date,delete_reason,legal_status,"
      "mother_la_person_id,mother_nhs_number,mother_surname,mother_given_names,mother_birth_date,"
      "owning_la\n";
  for (const registry::IndexedPerson& person : people) {
    const std::string number{person.nhs_number.digits()};
    csv += "FP-" + number + ",F-" + number.substr(5) + ',' + number + ",," +
           in_quotes(person.name.family) + ',' + in_quotes(person.name.given) + ',' +
           to_iso(*person.birth_date) + ",,CPP,2026-01-05,,,,,,,,,,998\n";
  }
  return csv + "#END," + std::to_string(people.size()) + '\n';
}

// Runs `look` until it says true, for as long as a step waits.
template <class Look>
bool wait_until(const Look& look) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{wait_seconds_max};
  while (!look()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

// Drops an export and gives the outcome that the gateway lays beside it; empty when none came.
std::string drop(const Stage& stage, const std::string& name, const People& people) {
  const fs::path intake = stage.world.folder / "intake";
  const Status dropped = usecases::write_whole_file((intake / name).string(), cohort(people));
  if (!dropped) return {};
  std::string outcome;
  wait_until([&] {
    for (const char* where : {"done", "refused"}) {
      std::error_code not_yet;
      for (const auto& file : fs::directory_iterator{intake / where, not_yet}) {
        const std::string found = file.path().filename().string();
        if (!found.ends_with(name + ".outcome.json")) continue;
        outcome = read_whole_file(file.path().string()).value_or("");
      }
    }
    return !outcome.empty();
  });
  return outcome;
}

std::string flags_of(const Stage& stage, const registry::IndexedPerson& person) {
  return get(stage.world, "/FHIR/R4/Flag?patient=" + std::string{person.nhs_number.digits()});
}

std::string work_of_fenshire(const Stage& stage, bool all = false) {
  return get(stage.world, std::string{"/admin/work-list?council=998"} + (all ? "&state=all" : ""));
}

void first_export(Stage& stage, People people) {
  Story& story = stage.story;
  story.chapter("Fenshire drops its first export into the intake folder; a name is mistyped");
  people.back().name.family += "x";
  const std::string outcome = drop(stage, "fenshire-1.csv", people);
  story.check(contains(outcome, R"("outcome":"CPF03","accepted":3,"rejected":1)"),
              "CP-IS takes three records and refuses one (CPF03)");
  const std::string work = work_of_fenshire(stage);
  story.check(contains(work, R"("kind":"rejected")") && contains(work, "CPR03"),
              "the work list says whom to correct: CPR03, the names do not match");
  story.check(contains(flags_of(stage, people.front()), "\"total\":1") &&
                  contains(flags_of(stage, people.back()), "\"total\":0"),
              "an emergency department sees the three, and not the fourth");
}

void correction(Stage& stage, const People& people) {
  Story& story = stage.story;
  story.chapter("The name is corrected and the export dropped again");
  const std::string outcome = drop(stage, "fenshire-2.csv", people);
  story.check(contains(outcome, R"("sent":1)") && contains(outcome, R"("outcome":"CPF02")"),
              "only the corrected record is sent, and it is loaded (CPF02)");
  story.check(contains(flags_of(stage, people.back()), "\"total\":1"),
              "the fourth child's plan is seen, too");
  story.check(!contains(work_of_fenshire(stage), R"("kind":"rejected")") &&
                  contains(work_of_fenshire(stage, true), R"("event":"resolved")"),
              "its work item has resolved itself, and keeps its history");
}

void nothing_is_sent(Stage& stage, People people) {
  Story& story = stage.story;
  story.chapter("The same rows come in another order; then one row is missing");
  std::swap(people.front(), people.back());
  const std::string repeated = drop(stage, "fenshire-3.csv", people);
  story.check(contains(repeated, R"("sent":0)") && contains(repeated, R"("unchanged":4)"),
              "a repeat sends nothing");
  const registry::IndexedPerson missing = people.back();
  people.pop_back();
  const std::string shortened = drop(stage, "fenshire-4.csv", people);
  story.check(contains(shortened, R"("sent":0)") && contains(shortened, R"("doubts":1)") &&
                  contains(work_of_fenshire(stage), R"("kind":"vanished")"),
              "a missing row sends no end: somebody is asked");
  story.check(contains(flags_of(stage, missing), "\"total\":1"), "the plan is still seen");
}

// The first notice of the council on a page of /admin/notices.
std::string notice_on(const std::string& page) {
  fhir::Document doc;
  fhir::Issues issues;
  fhir::json::ReadOptions fragment;
  fragment.fragment = true;
  if (!fhir::json::read_view(page, doc, issues, fragment)) return {};
  for (const fhir::Element& row : doc.root().children("notices")) {
    return std::string{row.value_of("id")};
  }
  return {};
}

void notice_is_opened(Stage& stage) {
  Story& story = stage.story;
  story.chapter("Its children were seen: Fenshire's notice is delivered and opened");
  std::string id;
  wait_until([&] {
    id = notice_on(get(stage.world, "/admin/notices?state=delivered&council=998"));
    return !id.empty();
  });
  story.check(!id.empty(), "the looks of this chapter are notices in Fenshire's tray");
  bool imported = false;
  std::error_code none;
  for (const auto& file : fs::directory_iterator{stage.world.folder / "notices/998", none}) {
    if (file.path().extension() != ".csv") continue;
    const auto csv = read_whole_file(file.path().string());
    imported |= csv && csv->starts_with("PERSON_ID,NOTE_TYPE") && contains(*csv, "F-");
  }
  story.check(imported, "the CSV has the columns that its Mosaic imports, and its own ids");
  const auto opened =
      http_ask({stage.world.base + "/admin/notices/" + id, {}, "Fen Socialworker", {}});
  story.check(opened && opened->status == 200 && contains(opened->body, "RXX01"),
              "a social worker opens it: where and when, and in which role");
  story.check(contains(get(stage.world, "/admin/notices/" + id + "/openings"), "Fen Socialworker"),
              "the gateway keeps who opened it");
}

}  // namespace

void council_loop(Stage& stage) {
  const People people = children_without_plan(stage);
  if (!stage.story.check(people.size() == children_of_fenshire,
                         "there are children for a second council, Fenshire")) {
    return;
  }
  first_export(stage, people);
  correction(stage, people);
  nothing_is_sent(stage, people);
  notice_is_opened(stage);
}

}  // namespace cpis::console
