#include "gateway/net/mailbox.h"

#include <poll.h>

#include <boost/test/unit_test.hpp>
#include <memory>

namespace cpis::net {
namespace {

bool wakes(const Mailbox& mailbox) {
  pollfd descriptor{mailbox.wake_descriptor(), POLLIN, 0};
  return ::poll(&descriptor, 1, 0) == 1;
}

BOOST_AUTO_TEST_SUITE(mailbox_tests)

BOOST_AUTO_TEST_CASE(what_is_posted_wakes_the_loop_at_once) {
  const auto mailbox = std::make_shared<Mailbox>();
  BOOST_TEST(!wakes(*mailbox));
  BOOST_TEST(mailbox->post([] {}));
  BOOST_TEST(wakes(*mailbox));
}

BOOST_AUTO_TEST_CASE(gathered_wakes_come_at_the_end_and_once_for_each_loop) {
  const auto one = std::make_shared<Mailbox>();
  const auto other = std::make_shared<Mailbox>();
  {
    const WakesGathered gathered;
    for (int i = 0; i < 3; ++i) BOOST_TEST(one->post([] {}));
    BOOST_TEST(other->post([] {}));
    BOOST_TEST(!wakes(*one));
    BOOST_TEST(!wakes(*other));
  }
  BOOST_TEST(wakes(*one));
  BOOST_TEST(wakes(*other));
  BOOST_TEST(one->take().size() == 3U);
  BOOST_TEST(!wakes(*one));
  BOOST_TEST(other->take().size() == 1U);
}

// The loop was awake for another reason and took what was there; what came after must wake it.
BOOST_AUTO_TEST_CASE(nothing_is_left_asleep_when_the_loop_looked_in_between) {
  const auto mailbox = std::make_shared<Mailbox>();
  {
    const WakesGathered gathered;
    BOOST_TEST(mailbox->post([] {}));
    BOOST_TEST(mailbox->take().size() == 1U);
    BOOST_TEST(mailbox->post([] {}));
  }
  BOOST_TEST(wakes(*mailbox));
  BOOST_TEST(mailbox->take().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_mailbox_may_end_before_its_wake) {
  const WakesGathered gathered;
  auto mailbox = std::make_shared<Mailbox>();
  BOOST_TEST(mailbox->post([] {}));
  mailbox->close();
  mailbox.reset();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::net
