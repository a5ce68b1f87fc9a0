#include <filesystem>
#include <fstream>
#include <iostream>

#include "gateway/app/mesh_link.h"
#include "gateway/app/source_probe.h"
#include "gateway/console/commands.h"
#include "gateway/console/console.h"
#include "gateway/console/journal_note.h"
#include "gateway/observe/clock.h"
#include "gateway/register/register.h"
#include "gateway/store/open.h"
#include "gateway/usecases/council_book.h"

namespace cpis::console {
namespace {

namespace fs = std::filesystem;

/// Prints one line for each thing looked at and remembers whether all were well.
class Report {
 public:
  void line(bool good, std::string_view what, std::string_view more) {
    std::cout << (good ? "ok      " : "TROUBLE ") << what;
    if (!more.empty()) std::cout << ": " << more;
    std::cout << '\n';
    well_ = well_ && good;
  }
  bool well() const { return well_; }

 private:
  bool well_ = true;
};

void look_at_folder(Report& report, std::string_view what, const std::string& folder) {
  if (folder.empty()) return report.line(true, what, "none is set");
  std::error_code trouble;
  fs::create_directories(folder, trouble);
  const std::string probe = folder + "/.doctor";
  const bool writable = !trouble && std::ofstream{probe}.put('.').good();
  fs::remove(probe, trouble);
  report.line(writable, what,
              writable ? folder : folder + " cannot be written; check its owner and mode");
}

void look_at_file(Report& report, std::string_view what, const std::string& file) {
  if (file.empty()) return;
  const bool readable = std::ifstream{file}.good();
  report.line(readable, what, readable ? file : file + " cannot be read");
}

void look_at_councils(Report& report, const config::Settings& settings, store::Database& database,
                      const registry::Register& held) {
  const Time now = observe::SystemClock{}.now();
  const auto waiting = held.notices(registry::NoticeRow::State::waiting, "", 1);
  if (waiting && !waiting->empty()) {
    const bool late = now - waiting->front().created > settings.notice_alarm;
    report.line(!late, "notices", "the oldest waits since " + to_iso(waiting->front().created));
  }
  const auto ages = usecases::extract_ages(database, now);
  if (!ages) return report.line(false, "extracts", ages.error().message);
  for (const usecases::ExtractAge& one : *ages) {
    report.line(one.age <= settings.extract_alarm, "extract of " + one.council,
                std::to_string(one.age / std::chrono::hours{1}) + " hours old");
  }
}

void look_at_store(Report& report, const config::Settings& settings) {
  store::OpenOptions options;
  options.read_only = settings.store_url.find("mysql://") == std::string::npos &&
                      fs::exists(settings.store_url.substr(settings.store_url.find(':') + 1));
  const auto database = store::open_database(settings.store_url, options);
  if (!database) return report.line(false, "store", database.error().message);
  report.line(true, "store", "opens, and its schema fits this program");
  const observe::SystemClock clock;
  const auto held = registry::Register::open(**database, clock, {settings.visibility});
  if (!held) return report.line(false, "register", held.error().message);
  const auto counts = (*held)->view().counts();
  report.line(
      true, "register",
      std::to_string(counts.plans) + " plans of " + std::to_string(counts.people) + " people");
  const auto checked = (*held)->identities_are_checked();
  report.line(
      true, "person index",
      checked && *checked ? "loaded" : "empty: uploads are taken without checking identity");
  look_at_councils(report, settings, **database, **held);
  const std::string arrivals = journal_note(settings.store_url, **database);
  if (!arrivals.empty()) report.line(true, "arrivals", arrivals);
}

// Says hello to each mailbox, which MESH wants once a day anyway. Nothing is sent or collected.
void look_at_mailboxes(Report& report, const config::Settings& settings) {
  const observe::SystemClock clock;
  for (const config::CouncilSetting& council : settings.councils) {
    if (!council.over_mesh) continue;
    const Status greeted = app::greet_mailbox(settings, council, clock);
    report.line(
        static_cast<bool>(greeted), "mailbox " + council.mesh_mailbox,
        greeted ? "MESH knows it, its password and our certificate" : greeted.error().message);
  }
}

}  // namespace

int doctor(const std::string& config, bool trace) {
  const auto settings = load_settings(config);
  if (!settings) return exit_config;
  Report report;
  report.line(true, "configuration", config);
  look_at_store(report, *settings);
  look_at_folder(report, "notice tray", settings->notice_tray);
  look_at_folder(report, "intake folder", settings->intake_folder);
  look_at_mailboxes(report, *settings);
  look_at_file(report, "certificate", settings->http_tls.certificate);
  look_at_file(report, "private key", settings->http_tls.key);
  const Time now = observe::SystemClock{}.now();
  for (const app::Probe& probe : app::probe_source(*settings, observe::SystemClock{}, trace)) {
    report.line(probe.good, probe.what, probe.says);
  }
  const bool plausible = now > *parse_iso_time("2025-01-01T00:00:00Z");
  report.line(plausible, "clock", to_iso(now));
  return report.well() ? exit_ok : exit_findings;
}

}  // namespace cpis::console
