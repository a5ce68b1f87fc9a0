#include "gateway/net/worker_pool.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <future>
#include <stdexcept>
#include <string>

#include "tests/support/tcp_client.h"

using cpis::net::WorkerPool;
using cpis::test::eventually;

BOOST_AUTO_TEST_SUITE(worker_pool_tests)

BOOST_AUTO_TEST_CASE(everything_accepted_is_run_before_the_pool_ends) {
  std::atomic<int> ran{0};
  {
    WorkerPool pool{{.threads = 3, .waiting_max = 1'000, .on_fault = {}}};
    for (int i = 0; i < 500; ++i) BOOST_REQUIRE(pool.try_submit([&ran] { ++ran; }));
  }
  BOOST_TEST(ran == 500);
}

// The limit is what lets a full gateway say "try again later" instead of growing.
BOOST_AUTO_TEST_CASE(a_full_queue_refuses_and_takes_again_once_there_is_room) {
  WorkerPool pool{{.threads = 1, .waiting_max = 2, .on_fault = {}}};
  std::promise<void> gate;
  std::shared_future<void> opened = gate.get_future().share();
  BOOST_REQUIRE(pool.try_submit([opened] { opened.wait(); }));
  BOOST_REQUIRE(eventually([&] { return pool.waiting() == 0; }));
  BOOST_TEST(pool.try_submit([] {}));
  BOOST_TEST(pool.try_submit([] {}));
  BOOST_TEST(!pool.try_submit([] {}));
  BOOST_TEST(!pool.reserve().has_value());
  gate.set_value();
  BOOST_REQUIRE(eventually([&] { return pool.waiting() == 0; }));
  BOOST_TEST(pool.try_submit([] {}));
}

BOOST_AUTO_TEST_CASE(a_place_that_is_not_used_is_given_back) {
  WorkerPool pool{{.threads = 1, .waiting_max = 1, .on_fault = {}}};
  {
    const auto place = pool.reserve();
    BOOST_REQUIRE(place.has_value());
    BOOST_TEST(!pool.try_submit([] {}));
  }
  BOOST_TEST(pool.try_submit([] {}));
}

BOOST_AUTO_TEST_CASE(a_place_takes_one_task_only) {
  WorkerPool pool{{.threads = 1, .waiting_max = 4, .on_fault = {}}};
  auto place = pool.reserve();
  place->submit([] {});
  BOOST_CHECK_THROW(place->submit([] {}), std::logic_error);
}

BOOST_AUTO_TEST_CASE(a_task_that_throws_is_reported_and_the_thread_goes_on) {
  std::atomic<int> faults{0};
  std::atomic<bool> ran{false};
  WorkerPool pool{{.threads = 1, .waiting_max = 8, .on_fault = [&](const char*) { ++faults; }}};
  BOOST_REQUIRE(pool.try_submit([] { throw std::runtime_error{"broken"}; }));
  BOOST_REQUIRE(pool.try_submit([&] { ran = true; }));
  BOOST_TEST(eventually([&] { return ran.load(); }));
  BOOST_TEST(faults == 1);
}

BOOST_AUTO_TEST_CASE(a_draining_pool_takes_nothing_new) {
  WorkerPool pool{{.threads = 1, .waiting_max = 8, .on_fault = {}}};
  pool.drain();
  BOOST_TEST(!pool.try_submit([] {}));
  BOOST_TEST(!pool.reserve().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
