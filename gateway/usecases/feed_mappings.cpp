#include "gateway/usecases/feed_mappings.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "adapters/fhir_r4/v2_map/overlay.h"
#include "fhir/definitions/definitions.h"
#include "profiles/v2_to_fhir/v2_tables.h"

namespace cpis::usecases {
namespace {

namespace fs = std::filesystem;

void fail(Findings& findings, const std::string& source, std::string what) {
  findings.push_back({Severity::error, "V2MAP-0", source, 0, {}, std::move(what)});
}

std::optional<std::string> whole(const std::string& path, Findings& findings) {
  std::ifstream file{path, std::ios::binary};
  // One byte more than allowed is enough to know that there is too much.
  std::string text(FeedMappings::file_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.gcount() == 0 && !file.eof())) {
    fail(findings, path, "cannot be read");
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() <= FeedMappings::file_bytes_max) return text;
  fail(findings, path, "is larger than " + std::to_string(FeedMappings::file_bytes_max) + " bytes");
  return std::nullopt;
}

std::vector<std::string> files_below(const std::string& path, Findings& findings) {
  std::error_code problem;
  if (!fs::is_directory(path, problem)) return {path};
  std::vector<std::string> files;
  for (auto at = fs::directory_iterator{path, problem}; !problem && at != fs::directory_iterator{};
       at.increment(problem)) {
    if (at->path().extension() == ".json") files.push_back(at->path().string());
  }
  if (problem) fail(findings, path, "cannot be read");
  if (files.empty()) fail(findings, path, "is a folder without any .json file");
  if (files.size() > FeedMappings::files_max) {
    fail(findings, path, "holds more than " + std::to_string(FeedMappings::files_max) + " files");
    files.clear();
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

FeedMappings FeedMappings::open(const std::vector<MappingOverlay>& overlays, Findings& findings) {
  FeedMappings mappings;
  for (const profiles::V2Table& table : profiles::v2_tables()) {
    if (const Status added = mappings.published_.add(table.json); !added) {
      fail(findings, std::string{table.name}, added.error().message);
    }
  }
  for (const MappingOverlay& overlay : overlays) {
    Own own{mappings.published_, {}};
    for (const std::string& file : files_below(overlay.path, findings)) lay(file, own, findings);
    mappings.own_.insert_or_assign(overlay.feed, std::move(own));
  }
  return mappings;
}

void FeedMappings::lay(const std::string& file, Own& own, Findings& findings) {
  const auto text = whole(file, findings);
  if (!text) return;
  const std::size_t before = findings.size();
  fhir_r4::v2::Tables tables = own.tables;
  if (add_overlay(tables, *text, fhir::Definitions::r4().types(), findings)) {
    own.tables = std::move(tables);
    own.files.push_back(fs::path{file}.filename().string());
  }
  for (std::size_t i = before; i < findings.size(); ++i) findings[i].source = file;
}

void FeedMappings::share(std::string_view feed, std::string_view with) {
  const auto own = own_.find(feed);
  if (own != own_.end()) own_.insert_or_assign(std::string{with}, Own{own->second});
}

const fhir_r4::v2::Tables& FeedMappings::of(std::string_view feed) const {
  const auto own = own_.find(feed);
  return own == own_.end() ? published_ : own->second.tables;
}

const std::vector<std::string>& FeedMappings::files_of(std::string_view feed) const {
  static const std::vector<std::string> none;
  const auto own = own_.find(feed);
  return own == own_.end() ? none : own->second.files;
}

}  // namespace cpis::usecases
