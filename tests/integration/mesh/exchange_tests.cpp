// A council's exchange with CP-IS over a simulated MESH: what is sent, answered, told, repeated and
// lost, with the clock in the test's hands.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <map>
#include <ostream>

#include "gateway/observe/log.h"
#include "gateway/store/open.h"
#include "gateway/store/settle.h"
#include "gateway/usecases/council_book.h"
#include "gateway/usecases/import_export.h"
#include "gateway/usecases/mesh_book.h"
#include "gateway/usecases/mesh_exchange.h"
#include "gateway/usecases/mesh_transport.h"
#include "profiles/social_care/mapping_profiles.h"
#include "tests/integration/mesh/mesh_desk.h"

using namespace cpis;
using namespace cpis::test;
using namespace cpis::usecases;
using namespace std::chrono_literals;
namespace sc = cpis::social_care;
using mesh::Operation;
using peers::MeshFault;

BOOST_AUTO_TEST_SUITE(exchange_tests)

namespace {

MeshExchangeSettings exchange_settings() {
  MeshExchangeSettings settings;
  settings.dispatch.council = testshire;
  settings.dispatch.mailbox = council_mailbox;
  settings.dispatch.believed = {std::string{cpis_mailbox}};
  settings.to = cpis_mailbox;
  settings.upload_workflow = "CPIS_UPLOAD";
  settings.file_name = "upload-%.xml";
  return settings;
}

/// A council's side on a store of its own, and the other side behind MESH.
struct Fixture {
  explicit Fixture(std::size_t chunk_bytes = 500) : desk{clock} {
    observe::redirect_log([this](std::string_view line) { log += std::string{line} + '\n'; });
    auto read = sc::read_profile(profiles::find_mapping_profile("cohort")->json);
    BOOST_REQUIRE(read);
    profile = *std::move(read);
    sc::set_authority(profile, "999", testshire);
    auto opened_sender = net::open_http_sender(desk.sender_settings());
    BOOST_REQUIRE(opened_sender);
    sender = *std::move(opened_sender);
    client = std::make_unique<net::MeshClient>(desk.client_settings(chunk_bytes), *sender, clock);
    reopen();
  }
  ~Fixture() { observe::redirect_log({}); }

  void reopen() {
    exchange.reset();
    held.reset();
    database.reset();
    auto opened = store::open_database("sqlite:" + folder.file("council.db"));
    BOOST_REQUIRE(opened);
    database = *std::move(opened);
    auto registry = registry::Register::open(*database, clock, {});
    BOOST_REQUIRE(registry);
    held = *std::move(registry);
    transport = std::make_unique<MeshTransport>(*database, clock, 1, nullptr);
    exchange =
        std::make_unique<MeshExchange>(exchange_settings(), *database, *held, clock, *client);
  }

  Result<ImportOutcome> import(const std::vector<CohortRow>& rows) {
    sc::ExportSet files;
    files.add("cohort.csv", cohort_csv(rows));
    return ImportExport{*database, *held, clock, *transport}.run(profile, files, false);
  }
  /// Both sides work for a while; true once `fulfilled`.
  bool work_until(const std::function<bool()>& fulfilled, int steps = 200) {
    for (int i = 0; i < steps; ++i) {
      if (fulfilled()) return true;
      static_cast<void>(exchange->step());
      desk.cpis().step();
      clock.pass(1min);
    }
    return fulfilled();
  }
  bool idle() {
    const auto under_way = transport->under_way("999");
    BOOST_REQUIRE(under_way);
    return !under_way->has_value();
  }
  bool settle() {
    return work_until([this] { return idle(); });
  }

  std::vector<MeshUpload> uploads() {
    std::vector<MeshUpload> found;
    BOOST_REQUIRE(database->read([&](store::Session& session) -> Status {
      auto list = list_mesh_uploads(session, "999", 1000);
      if (!list) return list.error();
      found = *std::move(list);
      return done;
    }));
    return found;
  }
  std::map<std::string, sc::Life> lives() {
    std::map<std::string, sc::Life> found;
    BOOST_REQUIRE(database->read([&](store::Session& session) -> Status {
      const auto known = known_records(session, "999");
      if (!known) return known.error();
      for (const sc::KnownRecord& one : *known) found[one.key.person_key] = one.life;
      return done;
    }));
    return found;
  }
  std::size_t open_work(sc::WorkKind kind) {
    std::size_t count = 0;
    BOOST_REQUIRE(database->read([&](store::Session& session) -> Status {
      const auto list = work_list(session, "999", false);
      if (!list) return list.error();
      for (const sc::WorkEntry& entry : *list) count += entry.item.kind == kind ? 1U : 0U;
      return done;
    }));
    return count;
  }
  std::size_t notices(registry::NoticeRow::Kind kind) {
    const auto rows = held->notices(registry::NoticeRow::State::waiting, "999", 1000);
    BOOST_REQUIRE(rows);
    std::size_t count = 0;
    for (const auto& row : *rows) count += row.kind == kind ? 1U : 0U;
    return count;
  }
  /// Each number reached CP-IS once, in order.
  void check_numbers(std::int64_t last) {
    const auto seen = desk.cpis().seen();
    BOOST_REQUIRE_EQUAL(seen.size(), static_cast<std::size_t>(last));
    for (std::size_t i = 0; i < seen.size(); ++i) {
      BOOST_TEST(seen[i].sequence == static_cast<std::int64_t>(i) + 1);
    }
  }

  SetClock clock;
  MeshDesk desk;
  ScratchFolder folder;
  std::string log;
  sc::Profile profile;
  std::unique_ptr<net::HttpSender> sender;
  std::unique_ptr<net::MeshClient> client;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<registry::Register> held;
  std::unique_ptr<MeshTransport> transport;
  std::unique_ptr<MeshExchange> exchange;
};

struct Scripted {
  Operation operation;
  MeshFault fault;
  int times;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Scripted& one) { return out << one.why; }

const std::vector<Scripted> faults{
    {Operation::handshake, MeshFault::refused, 2, "no handshake at first"},
    {Operation::handshake, MeshFault::no_auth, 2, "403 at first"},
    {Operation::list_inbox, MeshFault::refused, 2, "the inbox is away"},
    {Operation::list_inbox, MeshFault::cut_off, 2, "the list is cut off"},
    {Operation::send, MeshFault::refused, 3, "sending is refused with 503"},
    {Operation::send, MeshFault::lost, 1, "the answer to a send is lost"},
    {Operation::send, MeshFault::cut_off, 1, "the answer to a send is cut off"},
    {Operation::send, MeshFault::no_auth, 1, "a send gets 403"},
    {Operation::send_chunk, MeshFault::lost, 2, "answers to chunks are lost"},
    {Operation::send_chunk, MeshFault::refused, 2, "chunks are refused"},
    {Operation::download, MeshFault::bad_chunk, 2, "a download is damaged"},
    {Operation::download, MeshFault::cut_off, 2, "a download is cut off"},
    {Operation::download_chunk, MeshFault::bad_chunk, 1, "a later chunk is damaged"},
    {Operation::acknowledge, MeshFault::lost, 2, "an acknowledgement is lost"},
    {Operation::acknowledge, MeshFault::refused, 2, "an acknowledgement is refused"},
};

std::vector<CohortRow> children(int count) {
  std::vector<CohortRow> rows;
  for (int i = 1; i <= count; ++i) rows.push_back({i});
  return rows;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(an_upload_is_answered_by_record_corrected_and_accepted, Fixture) {
  auto rows = children(4);
  rows[2].surname = "Sampel";
  const auto first = import(rows);
  BOOST_REQUIRE(first);
  BOOST_TEST(first->run.under_way.value() == 1);
  BOOST_REQUIRE(settle());
  BOOST_TEST(uploads().front().outcome == "CPF03");
  BOOST_TEST((lives()["C3"] == sc::Life::rejected));
  BOOST_TEST((lives()["C1"] == sc::Life::accepted));
  BOOST_TEST(open_work(sc::WorkKind::rejected) == 1U);
  rows[2].surname = "Sample";
  BOOST_REQUIRE(import(rows));
  BOOST_REQUIRE(settle());
  BOOST_TEST(uploads().front().outcome == "CPF02");
  BOOST_TEST((lives()["C3"] == sc::Life::accepted));
  BOOST_TEST(open_work(sc::WorkKind::rejected) == 0U);
  check_numbers(2);
}

BOOST_FIXTURE_TEST_CASE(a_repeat_sends_nothing_and_missing_rows_end_nothing, Fixture) {
  BOOST_REQUIRE(import(children(4)));
  BOOST_REQUIRE(settle());
  auto turned = children(4);
  std::swap(turned[0], turned[3]);
  const auto again = import(turned);
  BOOST_REQUIRE(again);
  BOOST_TEST(!again->run.under_way.has_value());
  const auto fewer = import(children(3));
  BOOST_REQUIRE(fewer);
  BOOST_TEST(!fewer->run.under_way.has_value());
  BOOST_TEST(fewer->run.doubts == 1U);
  check_numbers(1);
}

BOOST_FIXTURE_TEST_CASE(one_upload_is_under_way_at_a_time, Fixture) {
  BOOST_REQUIRE(import(children(2)));
  const auto second = import(children(3));
  BOOST_REQUIRE(!second);
  BOOST_TEST(name_of(second.error().kind) == "busy");
  BOOST_REQUIRE(settle());
  BOOST_REQUIRE(import(children(3)));
  BOOST_REQUIRE(settle());
  check_numbers(2);
}

BOOST_DATA_TEST_CASE(whatever_goes_wrong_an_upload_arrives_once_and_its_answer_counts_once,
                     faults) {
  Fixture fixture;
  fixture.desk.office().misbehave(sample.operation, sample.fault, sample.times);
  BOOST_REQUIRE(fixture.import(children(6)));
  BOOST_REQUIRE(fixture.settle());
  fixture.check_numbers(1);
  BOOST_TEST(fixture.uploads().front().outcome == "CPF02");
  for (const auto& [person, life] : fixture.lives()) BOOST_TEST((life == sc::Life::accepted));
  // The answer is gone from the inbox: it was acknowledged, at the latest when it was listed again.
  BOOST_TEST(fixture.work_until(
      [&] { return fixture.desk.office().waiting(std::string{council_mailbox}) == 0; }));
}

BOOST_FIXTURE_TEST_CASE(a_look_becomes_one_notice_however_often_it_is_delivered, Fixture) {
  BOOST_REQUIRE(import(children(2)));
  BOOST_REQUIRE(settle());
  desk.office().deliver_twice(5);
  desk.look(1, 1);
  desk.look(2, 2);
  using Kind = registry::NoticeRow::Kind;
  BOOST_REQUIRE(work_until([&] { return notices(Kind::access) == 2; }));
  BOOST_REQUIRE(work_until([&] { return exchange->dealt_with().repeated >= 1U; }));
  reopen();
  BOOST_TEST(!work_until([&] { return notices(Kind::access) != 2; }, 10));
}

// CP-IS holds this council responsible for a child that its own memory does not have.
BOOST_FIXTURE_TEST_CASE(a_notice_about_an_unknown_child_is_work_for_a_person, Fixture) {
  BOOST_REQUIRE(import(children(2)));
  BOOST_REQUIRE(settle());
  BOOST_REQUIRE(database->write([](store::Session& session) {
    return store::any_rows(
        session.execute("DELETE FROM council_record WHERE person_key = ?", {"C1"}));
  }));
  desk.office().deliver_twice(5);
  desk.look(1, 1);
  desk.look(2, 2);
  BOOST_REQUIRE(work_until([&] { return exchange->dealt_with().repeated >= 1U; }));
  BOOST_REQUIRE(work_until([&] { return notices(registry::NoticeRow::Kind::access) == 2; }));
  BOOST_TEST(open_work(sc::WorkKind::unknown_child) == 1U);
  const std::string digits{child_number(1).digits()};
  BOOST_TEST(log.find(digits) == std::string::npos);
  // The next extract says nothing about it.
  BOOST_REQUIRE(import(children(2)));
  BOOST_REQUIRE(settle());
  BOOST_TEST(open_work(sc::WorkKind::unknown_child) == 1U);
}

BOOST_FIXTURE_TEST_CASE(old_and_new_numbers_are_never_logged, Fixture) {
  BOOST_REQUIRE(import(children(2)));
  BOOST_REQUIRE(settle());
  const NhsNumber replacement = child_number(19);
  BOOST_REQUIRE(desk.held().supersede(child_number(1), std::vector{replacement}));
  using Kind = registry::NoticeRow::Kind;
  BOOST_REQUIRE(work_until([&] { return notices(Kind::inactive_number) == 1; }));
  const auto numbers = held->inactive_numbers("999");
  BOOST_REQUIRE(numbers);
  BOOST_REQUIRE_EQUAL(numbers->size(), 1U);
  BOOST_TEST((numbers->front() == child_number(1)));
  BOOST_TEST(open_work(sc::WorkKind::inactive_number) == 1U);
  BOOST_TEST(log.find(child_number(1).digits()) == std::string::npos);
  BOOST_TEST(log.find(replacement.digits()) == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(records_go_out_again_under_another_number_when_pds_was_away, Fixture) {
  desk.cpis().answer_with(FileOutcome::cpf05, 2);
  BOOST_REQUIRE(import(children(3)));
  BOOST_REQUIRE(settle());
  check_numbers(3);
  const auto all = uploads();
  BOOST_TEST(all[0].outcome == "CPF02");
  BOOST_TEST(all[1].outcome == "CPF05");
  BOOST_TEST(all[2].outcome == "CPF05");
  BOOST_TEST((lives()["C2"] == sc::Life::accepted));
}

BOOST_FIXTURE_TEST_CASE(an_undelivered_upload_moves_nothing_and_the_same_extract_may_go_again,
                        Fixture) {
  desk.cpis().call_bad(1);
  BOOST_REQUIRE(import(children(3)));
  BOOST_REQUIRE(settle());
  BOOST_TEST(uploads().front().outcome == "15");
  BOOST_TEST(std::string{name_of(uploads().front().state)} == "failed");
  BOOST_TEST((lives()["C1"] == sc::Life::draft));
  const auto again = import(children(3));
  BOOST_REQUIRE(again);
  BOOST_TEST(again->run.under_way.value() == 2);
  BOOST_REQUIRE(settle());
  BOOST_TEST(uploads().front().outcome == "CPF02");
}

BOOST_FIXTURE_TEST_CASE(a_late_answer_is_waited_for, Fixture) {
  desk.office().hold(true);
  BOOST_REQUIRE(import(children(2)));
  BOOST_TEST(!work_until([&] { return idle(); }, 100));
  desk.office().hold(false);
  BOOST_REQUIRE(settle());
  check_numbers(1);
}

BOOST_FIXTURE_TEST_CASE(files_of_strangers_and_nonsense_are_kept_for_a_person_and_change_nothing,
                        Fixture) {
  BOOST_REQUIRE(import(children(2)));
  mesh::Envelope envelope;
  envelope.to = council_mailbox;
  envelope.workflow = "CPIS_RESPONSE";
  envelope.from = "X26ABC9";
  desk.office().post(envelope, "<FileResponse xmlns=\"urn:hl7-org:v3\"/>");
  envelope.from = cpis_mailbox;
  desk.office().post(envelope, "<FileResponse");
  desk.office().post(envelope, "not XML");
  BOOST_REQUIRE(work_until([&] { return exchange->dealt_with().unclear == 3U; }));
  BOOST_REQUIRE(settle());
  BOOST_TEST(uploads().front().outcome == "CPF02");
}

BOOST_FIXTURE_TEST_CASE(the_handshake_is_daily, Fixture) {
  BOOST_REQUIRE(exchange->step());
  BOOST_TEST(desk.office().handshakes(std::string{council_mailbox}) == 1U);
  clock.pass(23h);
  BOOST_REQUIRE(exchange->step());
  BOOST_TEST(desk.office().handshakes(std::string{council_mailbox}) == 1U);
  clock.pass(1h);
  BOOST_REQUIRE(exchange->step());
  BOOST_TEST(desk.office().handshakes(std::string{council_mailbox}) == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_run_that_was_cut_off_before_the_queue_uses_the_same_number, Fixture) {
  // As a kill between the two: the records are marked, the upload was never laid into the queue.
  class Cut final : public CouncilTransport {
   public:
    explicit Cut(CouncilTransport& real) : real_{real} {}
    Result<std::optional<std::int64_t>> under_way(std::string_view council) override {
      return real_.under_way(council);
    }
    Result<std::int64_t> next_number(store::Session& session, std::string_view council) override {
      return real_.next_number(session, council);
    }
    Result<std::optional<UploadResult>> send(const UploadFile&,
                                             const sc::ExtractIdentity&) override {
      return Error{ErrorKind::fault, "killed"};
    }
    Result<bool> never_left(std::string_view council, std::int64_t sequence) override {
      return real_.never_left(council, sequence);
    }

   private:
    CouncilTransport& real_;
  } cut{*transport};
  sc::ExportSet files;
  files.add("cohort.csv", cohort_csv(children(3)));
  BOOST_REQUIRE(!(ImportExport{*database, *held, clock, cut}.run(profile, files, false)));
  BOOST_TEST((lives()["C1"] == sc::Life::sent));
  reopen();
  const auto again = import(children(3));
  BOOST_REQUIRE(again);
  BOOST_TEST(again->run.under_way.value() == 1);
  BOOST_REQUIRE(settle());
  check_numbers(1);
}

BOOST_AUTO_TEST_SUITE_END()
