#include "gateway/console/demo_world.h"

#include <Poco/Exception.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Process.h>

#include <array>
#include <fstream>
#include <iostream>

#include "gateway/observe/log.h"
#include "gateway/store/open.h"
#include "profiles/social_care/mapping_profiles.h"

namespace cpis::console {
namespace {

namespace fs = std::filesystem;

std::string demo_config(const fs::path& folder, const DemoOptions& options,
                        const std::string& webhook_url) {
  const std::string at = folder.string();
  return "# Made by cpis-gateway demo.\n"
         "store.url = \"sqlite:" +
         at +
         "/gateway.db\"\n"
         "http.port = " +
         std::to_string(options.http_port) +
         "\n"
         "feed.ed.port = " +
         std::to_string(options.mllp_port) +
         "\n"
         "feed.ed.organisation_code = RXX01\n"
         "feed.ed.test_messages = process\n"
         "caller.organisation_code = RXX01\n"
         "caller.organisation_name = Testshire Royal Infirmary\n"
         "caller.role_code = R0260\n"
         "caller.role_name = General Medical Practitioner\n"
         "caller.person_name = Dr Demo Clinician\n"
         "caller.user_id = demo-clinician\n"
         "check.organisation_code = RXX01\n"
         "check.organisation_name = Testshire Royal Infirmary\n"
         "check.role_code = R0260\n"
         "check.role_name = General Medical Practitioner\n"
         "check.person_name = Sam Safeguarding (named lead)\n"
         "check.system_id = 200000000205\n"
         "alert.webhook.url = " +
         webhook_url + "\nsubscription.endpoints = " + webhook_url +
         "\n"
         "alert.file = \"" +
         at +
         "/alerts.jsonl\"\n"
         "notice.tray = \"" +
         at +
         "/notices\"\n"
         "council.999.dfe_code = 999\n"
         "council.999.name = Testshire County Council\n"
         "council.999.office_phone = 01632960001\n"
         "council.999.emergency_phone = 01632960002\n"
         "council.998.dfe_code = 998\n"
         "council.998.name = Fenshire Council\n"
         "council.998.office_phone = 01632960003\n"
         "council.998.emergency_phone = 01632960004\n"
         "council.998.notice_layout = mosaic\n"
         "intake.profile = cohort\n"
         "intake.council = 998\n"
         "intake.folder = \"" +
         at +
         "/intake\"\n"
         "log.level = warning\n"
         "log.format = text\n";
}

Status make_county(const fs::path& folder, std::size_t children) {
  const auto peers = find_peers();
  if (!peers) {
    return Error{ErrorKind::unavailable,
                 "the program cpis-peers is not beside this one; build it, or run ./dev demo"};
  }
  try {
    Poco::Process::Args arguments{"county", "--out", folder.string(), "--children",
                                  std::to_string(children)};
    auto handle = Poco::Process::launch(peers->string(), arguments);
    if (handle.wait() != 0) {
      return Error{ErrorKind::fault, "cpis-peers county failed; see its message above"};
    }
  } catch (const Poco::Exception& e) {
    return Error{ErrorKind::fault, "cpis-peers cannot be started: " + e.displayText()};
  }
  return done;
}

Result<usecases::ImportOutcome> import_files(const DemoWorld& world, store::Database& database,
                                             registry::Register& held, const Clock& clock) {
  auto profile = social_care::read_profile(profiles::find_mapping_profile("lcs")->json);
  if (!profile) return profile.error();
  social_care::set_authority(*profile, world.settings.councils.front().dfe_code,
                             world.settings.councils.front().council);
  social_care::ExportSet files;
  for (const char* name :
       {"ssd_person.csv", "ssd_cp_plans.csv", "ssd_legal_status.csv", "ssd_mother.csv"}) {
    const auto bytes = read_whole_file((world.folder / "county" / name).string());
    if (!bytes) return Error{ErrorKind::fault, "the county's export is not whole"};
    files.add(name, *bytes);
  }
  usecases::ImportExport import{database, held, clock};
  return import.run(*profile, files, false);
}

Result<usecases::ImportOutcome> load_county(DemoWorld& world, store::Database& database,
                                            registry::Register& held, const Clock& clock) {
  const auto text = read_whole_file((world.folder / "county/person_index.csv").string());
  if (!text) return Error{ErrorKind::fault, "the county has no person index"};
  Findings findings;
  world.people = usecases::read_person_index(*text, findings);
  const Status loaded = held.load_people(world.people);
  if (!loaded) return loaded.error();
  return import_files(world, database, held, clock);
}

// What the county's councils have uploaded, as the simulated Spine reads it.
Status write_plans(const DemoWorld& world, const fs::path& file, Date today) {
  std::ofstream out{file};
  for (const registry::IndexedPerson& person : world.people) {
    const auto record =
        world.held().view().find(person.nhs_number, today, world.settings.visibility);
    if (!record) continue;
    for (const HeldPlan& held : record->plans) {
      out << person.nhs_number.digits() << ',' << words_of(held.plan.type).code << ','
          << to_iso(held.plan.start.day) << ','
          << (held.plan.end ? to_iso(held.plan.end->day) : std::string{}) << '\n';
    }
  }
  if (!out.flush()) return Error{ErrorKind::unavailable, "the plans cannot be written"};
  return done;
}

// The county in a register of its own, and a simulated Spine that holds what is in it. Gives the
// lines that make the gateway ask it.
Result<std::string> start_national_service(DemoWorld& world, const Clock& clock) {
  auto database = store::open_database("sqlite:" + (world.folder / "county.db").string());
  if (!database) return database.error();
  world.county_store = *std::move(database);
  auto held = registry::Register::open(*world.county_store, clock, {world.settings.visibility});
  if (!held) return held.error();
  world.county = *std::move(held);
  auto imported = load_county(world, *world.county_store, *world.county, clock);
  if (!imported) return imported.error();
  world.imported = *std::move(imported);
  const DemoSpine::Files files{world.folder / "spine", world.folder / "county/person_index.csv",
                               world.folder / "county/plans.csv"};
  std::error_code trouble;
  fs::create_directories(files.certificates, trouble);
  const Status written = write_plans(world, files.plans, london_date(clock.now()));
  if (!written) return written.error();
  auto spine = DemoSpine::start(files, free_port());
  if (!spine) return spine.error();
  world.spine = *std::move(spine);
  return world.spine->config();
}

std::optional<config::Settings> read_demo_settings(const std::string& text) {
  Findings findings;
  return config::read_settings(text, findings);
}

}  // namespace

Result<usecases::ImportOutcome> import_county(DemoWorld& world, const Clock& clock) {
  return import_files(world, world.gateway->database(), world.gateway->registry(), clock);
}

const registry::Register& DemoWorld::held() const { return county ? *county : gateway->registry(); }

Result<DemoWorld> build_demo_world(const DemoOptions& options, const std::string& webhook_url,
                                   const Clock& clock) {
  DemoWorld world;
  world.folder = options.folder.empty() ? fs::temp_directory_path() /
                                              ("cpis-demo-" + std::to_string(Poco::Process::id()))
                                        : fs::path{options.folder};
  std::error_code trouble;
  fs::create_directories(world.folder / "county", trouble);
  if (trouble) return Error{ErrorKind::unavailable, "the demo's folder cannot be made"};
  std::cout << "  data in " << world.folder.string() << '\n';
  if (const Status made = make_county(world.folder / "county", options.children); !made) {
    return made.error();
  }
  std::string text = demo_config(world.folder, options, webhook_url);
  observe::configure_log({observe::Level::warning, false});
  auto settings = read_demo_settings(text);
  if (settings && options.source == "spine") {
    world.settings = *settings;
    const auto more = start_national_service(world, clock);
    if (!more) return more.error();
    text += *more;
    settings = read_demo_settings(text);
  }
  if (!settings) return Error{ErrorKind::fault, "the demo's own configuration is wrong"};
  world.settings = *settings;
  std::ofstream{world.folder / "cpis-gateway.conf"} << text;
  auto gateway = app::Gateway::open(world.settings, clock);
  if (!gateway) return gateway.error();
  world.gateway = *std::move(gateway);
  if (!world.spine) {
    auto imported = load_county(world, world.gateway->database(), world.gateway->registry(), clock);
    if (!imported) return imported.error();
    world.imported = *std::move(imported);
  }
  if (const Status started = world.gateway->start(); !started) return started.error();
  world.base = "http://127.0.0.1:" + std::to_string(world.gateway->http_port());
  return world;
}

std::optional<DemoCast> cast_for(const DemoWorld& world, Date today) {
  std::optional<registry::IndexedPerson> child, mother, none, adult;
  const auto& register_ = world.held();
  for (const registry::IndexedPerson& person : world.people) {
    if (!person.birth_date || person.sensitive || person.superseded) continue;
    const auto record = register_.view().find(person.nhs_number, today, world.settings.visibility);
    const int age = age_on(*person.birth_date, today);
    const bool unborn = record && record->plans.front().plan.type == PlanType::ucp;
    const bool open = record && !record->plans.front().plan.end;
    if (record && !unborn && open && age >= 1 && age < 16 && !child) child = person;
    if (unborn && !mother) mother = person;
    if (!record && age >= 1 && age < 16 && !none) none = person;
    if (!record && age >= 18 && !adult) adult = person;
  }
  if (!child || !mother || !none || !adult) return std::nullopt;
  return DemoCast{*child, *mother, *none, *adult};
}

std::string demo_message(std::string_view event, const registry::IndexedPerson& person,
                         std::string_view visit, std::string_view control_id, bool expectant,
                         Time now) {
  std::string stamp = to_iso(now + std::chrono::minutes{london_offset_minutes(now)}).substr(0, 19);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':' || c == 'T'; });
  std::string born = person.birth_date ? to_iso(*person.birth_date) : "";
  std::erase(born, '-');
  const std::string number{person.nhs_number.digits()};
  const std::string local{visit.substr(visit.size() > 6 ? visit.size() - 6 : 0)};
  std::string message = "MSH|^~\\&|DEMOED|RXX01|CPIS|RXX01|" + stamp + "||ADT^" +
                        std::string{event} + "^ADT_A01|" + std::string{control_id} +
                        "|T|2.4|||AL|NE|GBR|UNICODE UTF-8\r"
                        "EVN|" +
                        std::string{event} + '|' + stamp + "||||" + stamp +
                        "\r"
                        "PID|1||" +
                        number + "^^^NHS^NH~H" + local + "^^^RXX01^MR||" + person.name.family +
                        '^' + person.name.given + "^^^^^L||" + born +
                        "|9|||1 Invented Road^Testshire^^^ZZ99 3WZ^^H\r"
                        "PV1|1|" +
                        (expectant ? "B" : "E") + "|" + (expectant ? "MATERNITY" : "ED") +
                        "^^^RXX01||||||||||||||||" + std::string{visit} +
                        "^^^RXX01|||||||||||||||||||||||||" + stamp +
                        "\r"
                        "PV2|||" +
                        (expectant ? "Reduced fetal movements" : "Injury of shoulder / arm") + "\r";
  return message;
}

Result<std::string> send_mllp(std::uint16_t port, const std::string& message) {
  try {
    Poco::Net::StreamSocket socket{Poco::Net::SocketAddress{"127.0.0.1", port}};
    socket.setReceiveTimeout(Poco::Timespan{10, 0});
    const std::string frame = '\x0B' + message + "\x1C\r";
    socket.sendBytes(frame.data(), static_cast<int>(frame.size()));
    std::string answer;
    std::array<char, 4096> part{};
    while (answer.find('\x1C') == std::string::npos) {
      const int count = socket.receiveBytes(part.data(), part.size());
      if (count <= 0) return Error{ErrorKind::unavailable, "closed without an acknowledgement"};
      answer.append(part.data(), static_cast<std::size_t>(count));
    }
    return answer;
  } catch (const Poco::Exception& e) {
    return Error{ErrorKind::unavailable, "MLLP: " + e.displayText()};
  }
}

}  // namespace cpis::console
