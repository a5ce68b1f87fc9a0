#include "gateway/net/sealed_text.h"

#include <boost/test/unit_test.hpp>

using namespace cpis;

BOOST_AUTO_TEST_SUITE(sealed_text_tests)

BOOST_AUTO_TEST_CASE(only_the_same_key_and_context_open_what_was_sealed) {
  const net::SealedText ours{{1, 2, 3}};
  const net::SealedText theirs{{3, 2, 1}};
  const auto sealed = ours.seal("patient=9990000018", "page\nclient");
  BOOST_REQUIRE(sealed);
  BOOST_TEST(sealed->find("9990000018") == std::string::npos);
  BOOST_TEST(ours.open(*sealed, "page\nclient").value_or("") == "patient=9990000018");
  BOOST_TEST(!ours.open(*sealed, "page\nother").has_value());
  BOOST_TEST(!theirs.open(*sealed, "page\nclient").has_value());
  for (std::size_t i = 0; i < sealed->size(); ++i) {
    std::string changed = *sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    // The last digit may hold bits that mean nothing.
    if (i + 1 < sealed->size()) BOOST_TEST(!ours.open(changed, "page\nclient").has_value());
  }
  BOOST_TEST(!ours.open("", "").has_value());
  BOOST_TEST(!ours.open("not base64!", "").has_value());
}

BOOST_AUTO_TEST_CASE(the_same_text_is_never_sealed_the_same_way_twice) {
  const net::SealedText sealing{{9}};
  BOOST_TEST(*sealing.seal("text", "") != *sealing.seal("text", ""));
}

BOOST_AUTO_TEST_SUITE_END()
