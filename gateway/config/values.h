#pragma once

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/finding.h"
#include "gateway/config/config_file.h"
#include "gateway/config/setting_rows.h"
#include "gateway/config/settings.h"

// What the parts of the settings reader share. Inside gateway/config only.

namespace cpis::config {

inline void report(Findings& findings, const Entry* entry, std::string_view key, std::string text) {
  findings.push_back({Severity::error, "CONFIG", "", entry != nullptr ? entry->line : 0,
                      std::string{key}, std::move(text)});
}

/// Values by key with the defaults of the rows; everything was checked against its row before.
class Values {
 public:
  explicit Values(const ConfigFile& file) : file_{file} {}

  std::string text(std::string_view key) const {
    if (const Entry* entry = file_.find(key)) return entry->value;
    const SettingRow* row = find_row(key);
    return row != nullptr ? std::string{row->fallback} : std::string{};
  }
  std::size_t number(std::string_view key) const {
    const std::string value = text(key);
    std::size_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
  }
  bool flag(std::string_view key) const { return text(key) == "yes"; }

  // The names users chose for `prefix.NAME.…`, in order of first appearance.
  std::vector<std::string> names(std::string_view prefix) const {
    std::vector<std::string> names;
    const std::string start = std::string{prefix} + '.';
    for (const Entry& entry : file_.entries) {
      if (!entry.key.starts_with(start)) continue;
      const std::size_t end = entry.key.find('.', start.size());
      std::string name = entry.key.substr(start.size(), end - start.size());
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(std::move(name));
      }
    }
    return names;
  }
  const Entry* entry(std::string_view key) const { return file_.find(key); }

 private:
  const ConfigFile& file_;
};

/// The files `prefix.certificate`, `.key` and `.client_ca`.
TlsFiles read_tls(const Values& values, const std::string& prefix, Findings& findings);

/// Who may come in, and whose tokens are taken (access_settings.cpp).
Caller read_caller(const Values& values, const std::string& prefix, Caller::Kind kind);
void read_access(const Values& values, Settings& settings, Findings& findings);
void check_access(const Settings& settings, const Values& values, Findings& findings);

/// Where protection records come from (national_settings.cpp).
void read_national(const Values& values, Settings& settings, Findings& findings);
void check_national(const Settings& settings, const Values& values, Findings& findings);

/// How MESH is reached (mesh_settings.cpp).
MeshLink read_mesh(const Values& values, Findings& findings);
void check_mesh(const Settings& settings, const Values& values, Findings& findings);

}  // namespace cpis::config
