#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "gateway/usecases/import_export.h"

namespace cpis::usecases {
namespace {

constexpr std::size_t columns = 6;
constexpr std::string_view header =
    "nhs_number,given_names,family_name,birth_date,sensitive,superseded";
constexpr std::size_t findings_max = 1000;

// One line's cells; quotes as in RFC 4180, without line breaks inside. False when it has another
// number of cells.
bool split(std::string_view line, std::array<std::string, columns>& cells) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < columns; ++i) {
    cells[i].clear();
    bool quoted = at < line.size() && line[at] == '"';
    if (quoted) ++at;
    while (at < line.size() && (quoted || line[at] != ',')) {
      if (quoted && line[at] == '"') {
        if (at + 1 < line.size() && line[at + 1] == '"') {
          ++at;
        } else {
          quoted = false;
          ++at;
          continue;
        }
      }
      cells[i] += line[at++];
    }
    const bool last = i + 1 == columns;
    if (last ? at != line.size() : at >= line.size()) return false;
    ++at;
  }
  return true;
}

bool is_yes(std::string_view text) { return text == "1" || text == "yes" || text == "Y"; }

void refuse(Findings& findings, std::size_t line, std::string_view field, std::string text) {
  if (findings.size() >= findings_max) return;
  findings.push_back(
      {Severity::error, "PERSON-INDEX", "", line, std::string{field}, std::move(text)});
}

}  // namespace

std::vector<registry::IndexedPerson> read_person_index(std::string_view csv, Findings& findings) {
  std::vector<registry::IndexedPerson> people;
  std::size_t line_number = 0;
  std::array<std::string, columns> cells;
  while (!csv.empty()) {
    const std::size_t end = csv.find('\n');
    std::string_view line = csv.substr(0, end);
    csv.remove_prefix(end == csv.npos ? csv.size() : end + 1);
    ++line_number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (line_number == 1) {
      if (line == header) continue;
      refuse(findings, 1, "", "the header must be " + std::string{header});
      return {};
    }
    if (!split(line, cells)) {
      refuse(findings, line_number, "", "the row does not have six cells");
      continue;
    }
    const auto number = NhsNumber::parse(cells[0]);
    if (!number) {
      refuse(findings, line_number, "nhs_number", "not an NHS number");
      continue;
    }
    const auto birth = parse_iso_date(cells[3]);
    if (!birth && !cells[3].empty()) {
      refuse(findings, line_number, "birth_date", "not a date like 2015-05-31");
      continue;
    }
    people.push_back({*number, {cells[1], cells[2]}, birth, is_yes(cells[4]), is_yes(cells[5])});
  }
  return people;
}

}  // namespace cpis::usecases
