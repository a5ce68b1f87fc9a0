#include <boost/test/unit_test.hpp>

#include "adapters/spine/notices.h"
#include "tests/adapters/spine/generate.h"
#include "tests/adapters/spine/schema.h"

using namespace cpis;
using namespace cpis::spine;

BOOST_AUTO_TEST_SUITE(notices)

BOOST_AUTO_TEST_CASE(access_notices_read_back_as_they_were_written) {
  test::Generate make{1};
  for (int i = 0; i < 300; ++i) {
    const AccessNotice notice = make.access_notice();
    const auto read = read_access_notice(write_access_notice(notice));
    BOOST_REQUIRE(read.value);
    BOOST_TEST((*read.value == notice));
    BOOST_TEST(read.findings.empty());
  }
}

BOOST_AUTO_TEST_CASE(inactive_notices_read_back_as_they_were_written) {
  test::Generate make{2};
  for (int i = 0; i < 300; ++i) {
    const InactiveNotice notice = make.inactive_notice();
    const auto read = read_inactive_notice(write_inactive_notice(notice));
    BOOST_REQUIRE(read.value);
    BOOST_TEST((*read.value == notice));
    BOOST_TEST(read.findings.empty());
  }
}

BOOST_AUTO_TEST_CASE(written_notices_are_valid_against_the_published_schemas) {
  if (!test::schemas_here()) return;
  BOOST_TEST(test::why_invalid("<File/>", "REPC_MT000004GB01.xsd") != "");
  test::Generate make{3};
  for (int i = 0; i < 50; ++i) {
    BOOST_TEST(test::why_invalid(write_access_notice(make.access_notice()),
                                 "REPC_MT000004GB01.xsd") == "");
    BOOST_TEST(test::why_invalid(write_inactive_notice(make.inactive_notice()),
                                 "REPC_MT000005GB01.xsd") == "");
  }
}

// A notice about a child whose number cannot be read is an error with a place, and the other
// children of the same notice are still told.
BOOST_AUTO_TEST_CASE(an_entry_without_a_valid_number_is_left_out_with_its_path) {
  test::Generate make{4};
  AccessNotice notice = make.access_notice();
  notice.entries.assign(2, NoticeEntry{make.access(), "L1", "", 7});
  std::string xml = write_access_notice(notice);
  const std::string number{notice.entries[0].access.person.digits()};
  xml.replace(xml.find(number), number.size(), "9990000000");

  const auto read = read_access_notice(xml);
  BOOST_REQUIRE(read.value);
  BOOST_TEST(read.value->entries.size() == 1U);
  BOOST_REQUIRE(!read.findings.empty());
  BOOST_TEST(read.findings[0].rule == "V3-NHS-NUMBER");
  BOOST_TEST(read.findings[0].field.find("pertinentInformation1[1]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(another_message_is_refused_by_its_root) {
  const auto read = read_access_notice("<File xmlns='urn:hl7-org:v3'/>");
  BOOST_TEST(!read.value.has_value());
  BOOST_TEST(read.findings.at(0).rule == "V3-ROOT");
  BOOST_TEST(!read_inactive_notice("<html/>").value.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
