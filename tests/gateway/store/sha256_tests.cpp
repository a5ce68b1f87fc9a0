#include "gateway/store/sha256.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <thread>

using namespace cpis::store;

BOOST_AUTO_TEST_SUITE(sha256_tests)

namespace {

std::string in_hex(const Sha256& hash) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes_of(hash)) {
    const auto byte = static_cast<unsigned char>(c);
    hex += digits[byte / 16];
    hex += digits[byte % 16];
  }
  return hex;
}

constexpr std::string_view of_nothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view of_abc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

}  // namespace

// FIPS 180-2, B.1 and B.3.
BOOST_AUTO_TEST_CASE(hashes_are_those_of_the_standard) {
  BOOST_TEST(in_hex(sha256("")) == of_nothing);
  BOOST_TEST(in_hex(sha256("abc")) == of_abc);
  BOOST_TEST(in_hex(sha256(std::string(1'000'000, 'a'))) ==
             "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

BOOST_AUTO_TEST_CASE(one_hash_leaves_nothing_for_the_next) {
  BOOST_TEST(in_hex(sha256("abc")) == in_hex(sha256("abc")));
  std::string elsewhere;
  std::thread{[&] { elsewhere = in_hex(sha256("abc")); }}.join();
  BOOST_TEST(elsewhere == of_abc);
  BOOST_TEST(in_hex(sha256("")) == of_nothing);
}

BOOST_AUTO_TEST_SUITE_END()
