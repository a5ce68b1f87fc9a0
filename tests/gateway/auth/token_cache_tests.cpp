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

}  // namespace

BOOST_AUTO_TEST_CASE(a_verdict_is_kept_until_the_token_ends) {
  TokenCache cache{100};
  const auto token = store::sha256("token");
  cache.put(token, good_until(Time{100s}));
  BOOST_TEST(cache.find(token, Time{99s}).has_value());
  BOOST_TEST(!cache.find(token, Time{100s}).has_value());
  BOOST_TEST(!cache.find(store::sha256("another"), Time{99s}).has_value());
  cache.clear();
  BOOST_TEST(!cache.find(token, Time{99s}).has_value());
}

BOOST_AUTO_TEST_CASE(the_oldest_go_when_there_are_too_many) {
  TokenCache cache{160};
  for (int i = 0; i < 10'000; ++i) {
    cache.put(store::sha256(std::to_string(i)), good_until(Time{100s}));
  }
  int held = 0;
  for (int i = 0; i < 10'000; ++i) {
    if (cache.find(store::sha256(std::to_string(i)), Time{1s})) ++held;
  }
  BOOST_TEST(held <= 176);
  BOOST_TEST(cache.find(store::sha256("9999"), Time{1s}).has_value());
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
