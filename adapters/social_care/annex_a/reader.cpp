#include "adapters/social_care/annex_a/reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/social_care/csv/table.h"
#include "adapters/social_care/text.h"
#include "adapters/social_care/xlsx/workbook.h"
#include "adapters/social_care/xml/xml_files.h"

namespace cpis::social_care::annex_a {
namespace {

constexpr std::size_t heading_row_max = 10;  // some authorities put a title above

// Headings without case, quotes and double blanks: they drift from year to year.
std::string heading(std::string_view text) {
  std::string out;
  const std::string folded_text = folded(collapsed(text));
  for (std::size_t i = 0; i < folded_text.size(); ++i) {
    const std::string_view rest = std::string_view{folded_text}.substr(i);
    if (rest.starts_with("\xE2\x80\x98") || rest.starts_with("\xE2\x80\x99")) {
      i += 2;
    } else if (folded_text[i] != '\'' && folded_text[i] != '"') {
      out.push_back(folded_text[i]);
    }
  }
  return out;
}

using Row = std::vector<Cell>;

class SheetReader {
 public:
  SheetReader(Extract& extract, const Workbook& workbook, std::uint16_t file)
      : extract_{extract}, workbook_{workbook}, file_{file} {}

  bool found() const { return list_ != List::none; }

  bool take(std::size_t number, const Row& row) {
    at_ = {file_, static_cast<std::uint32_t>(number)};
    if (found()) {
      read_row(row);
    } else {
      read_heading(row);
    }
    return found() || number < heading_row_max;
  }

 private:
  enum class List : std::uint8_t { none, protection, care };

  void read_heading(const Row& row) {
    const auto column = [&row](std::string_view name) {
      const auto hit = std::find_if(
          row.begin(), row.end(), [name](const Cell& cell) { return heading(cell.text) == name; });
      return hit == row.end() ? no_column : static_cast<Column>(hit - row.begin());
    };
    id_ = column("child unique id");
    birth_ = column("date of birth");
    gender_ = column("gender");
    if (id_ == no_column || birth_ == no_column) return;
    start_ = column("child protection plan start date");
    end_ = column("child protection plan end date");
    if (start_ != no_column && end_ != no_column) list_ = List::protection;
    if (found()) return;
    start_ = column("date started to be looked after");
    end_ = column("date ceased to be looked after");
    status_ = column("childs legal status");
    reason_ = column("reason ceased to be looked after");
    const bool complete = start_ != no_column && end_ != no_column && status_ != no_column;
    if (complete) list_ = List::care;
  }

  std::string_view cell(const Row& row, Column column) const {
    if (column >= row.size()) return {};
    const std::string_view text = trimmed(row[column].text);
    return is_null(extract_.profile(), text) ? std::string_view{} : text;
  }

  DayValue day(const Row& row, Column column, std::string_view name) {
    const std::string_view text = cell(row, column);
    DayValue value;
    if (text.empty()) return value;
    value = row[column].number ? DayValue{workbook_.day_of(text), false}
                               : read_day(extract_.profile(), text);
    if (row[column].number) value.wrong = value.day == no_day;
    if (value.wrong) extract_.report(Rule::t01, at_, name, "not a date");
    return value;
  }

  void read_row(const Row& row) {
    if (std::all_of(row.begin(), row.end(), [](const Cell& c) { return c.text.empty(); })) return;
    ++extract_.counts.rows;
    const std::string_view key = cell(row, id_);
    if (key.empty()) return extract_.report(Rule::p01, at_, "Child Unique ID", "blank");
    const PersonId person = extract_.person(key);
    PersonFacts facts;
    const DayValue birth = day(row, birth_, "Date of Birth");
    if (birth.wrong) extract_.people[person].rules.add(Rule::t01);
    facts.birth = birth.day;
    facts.male = matches(cell(row, gender_), "*) male") || equal_folded(cell(row, gender_), "male");
    extract_.describe(person, std::move(facts), at_);
    if (list_ == List::protection) {
      add_plan(person, row);
    } else {
      add_care(person, row);
    }
  }

  void add_plan(PersonId person, const Row& row) {
    PlanEntry plan;
    plan.person = person;
    plan.at = at_;
    const DayValue start = day(row, start_, "Child Protection Plan Start Date");
    const DayValue end = day(row, end_, "Child Protection Plan End Date");
    if (start.wrong || end.wrong) plan.rules.add(Rule::t01);
    plan.start = start.day;
    plan.end = end.day;
    extract_.plans.push_back(std::move(plan));
  }

  void add_care(PersonId person, const Row& row) {
    const auto status = extract_.status_in_scope(cell(row, status_), at_, "Child's Legal Status");
    if (!status) return;
    StatusEntry entry;
    entry.person = person;
    entry.at = at_;
    entry.status = *status;
    const DayValue start = day(row, start_, "Date Started to be Looked After");
    const DayValue end = day(row, end_, "Date Ceased to be Looked After");
    entry.start = start.day;
    entry.end = end.day == no_day ? open_day : end.day;
    const std::string reason = " " + folded(cell(row, reason_)) + " ";
    entry.adopted = entry.end != open_day && (reason.find("e11") != std::string::npos ||
                                              reason.find("e12") != std::string::npos);
    extract_.add_status(entry, start.wrong || end.wrong);
  }

  Extract& extract_;
  const Workbook& workbook_;
  std::uint16_t file_;
  List list_ = List::none;
  RowRef at_;
  Column id_ = no_column;
  Column birth_ = no_column;
  Column gender_ = no_column;
  Column start_ = no_column;
  Column end_ = no_column;
  Column status_ = no_column;
  Column reason_ = no_column;
};

// True when the workbook holds list 7 or 8.
bool read_workbook(Source& source, Extract& extract) {
  auto workbook = Workbook::open(source);
  if (!workbook) {
    extract.refuse(Rule::f01, source.name(), 0, "", workbook.error().message);
    return false;
  }
  bool found = false;
  for (std::size_t sheet = 0; sheet < workbook->sheet_names().size(); ++sheet) {
    const std::string place = source.name() + "/" + workbook->sheet_names()[sheet];
    SheetReader reader{extract, *workbook, extract.add_file(place)};
    const Status read = workbook->rows(
        sheet, [&reader](std::size_t number, const Row& row) { return reader.take(number, row); });
    if (!read) extract.refuse(Rule::f01, place, 0, "", read.error().message);
    if (extract.refused()) return false;
    found = found || reader.found();
  }
  return found;
}

}  // namespace

void read_rows(Extract& extract, ExportSet& files, Day) {
  bool found = false;
  for (const auto& file : files.files) {
    if (extract.refused()) return;
    if (matches(file->name(), "*.xlsx")) {
      found = read_workbook(*file, extract) || found;
    } else if (!matches(file->name(), "*.csv")) {
      extract.sink().take(Finding{Severity::information, "F01", file->name(), 0, "",
                                  "this file was not read: it is neither workbook nor CSV"});
    }
  }
  if (!found) extract.refuse(Rule::f01, "", 0, "", "there is no list 7 or list 8");
  if (!extract.refused()) read_crosswalks(extract, files);
}

}  // namespace cpis::social_care::annex_a
