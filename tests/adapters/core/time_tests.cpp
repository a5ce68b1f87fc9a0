#include "adapters/core/time.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string_view>

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(time_tests)

namespace {

struct LondonCase {
  std::string_view date;
  int hour;
  int minute;
  std::string_view utc;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const LondonCase& c) { return out << c.why; }

constexpr LondonCase london_cases[] = {
    {"2026-01-05", 9, 0, "2026-01-05T09:00:00.000Z", "winter: the same as UTC"},
    {"2026-07-05", 9, 0, "2026-07-05T08:00:00.000Z", "summer: an hour ahead"},
    {"2026-03-29", 0, 59, "2026-03-29T00:59:00.000Z", "the last minute before the change"},
    {"2026-03-29", 1, 30, "2026-03-29T01:30:00.000Z", "skipped: moved forward an hour"},
    {"2026-03-29", 2, 0, "2026-03-29T01:00:00.000Z", "the first minute of summer time"},
    {"2026-10-25", 1, 30, "2026-10-25T00:30:00.000Z", "twice: the first one is taken"},
    {"2026-10-25", 2, 0, "2026-10-25T02:00:00.000Z", "winter again"},
};

}  // namespace

BOOST_DATA_TEST_CASE(englands_clocks_are_understood, data::make(london_cases), c) {
  const Time time = from_london(*parse_iso_date(c.date),
                                std::chrono::hours{c.hour} + std::chrono::minutes{c.minute});
  BOOST_TEST_CONTEXT(c.why) { BOOST_TEST(to_iso(time) == c.utc); }
}

// 25 October 2026, 01:50 and then 01:20 by the clock on the wall.
BOOST_AUTO_TEST_CASE(the_hour_that_is_shown_twice_makes_nothing_late) {
  const auto at = [](const char* text) { return *parse_iso_time(text); };
  const Time known = at("2026-10-25T00:50:00Z");
  BOOST_TEST(to_iso(repeated_hour_after(at("2026-10-25T00:20:00Z"), known)) ==
             to_iso(at("2026-10-25T01:20:00Z")));
  // In order as they are, late by more than the hour, or not in that hour at all.
  for (const char* as_it_is : {"2026-10-25T00:55:00Z", "2026-10-24T23:59:00Z",
                               "2026-10-24T00:20:00Z", "2026-10-25T01:20:00Z"}) {
    BOOST_TEST((repeated_hour_after(at(as_it_is), known) == at(as_it_is)), as_it_is);
  }
  BOOST_TEST((repeated_hour_after(at("2026-10-25T00:20:00Z"), at("2026-10-25T01:30:00Z")) ==
              at("2026-10-25T00:20:00Z")));
}

BOOST_AUTO_TEST_CASE(times_are_written_in_utc) {
  const Time time = *parse_iso_time("2026-01-05T09:08:07.006+01:00");
  BOOST_TEST(to_iso(time) == "2026-01-05T08:08:07.006Z");
  BOOST_TEST(to_digits(time) == "20260105080807");
  BOOST_TEST(to_iso(*parse_iso_time("1969-12-31T23:59:59.999Z")) == "1969-12-31T23:59:59.999Z");
  BOOST_TEST(to_digits(Time{}) == "19700101000000");
  BOOST_TEST(to_iso(Date{std::chrono::year{12026}, std::chrono::January, std::chrono::day{5}}) ==
             "12026-01-05");
  BOOST_TEST(to_iso(Date{std::chrono::year{476}, std::chrono::January, std::chrono::day{5}}) ==
             "0476-01-05");
}

BOOST_AUTO_TEST_CASE(dates_that_do_not_exist_are_refused) {
  BOOST_TEST(!parse_iso_date("2026-02-29").has_value());
  BOOST_TEST(!parse_iso_date("2026-13-01").has_value());
  BOOST_TEST(!parse_iso_date("2026-1-01").has_value());
  BOOST_TEST(!parse_iso_date("").has_value());
  BOOST_TEST(to_iso(*parse_iso_date("2028-02-29")) == "2028-02-29");
}

BOOST_AUTO_TEST_CASE(instants_are_read_with_their_zone) {
  BOOST_TEST(to_iso(*parse_iso_time("2026-01-05T10:00:00+01:00")) == "2026-01-05T09:00:00.000Z");
  BOOST_TEST(to_iso(*parse_iso_time("2026-01-05T10:00:00.5Z")) == "2026-01-05T10:00:00.500Z");
  BOOST_TEST(!parse_iso_time("2026-01-05T10:00:00").has_value());
  BOOST_TEST(!parse_iso_time("2026-01-05T24:00:00Z").has_value());
  BOOST_TEST(!parse_iso_time("2026-01-05T10:00:00.Z").has_value());
}

// A person born on 29 February comes of age on 1 March.
BOOST_AUTO_TEST_CASE(ages_count_completed_years) {
  const auto day = [](std::string_view text) { return *parse_iso_date(text); };
  BOOST_TEST(age_on(day("2008-06-15"), day("2026-06-14")) == 17);
  BOOST_TEST(age_on(day("2008-06-15"), day("2026-06-15")) == 18);
  BOOST_TEST(age_on(day("2008-02-29"), day("2026-02-28")) == 17);
  BOOST_TEST(age_on(day("2008-02-29"), day("2026-03-01")) == 18);
  BOOST_TEST(age_on(day("2026-06-15"), day("2026-06-15")) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
