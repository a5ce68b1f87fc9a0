#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "gateway/store/counters.h"
#include "gateway/store/resource_store.h"
#include "tests/support/store_under_test.h"

namespace cpis::store {
namespace {

namespace data = boost::unit_test::data;
using test::store_engines;
using test::StoreUnderTest;

const Time start = *parse_iso_time("2026-01-05T09:00:00Z");
constexpr Duration minute = std::chrono::minutes{1};
const ResourceStore resources;

template <class T>
Result<T> in_work(Database& database, const std::function<Result<T>(Session&)>& work) {
  std::optional<T> value;
  const Status status = database.write([&](Session& session) -> Status {
    auto result = work(session);
    if (!result) return result.error();
    value = *std::move(result);
    return done;
  });
  if (!status) return status.error();
  return *std::move(value);
}

Result<std::int64_t> put(Database& database, std::string_view id, std::string_view body,
                         std::int64_t change_id, std::optional<std::int64_t> if_version = {}) {
  return in_work<std::int64_t>(database, [&](Session& session) {
    return resources.put(session, {"Patient", id, body, start, change_id, if_version});
  });
}

Result<std::int64_t> remove(Database& database, std::string_view id, std::int64_t change_id) {
  return in_work<std::int64_t>(database, [&](Session& session) {
    return resources.remove(session, {"Patient", id, "ignored", start, change_id, {}});
  });
}

std::optional<StoredResource> read(Database& database, std::string_view id,
                                   std::optional<std::int64_t> version = {}) {
  std::optional<StoredResource> found;
  BOOST_REQUIRE(database.read([&](Session& session) -> Status {
    auto one = version ? resources.read_version(session, "Patient", id, *version)
                       : resources.read(session, "Patient", id);
    if (!one) return one.error();
    found = *std::move(one);
    return done;
  }));
  return found;
}

BOOST_AUTO_TEST_SUITE(resource_contract_tests)

BOOST_DATA_TEST_CASE(each_change_is_a_version_that_stays_readable, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  BOOST_TEST(*put(*store, "a", "one", 10) == 1);
  BOOST_TEST(*put(*store, "a", "two", 11) == 2);
  BOOST_TEST(*remove(*store, "a", 12) == 3);
  BOOST_TEST(*put(*store, "a", "four", 13) == 4);
  store.reopen();
  BOOST_TEST(read(*store, "a")->body == "four");
  BOOST_TEST(read(*store, "a", 1)->body == "one");
  BOOST_TEST(read(*store, "a", 2)->body == "two");
  BOOST_TEST(read(*store, "a", 3)->deleted);
  BOOST_TEST(read(*store, "a", 3)->body.empty());
  BOOST_TEST(read(*store, "a", 4)->body == "four");
  BOOST_TEST(!read(*store, "a", 5).has_value());
  BOOST_TEST(!read(*store, "b").has_value());
}

BOOST_DATA_TEST_CASE(history_is_newest_first_and_pages, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  for (std::int64_t i = 1; i <= 5; ++i) BOOST_REQUIRE(put(*store, "a", std::to_string(i), i));
  const auto page = [&](std::int64_t before, std::size_t max) {
    std::string bodies;
    BOOST_REQUIRE(store->read([&](Session& session) -> Status {
      const auto versions = resources.history(session, "Patient", "a", before, max);
      if (!versions) return versions.error();
      for (const StoredResource& version : *versions) bodies += version.body;
      return done;
    }));
    return bodies;
  };
  BOOST_TEST(page(1000, 3) == "543");
  BOOST_TEST(page(3, 3) == "21");
  BOOST_TEST(page(1000, 1) == "5");
  BOOST_TEST(page(1, 3).empty());
}

BOOST_DATA_TEST_CASE(the_history_of_a_type_is_newest_first_over_all_its_resources,
                     data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  BOOST_REQUIRE(put(*store, "a", "1", 10));
  BOOST_REQUIRE(put(*store, "b", "2", 20));
  BOOST_REQUIRE(put(*store, "a", "3", 30));
  BOOST_REQUIRE(remove(*store, "b", 40));
  const auto changes = [&](std::int64_t before, std::size_t max) {
    std::vector<std::int64_t> ids;
    BOOST_REQUIRE(store->read([&](Session& session) -> Status {
      auto found = resources.type_history(session, "Patient", before, Time{}, max);
      if (!found) return found.error();
      ids.clear();
      for (const StoredResource& each : *found) ids.push_back(each.change_id);
      return done;
    }));
    return ids;
  };
  BOOST_TEST((changes(1000, 10) == std::vector<std::int64_t>{40, 30, 20, 10}));
  BOOST_TEST((changes(1000, 3) == std::vector<std::int64_t>{40, 30, 20}));
  BOOST_TEST((changes(20, 3) == std::vector<std::int64_t>{10}));
}

BOOST_DATA_TEST_CASE(an_unexpected_version_is_a_conflict, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  BOOST_TEST(*put(*store, "a", "one", 10, 0) == 1);
  const auto created_twice = put(*store, "a", "other", 11, 0);
  BOOST_REQUIRE(!created_twice);
  BOOST_TEST((created_twice.error().kind == ErrorKind::conflict));
  BOOST_TEST(*put(*store, "a", "two", 12, 1) == 2);
  BOOST_TEST(!put(*store, "a", "late", 13, 1));
  BOOST_TEST(read(*store, "a")->body == "two");
}

BOOST_DATA_TEST_CASE(a_change_that_runs_again_is_recognised, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  BOOST_TEST(*put(*store, "a", "one", 10) == 1);
  BOOST_TEST(*put(*store, "a", "one", 10) == 1);
  BOOST_TEST(*remove(*store, "a", 11) == 2);
  BOOST_TEST(*remove(*store, "a", 11) == 2);
  const auto gone = remove(*store, "a", 12);
  BOOST_REQUIRE(!gone);
  BOOST_TEST((gone.error().kind == ErrorKind::not_found));
  BOOST_TEST(!remove(*store, "never", 13));
}

BOOST_DATA_TEST_CASE(the_projection_reads_all_that_is_current, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  BOOST_REQUIRE(store->write([](Session& session) -> Status {
    for (std::int64_t i = 1; i <= 1203; ++i) {
      const auto added =
          resources.put(session, {"Patient", std::to_string(i), "body", start, i, std::nullopt});
      if (!added) return added.error();
    }
    const auto other = resources.put(session, {"Flag", "f", "x", start, 5000, std::nullopt});
    if (!other) return other.error();
    return done;
  }));
  BOOST_REQUIRE(remove(*store, "7", 6000));
  std::vector<std::string> ids;
  BOOST_REQUIRE(store->read([&](Session& session) {
    return resources.read_all(session, "Patient", [&](const StoredResource& r) -> Status {
      ids.push_back(r.id);
      return done;
    });
  }));
  BOOST_TEST(ids.size() == 1202U);
  std::vector<std::int64_t> changes;
  BOOST_REQUIRE(store->read([&](Session& session) {
    return resources.changed_since(session, 1203, 10, [&](const StoredResource& r) -> Status {
      changes.push_back(r.change_id);
      return done;
    });
  }));
  BOOST_TEST((changes == std::vector<std::int64_t>{5000, 6000}));
}

BOOST_DATA_TEST_CASE(a_bad_key_is_refused, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  BOOST_TEST(!put(*store, "", "x", 1));
  BOOST_TEST(!put(*store, std::string(65, 'x'), "x", 1));
  BOOST_TEST(bool(put(*store, std::string(64, 'x'), "x", 1)));
}

BOOST_DATA_TEST_CASE(numbers_of_a_sequence_are_never_given_twice, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  const auto take = [&](std::int64_t count) {
    return *in_work<std::int64_t>(
        *store, [&](Session& session) { return take_numbers(session, "mesh", count); });
  };
  BOOST_TEST(take(1) == 1);
  BOOST_TEST(take(10) == 2);
  store.reopen();
  BOOST_TEST(take(1) == 12);
  BOOST_TEST(*in_work<std::int64_t>(
                 *store, [](Session& session) { return take_numbers(session, "spine"); }) == 1);
  BOOST_TEST(!in_work<std::int64_t>(
      *store, [](Session& session) { return take_numbers(session, "spine", 0); }));
}

BOOST_DATA_TEST_CASE(a_lease_has_one_holder_until_it_runs_out, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  const auto take = [&](std::string_view holder, Time now) {
    const auto lease = in_work<std::optional<std::int64_t>>(*store, [&](Session& session) {
      return take_lease(session, "outbox", holder, now, minute);
    });
    BOOST_REQUIRE_MESSAGE(lease, (lease ? "" : lease.error().message));
    return *lease;
  };
  BOOST_TEST(take("one", start).value() == 1);
  BOOST_TEST(!take("two", start + minute / 2).has_value());
  BOOST_TEST(take("one", start + minute / 2).value() == 1);
  BOOST_TEST(!take("two", start + minute).has_value());
  BOOST_TEST(take("two", start + minute + minute / 2).value() == 2);
  BOOST_TEST(!take("one", start + 2 * minute).has_value());
  BOOST_REQUIRE(
      store->write([](Session& session) { return return_lease(session, "outbox", "two"); }));
  BOOST_TEST(take("one", start + 2 * minute).value() == 3);
}

// What was decided under a lease is not kept once somebody else has had it.
BOOST_DATA_TEST_CASE(a_lease_that_another_had_meanwhile_holds_no_more, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  const auto take = [&](std::string_view holder, Time now) {
    return *in_work<std::optional<std::int64_t>>(
        *store, [&](Session& s) { return take_lease(s, "arrivals", holder, now, minute); });
  };
  Prolong prolong = Prolong::when_half_over;
  const auto hold = [&](std::string_view holder, std::int64_t fence, Time now) {
    return store->write(
        [&](Session& s) { return hold_lease(s, "arrivals", holder, fence, now, minute, prolong); });
  };
  const auto may_take = [&](std::string_view holder, Time now) {
    return *in_work<bool>(*store,
                          [&](Session& s) { return may_take_lease(s, "arrivals", holder, now); });
  };
  BOOST_TEST(!hold("one", 1, start));
  BOOST_TEST(may_take("one", start));
  BOOST_TEST(take("one", start).value() == 1);
  BOOST_TEST(bool(hold("one", 1, start)));
  BOOST_TEST(may_take("one", start));
  BOOST_TEST(!may_take("two", start));
  // Prolonged when half of it has passed, and not before.
  BOOST_TEST(bool(hold("one", 1, start + minute / 4)));
  BOOST_TEST(may_take("two", start + minute));
  BOOST_TEST(bool(hold("one", 1, start + 3 * minute / 4)));
  BOOST_TEST(!may_take("two", start + minute));
  prolong = Prolong::always;
  BOOST_TEST(bool(hold("one", 1, start + minute)));
  BOOST_TEST(!may_take("two", start + minute + 3 * minute / 4));
  // Nobody took it meanwhile: it holds although its time is over.
  BOOST_TEST(bool(hold("one", 1, start + 5 * minute)));
  BOOST_TEST(take("two", start + 7 * minute).value() == 2);
  const Status lost = hold("one", 1, start + 7 * minute);
  BOOST_REQUIRE(!lost);
  BOOST_TEST((lost.error().kind == ErrorKind::unavailable));
  BOOST_TEST(take("one", start + 9 * minute).value() == 3);
  BOOST_TEST(!hold("one", 1, start + 9 * minute));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
