#include "gateway/intake/folder_watch.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "adapters/social_care/exception_report.h"
#include "gateway/observe/log.h"
#include "gateway/usecases/deliver_notices.h"

namespace cpis::intake {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t exports_in_one_pass = 16;
constexpr std::chrono::minutes again_first{1};
constexpr std::chrono::minutes again_max{60};

class FileSource final : public social_care::Source {
 public:
  explicit FileSource(const fs::path& path)
      : name_{path.filename().string()}, in_{path, std::ios::binary} {}
  const std::string& name() const override { return name_; }
  Result<std::size_t> read(std::span<char> into) override {
    in_.read(into.data(), static_cast<std::streamsize>(into.size()));
    const auto count = static_cast<std::size_t>(in_.gcount());
    if (count == 0 && !in_.eof()) return Error{ErrorKind::unavailable, "reading failed"};
    return count;
  }

 private:
  std::string name_;
  std::ifstream in_;
};

bool is_whole(const std::string& name) {
  return !name.empty() && name[0] != '.' && !name.ends_with(".part") && !name.ends_with(".tmp") &&
         name != "done" && name != "refused";
}

social_care::ExportSet open_set(const fs::path& path) {
  social_care::ExportSet set;
  std::vector<fs::path> files;
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::directory_iterator{path}) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  } else {
    files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) set.files.push_back(std::make_unique<FileSource>(file));
  return set;
}

std::string_view state_of(const usecases::ImportOutcome& outcome) {
  return outcome.used() ? "taken" : outcome.counts.refused ? "refused" : "held";
}

// What became of an export, for whoever dropped it. No personal data.
std::string outcome_json(const usecases::ImportOutcome& outcome) {
  const usecases::RunOutcome& run = outcome.run;
  const auto number = [](std::string_view name, std::size_t value) {
    return ",\"" + std::string{name} + "\":" + std::to_string(value);
  };
  std::string out = "{\"state\":\"" + std::string{state_of(outcome)} + '"';
  out += number("changes", run.changes) + number("unchanged", run.unchanged) +
         number("unrepaired", run.unrepaired) + number("doubts", run.doubts) +
         number("sent", run.records_sent);
  if (run.upload) {
    out += ",\"upload\":" + std::to_string(run.upload->sequence) + ",\"outcome\":\"" +
           run.upload->code + '"' + number("accepted", run.upload->accepted) +
           number("rejected", run.upload->rejected);
  }
  return out + number("work_items", run.open_work) + "}\n";
}

}  // namespace

FolderWatch::FolderWatch(std::string folder, social_care::Profile profile,
                         usecases::ImportExport& import, const Clock& clock,
                         rules::OfficeHours hours)
    : folder_{std::move(folder)},
      profile_{std::move(profile)},
      import_{import},
      clock_{clock},
      hours_{std::move(hours)} {}

Result<std::size_t> FolderWatch::step() {
  if (!hours_.open_at(clock_.now())) return std::size_t{0};
  std::vector<std::string> names;
  std::error_code trouble;
  for (const auto& entry : fs::directory_iterator{folder_, trouble}) {
    const std::string name = entry.path().filename().string();
    const auto again = again_.find(name);
    const bool rests = again != again_.end() && clock_.now() < again->second.not_before;
    if (is_whole(name) && !rests) names.push_back(name);
  }
  if (trouble) return Error{ErrorKind::unavailable, "the intake folder cannot be read"};
  std::sort(names.begin(), names.end());
  if (names.size() > exports_in_one_pass) names.resize(exports_in_one_pass);
  for (const std::string& name : names) {
    if (const Status done_one = take(name); !done_one) return done_one.error();
  }
  return names.size();
}

Status FolderWatch::run_again_later(const std::string& name) {
  Again& again = again_[name];
  std::chrono::minutes pause = again_first;
  for (int i = 0; i < again.failures && pause < again_max; ++i) pause *= 2;
  ++again.failures;
  again.not_before = clock_.now() + std::min(pause, again_max);
  observe::log(observe::Level::warning, "intake.resubmitted_later",
               {{"outcome", std::string{"CPF05"}}, {"next", to_iso(again.not_before)}});
  return done;
}

Status FolderWatch::take(const std::string& name) {
  const fs::path from = fs::path{folder_} / name;
  social_care::ExportSet set = open_set(from);
  const auto outcome = import_.run(profile_, set, false);
  if (!outcome) return outcome.error();
  if (outcome->run.resubmit) return run_again_later(name);
  again_.erase(name);
  const bool used = outcome->used();
  ++(used ? taken_ : refused_);
  const fs::path to = fs::path{folder_} / (used ? "done" : "refused");
  // A name may come again: the time keeps them apart.
  const std::string kept = to_iso(clock_.now()).substr(0, 19) + '-' + name;
  const Findings all = outcome->all_findings();
  std::string csv = social_care::exception_csv_header();
  for (const Finding& finding : all) csv += social_care::exception_csv_line(finding);
  const Status reported =
      usecases::write_whole_file((to / (kept + ".exceptions.csv")).string(), csv);
  if (!reported) return reported;
  const Status told =
      usecases::write_whole_file((to / (kept + ".outcome.json")).string(), outcome_json(*outcome));
  if (!told) return told;
  std::error_code trouble;
  fs::rename(from, to / kept, trouble);
  if (trouble) return Error{ErrorKind::unavailable, "the export cannot be moved out of the intake"};
  const usecases::RunOutcome& run = outcome->run;
  const std::string_view state = state_of(*outcome);
  observe::log(used ? observe::Level::info : observe::Level::warning, "intake.export",
               {{"state", std::string{state}},
                {"changes", static_cast<std::uint64_t>(run.changes)},
                {"outcome", run.upload      ? run.upload->code
                            : run.under_way ? "upload " + std::to_string(*run.under_way) + " queued"
                                            : std::string{"nothing sent"}},
                {"accepted", static_cast<std::uint64_t>(run.upload ? run.upload->accepted : 0)},
                {"rejected", static_cast<std::uint64_t>(run.upload ? run.upload->rejected : 0)},
                {"work_items", static_cast<std::uint64_t>(run.open_work)},
                {"findings", static_cast<std::uint64_t>(all.size())}});
  return done;
}

}  // namespace cpis::intake
