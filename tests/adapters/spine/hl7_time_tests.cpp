#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "adapters/spine/hl7_time.h"
#include "tests/adapters/spine/generate.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::spine;

BOOST_AUTO_TEST_SUITE(hl7_time)

namespace {

struct Row {
  const char* text;
  const char* want;  // empty: refused
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.why; }

const Row times[] = {
    {"20250301120000+0000", "2025-03-01T12:00:00.000Z", "as we write it"},
    {"201212082000+0100", "2012-12-08T19:00:00.000Z", "minutes only, another zone"},
    {"20250301120000", "2025-03-01T12:00:00.000Z", "no zone in winter"},
    {"20250701120000", "2025-07-01T11:00:00.000Z", "no zone in summer is England's clock"},
    {"20250301120000.123+0000", "2025-03-01T12:00:00.000Z", "a fraction"},
    {"20250301", "2025-03-01T00:00:00.000Z", "a day"},
    {"2025-03-01T12:00:00Z", "2025-03-01T12:00:00.000Z", "RFC 3339"},
    {"20250301120000Z", "2025-03-01T12:00:00.000Z", "Z"},
    {"20250301120000+1", "2025-03-01T11:00:00.000Z", "a one-digit zone"},
    {"20250301120000-05:30", "2025-03-01T17:30:00.000Z", "a colon in the zone"},
    {"20250301250000", "", "hour 25"},
    {"20250230120000", "", "30 February"},
    {"202503", "", "a month"},
    {"2025030112000", "", "half a second"},
    {"20250301120000+99", "", "a zone that does not exist"},
    {"", "", "nothing"},
    {"yesterday", "", "words"},
};

const Row plan_dates[] = {
    {"202501150000", "202501150000", "twelve digits"},
    {"20250115", "202501150000", "a day"},
    {"20250115093015", "202501150930", "seconds are dropped"},
    {"20250115093015+0000", "202501150930", "a zone is ignored"},
    {"202501151260", "", "minute 60"},
    {"202513150000", "", "month 13"},
    {"2025-01-15", "", "hyphens"},
    {"202501", "", "a month"},
};

}  // namespace

BOOST_DATA_TEST_CASE(reads_times_as_peers_send_them, data::make(times), row) {
  const auto read = read_timestamp(row.text, Zone::london);
  BOOST_TEST((read ? to_iso(*read) : "") == row.want);
}

BOOST_DATA_TEST_CASE(reads_plan_dates, data::make(plan_dates), row) {
  const auto read = read_plan_date(row.text);
  BOOST_TEST((read ? write_plan_date(*read) : "") == row.want);
}

BOOST_AUTO_TEST_CASE(a_birth_time_needs_a_day) {
  BOOST_TEST((read_date("20180412") == parse_iso_date("2018-04-12")));
  BOOST_TEST((read_date("201804120930") == parse_iso_date("2018-04-12")));
  BOOST_TEST((read_date("2018-04-12") == parse_iso_date("2018-04-12")));
  BOOST_TEST(!read_date("201804").has_value());
  BOOST_TEST(!read_date("20180431").has_value());
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back) {
  test::Generate make{11};
  for (int i = 0; i < 1000; ++i) {
    const Time time = make.time();
    BOOST_TEST((read_timestamp(write_timestamp(time), Zone::london) == time));
    BOOST_TEST((read_timestamp(write_creation_time(time), Zone::utc) == time));
    const PlanDate plan = make.plan_date();
    BOOST_TEST((read_plan_date(write_plan_date(plan)) == plan));
  }
}

BOOST_AUTO_TEST_SUITE_END()
