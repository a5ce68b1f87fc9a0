#include "tests/adapters/social_care/render.h"

#include <boost/test/unit_test.hpp>
#include <sstream>

#include "adapters/social_care/vendors.h"
#include "profiles/social_care/mapping_profiles.h"
#include "tests/support/zip_text.h"

namespace cpis::test {
namespace {

int hex(char c) { return c <= '9' ? c - '0' : c - 'A' + 10; }

std::string with_escapes(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "\\x") == 0 && i + 3 < text.size()) {
      out.push_back(static_cast<char>(hex(text[i + 2]) * 16 + hex(text[i + 3])));
      i += 3;
    } else if (text.compare(i, 2, "\\r") == 0) {
      out.push_back('\r');
      ++i;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ",") + text;
  return out;
}

}  // namespace

social_care::Profile shipped_profile(std::string_view name) {
  const auto* shipped = profiles::find_mapping_profile(name);
  BOOST_REQUIRE_MESSAGE(shipped != nullptr, name);
  auto profile = social_care::read_profile(shipped->json);
  if (!profile) BOOST_FAIL(profile.error().message);
  social_care::set_authority(*profile, "999",
                             {"X99", "TESTSHIRE COUNTY COUNCIL", "01632960001", "01632960002"});
  return *profile;
}

social_care::ExportSet split_files(const std::string& text) {
  social_care::ExportSet set;
  constexpr std::string_view mark = "=== ";
  std::size_t at = text.find(mark);
  while (at != std::string::npos) {
    const std::size_t line_end = text.find('\n', at);
    std::size_t next = text.find("\n=== ", line_end - 1);
    if (next != std::string::npos) ++next;
    const std::string name = text.substr(at + mark.size(), line_end - at - mark.size());
    const std::size_t size = next == std::string::npos ? next : next - line_end - 1;
    std::string bytes = with_escapes(text.substr(line_end + 1, size));
    if (name.ends_with(".xlsx") && bytes.starts_with("--- ")) bytes = zip_of_text(bytes);
    set.add(name, std::move(bytes));
    at = next;
  }
  return set;
}

std::string render(const social_care::CanonicalRecord& record) {
  std::ostringstream out;
  out << name_of(record.state) << ' ' << words_of(record.type).code << ' ' << record.person_key
      << ' ' << to_iso(record.start) << ".." << (record.end ? to_iso(*record.end) : "");
  out << (record.open ? " open" : " ended");
  if (record.deleted) out << " deleted " << to_iso(*record.deleted);
  if (record.adopted) out << " adopted";
  if (record.subject) {
    const PlanSubject& who = *record.subject;
    out << " | " << who.nhs_number.digits() << (who.is_mother ? " mother " : " child ")
        << who.name.given << '/' << who.name.family << ' '
        << (who.birth_date ? to_iso(*who.birth_date) : "") << ' ' << who.local_id << '@'
        << who.local_id_authority;
  }
  out << " | keys " << joined(record.plan_keys);
  if (!record.unborn_keys.empty()) out << " unborn " << joined(record.unborn_keys);
  out << " rows";
  for (const auto& row : record.rows) out << ' ' << row.file << ':' << row.line;
  if (!record.rules.empty()) out << " | ";
  for (const social_care::Rule rule : record.rules.list()) out << words_of(rule).id << ' ';
  std::string line = out.str();
  while (line.ends_with(' ')) line.pop_back();
  return line + "\n";
}

std::string render_import(const social_care::Profile& profile, social_care::ExportSet& files) {
  const auto* vendor = vendor_of(profile);
  BOOST_REQUIRE(vendor != nullptr);
  social_care::CollectingSink sink;
  const auto counts = read_export(*vendor, profile, files, social_care_today, sink);
  std::ostringstream out;
  for (const auto& record : sink.records) out << render(record);
  for (const Finding& finding : sink.findings) {
    constexpr std::array<std::string_view, 4> severities{"information", "warning", "error",
                                                         "fatal"};
    out << severities[static_cast<std::size_t>(finding.severity)] << ' ' << finding.rule << ' '
        << finding.source << ':' << finding.line << ' ' << finding.field << " -- " << finding.text
        << '\n';
  }
  out << (counts.refused ? "refused" : "taken") << ": " << counts.rows << " rows, " << counts.people
      << " people, " << counts.records << " records\n";
  return out.str();
}

}  // namespace cpis::test
