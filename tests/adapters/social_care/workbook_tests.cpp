#include "adapters/social_care/xlsx/workbook.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "adapters/social_care/vendors.h"
#include "tests/adapters/social_care/render.h"
#include "tests/support/golden.h"
#include "tests/support/zip_text.h"

namespace sc = cpis::social_care;
namespace fs = std::filesystem;

namespace {

const std::string frame =
    "--- xl/workbook.xml\n<workbook><sheets><sheet name=\"A\" r:id=\"r1\" xmlns:r=\"r\"/></sheets>"
    "</workbook>\n--- xl/_rels/workbook.xml.rels\n<Relationships><Relationship Id=\"r1\" "
    "Target=\"/xl/a.xml\"/></Relationships>\n--- xl/a.xml\n";

sc::MemorySource zipped(const std::string& text) {
  return {"a.xlsx", cpis::test::zip_of_text(text)};
}

std::string rows_of(const std::string& sheet) {
  auto source = zipped(frame + sheet);
  auto workbook = sc::Workbook::open(source);
  BOOST_REQUIRE(workbook);
  std::string out;
  const auto read = workbook->rows(0, [&out](std::size_t row, const std::vector<sc::Cell>& cells) {
    out += std::to_string(row) + ":";
    for (const auto& cell : cells) out += cell.text + (cell.number ? "#|" : "|");
    out += " ";
    return true;
  });
  return read ? out : read.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(workbook_tests)

BOOST_AUTO_TEST_CASE(cells_keep_their_column_and_their_kind) {
  BOOST_TEST(rows_of("<s><row r=\"3\"><c r=\"B3\"><v>1.5E3</v></c><c r=\"D3\" t=\"str\"><v>1.0</v>"
                     "</c></row><row><c><v>0.25</v></c></row></s>") == "3:|1500#||1.0| 4:0.25#| ");
}

BOOST_AUTO_TEST_CASE(a_formula_gives_its_stored_value) {
  BOOST_TEST(rows_of("<s><row><c r=\"A1\"><f>HYPERLINK(1)</f><v>7</v></c></row></s>") == "1:7#| ");
}

BOOST_AUTO_TEST_CASE(what_is_no_workbook_is_refused) {
  for (const char* bytes : {"", "PK\x03\x04", "a,b\n"}) {
    sc::MemorySource source{"a.xlsx", bytes};
    BOOST_TEST(!sc::Workbook::open(source));
  }
  auto no_parts = zipped("--- a.txt\nx");
  BOOST_TEST(!sc::Workbook::open(no_parts));
  auto entity =
      zipped("--- xl/workbook.xml\n<!DOCTYPE a [<!ENTITY b \"c\">]><workbook>&b;</workbook>");
  BOOST_TEST(!sc::Workbook::open(entity));
}

// A bomb must be stopped by what comes out, whatever its directory says.
BOOST_AUTO_TEST_CASE(a_zip_bomb_is_stopped_in_bounded_memory) {
  const std::string blanks(std::size_t{80} * 1024 * 1024, ' ');
  auto source = zipped(frame + "<s>" + blanks + "</s>");
  auto workbook = sc::Workbook::open(source);
  BOOST_REQUIRE(workbook);
  const auto read =
      workbook->rows(0, [](std::size_t, const std::vector<sc::Cell>&) { return true; });
  BOOST_TEST(!read);
}

BOOST_AUTO_TEST_CASE(the_public_workbook_gives_its_plans) {
  const auto path =
      fs::path{CPIS_SOURCE} / "../shared/corpora/socialcare/annexa/Annex_A_2024_Jan.xlsx";
  if (!fs::exists(path)) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  sc::ExportSet files;
  files.add("a.xlsx", cpis::test::read_file(path.string()));
  sc::CollectingSink sink;
  const auto profile = cpis::test::shipped_profile("annex_a");
  const auto counts =
      read_export(*sc::find_vendor("annex_a"), profile, files, cpis::test::social_care_today, sink);
  BOOST_TEST(!counts.refused);
  BOOST_TEST(counts.rows > 10U);
  // The first row of list 7 starts on 2020-11-23, before the birth on 2021-01-04: two records.
  std::size_t split = 0;
  for (const auto& record : sink.records) {
    const bool first =
        cpis::to_iso(record.start) == "2020-11-23" && record.type == cpis::PlanType::ucp;
    const bool second =
        cpis::to_iso(record.start) == "2021-01-04" && record.type == cpis::PlanType::cpp;
    split += first || second ? 1U : 0U;
  }
  BOOST_TEST(split == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
