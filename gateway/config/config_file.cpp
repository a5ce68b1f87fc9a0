#include "gateway/config/config_file.h"

#include <algorithm>

namespace cpis::config {
namespace {

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

void report(Findings& findings, std::size_t line, std::string_view key, std::string text) {
  findings.push_back({Severity::error, "CONFIG", "", line, std::string{key}, std::move(text)});
}

// The value without its quotes or its trailing comment. False when a quote is not closed.
bool read_value(std::string_view text, std::string& value) {
  if (text.starts_with('"')) {
    const std::size_t end = text.find('"', 1);
    if (end == std::string_view::npos) return false;
    const std::string_view rest = trim(text.substr(end + 1));
    if (!rest.empty() && !rest.starts_with('#')) return false;
    value = text.substr(1, end - 1);
    return true;
  }
  const std::size_t comment = text.find(" #");
  value = trim(text.substr(0, comment));
  return true;
}

}  // namespace

const Entry* ConfigFile::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

ConfigFile read_config(std::string_view text, Findings& findings) {
  ConfigFile file;
  if (text.size() > config_bytes_max) {
    report(findings, 0, "", "the file is larger than 1 MiB; is this the right file?");
    return file;
  }
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
      report(findings, number, "", "expected `key = value`");
      continue;
    }
    Entry entry{std::string{trim(line.substr(0, equals))}, "", number};
    if (entry.key.empty() || !std::all_of(entry.key.begin(), entry.key.end(), is_key_character)) {
      report(findings, number, "", "a key has letters, digits, dots, hyphens and underscores");
      continue;
    }
    if (!read_value(trim(line.substr(equals + 1)), entry.value)) {
      report(findings, number, entry.key, "the quote that opens the value is not closed");
      continue;
    }
    if (const Entry* earlier = file.find(entry.key)) {
      report(findings, number, entry.key,
             "the key stands already in line " + std::to_string(earlier->line));
      continue;
    }
    file.entries.push_back(std::move(entry));
  }
  return file;
}

}  // namespace cpis::config
