#include "adapters/social_care/legal_status.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "adapters/social_care/csv/csv_reader.h"
#include "tests/support/golden.h"

namespace sc = cpis::social_care;
namespace data = boost::unit_test::data;

namespace {

std::string word_of(sc::LegalStatus status) {
  if (status == sc::LegalStatus::unknown) return "unknown";
  if (status == sc::LegalStatus::not_looked_after) return "none";
  return std::string{code_of(status)};
}

std::string read(std::string_view label) { return word_of(sc::read_legal_status(label, {})); }

struct Case {
  std::string_view label;
  std::string_view want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {"C1", "C1", "code"},
    {" c2 ", "C2", "code, blanks, lower case"},
    {"C1 - Interim care order", "C1", "code at the start"},
    {"V2:Single Period of Accomodation Under Seection 20", "V2", "code before a colon"},
    {"FULL CARE ORDER [C2]", "C2", "code in brackets"},
    {"Code 'C2' is not mapped", "C2", "a report's error text still says which"},
    {"CLA - V2 - Single period", "V2", "code after the usual prefix"},
    {"Interim  Care Order", "C1", "exact label, blanks collapsed, case folded"},
    {"CLA - E1 - Placement Order and C2 - Full Care Order", "unknown", "two codes"},
    {"Interim S.O. S38(1)", "unknown", "s38 is not always a care order"},
    {"Interim Supervision Order", "unknown", "interim is not enough"},
    {"Remanded to LA accommodation S20", "unknown", "s20 is not always voluntary"},
    {"V2 Single period of accommodation under Article 17", "unknown", "Jersey's law"},
    {"J2 Detained in SoJ accommodation", "unknown", "States of Jersey"},
    {"Ward of Court", "unknown", "filed in two ways by the sector"},
    {"J4", "unknown", "not one of the thirteen"},
    {"C12", "unknown", "a code is a whole word"},
    {"EC1 postcode", "unknown", "not a fragment"},
    {"Was C1 before", "unknown", "a code in running text does not stand out"},
    {"Special Guardianship Order", "none", "known, and not looked after"},
    {"", "unknown", "nothing"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(legal_status_tests)

BOOST_DATA_TEST_CASE(a_label_is_right_or_refused, data::make(cases), c) {
  BOOST_TEST_CONTEXT(c.why << ": " << c.label) { BOOST_TEST(read(c.label) == c.want); }
}

BOOST_AUTO_TEST_CASE(a_site_s_own_table_comes_before_ours) {
  const sc::LegalLabels site{{"ward of court", sc::LegalStatus::not_looked_after},
                             {"s20 homeless", sc::LegalStatus::v2}};
  BOOST_TEST(word_of(sc::read_legal_status("S20  Homeless", site)) == "V2");
  BOOST_TEST(word_of(sc::read_legal_status("Ward of Court", site)) == "none");
}

// Labels of real systems: each must be read as the sector reads it, or not at all.
BOOST_AUTO_TEST_CASE(no_label_of_the_public_list_is_read_wrongly) {
  const auto path = std::filesystem::path{CPIS_SOURCE} /
                    "../shared/corpora/socialcare/labels/legal_status_labels_public.csv";
  if (!std::filesystem::exists(path)) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  sc::MemorySource source{"labels.csv", cpis::test::read_file(path.string())};
  sc::CsvReader reader{source, {}};
  std::size_t right = 0;
  std::size_t refused = 0;
  BOOST_REQUIRE((reader.next() == sc::CsvReader::Step::row));
  while (reader.next() == sc::CsvReader::Step::row) {
    const std::string got = read(reader.fields()[0]);
    const std::string want{reader.fields()[2]};
    const bool vague = want.ends_with("?");
    const bool agrees = got == want || (got == "none" && want == "not-a-looked-after-status") ||
                        (vague && got.substr(0, 1) == want.substr(0, 1));
    BOOST_TEST_CONTEXT(reader.fields()[0]) { BOOST_TEST((agrees || got == "unknown")); }
    ++(got == "unknown" ? refused : right);
  }
  BOOST_TEST_MESSAGE(right << " labels read, " << refused << " refused");
  BOOST_TEST(right > 120U);
}

BOOST_AUTO_TEST_SUITE_END()
