// The thread that takes messages out of the inbox, on a store of its own.

#include "gateway/usecases/handle_admission.h"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "gateway/register/register.h"
#include "gateway/store/open.h"
#include "gateway/store/resource_store.h"
#include "gateway/store/sha256.h"
#include "gateway/usecases/write_resources.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/system_caller.h"
#include "tests/support/tcp_client.h"
#include "tests/support/text.h"

using namespace cpis;
using namespace cpis::usecases;
using test::eventually;

BOOST_AUTO_TEST_SUITE(handle_admission_tests)

namespace {

struct SetClock final : Clock {
  Time now() const override { return *parse_iso_time("2026-01-05T09:00:00Z"); }
};

constexpr std::string_view child = "9990123454";

const std::string person =
    R"({"resourceType":"Patient","id":"9990123454","identifier":[)"
    R"({"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990123454"}],)"
    R"("name":[{"family":"Sample"}],"birthDate":"2018-04-12"})";
const std::string attendance =
    R"({"resourceType":"Encounter","id":"e1","status":"in-progress",)"
    R"("class":{"system":)"
    R"("http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"EMER"},)"
    R"("subject":{"reference":"Patient/9990123454"},)"
    R"("period":{"start":"2026-01-05T08:30:00Z"}})";
const std::string arrival =
    "MSH|^~\\&|ED|RXX01|CPIS|RXX01|20260105085900||ADT^A04^ADT_A01|C1|P|2.4\r"
    "EVN||20260105085900\rPID|1||9990123454^^^NHS^NH||SAMPLE^ALEX||20180412|9\r"
    "PV1|1|E|ED^^^RXX01||||||||||||||||ED1^^^RXX01|||||||||||||||||||||||||20260105085900\r";

/// A store that holds a plan of one child, and whoever takes its messages.
struct Fixture {
  Fixture() : database{opened(folder)} {
    auto held = registry::Register::open(*database, clock, {});
    BOOST_REQUIRE(held);
    registry = *std::move(held);
    UploadFile file;
    file.sequence = 1;
    file.council = {"999", "Testshire County Council", "01632960001", "01632960002"};
    file.records.push_back({{*NhsNumber::parse(child),
                             "LCS-100",
                             "",
                             {"Alex", "Sample"},
                             parse_iso_date("2018-04-12"),
                             false},
                            {Plan{PlanType::cpp, {*parse_iso_date("2025-01-15"), 0}, {}, {}}}});
    BOOST_REQUIRE(registry->take(file));
    check.emplace(CheckPerson::Parts{*database, *registry, registry.get(), clock});
  }
  static std::unique_ptr<store::Database> opened(const test::ScratchFolder& folder) {
    auto database = store::open_database("sqlite:" + folder.file("admission.db"));
    BOOST_REQUIRE(database);
    return *std::move(database);
  }
  /// Starts; `alerted` is called on its thread, once what happened can be read.
  void start(std::function<void()> alerted = {}) {
    AdmissionSettings settings;
    for (const std::string_view feed : {std::string_view{"ed"}, WriteResources::feed_name}) {
      FeedPolicy& policy = settings.feeds[std::string{feed}];
      policy.reading.name = feed;
      policy.reading.organisation_ods = "RXX01";
    }
    settings.check_caller = test::system_caller();
    settings.alert_file = folder.file("alerts.jsonl");
    const HandleAdmission::Parts parts{*database,          clock, ids, *check, book, true,
                                       std::move(alerted), {},    {}};
    admission.emplace(parts, std::move(settings));
    BOOST_REQUIRE(admission->start());
  }
  void keep(std::string_view feed, std::string_view body) {
    const auto hash = store::sha256(body);
    BOOST_REQUIRE(database->write([&](store::Session& session) -> Status {
      const auto kept = store::InboxStore{}.keep(
          session, {next_message, feed, "ED|RXX01", "C1", store::bytes_of(hash), clock.now(), body,
                    std::nullopt, std::nullopt});
      return kept ? done : Status{kept.error()};
    }));
    ++next_message;
  }
  void store_person(const std::string& body = person) {
    BOOST_REQUIRE(database->write([&](store::Session& session) -> Status {
      const auto put = store::ResourceStore{}.put(
          session, {"Patient", child, body, clock.now(), next_change++, std::nullopt});
      return put ? done : Status{put.error()};
    }));
  }
  void delete_person() {
    BOOST_REQUIRE(database->write([&](store::Session& session) -> Status {
      const auto gone = store::ResourceStore{}.remove(
          session, {"Patient", child, "", clock.now(), next_change++, std::nullopt});
      return gone ? done : Status{gone.error()};
    }));
  }
  std::optional<store::StoredResource> stored(std::string_view type, std::string_view id) {
    std::optional<store::StoredResource> found;
    BOOST_REQUIRE(database->read([&](store::Session& session) -> Status {
      auto read = store::ResourceStore{}.read(session, type, id);
      if (!read) return read.error();
      found = *std::move(read);
      return done;
    }));
    return found;
  }
  void work_off() {
    BOOST_TEST(eventually([&] { return inbox().waiting == 0 && admission->unshown() == 0; }));
    BOOST_TEST(inbox().quarantined == 0);
  }
  store::InboxSummary inbox() {
    store::InboxSummary summary;
    const Status read = database->read([&](store::Session& session) -> Status {
      auto found = store::InboxStore{}.summary(session);
      if (!found) return found.error();
      summary = *found;
      return done;
    });
    if (!read) throw std::runtime_error{read.error().message};
    return summary;
  }

  const test::ScratchFolder folder;
  SetClock clock;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<registry::Register> registry;
  store::RowIds ids{0, 0};
  resources::ResourceBook book;
  std::optional<CheckPerson> check;
  std::int64_t next_message = 1;
  std::int64_t next_change = 77;
  std::optional<HandleAdmission> admission;
};

std::string with(std::string body, std::string_view member) {
  return body.insert(body.size() - 1, "," + std::string{member});
}

const std::string restricted =
    R"({"resourceType":"Patient","id":"9990123454","meta":{"security":[{"system":)"
    R"("http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},)" +
    person.substr(person.find("\"identifier\""));

std::string arrival_from(std::string_view address, std::string_view control = "C1") {
  std::string text = arrival;
  text.replace(text.find("|C1|") + 1, 2, control);
  text.insert(text.find("|9\r") + 2, "|||" + std::string{address});
  return text;
}

/// What could be seen at one moment.
struct Seen {
  std::int64_t waiting;
  std::size_t unshown;
  bool person;
};

}  // namespace

// The store shows a commit a moment before the book does: whoever waits until nothing waits must
// not be told so in between.
BOOST_FIXTURE_TEST_CASE(a_finished_message_waits_on_until_what_it_left_can_be_read, Fixture) {
  std::promise<Seen> told;
  start([&] {
    told.set_value({inbox().waiting, admission->unshown(), book.find("Patient", child) != nullptr});
  });
  keep("ed", arrival);
  admission->wake();
  const Seen seen = told.get_future().get();
  BOOST_TEST(seen.waiting == 0);
  BOOST_TEST(seen.unshown == 1U);
  BOOST_TEST(seen.person);
  BOOST_TEST(eventually([&] { return admission->unshown() == 0; }));
}

// As it is between the commit of both and the moment when the book has heard of them.
BOOST_FIXTURE_TEST_CASE(an_encounter_whose_patient_is_only_in_the_store_yet_is_checked, Fixture) {
  store_person();
  keep(WriteResources::feed_name, attendance);
  start();
  BOOST_TEST(eventually([&] { return inbox().waiting == 0 && admission->unshown() == 0; }));
  BOOST_TEST(inbox().quarantined == 0);
  BOOST_TEST(admission->counts().asked == 1U);
  BOOST_TEST(admission->counts().records == 1U);
}

BOOST_FIXTURE_TEST_CASE(an_encounter_of_nobody_is_put_aside, Fixture) {
  keep(WriteResources::feed_name, attendance);
  start();
  BOOST_TEST(eventually([&] { return inbox().quarantined == 1; }));
  BOOST_TEST(eventually([&] { return admission->unshown() == 0; }));
  BOOST_TEST(admission->counts().asked == 0U);
}

// Somebody wrote the Patient over FHIR after the message was read and before it was committed: the
// store has their version, and the book, which the message was merged with, the one before.
BOOST_FIXTURE_TEST_CASE(what_was_written_meanwhile_is_not_overwritten_by_a_message, Fixture) {
  store_person();
  book.put("Patient", child, 1, clock.now(), person);
  store_person(with(person, R"("multipleBirthBoolean":true)"));
  keep("ed", arrival);
  start();
  work_off();
  const auto kept = stored("Patient", child);
  BOOST_REQUIRE(kept);
  BOOST_TEST(kept->version == 3);
  BOOST_TEST(test::has(kept->body, R"("multipleBirthBoolean":true)"), kept->body);
  BOOST_TEST(test::has(kept->body, R"("family":"SAMPLE")"), kept->body);
  BOOST_REQUIRE(book.find("Patient", child));
  BOOST_TEST(book.find("Patient", child)->version == 3);
  BOOST_TEST(book.find("Patient", child)->body ==
             resources::with_version(kept->body, 3, clock.now()));
}

BOOST_FIXTURE_TEST_CASE(a_person_whom_the_book_does_not_know_yet_is_not_overwritten, Fixture) {
  store_person(with(person, R"("multipleBirthBoolean":true)"));
  keep("ed", arrival);
  keep("ed", arrival_from("1 LONG LANE^^MALTON", "C2"));
  start();
  work_off();
  const auto kept = stored("Patient", child);
  BOOST_REQUIRE(kept);
  BOOST_TEST(test::has(kept->body, R"("multipleBirthBoolean":true)"), kept->body);
  BOOST_TEST(test::has(kept->body, "1 LONG LANE"), kept->body);
  BOOST_REQUIRE(book.find("Patient", child));
  BOOST_TEST(book.find("Patient", child)->version == kept->version);
}

BOOST_FIXTURE_TEST_CASE(what_was_deleted_meanwhile_is_not_brought_back_by_a_message, Fixture) {
  const std::string before = with(person, R"("multipleBirthBoolean":true)");
  store_person(before);
  book.put("Patient", child, 1, clock.now(), before);
  delete_person();
  keep("ed", arrival);
  start();
  work_off();
  const auto kept = stored("Patient", child);
  BOOST_REQUIRE(kept);
  BOOST_TEST(kept->version == 3);
  BOOST_TEST(!test::has(kept->body, "multipleBirthBoolean"), kept->body);
  BOOST_TEST(test::has(kept->body, R"("family":"SAMPLE")"), kept->body);
}

// Their address must not come back with a message that was sent by somebody who did not know.
BOOST_FIXTURE_TEST_CASE(a_shield_that_was_set_meanwhile_stays, Fixture) {
  store_person();
  book.put("Patient", child, 1, clock.now(), person);
  store_person(restricted);
  keep("ed", arrival_from("1 LONG LANE^^MALTON"));
  start();
  work_off();
  const auto kept = stored("Patient", child);
  BOOST_REQUIRE(kept);
  BOOST_TEST(test::has(kept->body, R"("code":"R")"), kept->body);
  BOOST_TEST(!test::has(kept->body, "LONG LANE"), kept->body);
}

BOOST_FIXTURE_TEST_CASE(a_shield_set_over_fhir_hides_what_messages_left, Fixture) {
  keep("ed", arrival_from("1 LONG LANE^^MALTON"));
  start();
  work_off();
  const auto visits = book.of_patient("Encounter", child);
  BOOST_REQUIRE(visits.size() == 1U);
  BOOST_REQUIRE(test::has(visits.front()->body, "\"location\""));
  store_person(restricted);
  book.put("Patient", child, 2, clock.now(), restricted);
  keep(WriteResources::feed_name, restricted);
  admission->wake();
  work_off();
  const auto visit = stored("Encounter", visits.front()->id);
  BOOST_REQUIRE(visit);
  BOOST_TEST(!test::has(visit->body, "\"location\""), visit->body);
  BOOST_TEST(test::has(visit->body, R"("code":"R")"), visit->body);
}

BOOST_AUTO_TEST_SUITE_END()
