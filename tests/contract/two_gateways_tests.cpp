// Several gateways on one store: whoever takes a message decides by what all of them know. MariaDB
// only; one SQLite file has one gateway.

#include <boost/test/unit_test.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/register/register.h"
#include "gateway/resources/resource_book.h"
#include "gateway/store/inbox_store.h"
#include "gateway/store/open.h"
#include "gateway/store/sha256.h"
#include "gateway/usecases/attendance_book.h"
#include "gateway/usecases/check_person.h"
#include "gateway/usecases/handle_admission.h"
#include "tests/support/child_process.h"
#include "tests/support/store_under_test.h"
#include "tests/support/system_caller.h"
#include "tests/support/tcp_client.h"

namespace cpis::usecases {
namespace {

using test::eventually;
using test::StoreUnderTest;

constexpr std::string_view child = "9990123454";

struct SetClock final : Clock {
  Time now() const override { return at; }
  Time at = *parse_iso_time("2026-01-05T09:00:00Z");
};

// `what` is an event such as A04, `patient` a list of identifiers, `minute` of nine o'clock.
std::string message(std::string_view what, std::string_view patient, int minute,
                    std::string_view rest = "") {
  const std::string at = "202601050" + std::to_string(800 + minute) + "00";
  const std::string type = what == "A40" ? "ADT^A40^ADT_A39" : "ADT^" + std::string{what};
  return "MSH|^~\\&|ED|RXX01|CPIS|RXX01|" + at + "||" + type + "|C" + std::to_string(minute) +
         "|P|2.4\rEVN||" + at + "\rPID|1||" + std::string{patient} + "||SAMPLE^ALEX||20180412|9\r" +
         std::string{rest};
}

std::string visit_of(std::string_view number) {
  return "PV1|1|E|ED^^^RXX01||||||||||||||||" + std::string{number} +
         "^^^RXX01|||||||||||||||||||||||||20260105080000\r";
}
const std::string visit = visit_of("ED1");

/// One gateway of several: all that it holds in memory is its own.
struct Gateway {
  Gateway(const std::string& url, int number) : ids{number, 0} {
    store::OpenOptions options;
    options.statement_time_max = test::program_time_max;
    auto opened = store::open_database(url, options);
    BOOST_REQUIRE(opened);
    database = *std::move(opened);
    auto held = registry::Register::open(*database, clock, {});
    BOOST_REQUIRE(held);
    registry = *std::move(held);
    check.emplace(CheckPerson::Parts{*database, *registry, registry.get(), clock});
  }
  void start() {
    AdmissionSettings settings;
    FeedPolicy& policy = settings.feeds["ed"];
    policy.reading.name = "ed";
    policy.reading.organisation_ods = "RXX01";
    settings.check_caller = test::system_caller();
    const HandleAdmission::Parts parts{*database, clock, ids, *check, book, true, {}, {}, {}};
    admission.emplace(parts, std::move(settings));
    BOOST_REQUIRE(admission->start());
  }
  void keep(std::string_view body) {
    const auto hash = store::sha256(body);
    const std::int64_t id = ids.next(clock.now());
    BOOST_REQUIRE(database->write([&](store::Session& session) -> Status {
      const auto kept = store::InboxStore{}.keep(
          session, {id, "ed", "ED|RXX01", std::to_string(id), store::bytes_of(hash), clock.now(),
                    body, std::nullopt, std::nullopt});
      return kept ? done : Status{kept.error()};
    }));
    admission->wake();
  }
  std::uint64_t processed() const { return admission->counts().processed; }
  std::uint64_t asked() const { return admission->counts().asked; }

  SetClock clock;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<registry::Register> registry;
  store::RowIds ids;
  resources::ResourceBook book;
  std::optional<CheckPerson> check;
  std::optional<HandleAdmission> admission;
};

/// Two of them, started before anything came.
struct TwoGateways {
  explicit TwoGateways(const std::string& url) : one{url, 1}, two{url, 2} {
    one.start();
    two.start();
  }
  std::uint64_t processed() const { return one.processed() + two.processed(); }
  std::uint64_t asked() const { return one.asked() + two.asked(); }
  void take(std::string_view body) {
    const std::uint64_t before = processed();
    one.keep(body);
    BOOST_REQUIRE(eventually([&] { return processed() == before + 1; }));
  }
  /// Ends whichever took the messages, so that the other has to take the next.
  Gateway& end_the_busy_one() {
    Gateway& busy = one.processed() > 0 ? one : two;
    busy.admission->stop();
    return &busy == &one ? two : one;
  }
  AttendanceBook stored() {
    AttendanceBook book;
    BOOST_REQUIRE(one.database->read([&](store::Session& session) { return book.load(session); }));
    return book;
  }

  Gateway one;
  Gateway two;
};

// The first lease was number 1.
bool second_leads(Gateway& gateway) {
  std::int64_t fence = 0;
  const Status read = gateway.database->read([&](store::Session& session) {
    return session.query("SELECT fence FROM lease WHERE name = 'arrivals'", {},
                         [&](const store::Row& row) -> Status {
                           fence = row.integer(0);
                           return done;
                         });
  });
  return read && fence == 2;
}

BOOST_AUTO_TEST_SUITE(two_gateways_tests)

BOOST_AUTO_TEST_CASE(an_attendance_that_one_checked_is_not_checked_again_by_the_other) {
  StoreUnderTest store{"mariadb"};
  if (store.skipped()) return;
  TwoGateways both{store.url()};
  both.take(message("A04", "9990123454^^^NHS^NH", 1, visit));
  BOOST_TEST(both.asked() == 1U);
  Gateway& other = both.end_the_busy_one();
  other.keep(message("A08", "9990123454^^^NHS^NH", 2, visit));
  BOOST_REQUIRE(eventually([&] { return other.processed() == 1; }));
  BOOST_TEST(both.asked() == 1U);
  BOOST_TEST(both.stored().attendances() == 1U);
  other.keep(message("A11", "9990123454^^^NHS^NH", 3, visit));
  BOOST_REQUIRE(eventually([&] { return other.processed() == 2; }));
  BOOST_TEST(both.asked() == 1U);
  const auto visits = both.stored().attendances_of(child);
  BOOST_REQUIRE_EQUAL(visits.size(), 1U);
  BOOST_TEST((visits[0].state == VisitState::cancelled));
}

BOOST_AUTO_TEST_CASE(a_merge_that_one_took_is_known_to_the_other) {
  StoreUnderTest store{"mariadb"};
  if (store.skipped()) return;
  TwoGateways both{store.url()};
  both.take(message("A04", "H1^^^PAS^MR", 1, visit));
  both.take(message("A40", "9990123454^^^NHS^NH~H2^^^PAS^MR", 2, "MRG|H1^^^PAS^MR\r"));
  Gateway& other = both.end_the_busy_one();
  // By the number that was merged away: it means the survivor now, who is asked about by name.
  other.keep(message("A08", "H1^^^PAS^MR", 3, visit));
  BOOST_REQUIRE(eventually([&] { return other.processed() == 1; }));
  AttendanceBook stored = both.stored();
  const PatientState* known = stored.find("PAS|H1");
  BOOST_REQUIRE(known != nullptr);
  BOOST_TEST(known->id == child);
  BOOST_TEST(stored.attendances() == 1U);
  BOOST_TEST(stored.attendances_of(child).size() == 1U);
  BOOST_TEST(both.asked() == 1U);
}

// Its clock, the network or a debugger stopped it for longer than it may: what it has decided by
// what it knew then is not kept.
BOOST_AUTO_TEST_CASE(one_that_was_held_up_decides_nothing_by_what_it_knew) {
  StoreUnderTest store{"mariadb"};
  if (store.skipped()) return;
  Gateway one{store.url(), 1};
  one.start();
  one.keep(message("A04", "9990123454^^^NHS^NH", 1, visit));
  BOOST_REQUIRE(eventually([&] { return one.processed() == 1; }));
  // By its clock the first has been silent for long; it has not, and says so no more.
  Gateway two{store.url(), 2};
  two.clock.at += std::chrono::hours{1};
  two.start();
  BOOST_REQUIRE(eventually([&] { return second_leads(two); }));
  two.keep(message("A04", "9990123454^^^NHS^NH", 2, visit_of("ED2")));
  BOOST_REQUIRE(eventually([&] { return one.processed() + two.processed() == 2; }));
  one.keep(message("A08", "9990123454^^^NHS^NH", 3, visit_of("ED2")));
  BOOST_REQUIRE(eventually([&] { return one.processed() + two.processed() == 3; }));
  BOOST_TEST(two.processed() == 2U);
  BOOST_TEST(one.asked() + two.asked() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::usecases
