#include "adapters/social_care/vendors.h"

#include <algorithm>
#include <array>

#include "adapters/social_care/annex_a/reader.h"
#include "adapters/social_care/assemble.h"
#include "adapters/social_care/cin/reader.h"
#include "adapters/social_care/cohort_csv/reader.h"
#include "adapters/social_care/dfe_csc/reader.h"
#include "adapters/social_care/ssd/reader.h"
#include "adapters/social_care/ssda903/reader.h"
#include "adapters/social_care/ssda903_xml/reader.h"

namespace cpis::social_care {
namespace {

// A new vendor is one folder, its lines in CMakeLists.txt and one row here. The import, the
// documentation and the golden tests go over this list.
using enum Maturity;
using enum Posture;
constexpr std::array known_vendors{
    Vendor{"annex_a", "annex-a-xlsx", "Ofsted Annex A workbook, lists 7 and 8", annex_a::read_rows,
           pilot, untrusted_file},
    Vendor{"cin", "cin-xml", "Children in need census XML", cin::read_rows, pilot, untrusted_file},
    Vendor{"cohort_csv", "cohort-csv", "CP-IS cohort CSV v1", cohort_csv::read_rows, stable,
           untrusted_file},
    Vendor{"dfe_csc", "dfe-csc-json", "DfE children's social care JSON", dfe_csc::read_rows, pilot,
           untrusted_file},
    Vendor{"ssd", "csv-set", "Standard Safeguarding Dataset tables as CSV", ssd::read_rows, pilot,
           untrusted_file},
    Vendor{"ssda903", "ssda903-csv", "Looked-after return SSDA903, CSV set", ssda903::read_rows,
           pilot, untrusted_file},
    Vendor{"ssda903_xml", "ssda903-xml", "Looked-after return SSDA903, XML", ssda903_xml::read_rows,
           pilot, untrusted_file},
};
static_assert(std::ranges::is_sorted(known_vendors, {}, &Vendor::name));

}  // namespace

std::span<const Vendor> vendors() { return known_vendors; }

const Vendor* find_vendor(std::string_view name) {
  const auto* found = std::ranges::find(known_vendors, name, &Vendor::name);
  return found == known_vendors.end() ? nullptr : found;
}

const Vendor* vendor_of(const Profile& profile) {
  const auto* found = std::ranges::find(known_vendors, profile.kind, &Vendor::kind);
  return found == known_vendors.end() ? nullptr : found;
}

Counts read_export(const Vendor& vendor, const Profile& profile, ExportSet& files, Date today,
                   Sink& sink) {
  Extract extract{profile, sink};
  if (files.files.empty()) extract.refuse(Rule::f01, "", 0, "", "there is no file");
  if (!extract.refused()) vendor.read_rows(extract, files, to_day(today));
  assemble(extract, today);
  return std::move(extract.counts);
}

}  // namespace cpis::social_care
