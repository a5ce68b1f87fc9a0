#include "gateway/intake/folder_watch.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "gateway/store/open.h"
#include "profiles/social_care/mapping_profiles.h"
#include "tests/support/scratch_folder.h"

namespace fs = std::filesystem;
using namespace cpis;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(folder_watch_tests)

namespace {

class ManualClock final : public Clock {
 public:
  Time now() const override { return at; }
  Time at = *parse_iso_time("2026-06-15T02:00:00Z");
};

// One plan of one child, whose given name CP-IS knows.
constexpr std::string_view one_plan =
    "source_plan_key,la_person_id,nhs_number,no_nhs_number_reason,surname,given_names,birth_date,"
    "expected_birth_date,plan_type,plan_start,plan_end,delete_date,delete_reason,legal_status,"
    "mother_la_person_id,mother_nhs_number,mother_surname,mother_given_names,mother_birth_date,"
    "owning_la\n"
    "P1,C1,9990000018,,Sample,Alex,2018-04-12,,CPP,2026-01-05,,,,,,,,,,999\n#END,1\n";

struct Fixture {
  Fixture() {
    auto opened = store::open_database("sqlite:" + folder.file("council.db"));
    BOOST_REQUIRE(opened);
    database = *std::move(opened);
    auto registry = registry::Register::open(*database, clock, {});
    BOOST_REQUIRE(registry);
    held = *std::move(registry);
    fs::create_directories(folder.file("in"));
    import.emplace(*database, *held, clock, [this](const UploadFile& file) { return answer(file);
  });
} intake::FolderWatch watch(std::string_view hours = {}) {
  auto profile = social_care::read_profile(profiles::find_mapping_profile("cohort")->json);
  BOOST_REQUIRE(profile);
  social_care::set_authority(*profile, "999", {"E10", "Testshire", "01632960001", "01632960002"});
  return {folder.file("in"), *std::move(profile), *import, clock,
          *rules::OfficeHours::parse(hours, "")};
}
Result<UploadResult> answer(const UploadFile& file) {
  numbers.push_back(file.sequence);
  UploadResult result;
  result.sequence = file.sequence;
  result.outcome = away ? FileOutcome::cpf05 : FileOutcome::cpf02;
  result.code = away ? "CPF05" : "CPF02";
  result.accepted = away ? 0 : file.records.size();
  return result;
}
void drop(const std::string& name) {
  std::ofstream{folder.file("in/" + name), std::ios::binary} << one_plan;
}
std::size_t files_in(const std::string& where) {
  std::size_t count = 0;
  std::error_code none;
  for (const auto& file : fs::directory_iterator{folder.file("in/" + where), none}) {
    count += file.is_regular_file() ? 1U : 0U;
  }
  return count;
}

ManualClock clock;
test::ScratchFolder folder;
std::unique_ptr<store::Database> database;
std::unique_ptr<registry::Register> held;
std::optional<usecases::ImportExport> import;
bool away = false;
std::vector<std::int64_t> numbers;
};  // namespace

}  // namespace

BOOST_FIXTURE_TEST_CASE(an_export_moves_to_done_with_its_outcome_beside_it, Fixture) {
  auto folder_watch = watch();
  drop("a.csv");
  drop("b.csv.part");
  BOOST_TEST(*folder_watch.step() == 1U);
  BOOST_TEST(files_in("done") == 3U);
  BOOST_TEST(files_in("") == 1U);
  BOOST_TEST(folder_watch.taken() == 1U);
  BOOST_TEST(numbers.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(while_cp_is_is_away_it_stays_and_is_run_again_later, Fixture) {
  auto folder_watch = watch();
  away = true;
  drop("a.csv");
  BOOST_TEST(*folder_watch.step() == 1U);
  BOOST_TEST(*folder_watch.step() == 0U);  // it rests
  clock.at += 61s;
  BOOST_TEST(*folder_watch.step() == 1U);
  clock.at += 61s;
  BOOST_TEST(*folder_watch.step() == 0U);  // two minutes now
  clock.at += 60s;
  away = false;
  BOOST_TEST(*folder_watch.step() == 1U);
  BOOST_TEST(files_in("") == 0U);
  BOOST_TEST(files_in("done") == 3U);
  BOOST_TEST((numbers == std::vector<std::int64_t>{1, 2, 3}));  // no number twice
}

BOOST_FIXTURE_TEST_CASE(outside_its_hours_nothing_is_taken, Fixture) {
  auto folder_watch = watch("Mon-Sun 05:00-07:00");
  drop("a.csv");
  BOOST_TEST(*folder_watch.step() == 0U);  // three o'clock in England
  BOOST_TEST(files_in("") == 1U);
  clock.at = *parse_iso_time("2026-06-15T04:30:00Z");
  BOOST_TEST(*folder_watch.step() == 1U);
  BOOST_TEST(files_in("done") == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
