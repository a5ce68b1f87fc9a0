#include "adapters/social_care/xlsx/workbook.h"

#include <charconv>
#include <cmath>
#include <map>
#include <utility>

#include "adapters/social_care/xml/xml_reader.h"

namespace cpis::social_care {
namespace {

using Step = XmlReader::Step;

constexpr std::size_t sheets_max = 100;
constexpr double whole_number_max = 1e15;

Error refuse(std::string message) { return {ErrorKind::bad_input, std::move(message)}; }

// Walks one part; `step` is told of every step and may end the walk with a reason.
Status walk(ZipArchive& archive, const std::string& part,
            const std::function<Status(XmlReader& xml, Step step)>& step) {
  const auto source = archive.entry(part);
  if (source == nullptr) return refuse("the workbook has no part " + part);
  XmlReader xml{*source};
  while (true) {
    const Step now = xml.next();
    if (now == Step::end) return done;
    if (now == Step::refused) return refuse(part + ": " + xml.problem());
    if (Status good = step(xml, now); !good) return good;
  }
}

// A1 -> 0, AA7 -> 26; sheet_columns_max when it is not a column.
std::size_t column_of(std::string_view reference) {
  std::size_t column = 0;
  std::size_t letters = 0;
  for (const char c : reference) {
    if (c < 'A' || c > 'Z') break;
    column = column * 26 + static_cast<std::size_t>(c - 'A') + 1;
    if (++letters > 3) return sheet_columns_max;
  }
  return letters == 0 ? sheet_columns_max : column - 1;
}

std::size_t number_of(std::string_view text, std::size_t otherwise) {
  std::size_t value = 0;
  const auto [at, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc{} && at == text.data() + text.size() ? value : otherwise;
}

// Ids that went through a spreadsheet as 1.4953858E7 or 14953858.0.
std::string written_out(const std::string& text) {
  if (text.find_first_of(".eE") == std::string::npos) return text;
  double value = 0;
  const auto [at, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = problem == std::errc{} && at == text.data() + text.size() && value >= 0 &&
                     value < whole_number_max && std::floor(value) == value;
  return whole ? std::to_string(static_cast<std::uint64_t>(value)) : text;
}

// The cells of one row as its XML goes by.
class RowBuilder {
 public:
  explicit RowBuilder(const std::vector<std::string>& strings) : strings_{strings} {}

  void open_row(XmlReader& xml) {
    const std::size_t number = number_of(xml.attribute("r"), row_ + 1);
    row_ = number;
    cells_.clear();
  }
  void open_cell(XmlReader& xml) {
    const std::string reference = xml.attribute("r");
    column_ = reference.empty() ? cells_.size() : column_of(reference);
    type_ = xml.attribute("t");
    value_.clear();
  }
  void add_text(std::string_view text) { value_ += text; }
  void close_cell() {
    if (column_ >= sheet_columns_max || value_.empty()) return;
    if (cells_.size() <= column_) cells_.resize(column_ + 1);
    Cell& cell = cells_[column_];
    if (type_ == "s") {
      const std::size_t index = number_of(value_, strings_.size());
      cell.text = index < strings_.size() ? strings_[index] : std::string{};
      return;
    }
    cell.number = type_.empty() || type_ == "n";
    cell.text = cell.number ? written_out(value_) : value_;
  }

  std::size_t row() const { return row_; }
  const std::vector<Cell>& cells() const { return cells_; }

 private:
  const std::vector<std::string>& strings_;
  std::vector<Cell> cells_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;
  std::string type_;
  std::string value_;
};

}  // namespace

Workbook::Workbook(ZipArchive archive) : archive_{std::move(archive)} {}

Result<Workbook> Workbook::open(Source& source) {
  auto archive = ZipArchive::open(source);
  if (!archive) return archive.error();
  Workbook workbook{std::move(*archive)};
  if (const Status good = workbook.read_parts(); !good) return good.error();
  return workbook;
}

Status Workbook::read_parts() {
  std::vector<std::string> ids;
  Status good = walk(archive_, "xl/workbook.xml", [&](XmlReader& xml, Step step) -> Status {
    if (step != Step::open) return done;
    if (xml.name() == "workbookPr") {
      const std::string flag = xml.attribute("date1904");
      from_1904_ = flag == "1" || flag == "true";
    }
    if (xml.name() != "sheet") return done;
    if (names_.size() == sheets_max) return refuse("the workbook has too many sheets");
    names_.push_back(xml.attribute("name"));
    ids.push_back(xml.attribute("r:id"));
    return done;
  });
  if (!good) return good;
  std::map<std::string, std::string> targets;
  good = walk(archive_, "xl/_rels/workbook.xml.rels", [&](XmlReader& xml, Step step) -> Status {
    if (step != Step::open || xml.name() != "Relationship") return done;
    std::string target = xml.attribute("Target");
    target = target.starts_with("/") ? target.substr(1) : "xl/" + target;
    targets[xml.attribute("Id")] = std::move(target);
    return done;
  });
  if (!good) return good;
  for (const std::string& id : ids) parts_.push_back(targets[id]);
  if (archive_.entry("xl/sharedStrings.xml") == nullptr) return done;
  std::size_t bytes = 0;
  bool in_text = false;
  return walk(archive_, "xl/sharedStrings.xml", [&](XmlReader& xml, Step step) -> Status {
    if (step == Step::open && xml.name() == "si") {
      if (strings_.size() == shared_strings_max) return refuse("the workbook has too many texts");
      strings_.emplace_back();
    }
    if (step != Step::text) in_text = step == Step::open && xml.name() == "t";
    if (step != Step::text || !in_text || strings_.empty()) return done;
    bytes += xml.text().size();
    if (bytes > shared_strings_bytes_max) return refuse("the workbook's texts are too long");
    strings_.back() += xml.text();
    return done;
  });
}

Status Workbook::rows(
    std::size_t sheet,
    const std::function<bool(std::size_t row, const std::vector<Cell>& cells)>& take) {
  RowBuilder builder{strings_};
  bool wanted = true;
  bool in_value = false;
  return walk(archive_, parts_[sheet], [&](XmlReader& xml, Step step) -> Status {
    if (!wanted) return done;
    if (step == Step::text) {
      if (in_value) builder.add_text(xml.text());
      return done;
    }
    const std::string_view name = xml.name();
    in_value = step == Step::open && (name == "v" || name == "t");
    if (step == Step::open && name == "row") builder.open_row(xml);
    if (step == Step::open && name == "c") builder.open_cell(xml);
    if (step == Step::close && name == "c") builder.close_cell();
    if (step != Step::close || name != "row") return done;
    if (builder.row() > sheet_rows_max) return refuse("a sheet with too many rows");
    wanted = take(builder.row(), builder.cells());
    return done;
  });
}

Day Workbook::day_of(std::string_view serial) const {
  double value = 0;
  const char* const end = serial.data() + serial.size();
  const auto [at, problem] = std::from_chars(serial.data(), end, value);
  constexpr double first = 1462;  // 1904-01-01 counted from 1900
  constexpr double last = 2'958'465;
  const double days = value + (from_1904_ ? first : 0);
  if (problem != std::errc{} || at != end || !(days >= first) || days > last) return no_day;
  constexpr Day day_zero = -25569;  // 1899-12-30
  return day_zero + static_cast<Day>(std::floor(days));
}

}  // namespace cpis::social_care
