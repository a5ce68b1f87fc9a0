#include "adapters/social_care/csv/table.h"

#include <algorithm>

#include "adapters/social_care/text.h"

namespace cpis::social_care {
namespace {

CsvOptions options_of(const Profile& profile, std::string_view trailer) {
  return {profile.delimiter, profile.allow_windows1252, trailer};
}

}  // namespace

DayValue read_day(const Profile& profile, std::string_view text) {
  text = trimmed(text);
  if (is_null(profile, text)) return {};
  const Day day = profile.dates.read(text);
  if (day == no_day) return {no_day, true};
  const auto& none = profile.null_dates;
  const bool means_none = std::find(none.begin(), none.end(), day) != none.end();
  return {means_none ? no_day : day, false};
}

CsvTable::CsvTable(Source& source, Extract& extract, std::string_view trailer)
    : extract_{extract},
      name_{source.name()},
      file_{extract.add_file(source.name())},
      reader_{source, options_of(extract.profile(), trailer)} {
  read_header();
}

void CsvTable::read_header() {
  const auto step = reader_.next();
  if (step == CsvReader::Step::end) {
    return extract_.refuse(Rule::f01, name_, 1, "", "the file is empty");
  }
  if (step == CsvReader::Step::refused) {
    const CsvProblem& problem = reader_.problem();
    return extract_.refuse(Rule::f01, name_, problem.line,
                           "character " + std::to_string(problem.character), problem.text);
  }
  for (const std::string_view field : reader_.fields()) {
    std::string name = folded(collapsed(field));
    if (!name.empty() && std::find(header_.begin(), header_.end(), name) != header_.end()) {
      return extract_.refuse(Rule::f01, name_, reader_.line(), name, "the column is there twice");
    }
    header_.push_back(std::move(name));
  }
}

Column CsvTable::optional(std::string_view name) const {
  if (name.empty()) return no_column;
  const auto found = std::find_if(header_.begin(), header_.end(),
                                  [name](const std::string& h) { return equal_folded(h, name); });
  return found == header_.end() ? no_column : static_cast<Column>(found - header_.begin());
}

Column CsvTable::needed(std::string_view name) {
  const Column column = optional(name);
  if (column == no_column) {
    extract_.refuse(Rule::f01, name_, 1, name, "the column is missing");
  }
  return column;
}

void CsvTable::warn_encoding() {
  if (reader_.encoding() != Encoding::windows1252) return;
  extract_.sink().take(Finding{Severity::warning, "F01", name_, 0, "",
                               "read as Windows-1252, because it is not UTF-8"});
}

bool CsvTable::next() {
  while (!extract_.refused()) {
    const auto step = reader_.next();
    if (step == CsvReader::Step::refused) {
      const CsvProblem& problem = reader_.problem();
      extract_.refuse(Rule::f01, name_, problem.line,
                      "character " + std::to_string(problem.character), problem.text);
      return false;
    }
    if (step == CsvReader::Step::end) {
      warn_encoding();
      return false;
    }
    at_trailer_ = step == CsvReader::Step::trailer;
    if (at_trailer_) return true;
    const auto& fields = reader_.fields();
    if (std::all_of(fields.begin(), fields.end(), [](auto f) { return trimmed(f).empty(); })) {
      continue;
    }
    ++rows_;
    ++extract_.counts.rows;
    return true;
  }
  return false;
}

std::string_view CsvTable::cell(Column column) const {
  if (column >= reader_.fields().size()) return {};
  const std::string_view text = trimmed(reader_.fields()[column]);
  return is_null(extract_.profile(), text) ? std::string_view{} : text;
}

DayValue CsvTable::day(Column column) const {
  if (column >= reader_.fields().size()) return {};
  return read_day(extract_.profile(), reader_.fields()[column]);
}

}  // namespace cpis::social_care
