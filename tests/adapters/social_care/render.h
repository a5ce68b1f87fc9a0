#pragma once

#include <string>
#include <string_view>

#include "adapters/social_care/canonical.h"
#include "adapters/social_care/profile.h"
#include "adapters/social_care/source.h"

namespace cpis::test {

inline constexpr Date social_care_today{std::chrono::year{2026}, std::chrono::month{6},
                                        std::chrono::day{15}};

/// A shipped profile with the authority 999, Testshire.
social_care::Profile shipped_profile(std::string_view name);

/// The files of one text: each begins with a line `=== <file name>`. In the text `\xHH` is a byte
/// and `\r` a carriage return. An xlsx is given as its parts (tests/support/zip_text.h).
social_care::ExportSet split_files(const std::string& text);

/// An export's records, findings and counts as lines.
std::string render_import(const social_care::Profile& profile, social_care::ExportSet& files);

std::string render(const social_care::CanonicalRecord& record);

}  // namespace cpis::test
