#include "gateway/register/register.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <string>
#include <vector>

#include "gateway/usecases/attendance_book.h"
#include "tests/support/child_process.h"
#include "tests/support/store_under_test.h"

namespace cpis::registry {
namespace {

namespace data = boost::unit_test::data;
using test::store_engines;
using test::StoreUnderTest;

class FixedClock final : public Clock {
 public:
  Time now() const override { return *parse_iso_time("2026-01-05T09:00:00Z"); }
};
const FixedClock fixed_clock;

const NhsNumber child = *NhsNumber::parse("9990123454");
const NhsNumber other = *NhsNumber::parse("9990000018");
const Council council{"E09000001", "Invented Borough", "02000000001", "02000000002"};

Date day(int year, unsigned month, unsigned d) {
  return Date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{d}};
}

UploadFile upload(std::int64_t sequence, NhsNumber person, std::optional<PlanDate> end = {}) {
  UploadFile file;
  file.sequence = sequence;
  file.created = fixed_clock.now();
  file.council = council;
  const PlanSubject subject{person,           "L-1", "E09000001:LCS", {"Zo\u00eb", "Example"},
                            day(2019, 2, 28), false};
  file.records.push_back({subject, {{PlanType::cpp, {day(2025, 6, 1), 30}, end, std::nullopt}}});
  return file;
}

ProtectionQuestion question(std::string id, NhsNumber person) {
  Caller nurse;
  nurse.organisation_code = "RX1";
  nurse.organisation_name = "Invented Hospital";
  nurse.role_code = "R8001";
  nurse.role_name = "Nurse";
  nurse.person_name = "A. Nurse";
  nurse.user_id = "nurse-1";
  const Time now = fixed_clock.now();
  return {std::move(id), person, nurse, now, now + std::chrono::seconds{8}};
}

ProtectionAnswer ask(Register& reg, ProtectionQuestion asked) {
  std::promise<ProtectionAnswer> answer;
  reg.ask(std::move(asked), [&](ProtectionAnswer given) { answer.set_value(std::move(given)); });
  return answer.get_future().get();
}

void check_both_are_held(Register& reg) {
  BOOST_TEST(std::holds_alternative<ProtectionRecord>(ask(reg, question("Q-1", child))));
  BOOST_TEST(std::holds_alternative<ProtectionRecord>(ask(reg, question("Q-2", other))));
}

std::unique_ptr<Register> open_register(store::Database& database) {
  auto opened = Register::open(database, fixed_clock, {});
  BOOST_REQUIRE_MESSAGE(opened, (opened ? std::string{} : opened.error().message));
  return *std::move(opened);
}

BOOST_AUTO_TEST_SUITE(register_contract_tests)

BOOST_DATA_TEST_CASE(a_plan_that_was_uploaded_is_answered_after_a_restart,
                     data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  {
    const auto reg = open_register(*store);
    const auto taken = reg->take(upload(1, child, PlanDate{day(2026, 3, 1), 90}));
    BOOST_REQUIRE_MESSAGE(taken, (taken ? std::string{} : taken.error().message));
    BOOST_TEST(taken->code == "CPF02");
    BOOST_TEST(taken->accepted == 1U);
    const auto repeated = reg->take(upload(1, child, PlanDate{day(2026, 3, 1), 90}));
    BOOST_REQUIRE(repeated);
    BOOST_TEST(repeated->code == "CPF02");
    const auto late = reg->take(upload(1, other));
    BOOST_REQUIRE(late);
    BOOST_TEST(late->code == "CPF01");
  }
  store.reopen();
  const auto reg = open_register(*store);
  const auto answer = ask(*reg, question("Q-1", child));
  const auto* record = std::get_if<ProtectionRecord>(&answer);
  BOOST_REQUIRE(record != nullptr);
  BOOST_REQUIRE_EQUAL(record->plans.size(), 1U);
  BOOST_TEST((record->plans[0].council == council));
  BOOST_TEST((record->plans[0].subject.name.given == "Zo\u00eb"));
  BOOST_TEST((record->plans[0].plan.end == PlanDate{day(2026, 3, 1), 90}));
  BOOST_TEST(std::holds_alternative<NoneHeld>(ask(*reg, question("Q-2", other))));
}

BOOST_DATA_TEST_CASE(one_look_is_one_access_and_one_notice, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  auto reg = open_register(*store);
  BOOST_REQUIRE(reg->take(upload(1, child)));
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST(std::holds_alternative<ProtectionRecord>(ask(*reg, question("Q-1", child))));
  }
  reg.reset();
  store.reopen();
  reg = open_register(*store);
  const auto accesses = reg->accesses(child, 10);
  BOOST_REQUIRE(accesses);
  BOOST_REQUIRE_EQUAL(accesses->size(), 1U);
  BOOST_TEST(accesses->front().by.role_name == "Nurse");
  BOOST_TEST(reg->access("Q-1")->has_value());
  BOOST_TEST(reg->accesses(std::nullopt, 10)->size() == 1U);
  const auto waiting = reg->notices(NoticeRow::State::waiting, council.ods_code, 10);
  BOOST_REQUIRE(waiting);
  BOOST_REQUIRE_EQUAL(waiting->size(), 1U);
  BOOST_TEST(waiting->front().access_id == "Q-1");
  BOOST_REQUIRE(reg->mark_delivered(*waiting, "notice-1.xml"));
  const std::vector<std::string> ids{waiting->front().id};
  BOOST_REQUIRE(reg->mark_acknowledged(ids));
  BOOST_TEST(reg->notices(NoticeRow::State::waiting, "", 10)->empty());
  const auto settled = reg->notices(NoticeRow::State::acknowledged, "", 10);
  BOOST_REQUIRE(settled);
  BOOST_REQUIRE_EQUAL(settled->size(), 1U);
  BOOST_TEST(settled->front().file == "notice-1.xml");
}

BOOST_DATA_TEST_CASE(identities_and_superseded_numbers_are_kept, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  {
    const auto reg = open_register(*store);
    BOOST_TEST(!*reg->identities_are_checked());
    BOOST_REQUIRE(reg->take(upload(1, child)));
    const std::vector<IndexedPerson> people{
        {child, {"Zo\u00eb", "Example"}, day(2019, 2, 28), true, false},
        {other, {"Ben", "Example"}, std::nullopt, false, false}};
    BOOST_REQUIRE(reg->load_people(people));
    BOOST_REQUIRE(reg->load_people(people));
    BOOST_TEST(*reg->identities_are_checked());
    const auto sensitive = reg->take(upload(2, child));
    BOOST_REQUIRE(sensitive);
    BOOST_REQUIRE_EQUAL(sensitive->records.size(), 1U);
    BOOST_TEST(sensitive->records[0].code == "CPR02");
    const std::vector<NhsNumber> replacements{other};
    BOOST_REQUIRE(reg->supersede(child, replacements));
  }
  store.reopen();
  const auto reg = open_register(*store);
  BOOST_TEST((*reg->replacements_of(child) == std::vector<NhsNumber>{other}));
  const auto notices = reg->notices(NoticeRow::State::waiting, "", 10);
  BOOST_REQUIRE(notices);
  BOOST_REQUIRE_EQUAL(notices->size(), 1U);
  BOOST_TEST((notices->front().kind == NoticeRow::Kind::inactive_number));
}

BOOST_DATA_TEST_CASE(people_and_attendances_come_back_after_a_restart, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  const usecases::PatientState patient{"9990123454",      child, day(2019, 2, 28), true,
                                       fixed_clock.now(), ""};
  usecases::AttendanceState visit;
  visit.id = "enc-1";
  visit.visit_key = "PAS|V1";
  visit.patient_id = patient.id;
  visit.feed = "adt";
  visit.check = usecases::CheckState::asked;
  visit.question_id = "Q-1";
  visit.last_event = fixed_clock.now();
  const auto save_all = [&](store::Session& session) -> Status {
    if (Status saved = usecases::save(session, patient, fixed_clock.now()); !saved) return saved;
    if (Status saved = usecases::save(session, visit, fixed_clock.now()); !saved) return saved;
    return usecases::save_link(session, "PAS|H1", patient.id);
  };
  for (int i = 0; i < 2; ++i) {
    const Status saved = store->write(save_all);
    BOOST_REQUIRE_MESSAGE(saved, (saved ? std::string{} : saved.error().message));
  }
  store.reopen();
  usecases::AttendanceBook book;
  BOOST_REQUIRE(store->read([&](store::Session& session) { return book.load(session); }));
  const auto* found = book.find("PAS|H1");
  BOOST_REQUIRE(found != nullptr);
  BOOST_TEST((found->nhs_number == child));
  BOOST_TEST((found->birth_date == day(2019, 2, 28)));
  BOOST_TEST(found->shielded);
  BOOST_TEST((found->told == fixed_clock.now()));
  BOOST_REQUIRE_EQUAL(book.unresolved().size(), 1U);
  BOOST_TEST(book.unresolved()[0].question_id == "Q-1");
}

// An import beside a gateway, or another gateway: what it put is answered, what it took away is
// not.
BOOST_DATA_TEST_CASE(what_another_process_uploads_is_answered_once_it_was_followed,
                     data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  const auto gateway = open_register(*store);
  auto import = Register::open(*store, fixed_clock, {{}, false});
  BOOST_REQUIRE(import);
  BOOST_REQUIRE(gateway->follow());
  BOOST_REQUIRE((*import)->take(upload(1, child)));
  BOOST_TEST(std::holds_alternative<NoneHeld>(ask(*gateway, question("Q-1", child))));
  BOOST_REQUIRE(gateway->follow());
  const auto held = ask(*gateway, question("Q-2", child));
  const auto* record = std::get_if<ProtectionRecord>(&held);
  BOOST_REQUIRE(record != nullptr);
  BOOST_TEST((record->plans.at(0).council == council));
  BOOST_TEST(!record->plans.at(0).id.empty());
  const std::string id = record->plans[0].id;
  // Another end, another telephone, and another person.
  UploadFile second = upload(2, child, PlanDate{day(2026, 3, 1), 90});
  second.council.office_phone = "02000000009";
  second.records.push_back(upload(2, other).records[0]);
  BOOST_REQUIRE((*import)->take(second));
  BOOST_REQUIRE(gateway->follow());
  const auto changed = ask(*gateway, question("Q-3", child));
  record = std::get_if<ProtectionRecord>(&changed);
  BOOST_REQUIRE(record != nullptr);
  BOOST_REQUIRE_EQUAL(record->plans.size(), 1U);
  BOOST_TEST((record->plans[0].plan.end == PlanDate{day(2026, 3, 1), 90}));
  BOOST_TEST(record->plans[0].council.office_phone == "02000000009");
  BOOST_TEST(record->plans[0].id == id);
  BOOST_TEST(std::holds_alternative<ProtectionRecord>(ask(*gateway, question("Q-4", other))));
  UploadFile third = upload(3, other);
  third.records[0].plans[0].deleted = PlanDate{day(2026, 1, 2), 0};
  BOOST_REQUIRE((*import)->take(third));
  BOOST_REQUIRE(gateway->follow());
  BOOST_TEST(std::holds_alternative<NoneHeld>(ask(*gateway, question("Q-5", other))));
  BOOST_TEST(std::holds_alternative<ProtectionRecord>(ask(*gateway, question("Q-6", child))));
}

BOOST_DATA_TEST_CASE(an_upload_of_ones_own_hides_none_of_another_process, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  const auto gateway = open_register(*store);
  auto import = Register::open(*store, fixed_clock, {{}, false});
  BOOST_REQUIRE(import);
  BOOST_REQUIRE(gateway->follow());
  BOOST_REQUIRE((*import)->take(upload(1, child)));
  BOOST_REQUIRE(gateway->take(upload(2, other)));
  BOOST_REQUIRE(gateway->follow());
  check_both_are_held(*gateway);
}

// The parts of one would be committed behind those of the other, which are followed by then.
BOOST_AUTO_TEST_CASE(two_processes_do_not_take_uploads_of_one_council_at_the_same_time) {
  StoreUnderTest store{"mariadb"};
  if (store.skipped()) return;
  store::OpenOptions options;
  options.statement_time_max = test::program_time_max;
  const auto beside = store::open_database(store.url(), options);
  BOOST_REQUIRE(beside);
  const auto gateway = open_register(*store);
  BOOST_REQUIRE(gateway->follow());
  auto slow = open_register(**beside);
  std::promise<void> begun;
  std::promise<void> go_on;
  RegisterNews news;
  news.concerns = [](NhsNumber) { return true; };
  news.plan = [&](store::Session&, NhsNumber, const StoredPlan&, bool) {
    begun.set_value();
    go_on.get_future().wait();
    return done;
  };
  slow->tell(std::move(news));
  auto first = std::async(std::launch::async, [&] { return bool(slow->take(upload(1, child))); });
  begun.get_future().wait();
  const auto second = gateway->take(upload(2, other));
  BOOST_TEST(bool(gateway->follow()));
  go_on.set_value();
  BOOST_TEST(first.get());
  BOOST_REQUIRE(!second);
  BOOST_TEST((second.error().kind == ErrorKind::busy));
  BOOST_REQUIRE(gateway->take(upload(2, other)));
  BOOST_REQUIRE(gateway->follow());
  check_both_are_held(*gateway);
}

// A process was killed in the middle; what comes next under the same number has other children.
BOOST_DATA_TEST_CASE(an_upload_that_was_broken_off_hides_none_of_the_next,
                     data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  const auto gateway = open_register(*store);
  auto import = Register::open(*store, fixed_clock, {{}, false});
  BOOST_REQUIRE(import);
  BOOST_REQUIRE((*import)->take(upload(1, child)));
  BOOST_REQUIRE(store->write([](store::Session& session) -> Status {
    const auto rows = session.execute("DELETE FROM upload", {});
    return rows ? done : Status{rows.error()};
  }));
  BOOST_REQUIRE(gateway->follow());
  BOOST_REQUIRE((*import)->take(upload(1, other)));
  BOOST_REQUIRE(gateway->follow());
  check_both_are_held(*gateway);
}

BOOST_DATA_TEST_CASE(subscribers_are_told_once_of_what_another_process_uploads,
                     data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  std::vector<std::string> told;
  const auto listen = [&](Register& reg) {
    RegisterNews news;
    news.concerns = [](NhsNumber person) { return person == child; };
    news.plan = [&told](store::Session&, NhsNumber person, const StoredPlan& plan, bool surely) {
      told.push_back(std::string{person.digits()} + (plan.plan.deleted ? " gone " : " put ") +
                     std::to_string(plan.upload_sequence) + (surely ? " surely" : ""));
      BOOST_TEST(plan.id.size() == 32U);
      return done;
    };
    reg.tell(std::move(news));
  };
  auto import = Register::open(*store, fixed_clock, {{}, false});
  BOOST_REQUIRE(import);
  UploadFile first = upload(1, child);
  first.records.push_back(upload(1, other).records[0]);
  BOOST_REQUIRE((*import)->take(first));
  // It starts afterwards: its memory is right, and subscribers were told by nobody.
  const auto gateway = open_register(*store);
  listen(*gateway);
  const auto second = open_register(*store);
  listen(*second);
  BOOST_REQUIRE(gateway->follow());
  BOOST_REQUIRE(second->follow());
  BOOST_TEST(told == std::vector<std::string>{"9990123454 put 1 surely"},
             boost::test_tools::per_element());
  UploadFile gone = upload(2, child);
  gone.records[0].plans[0].deleted = PlanDate{day(2026, 1, 2), 0};
  BOOST_REQUIRE((*import)->take(gone));
  BOOST_REQUIRE(gateway->follow());
  BOOST_REQUIRE(second->follow());
  // Its own uploads it tells of itself, in their transaction.
  BOOST_REQUIRE(gateway->take(upload(3, child)));
  BOOST_REQUIRE(gateway->follow());
  BOOST_REQUIRE(second->follow());
  BOOST_TEST(told == (std::vector<std::string>{"9990123454 put 1 surely",
                                               "9990123454 gone 2 surely", "9990123454 put 3"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::registry
