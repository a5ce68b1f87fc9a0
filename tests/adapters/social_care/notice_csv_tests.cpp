#include "adapters/social_care/notice_csv.h"

#include <boost/test/unit_test.hpp>

namespace sc = cpis::social_care;

namespace {

cpis::Time at(std::string_view text) { return *cpis::parse_iso_time(text); }

cpis::NhsNumber number(std::string_view digits) { return *cpis::NhsNumber::parse(digits); }

cpis::AccessNotice notice() {
  cpis::Caller nurse;
  nurse.organisation_code = "RX1";
  nurse.organisation_name = "Testshire Infirmary, ED";
  nurse.role_name = "Nurse";
  nurse.person_name = "Nell Nurse";
  cpis::AccessNotice out{"N-1", at("2026-07-02T00:00:00Z"), "X99", "TESTSHIRE", {}};
  out.entries.push_back({{"A-1", at("2026-07-01T22:30:00Z"), number("9990000018"), nurse},
                         "C1",
                         "X99:TESTSHIRE",
                         42});
  return out;
}

const cpis::Time received = at("2026-12-02T06:00:00Z");

}  // namespace

BOOST_AUTO_TEST_SUITE(notice_csv_tests)

BOOST_AUTO_TEST_CASE(a_look_becomes_a_row_with_england_s_time_and_the_standing_text) {
  const auto known = [](const cpis::NoticeEntry& entry) {
    return std::optional{sc::NoticeCase{entry.local_id, "Ada Aspen", "CPP", "", "Team 4"}};
  };
  const auto csv =
      sc::access_notice_csv(notice(), *sc::find_notice_layout("generic"), received, known);
  BOOST_TEST(csv ==
             "notice_id,access_id,kind,la_person_id,person_name,plans,unborn_la_person_ids,team,"
             "seen_at,organisation_code,organisation,role,who,received_at,text\r\n"
             "N-1,A-1,CP-IS access,C1,Ada Aspen,CPP,,Team 4,2026-07-01 23:30,RX1,\"Testshire "
             "Infirmary, ED\",Nurse,Nell Nurse,2026-12-02 06:00," +
                 std::string{sc::access_notice_meaning} + "\r\n");
}

BOOST_AUTO_TEST_CASE(case_systems_get_their_own_columns_and_dates) {
  const auto lcs = sc::access_notice_csv(notice(), *sc::find_notice_layout("lcs"), received, {});
  BOOST_TEST(lcs.starts_with("PERSON_ID,EXTERNAL_REFERENCE,"));
  BOOST_TEST(lcs.find("C1,A-1,CP-IS access,01/07/2026 23:30,02/12/2026 06:00") !=
             std::string::npos);
  const auto mosaic =
      sc::access_notice_csv(notice(), *sc::find_notice_layout("mosaic"), received, {});
  BOOST_TEST(mosaic.starts_with("PERSON_ID,NOTE_TYPE,NOTE_DATE,"));
  BOOST_TEST(sc::find_notice_layout("other") == nullptr);
  BOOST_TEST(sc::notice_layouts().size() == 3U);
}

BOOST_AUTO_TEST_CASE(an_unknown_person_and_an_empty_notice_are_not_lost) {
  const auto& layout = *sc::find_notice_layout("generic");
  const auto unknown = sc::access_notice_csv(notice(), layout, received, {});
  BOOST_TEST(unknown.find("not known here") != std::string::npos);
  cpis::AccessNotice empty = notice();
  empty.entries.clear();
  const auto csv = sc::access_notice_csv(empty, layout, received, {});
  BOOST_TEST(csv.find("N-1,,\"CP-IS access, empty\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_notice_about_a_mother_says_whose_plan_it_is) {
  const auto known = [](const cpis::NoticeEntry&) {
    return std::optional{sc::NoticeCase{"M1", "", "UCP", "U1 U2", ""}};
  };
  const auto csv = sc::access_notice_csv(notice(), *sc::find_notice_layout("lcs"), received, known);
  BOOST_TEST(csv.find("mother of an unborn child") != std::string::npos);
  BOOST_TEST(csv.find("U1 U2") != std::string::npos);
}

// Safety: after an adoption the pair of old and new number is a disclosure.
BOOST_AUTO_TEST_CASE(old_and_new_number_never_stand_together) {
  cpis::InactiveNotice inactive{"N-2", at("2026-07-02T00:00:00Z"), "X99", "TESTSHIRE", {}};
  inactive.entries.push_back({number("9990000018"), "C1", {number("9990000026")}, 42});
  inactive.entries.push_back({number("9990000034"), "", {number("9990000042")}, 42});
  inactive.entries.push_back({number("9990000050"), "C3", {}, 42});
  for (const auto name : sc::notice_layouts()) {
    const auto csv = sc::inactive_notice_csv(inactive, *sc::find_notice_layout(name), received);
    for (const std::string_view hidden : {"9990000026", "9990000042", "9990000018"}) {
      BOOST_TEST(csv.find(hidden) == std::string::npos);
    }
    BOOST_TEST(csv.find("NHS 9990000034") != std::string::npos);
    BOOST_TEST(csv.find("No new number was given") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
