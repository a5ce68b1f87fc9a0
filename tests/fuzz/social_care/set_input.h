#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/social_care/upload_records.h"
#include "adapters/social_care/vendors.h"

namespace cpis::fuzz {

using Unpack = std::string (*)(const std::string& text);

/// The files of one fuzz input: each begins with a line `=== <file name>`. `unpack` turns the text
/// of a workbook's parts into a workbook.
inline social_care::ExportSet split(std::string_view text, Unpack unpack) {
  social_care::ExportSet set;
  std::size_t at = text.find("=== ");
  while (at != std::string_view::npos) {
    const std::size_t line_end = text.find('\n', at);
    if (line_end == std::string_view::npos) break;
    const std::size_t next = text.find("\n=== ", line_end);
    const std::string name{text.substr(at + 4, line_end - at - 4)};
    const std::size_t size = next == std::string_view::npos ? next : next - line_end;
    std::string bytes{text.substr(line_end + 1, size)};
    if (unpack != nullptr && bytes.starts_with("--- ")) bytes = unpack(bytes);
    set.add(name, std::move(bytes));
    at = next == std::string_view::npos ? next : next + 1;
  }
  return set;
}

/// Reads the input as an export. Whatever it is, a refused set gives no record, every record that
/// is not sent has a rule, and nobody is sent without a number, a name and a birth date.
inline int import_and_check(std::string_view vendor, std::string_view profile_json,
                            const std::uint8_t* data, std::size_t size, Unpack unpack = nullptr) {
  auto profile = social_care::read_profile(profile_json);
  if (!profile) std::abort();
  social_care::set_authority(*profile, "999", {"X99", "TESTSHIRE", "01632960001", "01632960002"});
  auto files = split({reinterpret_cast<const char*>(data), size}, unpack);
  const Date today{std::chrono::year{2026}, std::chrono::month{6}, std::chrono::day{15}};
  social_care::CollectingSink sink;
  const auto counts =
      social_care::read_export(*social_care::find_vendor(vendor), *profile, files, today, sink);
  if (counts.refused && !sink.records.empty()) std::abort();
  if (counts.records != sink.records.size()) std::abort();
  social_care::UploadBuilder builder;
  for (auto& record : sink.records) {
    const bool sent = social_care::may_be_sent(record);
    if (!sent && record.rules.empty()) std::abort();
    if (record.type == PlanType::ucp && !record.end) std::abort();
    builder.add(std::move(record));
  }
  for (const auto& record : builder.draft().records) {
    const auto& subject = record.subject;
    if (subject.name.family.empty() || subject.name.given.empty()) std::abort();
    if (!subject.birth_date || record.plans.empty()) std::abort();
    if (record.plans.size() > 3) std::abort();
  }
  return 0;
}

}  // namespace cpis::fuzz
