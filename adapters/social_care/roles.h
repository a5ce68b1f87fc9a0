#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/social_care/extract.h"
#include "adapters/social_care/source.h"

namespace cpis::social_care {

/// A file of the set and the table it holds by its name; no role: nobody reads it.
struct NamedFile {
  Source* source = nullptr;
  std::string role;
};

/// Gives each file the role whose pattern in the profile fits its name. The set is refused (F01)
/// when two files have one role or a role in `needed` has no file.
std::vector<NamedFile> files_by_role(Extract& extract, ExportSet& files,
                                     const std::vector<std::string_view>& needed);

Source* file_of(const std::vector<NamedFile>& files, std::string_view role);

/// True when the row trips a skip rule: one of its values is in its column.
bool is_skipped(const SkipRule& rule, std::string_view value);

}  // namespace cpis::social_care
