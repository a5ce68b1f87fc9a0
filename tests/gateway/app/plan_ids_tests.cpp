#include "gateway/app/plan_ids.h"

#include <boost/test/unit_test.hpp>
#include <set>

#include "gateway/store/open.h"
#include "tests/support/scratch_folder.h"

using namespace cpis;
using app::PlanIds;

BOOST_AUTO_TEST_SUITE(plan_ids_tests)

namespace {

const NhsNumber child = *NhsNumber::parse("9990123454");

HeldPlan plan(PlanType type, std::string_view start, std::string council, std::string id = "") {
  return {{type, {*parse_iso_date(start), 0}, {}, {}},
          {std::move(council), "Wrenshire County Council", "01632960110", "01632960119"},
          {child, "", "", {"Robin", "Lark"}, parse_iso_date("2017-03-04"), false},
          Time{},
          std::move(id)};
}

std::vector<std::string> ids_of(const PlanIds& ids, std::vector<HeldPlan> plans) {
  ProtectionRecord record{child, std::move(plans), {}, false};
  ids.fill(record);
  std::vector<std::string> made;
  for (const HeldPlan& held : record.plans) made.push_back(held.id);
  return made;
}

}  // namespace

BOOST_AUTO_TEST_CASE(plans_that_differ_in_anything_have_different_opaque_ids) {
  const auto ids =
      ids_of(PlanIds{"key"},
             {plan(PlanType::cpp, "2025-01-15", "961"), plan(PlanType::lac, "2025-01-15", "961"),
              plan(PlanType::cpp, "2025-01-16", "961"), plan(PlanType::cpp, "2025-01-15", "962"),
              plan(PlanType::cpp, "2025-01-15", "961")});
  BOOST_TEST(std::set<std::string>(ids.begin(), ids.end()).size() == 5U);
  for (const std::string& id : ids) {
    BOOST_TEST(id.size() == 32U);
    BOOST_TEST(id.find_first_not_of("0123456789abcdef") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(an_id_that_the_source_gave_is_left_alone) {
  const auto ids =
      ids_of(PlanIds{"key"}, {plan(PlanType::cpp, "2025-01-15", "961", "given-by-the-source")});
  BOOST_TEST(ids.front() == "given-by-the-source");
}

// Who knows the child and the plan cannot compute the id: it takes the key of the store.
BOOST_AUTO_TEST_CASE(another_key_gives_other_ids) {
  const std::vector<HeldPlan> plans{plan(PlanType::cpp, "2025-01-15", "961")};
  BOOST_TEST(ids_of(PlanIds{"key"}, plans) != ids_of(PlanIds{"other"}, plans));
}

BOOST_AUTO_TEST_CASE(a_store_keeps_its_key_and_another_store_has_another) {
  const std::vector<HeldPlan> plans{plan(PlanType::cpp, "2025-01-15", "961")};
  const test::ScratchFolder folder;
  const auto ids_in = [&](std::string_view file) {
    const auto database = store::open_database("sqlite:" + folder.file(file));
    BOOST_REQUIRE_MESSAGE(database, (database ? "" : database.error().message));
    const auto ids = PlanIds::open(**database);
    BOOST_REQUIRE_MESSAGE(ids, (ids ? "" : ids.error().message));
    std::vector<std::string> made = ids_of(*ids, plans);
    (*database)->close();
    return made;
  };
  const auto first = ids_in("a.db");
  BOOST_TEST(ids_in("a.db") == first);
  BOOST_TEST(ids_in("b.db") != first);
}

BOOST_AUTO_TEST_SUITE_END()
