#include "gateway/net/timer_queue.h"

#include <boost/test/unit_test.hpp>
#include <string>

using cpis::net::Milliseconds;
using cpis::net::SteadyTime;
using cpis::net::TimerQueue;

namespace {

SteadyTime at(int ms) { return SteadyTime{} + Milliseconds{ms}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(timer_queue_tests)

BOOST_AUTO_TEST_CASE(what_is_due_comes_in_the_order_of_time) {
  TimerQueue timers;
  timers.remind(at(30), 3);
  timers.remind(at(10), 1);
  timers.remind(at(20), 2);
  BOOST_TEST((timers.next() == at(10)));
  BOOST_TEST((timers.take(at(25))->token == 1U));
  BOOST_TEST((timers.take(at(25))->token == 2U));
  BOOST_TEST(!timers.take(at(25)).has_value());
  BOOST_TEST((timers.next() == at(30)));
}

BOOST_AUTO_TEST_CASE(an_empty_queue_is_never_due) {
  const TimerQueue timers;
  BOOST_TEST((timers.next() == cpis::net::never));
}

BOOST_AUTO_TEST_CASE(a_cancelled_task_does_not_run_and_others_do) {
  TimerQueue timers;
  std::string ran;
  timers.run_at(at(1), [&ran] { ran += 'a'; });
  const auto second = timers.run_at(at(2), [&ran] { ran += 'b'; });
  timers.run_at(at(3), [&ran] { ran += 'c'; });
  timers.cancel(second);
  while (auto due = timers.take(at(5))) due->task();
  BOOST_TEST(ran == "ac");
}

BOOST_AUTO_TEST_SUITE_END()
