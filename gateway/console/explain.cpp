#include <iostream>

#include "adapters/hl7v2/explain.h"
#include "adapters/social_care/exception_report.h"
#include "adapters/social_care/vendors.h"
#include "adapters/spine/explain.h"
#include "gateway/app/feed_mappings.h"
#include "gateway/config/feed_rows.h"
#include "gateway/console/commands.h"
#include "gateway/console/console.h"
#include "gateway/fhir_api/hl7_door.h"
#include "gateway/fhir_api/message_pages.h"
#include "gateway/observe/clock.h"
#include "profiles/social_care/mapping_profiles.h"

namespace cpis::console {
namespace {

bool looks_like_rows(std::string_view bytes) {
  const std::string_view first = bytes.substr(0, bytes.find('\n'));
  return first.find(',') != first.npos && first.find('|') == first.npos && bytes.find("MSH") != 0;
}

// Tries every shipped profile and tells what the first one that takes the rows makes of them.
int explain_rows(const std::string& path, const std::string& bytes) {
  const std::string name = path.substr(path.rfind('/') + 1);
  for (const profiles::MappingProfile& shipped : profiles::mapping_profiles()) {
    const auto profile = social_care::read_profile(shipped.json);
    const auto* vendor = profile ? social_care::vendor_of(*profile) : nullptr;
    if (vendor == nullptr) continue;
    social_care::ExportSet set;
    set.add(name, bytes);
    social_care::CollectingSink sink;
    const auto counts = social_care::read_export(*vendor, *profile, set,
                                                 london_date(observe::SystemClock{}.now()), sink);
    if (counts.refused && counts.rows == 0) continue;
    std::cout << "an export of the kind " << vendor->title << " (profile " << shipped.name << ")\n"
              << social_care::import_summary(counts);
    for (const Finding& finding : sink.findings) std::cout << line_of(finding, name) << '\n';
    return counts.refused ? exit_findings : exit_ok;
  }
  std::cout << "comma separated rows that no shipped profile takes; a folder with the whole set is "
               "read by `import --dry-run`\n";
  return exit_findings;
}

// Nothing, with the reason on standard error, when there is no such feed.
std::optional<hl7v2::ExplainSettings> reading_of(const ExplainOptions& options) {
  hl7v2::ExplainSettings reading;
  if (!options.config.empty()) {
    const auto settings = load_settings(options.config);
    if (!settings) return std::nullopt;
    const bool over_http = options.feed == fhir_api::Hl7Door::feed_name;
    if (!over_http && !config::reading_by_name(*settings, options.feed)) {
      std::cerr << options.config << ": there is no feed " << options.feed << '\n';
      return std::nullopt;
    }
    const auto mappings = app::load_feed_mappings(*settings);
    if (!mappings) {
      std::cerr << options.config << ": " << mappings.error().message << '\n';
      return std::nullopt;
    }
    reading = fhir_api::reading_for(*settings, **mappings, options.feed);
  }
  reading.show_names = options.names;
  reading.today = london_date(observe::SystemClock{}.now());
  return reading;
}

int explain_one(const std::string& path, const hl7v2::ExplainSettings& reading) {
  const auto bytes = read_whole_file(path);
  if (!bytes) return exit_failed;
  if (spine::looks_like_spine(*bytes)) {
    const spine::Explanation told = spine::explain(*bytes);
    std::cout << told.kind << '\n' << told.text;
    for (const Finding& finding : told.findings) std::cout << line_of(finding, "") << '\n';
    return told.understood ? exit_ok : exit_findings;
  }
  if (looks_like_rows(*bytes)) return explain_rows(path, *bytes);
  std::cout << hl7v2::explain(*bytes, reading);
  return exit_ok;
}

}  // namespace

int explain_files(const ExplainOptions& options) {
  const auto reading = reading_of(options);
  if (!reading) return exit_config;
  int worst = exit_ok;
  for (const std::string& file : options.files) {
    if (options.files.size() > 1) std::cout << "== " << file << '\n';
    worst = std::max(worst, explain_one(file, *reading));
  }
  return worst;
}

}  // namespace cpis::console
