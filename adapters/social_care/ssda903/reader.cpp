#include "adapters/social_care/ssda903/reader.h"

#include <algorithm>
#include <array>

#include "adapters/social_care/crosswalk/reader.h"
#include "adapters/social_care/csv/table.h"
#include "adapters/social_care/ssda903/episode.h"

namespace cpis::social_care::ssda903 {
namespace {

bool has_all(const CsvTable& table, std::initializer_list<std::string_view> columns) {
  return std::all_of(columns.begin(), columns.end(), [&table](std::string_view column) {
    return table.optional(column) != no_column;
  });
}

void read_episodes(CsvTable& table, Extract& extract) {
  const Column child = table.needed("CHILD");
  const Column status = table.needed("LS");
  const Column start = table.needed("DECOM");
  const Column end = table.needed("DEC");
  const Column reason = table.needed("REC");
  while (table.next()) {
    add_episode(extract, {table.cell(child), table.cell(status), table.cell(reason),
                          table.day(start), table.day(end), table.at()});
  }
}

void read_header(CsvTable& table, Extract& extract) {
  const Column child = table.needed("CHILD");
  const Column birth = table.needed("DOB");
  while (table.next()) {
    add_child(extract, table.cell(child), table.day(birth), table.at());
  }
}

}  // namespace

void read_rows(Extract& extract, ExportSet& files, Day) {
  bool has_episodes = false;
  for (const auto& file : files.files) {
    CsvTable table{*file, extract};
    if (extract.refused()) return;
    if (has_all(table, {"CHILD", "DECOM", "RNE", "LS", "DEC", "REC"})) {
      has_episodes = true;
      read_episodes(table, extract);
    } else if (has_all(table, {"CHILD", "DOB", "SEX", "UPN"})) {
      read_header(table, extract);
    } else if (crosswalk::is_crosswalk(table)) {
      crosswalk::read_rows(table, extract);
    } else {
      extract.sink().take(Finding{Severity::information, "F01", file->name(), 0, "",
                                  "this file was not read: it is not needed for CP-IS"});
    }
  }
  if (!has_episodes) extract.refuse(Rule::f01, "", 0, "", "there is no episodes file");
}

}  // namespace cpis::social_care::ssda903
