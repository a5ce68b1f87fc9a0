#include "adapters/social_care/roles.h"

#include <algorithm>

#include "adapters/social_care/text.h"

namespace cpis::social_care {

Source* file_of(const std::vector<NamedFile>& files, std::string_view role) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [role](const NamedFile& file) { return file.role == role; });
  return found == files.end() ? nullptr : found->source;
}

std::vector<NamedFile> files_by_role(Extract& extract, ExportSet& files,
                                     const std::vector<std::string_view>& needed) {
  std::vector<NamedFile> named;
  for (const auto& file : files.files) {
    NamedFile one{file.get(), {}};
    for (const auto& [role, pattern] : extract.profile().tables) {
      if (matches(file->name(), pattern)) one.role = role;
    }
    if (one.role.empty()) {
      extract.sink().take(Finding{Severity::information, "F01", file->name(), 0, "",
                                  "this file was not read: no table of the profile has its name"});
    } else if (file_of(named, one.role) != nullptr) {
      extract.refuse(Rule::f01, file->name(), 0, "", "a second file for table " + one.role);
    }
    named.push_back(one);
  }
  for (const std::string_view role : needed) {
    if (file_of(named, role) == nullptr) {
      extract.refuse(Rule::f01, "", 0, "", "no file for table " + std::string{role});
    }
  }
  return named;
}

bool is_skipped(const SkipRule& rule, std::string_view value) {
  return std::any_of(rule.values.begin(), rule.values.end(), [value](const std::string& skip) {
    return equal_folded(trimmed(value), skip);
  });
}

}  // namespace cpis::social_care
