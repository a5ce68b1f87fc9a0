#include "adapters/social_care/xml/xml_files.h"

#include "adapters/social_care/crosswalk/reader.h"
#include "adapters/social_care/text.h"

namespace cpis::social_care {

void read_crosswalks(Extract& extract, ExportSet& files) {
  for (const auto& file : files.files) {
    if (!matches(file->name(), "*.csv")) continue;
    CsvTable table{*file, extract};
    if (extract.refused()) return;
    if (!crosswalk::is_crosswalk(table)) {
      return extract.refuse(Rule::f01, file->name(), 1, "", "this is not an identity crosswalk");
    }
    crosswalk::read_rows(table, extract);
  }
}

void read_xml_files(Extract& extract, ExportSet& files,
                    const std::function<void(Source& source)>& read) {
  bool found = false;
  for (const auto& file : files.files) {
    if (matches(file->name(), "*.xml")) {
      found = true;
      if (!extract.refused()) read(*file);
    } else if (!matches(file->name(), "*.csv")) {
      extract.sink().take(Finding{Severity::information, "F01", file->name(), 0, "",
                                  "this file was not read: it is neither XML nor CSV"});
    }
  }
  if (!found) extract.refuse(Rule::f01, "", 0, "", "there is no XML file");
  if (!extract.refused()) read_crosswalks(extract, files);
}

}  // namespace cpis::social_care
