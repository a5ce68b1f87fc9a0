#include "gateway/auth/key_source.h"

#include <boost/test/unit_test.hpp>

#include "gateway/observe/log.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/test_tokens.h"

using namespace cpis;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(key_source_tests)

namespace {

class ManualClock final : public Clock {
 public:
  Time now() const override { return at; }
  Time at{std::chrono::hours{24 * 365 * 50}};
};

struct Setup {
  Setup() : source{{folder.file("keys.json")}, clock} {
    observe::redirect_log([](std::string_view) {});
  }
  ~Setup() { observe::redirect_log({}); }
  void publish(std::string_view id) {
    test::write_file(folder.file("keys.json"),
                     test::make_token_key(net::PrivateKey::Kind::p256, id).key_set);
  }
  bool knows(std::string_view id) const {
    const auto keys = source.current();
    return keys && keys->knows(id);
  }

  test::ScratchFolder folder;
  ManualClock clock;
  auth::KeySource source;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(keys_are_read_again_when_they_are_due, Setup) {
  publish("old");
  source.refresh_when_due();
  BOOST_TEST(knows("old"));
  publish("new");
  clock.at += 4min;
  source.refresh_when_due();
  BOOST_TEST(knows("old"));
  clock.at += 2min;
  source.refresh_when_due();
  BOOST_TEST((knows("new") && !knows("old")));
}

BOOST_FIXTURE_TEST_CASE(a_new_key_is_looked_for_but_not_for_every_token, Setup) {
  publish("old");
  source.refresh_when_due();
  publish("new");
  source.look_again();
  BOOST_TEST(!knows("new"));  // the last try was just now
  BOOST_TEST(!source.may_look_again());
  clock.at += 11s;
  source.look_again();
  BOOST_TEST(knows("new"));
}

BOOST_FIXTURE_TEST_CASE(keys_that_cannot_be_read_again_stay_for_a_day, Setup) {
  publish("old");
  source.refresh_when_due();
  test::write_file(folder.file("keys.json"), "broken");
  clock.at += 6min;
  source.refresh_when_due();
  BOOST_TEST(knows("old"));
  BOOST_TEST(source.failures() == 1U);
  clock.at += 24h;
  BOOST_TEST(source.current() == nullptr);
}

BOOST_FIXTURE_TEST_CASE(without_a_file_there_are_no_keys, Setup) {
  source.refresh_when_due();
  BOOST_TEST(source.current() == nullptr);
  BOOST_TEST(source.failures() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
