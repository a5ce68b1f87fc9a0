#include "adapters/hl7v2/ack_reader.h"

#include <boost/test/unit_test.hpp>

using namespace cpis::hl7v2;

BOOST_AUTO_TEST_SUITE(ack_reader_tests)

BOOST_AUTO_TEST_CASE(an_acknowledgement_is_read_byte_for_byte) {
  const auto ack = read_ack("MSH#^~\\&#EPR\rMSA#AA#A\\T\\1#fine\r");
  BOOST_REQUIRE(ack);
  BOOST_TEST(ack->code == "AA");
  BOOST_TEST(ack->control_id == "A\\T\\1");
  BOOST_TEST(ack->text == "fine");
  BOOST_TEST((meaning_of(*ack) == AckMeaning::accepted));
}

BOOST_AUTO_TEST_CASE(what_is_no_acknowledgement_is_none) {
  BOOST_TEST(!read_ack(""));
  BOOST_TEST(!read_ack("HTTP/1.1 200 OK"));
  BOOST_TEST(!read_ack("MSH|^~\\&|EPR\rPID|1\r"));
}

BOOST_AUTO_TEST_CASE(codes_mean_what_engines_mean_by_them) {
  BOOST_TEST((meaning_of({"CE", "", ""}) == AckMeaning::refused));
  BOOST_TEST((meaning_of({"CR", "", ""}) == AckMeaning::later));
  BOOST_TEST((meaning_of({"aa", "", ""}) == AckMeaning::unknown));
}

BOOST_AUTO_TEST_SUITE_END()
