#include <chrono>
#include <filesystem>
#include <iostream>
#include <span>

#include "adapters/spine/notices.h"
#include "gateway/console/commands.h"
#include "gateway/console/console.h"
#include "gateway/console/demo_story.h"
#include "gateway/console/stop_signal.h"
#include "gateway/observe/clock.h"

namespace cpis::console {
namespace {

namespace fs = std::filesystem;

bool arrive(Story& story, const DemoWorld& world, const registry::IndexedPerson& person,
            std::string_view visit, std::string_view control_id, bool expectant, Time now) {
  const auto answer = send_mllp(world.gateway->feed_port("ed"),
                                demo_message("A04", person, visit, control_id, expectant, now));
  return story.check(answer && contains(*answer, "MSA|AA|" + std::string{control_id}),
                     "the message is kept and acknowledged (AA)");
}

// Waits until the feed has nothing left to process: what comes after counts on it.
bool wait_until_processed(const DemoWorld& world) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{wait_seconds_max};
  while (std::chrono::steady_clock::now() < until) {
    if (contains(get(world, "/admin/messages"), "\"waiting\":0")) return true;
  }
  return false;
}

void import_runs_again(Stage& stage) {
  Story& story = stage.story;
  DemoWorld& world = stage.world;
  story.chapter("The council's export is imported again");
  const auto again = import_county(world, stage.clock);
  const bool nothing = again && !again->run.upload && again->run.changes == 0;
  story.check(nothing && again->run.unchanged > 0,
              "nothing is sent: " + std::to_string(again ? again->run.unchanged : 0) +
                  " records are as CP-IS holds them");
  const bool has_work = world.imported.run.open_work > 0;
  story.check(contains(get(world, "/admin/work-list"), "\"kind\":") == has_work,
              "the council's work list has what was refused or held, by the council's own ids");
}

void child_arrives(Stage& stage) {
  auto& [story, world, cast, receiver, clock, now] = stage;
  story.chapter("A child on a plan arrives at the emergency department");
  arrive(story, world, cast.child_on_plan, "ED-000001", "DEMO-1", false, now);
  const auto alerts = receiver.wait_for(1, wait_seconds_max);
  story.check(alerts.size() == 1 && contains(alerts[0], "child-protection-information-system-flag"),
              "the hospital's receiver gets the alert with the Flag");
  story.check(!alerts.empty() && contains(alerts[0], "01632960002"),
              "the alert has the council's emergency duty telephone");
  const std::string flags =
      get(world, "/FHIR/R4/Flag?patient=" + std::string{cast.child_on_plan.nhs_number.digits()});
  story.check(contains(flags, "\"total\":1") || contains(flags, "\"total\":2"),
              "the EHR reads the Flag over FHIR");
  const std::string seen = get(
      world, "/FHIR/R4/Encounter?patient=" + std::string{cast.child_on_plan.nhs_number.digits()});
  story.check(contains(seen, "\"in-progress\"") && contains(seen, "EMER"),
              "the attendance is an Encounter in progress");
}

void others_arrive(Stage& stage) {
  auto& [story, world, cast, receiver, clock, now] = stage;
  story.chapter("The engine sends the same message again, and an update");
  arrive(story, world, cast.child_on_plan, "ED-000001", "DEMO-1", false, now);
  story.chapter("A child without a record, and an adult, arrive");
  arrive(story, world, cast.child_without_record, "ED-000002", "DEMO-2", false, now);
  arrive(story, world, cast.adult, "ED-000003", "DEMO-3", false, now);
  story.check(wait_until_processed(world), "everything kept has been processed");
  story.check(receiver.wait_for(1, 0).size() == 1,
              "no alert came for any of them, and none came twice");
  const std::string none = get(
      world, "/FHIR/R4/Flag?patient=" + std::string{cast.child_without_record.nhs_number.digits()});
  story.check(contains(none, "\"total\":0"),
              "asked over FHIR: no record is held (which does not say that a child is safe)");
  story.chapter("An expectant mother arrives in maternity; the plan is her unborn child's");
  arrive(story, world, cast.mother_of_unborn, "MAT-000004", "DEMO-4", true, now);
  const auto alerts = receiver.wait_for(2, wait_seconds_max);
  story.check(alerts.size() == 2 && contains(alerts[1], "818901000000100"),
              "the alert says: unborn child subject to child protection plan");
}

void council_is_told(Stage& stage) {
  auto& [story, world, cast, receiver, clock, now] = stage;
  story.chapter("The council is told that its child was seen");
  const fs::path tray = world.folder / "notices" / "999";
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{wait_seconds_max};
  std::size_t entries = 0;
  bool about_the_child = false;
  while (std::chrono::steady_clock::now() < until && entries < 3) {
    entries = 0;
    std::error_code not_yet;
    for (const auto& file : fs::directory_iterator{tray, not_yet}) {
      if (file.path().extension() != ".xml") continue;
      const auto bytes = read_whole_file(file.path().string());
      if (!bytes) continue;
      const auto notice = spine::read_access_notice(*bytes);
      if (!notice.value) continue;
      entries += notice.value->entries.size();
      for (const NoticeEntry& entry : notice.value->entries) {
        about_the_child |= entry.access.person == cast.child_on_plan.nhs_number;
      }
    }
  }
  story.check(entries >= 3 && about_the_child,
              "its tray holds the CP-IS notices (REPC_MT000004GB01) of " + std::to_string(entries) +
                  " looks");
  bool listed = false;
  while (!listed && std::chrono::steady_clock::now() < until) {
    listed = contains(get(world, "/admin/notices?state=delivered"), "ASN-");
  }
  story.check(listed, "the gateway lists them as delivered");
  const std::string looks = get(
      world, "/FHIR/R4/AuditEvent?patient=" + std::string{cast.child_on_plan.nhs_number.digits()});
  story.check(contains(looks, "Sam Safeguarding") && contains(looks, "Dr Demo Clinician"),
              "the record shows both looks: the system's and the clinician's");
}

// The council's notices are made by the national service, out of sight of the gateway. What can be
// seen here is what it recorded.
void national_service_knows(Stage& stage) {
  auto& [story, world, cast, receiver, clock, now] = stage;
  story.chapter("The national service recorded the looks");
  story.tell("notices to councils are sent by the national service in this mode, not by us");
  const std::string looks = get(
      world, "/FHIR/R4/AuditEvent?patient=" + std::string{cast.child_on_plan.nhs_number.digits()});
  story.check(contains(looks, "Sam Safeguarding") && contains(looks, "Dr Demo Clinician"),
              "the record shows both looks: the system's and the clinician's");
  story.check(!fs::exists(world.folder / "notices" / "999"), "our own tray holds no notice");
  const std::string metrics = get(world, "/metrics");
  story.check(contains(metrics, "cpis_circuit_state 0\n") &&
                  contains(metrics, "cpis_spine_open_exchanges 0\n"),
              "every question over mutual TLS has its outcome, and the circuit is closed");
}

void what_next(const DemoWorld& world, const DemoCast& cast) {
  const std::string child{cast.child_on_plan.nhs_number.digits()};
  std::cout << "\nTry it yourself:\n"
            << "  curl '" << world.base << "/FHIR/R4/metadata'\n"
            << "  curl '" << world.base << "/FHIR/R4/Flag?patient=" << child << "'\n"
            << "  curl '" << world.base << "/FHIR/R4/Flag?patient=" << child
            << "&_include=Flag:detail&_include=Flag:author'\n"
            << "  curl '" << world.base << "/FHIR/R4/Encounter?patient=" << child << "'\n"
            << "  curl -H 'IsUnscheduledAccessEvent: false' '" << world.base
            << "/FHIR/R4/CareTeam?patient:identifier=https://fhir.nhs.uk/Id/nhs-number%7C" << child
            << "'\n"
            << "  curl '" << world.base << "/admin/notices?state=delivered'\n"
            << "  curl '" << world.base << "/admin/work-list'\n"
            << "  curl '" << world.base << "/metrics'\n"
            << "HL7 v2 over MLLP: 127.0.0.1:" << world.gateway->feed_port("ed") << '\n'
            << "Everything is in " << world.folder.string()
            << " (configuration, store, alerts.jsonl, notices)\n";
}

// The story, one function a step.
constexpr Step register_steps[] = {import_runs_again, child_arrives, others_arrive,
                                   council_is_told,   council_loop,  alerts_are_pushed};
constexpr Step national_steps[] = {child_arrives, others_arrive, national_service_knows,
                                   alerts_are_pushed};

int tell(const DemoOptions& options, StopSignal& stop) {
  Story story;
  const observe::SystemClock clock;
  DemoReceiver receiver;
  story.chapter("An invented county is loaded through the Liquidlogic LCS export");
  auto world = build_demo_world(options, receiver.url(), clock);
  if (!world) {
    std::cerr << "the demo cannot start: " << world.error().message << '\n';
    return exit_failed;
  }
  const auto counts = world->held().view().counts();
  story.tell(std::to_string(counts.plans) + " plans of " + std::to_string(counts.people) +
             " people; " + std::to_string(world->imported.run.refusals.size()) +
             " records refused with a CP-IS code, " +
             std::to_string(world->imported.findings.size()) + " findings for the council");
  story.check(counts.people > options.children / 2, world->spine
                                                        ? "the county is in the national service"
                                                        : "the county is in the register");
  const Time now = clock.now();
  const auto cast = cast_for(*world, london_date(now));
  if (!story.check(cast.has_value(), "the county has everybody the story needs")) {
    return exit_failed;
  }
  Stage stage{story, *world, *cast, receiver, clock, now};
  for (const Step step : world->spine ? std::span<const Step>{national_steps}
                                      : std::span<const Step>{register_steps}) {
    step(stage);
  }
  what_next(*world, *cast);
  if (!options.once) {
    std::cout << "\nRunning until you press Ctrl-C." << std::endl;
    stop.wait();
  }
  world->gateway->stop();
  std::cout << '\n'
            << (story.wrong() == 0 ? "The story is complete: every step was verified."
                                   : "Some steps went WRONG; see above.")
            << '\n';
  return story.wrong() == 0 ? exit_ok : exit_failed;
}

}  // namespace

int run_demo(const DemoOptions& options) {
  StopSignal stop;
  return tell(options, stop);
}

}  // namespace cpis::console
