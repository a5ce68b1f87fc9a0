#include "gateway/app/feed_mappings.h"

#include <string>
#include <utility>
#include <vector>

#include "gateway/fhir_api/hl7_door.h"

namespace cpis::app {
namespace {

std::string fault(const Finding& finding) {
  std::string text = finding.source;
  if (finding.line != 0) text += ':' + std::to_string(finding.line);
  if (!finding.field.empty()) text += ": " + finding.field;
  return text + ": " + finding.text;
}

}  // namespace

usecases::FeedMappings read_feed_mappings(const config::Settings& settings, Findings& findings) {
  std::vector<usecases::MappingOverlay> overlays;
  for (const config::Feed& feed : settings.feeds) {
    if (!feed.mapping.empty()) overlays.push_back({feed.name, feed.mapping});
  }
  auto mappings = usecases::FeedMappings::open(overlays, findings);
  mappings.share(settings.hl7_http_feed, fhir_api::Hl7Door::feed_name);
  return mappings;
}

Result<std::shared_ptr<const usecases::FeedMappings>> load_feed_mappings(
    const config::Settings& settings) {
  Findings findings;
  auto mappings = read_feed_mappings(settings, findings);
  if (findings.empty()) {
    return std::make_shared<const usecases::FeedMappings>(std::move(mappings));
  }
  std::string why = "a feed's mapping (feed.*.mapping) cannot be used:";
  for (const Finding& finding : findings) why += "\n  " + fault(finding);
  return Error{ErrorKind::bad_input, std::move(why)};
}

}  // namespace cpis::app
