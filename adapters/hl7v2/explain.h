#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/rules/who_is_checked.h"
#include "adapters/core/time.h"
#include "adapters/hl7v2/feed_settings.h"
#include "adapters/hl7v2/path.h"

namespace cpis::hl7v2 {

struct ExplainSettings {
  FeedSettings feed;
  rules::CheckSettings check;
  std::optional<Date> today;  ///< for ages; without it the day of the message
  bool show_names = false;    ///< also names, birth date, identifiers and the complaint
  /// Files that the feed lays over the published v2-to-FHIR tables; told, not applied.
  std::vector<std::string> mapping_files;
  std::vector<Path> paths;  ///< values to print as they were read; shown whatever they hold
};

/// What the gateway understands of any HL7 v2 input, for people: per message its action, the
/// masked NHS number and where it stood, class and state, whether the person would be checked and
/// why, how it would be answered, and every finding with its path. Input that cannot be read is
/// explained by its findings. Lines end with LF; never empty.
///
/// Unless asked, nothing identifies a person: no name, number, birth date, address or complaint.
std::string explain(std::string_view bytes, const ExplainSettings& settings);

}  // namespace cpis::hl7v2
