#include "gateway/auth/token_cache.h"

#include <boost/test/unit_test.hpp>

#include "gateway/auth/rate_limit.h"

using namespace cpis;
using namespace cpis::auth;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(token_cache_tests)

namespace {

class ManualClock final : public Clock {
 public:
  Time now() const override { return at; }
  Time at{std::chrono::hours{24 * 365 * 50}};
};

CheckedToken good_until(Time until) { return {std::make_shared<const Identity>(), until}; }

TokenDigest digest(std::string_view token) { return sip_digest({1, 2}, token); }

}  // namespace

BOOST_AUTO_TEST_CASE(the_digest_is_siphash_of_128_bits) {
  // Vectors of the authors: key 00 01 .. 0f, texts of no byte, of the byte 00, and of 00 to 3e.
  const TokenDigest key{0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL};
  BOOST_TEST((sip_digest(key, "") == TokenDigest{0xe6a825ba047f81a3ULL, 0x930255c71472f66dULL}));
  const std::string zero(1, '\0');
  BOOST_TEST((sip_digest(key, zero) == TokenDigest{0x44af996bd8c187daULL, 0x45fc229b11597634ULL}));
  std::string long_text;
  for (char c = 0; c < 63; ++c) long_text += c;
  BOOST_TEST(
      (sip_digest(key, long_text) == TokenDigest{0x4a83502f77d15051ULL, 0x7cbd3f979a063e50ULL}));
  BOOST_TEST((sip_digest({1, 2}, "token") != sip_digest({1, 3}, "token")));
}

BOOST_AUTO_TEST_CASE(each_gateway_has_its_own_digest_key) {
  BOOST_TEST((random_digest_key() != random_digest_key()));
}

BOOST_AUTO_TEST_CASE(a_verdict_is_kept_until_the_token_ends) {
  TokenCache cache{100};
  const auto token = digest("token");
  cache.put(token, good_until(Time{100s}));
  BOOST_TEST(cache.find(token, Time{99s}).has_value());
  BOOST_TEST(!cache.find(token, Time{100s}).has_value());
  BOOST_TEST(!cache.find(digest("another"), Time{99s}).has_value());
  cache.clear();
  BOOST_TEST(!cache.find(token, Time{99s}).has_value());
}

BOOST_AUTO_TEST_CASE(the_oldest_go_when_there_are_too_many) {
  TokenCache cache{160};
  for (int i = 0; i < 10'000; ++i) {
    cache.put(digest(std::to_string(i)), good_until(Time{100s}));
  }
  int held = 0;
  for (int i = 0; i < 10'000; ++i) {
    if (cache.find(digest(std::to_string(i)), Time{1s})) ++held;
  }
  BOOST_TEST(held <= 176);
  BOOST_TEST(cache.find(digest("9999"), Time{1s}).has_value());
}

BOOST_AUTO_TEST_CASE(a_client_may_come_as_often_as_it_is_registered_for) {
  config::Client client;
  client.name = "epr";
  client.rate_per_minute = 60;
  client.burst = 3;
  ManualClock clock;
  const RateLimits limits{{client}, clock};
  for (int i = 0; i < 3; ++i) BOOST_TEST(limits.take("epr") == 0);
  BOOST_TEST(limits.take("epr") == 1);
  BOOST_TEST(limits.take("somebody") == 0);
  clock.at += 1s;
  BOOST_TEST(limits.take("epr") == 0);
  BOOST_TEST(limits.take("epr") == 1);
  clock.at += 10min;
  for (int i = 0; i < 3; ++i) BOOST_TEST(limits.take("epr") == 0);
  BOOST_TEST(limits.take("epr") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
