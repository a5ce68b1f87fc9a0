#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "adapters/social_care/exception_report.h"
#include "gateway/console/commands.h"
#include "gateway/console/console.h"
#include "gateway/observe/clock.h"
#include "gateway/register/register.h"
#include "gateway/store/open.h"
#include "gateway/usecases/import_export.h"
#include "gateway/usecases/mesh_transport.h"
#include "profiles/social_care/mapping_profiles.h"

namespace cpis::console {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t findings_shown_max = 20;

/// A file of the export that counts what was read, for the progress bar.
class FileSource final : public social_care::Source {
 public:
  FileSource(const fs::path& path, std::uintmax_t& read, std::uintmax_t of)
      : name_{path.filename().string()}, in_{path, std::ios::binary}, read_{read}, of_{of} {}

  const std::string& name() const override { return name_; }
  Result<std::size_t> read(std::span<char> into) override {
    in_.read(into.data(), static_cast<std::streamsize>(into.size()));
    const auto count = static_cast<std::size_t>(in_.gcount());
    if (count == 0 && !in_.eof()) {
      return Error{ErrorKind::unavailable, name_ + ": reading failed"};
    }
    read_ += count;
    show_progress();
    return count;
  }

 private:
  // Only on a terminal: a log file wants no bar.
  void show_progress() const {
    if (of_ == 0 || isatty(STDERR_FILENO) == 0) return;
    const auto percent = static_cast<int>(read_ * 100 / of_);
    std::cerr << "\rreading [" << std::string(static_cast<std::size_t>(percent / 4), '#')
              << std::string(static_cast<std::size_t>(25 - percent / 4), '.') << "] " << percent
              << " %" << (read_ == of_ ? "\n" : "") << std::flush;
  }

  std::string name_;
  std::ifstream in_;
  std::uintmax_t& read_;
  std::uintmax_t of_;
};

std::vector<fs::path> files_of(const std::vector<std::string>& paths) {
  std::vector<fs::path> files;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) {
      files.emplace_back(path);
      continue;
    }
    for (const auto& entry : fs::directory_iterator{path}) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::optional<social_care::Profile> profile_of(const ImportOptions& options) {
  std::string json;
  if (!options.profile_file.empty()) {
    const auto text = read_whole_file(options.profile_file);
    if (!text) return std::nullopt;
    json = *text;
  } else if (const auto* shipped = profiles::find_mapping_profile(options.profile)) {
    json = shipped->json;
  } else {
    std::cerr << "there is no profile '" << options.profile << "'; shipped ones:";
    for (const auto& one : profiles::mapping_profiles()) std::cerr << ' ' << one.name;
    std::cerr << '\n';
    return std::nullopt;
  }
  auto profile = social_care::read_profile(json);
  if (!profile) {
    std::cerr << "the profile cannot be used: " << profile.error().message << '\n';
    return std::nullopt;
  }
  return *std::move(profile);
}

// The council whose export it is: named, or the only one in the configuration; null after a
// message.
const config::CouncilSetting* council_of(const ImportOptions& options,
                                         const config::Settings& settings) {
  for (const config::CouncilSetting& one : settings.councils) {
    const bool named = one.council.ods_code == options.council;
    if (named || (options.council.empty() && settings.councils.size() == 1)) return &one;
  }
  std::cerr << "whose export is it? Say --council CODE; the configuration has "
            << settings.councils.size() << " council.* sections\n";
  return nullptr;
}

void print_run(const usecases::ImportOutcome& outcome) {
  if (outcome.counts.refused) return;
  const usecases::RunOutcome& run = outcome.run;
  std::cout << run.changes << " changes against what CP-IS holds, " << run.unchanged
            << " records unchanged";
  if (run.unrepaired > 0) std::cout << ", " << run.unrepaired << " refused before and as they were";
  if (run.doubts > 0) std::cout << ", " << run.doubts << " for a person to decide";
  std::cout << '\n';
  if (run.changes == 0) std::cout << "nothing has changed: nothing is sent\n";
  if (!run.held.empty()) {
    std::cout << "the extract is HELD: nothing was sent. Two people can let it go with --release "
                 "NAME,NAME\n";
    for (const Finding& finding : run.held) std::cout << "  " << line_of(finding, "") << '\n';
  } else if (run.upload) {
    std::cout << "upload " << run.upload->sequence << ": " << run.upload->code << ", "
              << run.upload->accepted << " accepted, " << run.upload->rejected << " rejected\n";
  }
  if (run.under_way) {
    std::cout << "upload " << *run.under_way
              << " is on its way over MESH: start the gateway; its answer comes later\n";
  }
  if (run.open_work > 0) {
    std::cout << run.open_work << " items on the work list (cpis-gateway work-list)\n";
  }
}

void print_outcome(const usecases::ImportOutcome& outcome) {
  std::cout << social_care::import_summary(outcome.counts);
  if (!outcome.identities_checked) {
    std::cout << "identities were NOT checked: the person index is empty (load one with "
                 "--people)\n";
  }
  print_run(outcome);
  std::size_t shown = 0;
  for (const Findings* findings : {&outcome.findings, &outcome.run.refusals}) {
    for (const Finding& finding : *findings) {
      if (++shown > findings_shown_max) continue;
      std::cout << "  " << line_of(finding, "") << '\n';
    }
  }
  if (shown > findings_shown_max) {
    std::cout << "  and " << shown - findings_shown_max << " more; --report NAME writes all\n";
  }
}

bool write_reports(const std::string& name, const social_care::Profile& profile,
                   const usecases::ImportOutcome& outcome, Date today) {
  const Findings all = outcome.all_findings();
  std::ofstream csv{name + ".csv", std::ios::binary};
  csv << social_care::exception_csv_header();
  for (const Finding& finding : all) csv << social_care::exception_csv_line(finding);
  std::ofstream json{name + ".json", std::ios::binary};
  json << social_care::exception_json({profile.name, today}, outcome.counts, all);
  if (csv.good() && json.good()) return true;
  std::cerr << name << ".csv or .json cannot be written\n";
  return false;
}

bool load_people(registry::Register& registry, const std::string& path) {
  const auto text = read_whole_file(path);
  if (!text) return false;
  Findings findings;
  const auto people = usecases::read_person_index(*text, findings);
  for (const Finding& finding : findings) std::cerr << line_of(finding, path) << '\n';
  if (people.empty()) return false;
  if (const Status loaded = registry.load_people(people); !loaded) {
    std::cerr << "the person index cannot be loaded: " << loaded.error().message << '\n';
    return false;
  }
  std::cout << people.size() << " people in the index\n";
  return true;
}

// NAME,NAME of --release; nothing after a message when it is not two names.
std::optional<usecases::Release> release_of(const ImportOptions& options) {
  usecases::Release release;
  const std::size_t comma = options.release.find(',');
  release.by = options.release.substr(0, comma);
  if (comma != std::string::npos) release.and_by = options.release.substr(comma + 1);
  release.deletes = options.approve_deletes;
  release.resync = options.resync;
  const bool asked = !options.release.empty() || options.approve_deletes;
  if (!asked || release.stands()) return release;
  std::cerr << "an extract is released by two people: --release NAME,NAME\n";
  return std::nullopt;
}

}  // namespace

int import_exports(const ImportOptions& options) {
  const auto settings = load_settings(options.config);
  if (!settings) return exit_config;
  auto profile = profile_of(options);
  const config::CouncilSetting* council = council_of(options, *settings);
  if (!profile || council == nullptr) return exit_usage;
  social_care::set_authority(*profile, council->dfe_code, council->council);
  const auto release = release_of(options);
  if (!release) return exit_usage;
  const observe::SystemClock clock;
  auto database = store::open_database(settings->store_url);
  if (!database) {
    std::cerr << "the store cannot be opened: " << database.error().message
              << "\nWhile a gateway runs on it, drop the export into its intake.folder instead.\n";
    return exit_store;
  }
  auto held = registry::Register::open(**database, clock, {settings->visibility, false});
  if (!held) {
    std::cerr << "the register cannot be read: " << held.error().message << '\n';
    return exit_store;
  }
  if (!options.people.empty() && !load_people(**held, options.people)) return exit_failed;

  std::uintmax_t read = 0;
  std::uintmax_t total = 0;
  const std::vector<fs::path> paths = files_of(options.paths);
  for (const fs::path& path : paths) {
    std::error_code missing;
    total += fs::file_size(path, missing);
    if (missing) {
      std::cerr << path.string() << ": cannot be read; does it exist?\n";
      return exit_failed;
    }
  }
  social_care::ExportSet files;
  for (const fs::path& path : paths) {
    files.files.push_back(std::make_unique<FileSource>(path, read, total));
  }
  usecases::DirectTransport direct{[&](const UploadFile& file) { return (*held)->take(file); }};
  usecases::MeshTransport mesh{**database, clock, council->mesh_first_number, {}};
  usecases::CouncilTransport& transport =
      council->over_mesh ? static_cast<usecases::CouncilTransport&>(mesh) : direct;
  usecases::ImportExport import{**database, **held, clock, transport};
  const auto outcome = import.run(*profile, files, options.dry_run, *release);
  if (!outcome) {
    std::cerr << "the import stopped: " << outcome.error().message << '\n';
    return exit_store;
  }
  print_outcome(*outcome);
  if (options.dry_run) std::cout << "dry run: nothing was changed\n";
  if (!options.report.empty() &&
      !write_reports(options.report, *profile, *outcome, london_date(clock.now()))) {
    return exit_failed;
  }
  return outcome->used() ? exit_ok : exit_findings;
}

}  // namespace cpis::console
