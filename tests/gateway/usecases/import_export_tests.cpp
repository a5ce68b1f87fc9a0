#include "gateway/usecases/import_export.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <vector>

#include "gateway/store/open.h"
#include "gateway/usecases/council_book.h"
#include "profiles/social_care/mapping_profiles.h"
#include "tests/support/scratch_folder.h"

using namespace cpis;
using namespace cpis::usecases;
namespace sc = cpis::social_care;

BOOST_AUTO_TEST_SUITE(import_export_tests)

namespace {

class ManualClock final : public Clock {
 public:
  Time now() const override { return at; }
  Time at = *parse_iso_time("2026-06-15T02:00:00Z");
};

const Council testshire{"E10", "Testshire County Council", "01632960001", "01632960002"};

NhsNumber number_of(std::uint64_t child) {
  for (std::uint64_t value = 9990000000U + child * 100U;; ++value) {
    if (const auto number = NhsNumber::from_value(value)) return *number;
  }
}

// One row of the cohort CSV.
struct Row {
  int child = 0;
  std::string end = {};
  std::string surname = "Sample";
  std::string deleted = {};
  std::string start = "2026-01-05";
};

std::string cohort(const std::vector<Row>& rows) {
  std::string csv =
      "source_plan_key,la_person_id,nhs_number,no_nhs_number_reason,surname,given_names,birth_date,"
      "expected_birth_date,plan_type,plan_start,plan_end,delete_date,delete_reason,legal_status,"
      "mother_la_person_id,mother_nhs_number,mother_surname,mother_given_names,mother_birth_date,"
      "owning_la\n";
  for (const Row& row : rows) {
    const std::string id = std::to_string(row.child);
    csv += "P" + id + ",C" + id + "," +
           std::string{number_of(static_cast<std::uint64_t>(row.child)).digits()} + ",," +
           row.surname + ",Alex,2018-04-12,,CPP," + row.start + "," + row.end + "," + row.deleted +
           "," + (row.deleted.empty() ? "" : "wrong child") + ",,,,,,,999\n";
  }
  return csv + "#END," + std::to_string(rows.size()) + "\n";
}

std::vector<Row> children(int count) {
  std::vector<Row> rows;
  for (int i = 1; i <= count; ++i) rows.push_back({i});
  return rows;
}

registry::IndexedPerson indexed(int child, std::string family = "Sample") {
  return {number_of(static_cast<std::uint64_t>(child)),
          {"Alex", std::move(family)},
          parse_iso_date("2018-04-12")};
}

struct Fixture {
  Fixture() {
    auto read = sc::read_profile(profiles::find_mapping_profile("cohort")->json);
    BOOST_REQUIRE(read);
    profile = *std::move(read);
    sc::set_authority(profile, "999", testshire);
    reopen();
  }
  void reopen() {
    held.reset();
    database.reset();
    auto opened = store::open_database("sqlite:" + folder.file("council.db"));
    BOOST_REQUIRE(opened);
    database = *std::move(opened);
    auto registry = registry::Register::open(*database, clock, {});
    BOOST_REQUIRE(registry);
    held = *std::move(registry);
  }
  Result<ImportOutcome> attempt(const std::vector<Row>& rows, const Release& release = {},
                                const std::string& name = "cohort.csv", bool dry_run = false) {
    sc::ExportSet files;
    files.add(name, cohort(rows));
    if (door)
      return ImportExport{*database, *held, clock, door}.run(profile, files, dry_run, release);
    return ImportExport{*database, *held, clock}.run(profile, files, dry_run, release);
  }
  RunOutcome import(const std::vector<Row>& rows, const Release& release = {},
                    const std::string& name = "cohort.csv") {
    auto outcome = attempt(rows, release, name);
    BOOST_REQUIRE(outcome);
    BOOST_REQUIRE(!outcome->counts.refused);
    return std::move(outcome->run);
  }
  std::vector<sc::WorkEntry> work() {
    std::vector<sc::WorkEntry> found;
    BOOST_REQUIRE(database->read([&](store::Session& session) -> Status {
      auto read = work_list(session, "E10", false);
      if (!read) return read.error();
      found = *std::move(read);
      return done;
    }));
    return found;
  }
  std::string open_plan_end(int child) {
    const auto found =
        held->view().find(number_of(static_cast<std::uint64_t>(child)), london_date(clock.at), {});
    if (!found) return "none";
    const auto& end = found->plans.front().plan.end;
    return end ? to_iso(end->day) : "open";
  }

  ManualClock clock;
  test::ScratchFolder folder;
  sc::Profile profile;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<registry::Register> held;
  UploadDoor door;
};

bool has_rule(const Findings& findings, std::string_view rule) {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const Finding& finding) { return finding.rule == rule; });
}

const Release two_people{"Ann Able", "Bo Best"};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_first_run_sends_all_and_a_repeat_sends_nothing, Fixture) {
  const RunOutcome first = import(children(10));
  BOOST_TEST(first.records_sent == 10U);
  BOOST_REQUIRE(first.upload);
  BOOST_TEST(first.upload->code == "CPF02");
  BOOST_TEST(first.open_work == 0U);
  const RunOutcome again = import(children(10));
  BOOST_TEST(has_rule(again.held, "F02"));
  BOOST_TEST(!again.upload);
  BOOST_TEST(again.unchanged == 10U);
  BOOST_TEST(again.changes == 0U);
  // The same content in other bytes is no repeat of the file, and still nothing is sent.
  auto reversed = children(10);
  std::reverse(reversed.begin(), reversed.end());
  const RunOutcome same = import(reversed);
  BOOST_TEST(same.held.empty());
  BOOST_TEST(!same.upload);
  BOOST_TEST(same.records_sent == 0U);
}

BOOST_FIXTURE_TEST_CASE(only_what_changed_is_sent_and_an_added_end_is_one_record, Fixture) {
  import(children(10));
  auto rows = children(11);
  rows[3].end = "2026-06-10";
  const RunOutcome next = import(rows);
  BOOST_TEST(next.records_sent == 2U);
  BOOST_REQUIRE(next.upload);
  BOOST_TEST(next.upload->sequence == 2);
  BOOST_TEST(open_plan_end(4) == "2026-06-10");
  BOOST_TEST(open_plan_end(11) == "open");
  BOOST_TEST(open_plan_end(5) == "open");
}

BOOST_FIXTURE_TEST_CASE(a_removed_row_ends_nothing_and_somebody_is_asked, Fixture) {
  import(children(10));
  auto rows = children(10);
  rows.erase(rows.begin() + 2);
  const RunOutcome next = import(rows);
  BOOST_TEST(!next.upload);
  BOOST_TEST(next.doubts == 1U);
  BOOST_TEST(open_plan_end(3) == "open");
  const auto list = work();
  BOOST_REQUIRE_EQUAL(list.size(), 1U);
  BOOST_TEST((list[0].item.kind == sc::WorkKind::vanished));
  BOOST_TEST(list[0].item.person_key == "C3");
  BOOST_TEST(list[0].item.reason == "D01");
  // It comes back: the matter is settled by itself, and nothing needs to be sent.
  const RunOutcome back = import(children(10));
  BOOST_TEST(back.held.empty());
  BOOST_TEST(!back.upload);
  BOOST_TEST(work().empty());
}

BOOST_FIXTURE_TEST_CASE(a_refused_record_waits_for_its_correction_and_is_then_sent_alone, Fixture) {
  std::vector<registry::IndexedPerson> people;
  for (int i = 1; i <= 5; ++i) people.push_back(indexed(i));
  BOOST_REQUIRE(held->load_people(people));
  auto rows = children(5);
  rows[1].surname = "Mistyped";
  const RunOutcome first = import(rows);
  BOOST_REQUIRE(first.upload);
  BOOST_TEST(first.upload->code == "CPF03");
  BOOST_TEST(has_rule(first.refusals, "CPR03"));
  auto list = work();
  BOOST_REQUIRE_EQUAL(list.size(), 1U);
  BOOST_TEST((list[0].item.kind == sc::WorkKind::rejected));
  BOOST_TEST(list[0].item.reason == "CPR03");
  BOOST_TEST(open_plan_end(2) == "none");
  // Not corrected: never retried blindly, and the item stays.
  std::reverse(rows.begin(), rows.end());
  const RunOutcome unrepaired = import(rows);
  BOOST_TEST(!unrepaired.upload);
  BOOST_TEST(unrepaired.unrepaired == 1U);
  BOOST_TEST(work().size() == 1U);
  const RunOutcome corrected = import(children(5));
  BOOST_TEST(corrected.records_sent == 1U);
  BOOST_REQUIRE(corrected.upload);
  BOOST_TEST(corrected.upload->code == "CPF02");
  BOOST_TEST(open_plan_end(2) == "open");
  BOOST_TEST(work().empty());
}

BOOST_FIXTURE_TEST_CASE(an_end_that_is_refused_is_the_most_urgent_work, Fixture) {
  import(children(3));
  BOOST_REQUIRE(held->load_people(std::vector{indexed(1, "Other"), indexed(2), indexed(3)}));
  auto rows = children(4);  // child 4 is not in the index
  rows[0].end = "2026-06-10";
  const RunOutcome next = import(rows);
  BOOST_REQUIRE(next.upload);
  BOOST_TEST(next.upload->code == "CPF04");
  const auto list = work();
  BOOST_REQUIRE_EQUAL(list.size(), 2U);
  BOOST_TEST((list[0].item.kind == sc::WorkKind::end_not_acknowledged));
  BOOST_TEST(list[0].item.person_key == "C1");
  BOOST_TEST(open_plan_end(1) == "open");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_lost_many_plans_is_held_until_two_people_release_it, Fixture) {
  import(children(40));
  auto rows = children(40);
  for (std::size_t i = 0; i < 20; ++i) rows[i].end = "2026-06-10";
  const RunOutcome stopped = import(rows);
  BOOST_TEST(has_rule(stopped.held, "F03"));
  BOOST_TEST(!stopped.upload);
  BOOST_TEST(open_plan_end(1) == "open");
  BOOST_TEST(!import(rows, {"Ann Able", "ann  able"}).upload);  // one person, twice
  BOOST_TEST(!import(rows, {"Ann Able", ""}).upload);
  const RunOutcome released = import(rows, two_people);
  BOOST_TEST(released.held.empty());
  BOOST_TEST(released.records_sent == 20U);
  BOOST_TEST(open_plan_end(1) == "2026-06-10");
  std::int64_t audited = 0;
  BOOST_REQUIRE(database->read([&](store::Session& session) {
    return session.query("SELECT COUNT(*) FROM audit WHERE action = 'release-extract'", {},
                         [&](const store::Row& row) -> Status {
                           audited = row.integer(0);
                           return done;
                         });
  }));
  BOOST_TEST(audited == 1);
}

BOOST_FIXTURE_TEST_CASE(an_older_extract_is_held, Fixture) {
  import(children(10), {}, "cohort_20260614.csv");
  BOOST_TEST(has_rule(import(children(11), {}, "cohort_20260613.csv").held, "F02"));
  BOOST_TEST(import(children(11), {}, "cohort_20260615.csv").records_sent == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_delete_holds_the_file_and_needs_two_people_who_say_so, Fixture) {
  import(children(10));
  auto rows = children(11);
  rows[0].deleted = "2026-06-14";
  BOOST_TEST(has_rule(import(rows).held, "F03"));
  // Released without a word about deletes: the rest goes, the delete waits on the work list.
  const RunOutcome released = import(rows, two_people);
  BOOST_TEST(released.records_sent == 1U);
  BOOST_TEST(open_plan_end(1) == "open");
  BOOST_REQUIRE_EQUAL(work().size(), 1U);
  BOOST_TEST((work()[0].item.kind == sc::WorkKind::delete_approval));
  Release approved = two_people;
  approved.deletes = true;
  BOOST_TEST(import(rows, approved).records_sent == 1U);
  BOOST_TEST(open_plan_end(1) == "none");
  BOOST_TEST(work().empty());
}

// Two people, by name, for this record alone; both stay in its history.
BOOST_FIXTURE_TEST_CASE(a_delete_is_released_by_two_different_people, Fixture) {
  import(children(10));
  auto rows = children(11);
  rows[0].deleted = "2026-06-14";
  BOOST_TEST(has_rule(import(rows).held, "F03"));
  BOOST_REQUIRE_EQUAL(work().size(), 1U);  // a held extract still asks
  const auto approve = [&](const std::string& who) {
    return act_on_work(*database, {WorkAct::approve, "E10", work().at(0).item.id(), who}, clock.at);
  };
  BOOST_REQUIRE(approve("Ann Able"));
  BOOST_TEST(has_rule(import(rows).held, "F03"));
  BOOST_TEST((approve(" ann ABLE").error().kind == ErrorKind::conflict));
  BOOST_REQUIRE(approve("Bo Best"));
  BOOST_TEST((approve("Cy Clear").error().kind == ErrorKind::conflict));
  const RunOutcome sent = import(rows);
  BOOST_TEST(sent.held.empty());
  BOOST_TEST(sent.records_sent == 2U);
  BOOST_TEST(open_plan_end(1) == "none");
  BOOST_TEST(work().empty());
  std::vector<std::string> people;
  BOOST_REQUIRE(database->read([&](store::Session& session) -> Status {
    const auto all = work_list(session, "E10", true);
    if (!all) return all.error();
    for (const auto& step : all->at(0).history) {
      if (step.event == sc::WorkEntry::Event::approved) people.push_back(step.who);
    }
    return done;
  }));
  BOOST_TEST((people == std::vector<std::string>{"Ann Able", "Bo Best"}));
}

BOOST_FIXTURE_TEST_CASE(another_start_is_sent_when_two_people_approve_it, Fixture) {
  import(children(10));
  auto rows = children(10);
  rows[3].start = "2026-02-02";
  BOOST_TEST(import(rows).records_sent == 0U);
  BOOST_REQUIRE_EQUAL(work().size(), 1U);
  BOOST_TEST((work()[0].item.kind == sc::WorkKind::start_changed));
  BOOST_TEST(work()[0].item.reason == "D02 2026-02-02");
  const auto approve = [&](const std::string& who) {
    return act_on_work(*database, {WorkAct::approve, "E10", work().at(0).item.id(), who}, clock.at);
  };
  BOOST_REQUIRE(approve("Ann Able"));
  rows[3].start = "2026-02-09";  // another one than she saw: her word does not count for it
  BOOST_TEST(import(rows).records_sent == 0U);
  BOOST_REQUIRE(approve("Bo Best"));
  BOOST_TEST(import(rows, {}, "again.csv").records_sent == 0U);
  BOOST_REQUIRE(approve("Ann Able"));
  auto later = rows;
  later.push_back({11});
  BOOST_TEST(import(later).records_sent == 2U);
}

BOOST_FIXTURE_TEST_CASE(while_pds_is_away_everything_stays_unsent, Fixture) {
  std::vector<std::int64_t> numbers;
  door = [&](const UploadFile& file) -> Result<UploadResult> {
    numbers.push_back(file.sequence);
    UploadResult result;
    result.sequence = file.sequence;
    result.outcome = FileOutcome::cpf05;
    result.code = "CPF05";
    return result;
  };
  const RunOutcome away = import(children(10));
  BOOST_TEST(away.upload->code == "CPF05");
  BOOST_TEST(away.resubmit);
  door = {};
  const RunOutcome next = import(children(10));  // the same file is no repeat: it was never used
  BOOST_TEST(next.held.empty());
  BOOST_TEST(next.records_sent == 10U);
  BOOST_TEST((numbers == std::vector<std::int64_t>{1}));
  BOOST_TEST(next.upload->sequence == 2);
}

BOOST_FIXTURE_TEST_CASE(an_operator_may_send_everything_again, Fixture) {
  import(children(10));
  Release resync;
  resync.resync = true;
  const RunOutcome again = import(children(10), resync);  // the same bytes, on purpose
  BOOST_TEST(again.held.empty());
  BOOST_TEST(again.records_sent == 10U);
  BOOST_REQUIRE(again.upload);
  BOOST_TEST(again.upload->sequence == 2);
  BOOST_TEST(again.upload->code == "CPF02");
}

BOOST_FIXTURE_TEST_CASE(a_restart_keeps_all_that_was_told, Fixture) {
  import(children(10));
  auto rows = children(10);
  rows.erase(rows.begin());
  import(rows);
  reopen();
  BOOST_TEST(work().size() == 1U);
  BOOST_TEST(has_rule(import(rows).held, "F02"));
  const RunOutcome next = import(children(11));
  BOOST_TEST(next.records_sent == 1U);
  BOOST_TEST(next.upload->sequence == 2);
}

// The program ends after the register took the file and before the answer was kept, or before the
// file was handed over.
BOOST_FIXTURE_TEST_CASE(a_run_that_was_cut_off_is_completed_by_the_next, Fixture) {
  door = [&](const UploadFile& file) -> Result<UploadResult> {
    BOOST_REQUIRE(held->take(file));
    return Error{ErrorKind::timeout, "cut off"};
  };
  BOOST_TEST(!attempt(children(10)));
  reopen();
  door = {};
  const RunOutcome completed = import(children(10));
  BOOST_TEST(completed.unchanged == 10U);
  BOOST_TEST(!completed.upload);

  door = [&](const UploadFile&) -> Result<UploadResult> {
    return Error{ErrorKind::timeout, "cut off"};
  };
  BOOST_TEST(!attempt(children(12)));
  reopen();
  door = {};
  const RunOutcome next = import(children(12));
  BOOST_TEST(next.records_sent == 2U);
  BOOST_TEST(next.upload->sequence == 3);  // a number is never used twice
  BOOST_TEST(open_plan_end(12) == "open");
}

BOOST_FIXTURE_TEST_CASE(a_dry_run_says_what_would_be_sent_and_changes_nothing, Fixture) {
  const auto dry = attempt(children(10), {}, "cohort.csv", true);
  BOOST_REQUIRE(dry);
  BOOST_TEST(dry->run.changes == 10U);
  BOOST_TEST(!dry->run.upload);
  BOOST_TEST(open_plan_end(1) == "none");
  BOOST_TEST(import(children(10)).records_sent == 10U);
}

BOOST_FIXTURE_TEST_CASE(a_number_no_longer_in_use_is_on_the_work_list, Fixture) {
  BOOST_REQUIRE(held->load_people(std::vector{indexed(1), indexed(2)}));
  import(children(2));
  BOOST_REQUIRE(held->supersede(number_of(2), {}));
  auto rows = children(2);
  std::reverse(rows.begin(), rows.end());
  import(rows);
  const auto list = work();
  BOOST_REQUIRE_EQUAL(list.size(), 1U);
  BOOST_TEST((list[0].item.kind == sc::WorkKind::inactive_number));
  BOOST_TEST(list[0].item.person_key == "C2");
  const auto json = work_lists_json(*database, "", false, london_date(clock.at));
  BOOST_REQUIRE(json);
  BOOST_TEST(json->find("\"council\":\"E10\"") != std::string::npos);
  BOOST_TEST(json->find("inactive-number") != std::string::npos);
  BOOST_TEST(json->find(number_of(2).digits()) == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
