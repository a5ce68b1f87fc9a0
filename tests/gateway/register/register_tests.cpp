#include "gateway/register/register.h"

#include <boost/test/unit_test.hpp>
#include <future>
#include <memory>
#include <string>

#include "gateway/store/open.h"
#include "tests/support/scratch_folder.h"

using namespace cpis;
using namespace cpis::registry;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(register_tests)

namespace {

class ManualClock final : public Clock {
 public:
  Time now() const override { return at; }
  Time at = *parse_iso_time("2026-01-05T09:00:00Z");
};

const NhsNumber child = *NhsNumber::parse("9990123454");
const NhsNumber mother = *NhsNumber::parse("9990000018");
const Council testshire{"999", "Testshire County Council", "01632960001", "01632960002"};
const Council othershire{"998", "Othershire Council", "01632960003", "01632960004"};

PlanDate day(std::string_view text) { return {*parse_iso_date(text), 0}; }

UploadRecord child_record(std::string_view start, std::string_view end = "") {
  Plan plan{PlanType::cpp, day(start), {}, {}};
  if (!end.empty()) plan.end = day(end);
  return {
      {child, "LCS-100", "999:TESTSHIRE", {"Alex", "Sample"}, parse_iso_date("2018-04-12"), false},
      {plan}};
}

UploadRecord unborn_record() {
  return {{mother, "LCS-200", "", {"Jo", "Sample"}, parse_iso_date("1999-09-09"), true},
          {Plan{PlanType::ucp, day("2025-12-01"), day("2026-03-01"), {}}}};
}

UploadFile upload(std::int64_t sequence, std::vector<UploadRecord> records,
                  const Council& council = testshire) {
  return {sequence, *parse_iso_time("2026-01-05T02:00:00Z"), council, std::move(records)};
}

Caller nurse(std::string user = "u1") {
  Caller caller;
  caller.organisation_code = "RXX01";
  caller.organisation_name = "Testshire Royal";
  caller.role_code = "R0260";
  caller.role_name = "Nurse";
  caller.person_name = "Nia Nurse";
  caller.user_id = std::move(user);
  return caller;
}

struct Fixture {
  Fixture() { reopen(); }
  void reopen() {
    held.reset();
    database.reset();
    auto opened = store::open_database("sqlite:" + folder.file("register.db"));
    BOOST_REQUIRE(opened);
    database = *std::move(opened);
    auto registry = Register::open(*database, clock, {});
    BOOST_REQUIRE(registry);
    held = *std::move(registry);
  }
  ProtectionAnswer ask(const NhsNumber& person, Caller caller, std::string id) {
    std::promise<ProtectionAnswer> answered;
    held->ask({std::move(id), person, std::move(caller), clock.at, clock.at + 30s},
              [&](ProtectionAnswer answer) { answered.set_value(std::move(answer)); });
    return answered.get_future().get();
  }
  std::size_t waiting() {
    const auto notices = held->notices(NoticeRow::State::waiting, "", 100);
    BOOST_REQUIRE(notices);
    return notices->size();
  }
  UploadResult take(const UploadFile& file) {
    auto result = held->take(file);
    BOOST_REQUIRE(result);
    return *std::move(result);
  }

  test::ScratchFolder folder;
  ManualClock clock;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<Register> held;
};

const std::string id_1 = "7D616840-AE1A-41DB-973A-B18E1E0994C1";
const std::string id_2 = "7D616840-AE1A-41DB-973A-B18E1E0994C2";

}  // namespace

BOOST_FIXTURE_TEST_CASE(an_uploaded_plan_is_found_with_its_council, Fixture) {
  const UploadResult result = take(upload(1, {child_record("2025-01-15")}));
  BOOST_TEST(result.code == "CPF02");
  BOOST_TEST(result.accepted == 1U);
  const auto answer = ask(child, nurse(), id_1);
  const auto* record = std::get_if<ProtectionRecord>(&answer);
  BOOST_REQUIRE(record != nullptr);
  BOOST_REQUIRE_EQUAL(record->plans.size(), 1U);
  BOOST_TEST((record->plans[0].council == testshire));
  BOOST_TEST(record->plans[0].subject.local_id == "LCS-100");
  BOOST_TEST(record->plans[0].id.size() == 32U);
}

// Safety: a person without a record is told apart from a failure, and leaves no trace.
BOOST_FIXTURE_TEST_CASE(nobody_held_is_a_definite_answer_without_a_notice, Fixture) {
  const auto answer = ask(child, nurse(), id_1);
  BOOST_TEST(std::holds_alternative<NoneHeld>(answer));
  BOOST_TEST(waiting() == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_unscheduled_look_is_listed_and_owed_to_the_council, Fixture) {
  take(upload(7, {child_record("2025-01-15")}));
  const auto answer = ask(child, nurse(), id_1);
  const auto& record = std::get<ProtectionRecord>(answer);
  // Previous accesses include the one being answered (cpis.md 8.2).
  BOOST_REQUIRE_EQUAL(record.accesses.size(), 1U);
  BOOST_TEST(record.accesses[0].id == id_1);
  const auto notices = held->notices(NoticeRow::State::waiting, "", 10);
  BOOST_REQUIRE(notices);
  BOOST_REQUIRE_EQUAL(notices->size(), 1U);
  BOOST_TEST((*notices)[0].council == "999");
  BOOST_TEST((*notices)[0].local_id == "LCS-100");
  BOOST_TEST((*notices)[0].upload_sequence == 7);
}

BOOST_FIXTURE_TEST_CASE(a_scheduled_look_leaves_neither_access_nor_notice, Fixture) {
  take(upload(1, {child_record("2025-01-15")}));
  Caller caller = nurse();
  caller.setting = CareSetting::scheduled;
  const auto answer = ask(child, caller, id_1);
  BOOST_TEST(std::get<ProtectionRecord>(answer).accesses.empty());
  BOOST_TEST(waiting() == 0U);
}

// A second notification caused by us must never happen.
BOOST_FIXTURE_TEST_CASE(the_same_question_again_notifies_nobody_twice, Fixture) {
  take(upload(1, {child_record("2025-01-15")}));
  ask(child, nurse(), id_1);
  ask(child, nurse(), id_1);
  BOOST_TEST(waiting() == 1U);
  ask(child, nurse(), id_2);
  BOOST_TEST(waiting() == 2U);
}

BOOST_FIXTURE_TEST_CASE(every_responsible_council_is_owed_a_notice_once, Fixture) {
  take(upload(1, {child_record("2025-01-15")}));
  UploadRecord looked_after = child_record("2024-05-01");
  looked_after.plans[0].type = PlanType::lac;
  take(upload(1, {looked_after}, othershire));
  const auto answer = ask(child, nurse(), id_1);
  BOOST_TEST(std::get<ProtectionRecord>(answer).plans.size() == 2U);
  BOOST_TEST(waiting() == 2U);
}

BOOST_FIXTURE_TEST_CASE(an_unborn_childs_plan_is_found_under_the_mother, Fixture) {
  take(upload(1, {unborn_record()}));
  const auto answer = ask(mother, nurse(), id_1);
  const auto& record = std::get<ProtectionRecord>(answer);
  BOOST_TEST((record.plans.at(0).plan.type == PlanType::ucp));
  BOOST_TEST(record.plans.at(0).subject.is_mother);
}

BOOST_FIXTURE_TEST_CASE(identities_are_matched_once_there_is_an_index, Fixture) {
  const IndexedPerson indexed{
      child, {"Alex", "Sample"}, parse_iso_date("2018-04-12"), false, false};
  BOOST_REQUIRE(held->load_people(std::span{&indexed, 1}));
  UploadRecord misspelt = child_record("2025-01-15");
  misspelt.subject.name.family = "Simple";
  const UploadResult result = take(upload(1, {misspelt, unborn_record()}));
  BOOST_TEST(result.code == "CPF04");
  BOOST_TEST(result.records.at(0).code == "CPR03");
  BOOST_TEST(result.records.at(1).code == "CPR01");
  const UploadResult partly = take(upload(2, {child_record("2025-01-15"), unborn_record()}));
  BOOST_TEST(partly.code == "CPF03");
  BOOST_TEST(partly.accepted == 1U);
  BOOST_TEST(partly.rejected == 1U);
}

BOOST_FIXTURE_TEST_CASE(impossible_plans_are_refused_with_a_reason, Fixture) {
  UploadRecord ends_early = child_record("2025-01-15", "2024-01-01");
  UploadRecord unborn_without_end = unborn_record();
  unborn_without_end.plans[0].end.reset();
  UploadRecord child_as_unborn = child_record("2025-01-15");
  child_as_unborn.plans[0].type = PlanType::ucp;
  child_as_unborn.plans[0].end = day("2026-05-01");
  const UploadResult result = take(upload(1, {ends_early, unborn_without_end, child_as_unborn}));
  BOOST_TEST(result.code == "CPF04");
  for (const RecordResult& record : result.records) {
    BOOST_TEST(record.code == "CPR07");
    BOOST_TEST(!record.detail.empty());
  }
}

BOOST_FIXTURE_TEST_CASE(a_repeated_file_gets_the_same_answer_and_a_reused_number_is_refused,
                        Fixture) {
  const UploadFile file = upload(5, {child_record("2025-01-15")});
  const UploadResult first = take(file);
  const UploadResult again = take(file);
  BOOST_TEST((first.records == again.records));
  BOOST_TEST(again.code == "CPF02");
  BOOST_TEST(take(upload(5, {child_record("2025-01-16")})).code == "CPF01");
  BOOST_TEST(take(upload(4, {child_record("2025-01-16")})).code == "CPF01");
  BOOST_TEST(take(upload(6, {})).code == "CPF01");
}

// A plan must never end because a row was missing.
BOOST_FIXTURE_TEST_CASE(absence_from_a_later_file_ends_nothing, Fixture) {
  take(upload(1, {child_record("2025-01-15"), unborn_record()}));
  take(upload(2, {unborn_record()}));
  const auto answer = ask(child, nurse(), id_1);
  BOOST_TEST(std::holds_alternative<ProtectionRecord>(answer));
}

BOOST_FIXTURE_TEST_CASE(an_update_keeps_the_plans_id_and_a_delete_removes_it, Fixture) {
  take(upload(1, {child_record("2025-01-15")}));
  const auto before = std::get<ProtectionRecord>(ask(child, nurse(), id_1)).plans.at(0).id;
  take(upload(2, {child_record("2025-01-15", "2025-12-01")}));
  const auto after = std::get<ProtectionRecord>(ask(child, nurse("u2"), id_2)).plans.at(0);
  BOOST_TEST(after.id == before);
  BOOST_TEST(after.plan.end.has_value());
  UploadRecord erroneous = child_record("2025-01-15");
  erroneous.plans[0].deleted = day("2026-01-05");
  take(upload(3, {erroneous}));
  BOOST_TEST(std::holds_alternative<NoneHeld>(ask(child, nurse("u3"), "X")));
}

BOOST_FIXTURE_TEST_CASE(a_superseded_number_owes_the_council_a_notice, Fixture) {
  take(upload(1, {child_record("2025-01-15")}));
  BOOST_REQUIRE(held->supersede(child, std::span{&mother, 1}));
  const auto notices = held->notices(NoticeRow::State::waiting, "999", 10);
  BOOST_REQUIRE(notices);
  BOOST_REQUIRE_EQUAL(notices->size(), 1U);
  BOOST_TEST(((*notices)[0].kind == NoticeRow::Kind::inactive_number));
  const auto replacements = held->replacements_of(child);
  BOOST_REQUIRE(replacements);
  BOOST_TEST(replacements->size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(everything_is_there_after_a_restart, Fixture) {
  take(upload(1, {child_record("2025-01-15"), unborn_record()}));
  const auto before = std::get<ProtectionRecord>(ask(child, nurse(), id_1));
  reopen();
  const auto found = held->view().find(child, *parse_iso_date("2026-01-05"), {});
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST((*found == before));
  BOOST_TEST(waiting() == 1U);
  BOOST_TEST((held->view().person_of(before.plans[0].id) == child));
}

BOOST_FIXTURE_TEST_CASE(telephones_are_those_of_the_newest_upload, Fixture) {
  take(upload(1, {child_record("2025-01-15")}));
  Council moved = testshire;
  moved.emergency_phone = "01632960099";
  take(upload(2, {unborn_record()}, moved));
  const auto answer = ask(child, nurse(), id_1);
  BOOST_TEST(std::get<ProtectionRecord>(answer).plans.at(0).council.emergency_phone ==
             "01632960099");
}

BOOST_AUTO_TEST_SUITE_END()
