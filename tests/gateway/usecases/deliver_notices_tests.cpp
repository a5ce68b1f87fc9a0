#include "gateway/usecases/deliver_notices.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/store/open.h"
#include "gateway/usecases/council_book.h"
#include "gateway/usecases/notice_log.h"
#include "tests/support/scratch_folder.h"

using namespace cpis;
using namespace cpis::usecases;
using namespace std::chrono_literals;
namespace sc = cpis::social_care;
using registry::NoticeRow;

BOOST_AUTO_TEST_SUITE(deliver_notices_tests)

namespace {

class ManualClock final : public Clock {
 public:
  Time now() const override { return at; }
  Time at = *parse_iso_time("2026-06-15T10:00:00Z");  // a Monday, 11:00 in England
};

const NhsNumber child = *NhsNumber::parse("9990000018");

// A child on a plan was looked at; what a council's system would be posted is kept.
struct Fixture {
  Fixture() {
    auto opened = store::open_database("sqlite:" + folder.file("notices.db"));
    BOOST_REQUIRE(opened);
    database = *std::move(opened);
    auto registry = registry::Register::open(*database, clock, {});
    BOOST_REQUIRE(registry);
    held = *std::move(registry);
    UploadRecord record{
        {child, "LCS-100", "", {"Alex", "Sample"}, parse_iso_date("2018-04-12"), false},
        {Plan{PlanType::cpp, {*parse_iso_date("2026-01-05"), 0}, {}, {}}}};
    const Council council{"E10", "Testshire", "01632960001", "01632960002"};
    BOOST_REQUIRE(held->take({1, clock.at, council, {record}}));
    delivery.hours = *rules::OfficeHours::parse("Mon-Fri 09:00-17:00", "2026-08-31");
  }
  void look() {
    Caller nurse;
    nurse.organisation_code = "RXX01";
    nurse.organisation_name = "Testshire Royal";
    nurse.role_code = "R0260";
    nurse.role_name = "Nurse";
    nurse.person_name = "Nia Nurse";
    nurse.user_id = "u" + std::to_string(++looks);
    std::promise<void> answered;
    held->ask({"look-" + std::to_string(looks), child, nurse, clock.at, clock.at + 30s},
              [&](ProtectionAnswer) { answered.set_value(); });
    answered.get_future().get();
  }
  void post_to(std::string url, std::string emergency = {}) {
    delivery.url = std::move(url);
    delivery.emergency_url = std::move(emergency);
    delivery.post = [this](const std::string& to, const std::string& type, const std::string& body,
                           const std::string& id) -> Result<int> {
      posts.push_back({to, type, body, id});
      return answer;
    };
  }
  DeliverNotices make() {
    return {*database, *held, clock, {folder.path(), {{"E10", delivery}}, 900s}};
  }
  std::size_t waiting() { return held->notices(NoticeRow::State::waiting, "", 10)->size(); }
  std::string file_in(const std::string& where, std::string_view extension) {
    for (const auto& entry : std::filesystem::directory_iterator{folder.path() + where}) {
      if (entry.path().extension() != extension) continue;
      std::ifstream in{entry.path(), std::ios::binary};
      return {std::istreambuf_iterator<char>{in}, {}};
    }
    return {};
  }
  std::vector<sc::WorkEntry> work() {
    std::vector<sc::WorkEntry> found;
    BOOST_REQUIRE(database->read([&](store::Session& session) -> Status {
      auto read = work_list(session, "E10", true);
      if (!read) return read.error();
      found = *std::move(read);
      return done;
    }));
    return found;
  }

  struct Posted {
    std::string url, type, body, id;
  };
  ManualClock clock;
  test::ScratchFolder folder;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<registry::Register> held;
  CouncilDelivery delivery;
  int answer = 200;
  int looks = 0;
  std::vector<Posted> posts;
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_council_gets_its_own_layout_and_a_communication, Fixture) {
  delivery.layout = "lcs";
  post_to("http://case.example/in", "http://edt.example/in");
  DeliverNotices deliver = make();
  look();
  BOOST_TEST(*deliver.step() == 1U);
  BOOST_TEST(waiting() == 0U);
  BOOST_TEST(file_in("/E10", ".csv").starts_with("PERSON_ID,EXTERNAL_REFERENCE"));
  BOOST_TEST(contains(file_in("/E10", ".xml"), "CP-ISAccessToServiceNotification"));
  BOOST_TEST(!std::filesystem::exists(folder.path() + "/E10/emergency-duty-team"));
  BOOST_REQUIRE_EQUAL(posts.size(), 1U);
  BOOST_TEST(posts[0].url == "http://case.example/in");
  BOOST_TEST(posts[0].type == "application/fhir+json");
  BOOST_TEST(contains(posts[0].body, R"("resourceType":"Communication")"));
  BOOST_TEST(contains(posts[0].body, R"("priority":"routine")"));
  BOOST_TEST(contains(posts[0].body, R"("value":"LCS-100")"));
  BOOST_TEST(contains(posts[0].body, "It does not say that harm occurred"));
  BOOST_TEST(*deliver.step() == 0U);
  BOOST_TEST(posts.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(out_of_hours_the_emergency_duty_team_is_told, Fixture) {
  post_to("http://case.example/in", "http://edt.example/in");
  delivery.body = NoticeBody::json;
  DeliverNotices deliver = make();
  for (const auto* when :
       {"2026-06-15T21:00:00Z", "2026-06-20T10:00:00Z", "2026-08-31T10:00:00Z"}) {
    clock.at = *parse_iso_time(when);
    look();
    BOOST_TEST_CONTEXT(when) {
      BOOST_TEST(*deliver.step() == 1U);
      BOOST_TEST(posts.back().url == "http://edt.example/in");
      BOOST_TEST(contains(posts.back().body, R"("route":"emergency-duty-team")"));
    }
  }
  BOOST_TEST(contains(file_in("/E10/emergency-duty-team", ".csv"), ",emergency-duty-team,"));
  BOOST_TEST(contains(file_in("/E10", ".csv"), "LCS-100"));
}

BOOST_FIXTURE_TEST_CASE(a_system_that_is_away_is_asked_again_and_raises_an_alarm, Fixture) {
  post_to("http://case.example/in");
  answer = 503;
  DeliverNotices deliver = make();
  look();
  const Time began = clock.at;
  BOOST_TEST(!deliver.step());
  BOOST_TEST(*deliver.step() == 0U);  // not at once again
  BOOST_TEST(posts.size() == 1U);
  BOOST_TEST(waiting() == 1U);
  BOOST_TEST(!deliver.alarm());
  BOOST_TEST(work().empty());
  clock.at = began + 901s;
  BOOST_TEST(!deliver.step());
  BOOST_TEST(deliver.alarm());
  BOOST_TEST((deliver.oldest_waiting() == 901s));
  BOOST_REQUIRE_EQUAL(work().size(), 1U);
  BOOST_TEST((work()[0].item.kind == sc::WorkKind::notice_undelivered));
  BOOST_TEST(work()[0].open);
  answer = 200;
  clock.at += 400s;
  BOOST_TEST(*deliver.step() == 1U);
  BOOST_TEST(posts.front().id == posts.back().id);  // the receiver can tell a repeat
  BOOST_TEST(!deliver.alarm());
  BOOST_TEST(!work()[0].open);
}

BOOST_FIXTURE_TEST_CASE(who_opened_a_notice_is_kept, Fixture) {
  DeliverNotices deliver = make();
  look();
  const std::string id = held->notices(NoticeRow::State::waiting, "", 10)->front().id;
  BOOST_TEST(*deliver.step() == 1U);
  BOOST_TEST(openings_of(*database, id)->empty());
  BOOST_REQUIRE(note_opening(*database, clock, id, {"sam.social", "case-system"}));
  BOOST_REQUIRE(note_opening(*database, clock, id, {"team.manager", "http"}));
  const auto openings = openings_of(*database, id);
  BOOST_REQUIRE_EQUAL(openings->size(), 2U);
  BOOST_TEST(openings->front().who == "sam.social");
  BOOST_TEST(openings->front().source == "case-system");
  BOOST_TEST(((*held->notice(id))->state == NoticeRow::State::acknowledged));
  const Status nobody = note_opening(*database, clock, id, {"", "http"});
  BOOST_TEST((nobody.error().kind == ErrorKind::bad_input));
  const Status nothing = note_opening(*database, clock, "no-such-notice", {"sam", "http"});
  BOOST_TEST((nothing.error().kind == ErrorKind::not_found));
}

BOOST_FIXTURE_TEST_CASE(an_item_is_taken_and_closed_by_somebody, Fixture) {
  sc::WorkItem item;
  item.kind = sc::WorkKind::notice_undelivered;
  item.subject = "notices";
  const Date today = london_date(clock.at);
  BOOST_REQUIRE(raise_work(*database, "E10", item, today));
  BOOST_REQUIRE(raise_work(*database, "E10", item, today));  // no second one
  WorkDeed deed{WorkAct::take, "E10", item.id(), "Ann Able"};
  BOOST_REQUIRE(act_on_work(*database, deed, clock.at));
  BOOST_TEST(work()[0].owner == "Ann Able");
  deed.act = WorkAct::close;
  deed.who = "Bo Best";
  BOOST_REQUIRE(act_on_work(*database, deed, clock.at));
  const auto list = work();
  BOOST_REQUIRE_EQUAL(list.size(), 1U);
  BOOST_TEST(!list[0].open);
  BOOST_REQUIRE_EQUAL(list[0].history.size(), 3U);
  BOOST_TEST(list[0].history[1].who == "Ann Able");
  BOOST_TEST(list[0].history[2].who == "Bo Best");
  BOOST_TEST((act_on_work(*database, deed, clock.at).error().kind == ErrorKind::not_found));
  deed.who.clear();
  BOOST_TEST((act_on_work(*database, deed, clock.at).error().kind == ErrorKind::bad_input));
}

BOOST_AUTO_TEST_SUITE_END()
