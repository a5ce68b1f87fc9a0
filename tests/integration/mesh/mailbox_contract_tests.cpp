// What every Mailbox promises, over the MESH client with the simulator behind it and over a fake in
// memory.

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>

#include "gateway/net/mesh_client.h"
#include "tests/integration/mesh/mesh_desk.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(mailbox_contract_tests)

namespace {

/// One mailbox in memory. What is posted to a name comes back from the party of that name.
class FakeMailbox final : public Mailbox {
 public:
  Status handshake() override { return done; }
  Result<std::vector<std::string>> waiting(std::size_t most) override {
    std::vector<std::string> ids;
    for (const auto& [id, parcel] : in_) {
      if (ids.size() < most) ids.push_back(id);
    }
    return ids;
  }
  Result<IncomingParcel> fetch(const std::string& id) override {
    const auto found = in_.find(id);
    if (found == in_.end()) return Error{ErrorKind::not_found, "not there"};
    return found->second;
  }
  Status acknowledge(const std::string& id) override {
    in_.erase(id);
    return done;
  }
  PostOutcome post(const OutgoingParcel& parcel, const std::string&) override {
    if (parcel.to != cpis_mailbox) return {PostOutcome::Kind::refused, "", "12", "no such mailbox"};
    const std::string id = "F" + std::to_string(out_.size());
    out_[parcel.local_id] = id;
    return {PostOutcome::Kind::accepted, id, "", ""};
  }
  Result<Whereabouts> find(const std::string& local_id) override {
    const auto found = out_.find(local_id);
    if (found == out_.end()) return Whereabouts{};
    return Whereabouts{Whereabouts::Kind::delivered, found->second, ""};
  }
  void deliver(IncomingParcel parcel) {
    parcel.id = "I" + std::to_string(1000 + in_.size());
    in_[parcel.id] = std::move(parcel);
  }

 private:
  std::map<std::string, IncomingParcel> in_;
  std::map<std::string, std::string> out_;
};

/// A mailbox of either kind, and the other side of it.
struct UnderTest {
  explicit UnderTest(const std::string& kind) {
    if (kind == "fake") return;
    desk = std::make_unique<MeshDesk>(clock);
    auto opened = net::open_http_sender(desk->sender_settings());
    BOOST_REQUIRE(opened);
    sender = *std::move(opened);
    client = std::make_unique<net::MeshClient>(desk->client_settings(100), *sender, clock);
  }
  Mailbox& mailbox() { return client ? static_cast<Mailbox&>(*client) : fake; }
  void deliver(const std::string& content, std::size_t chunks = 1, bool gzip = false) {
    if (!desk)
      return fake.deliver({IncomingParcel::Kind::data, "", std::string{cpis_mailbox}, "CPIS_NOTICE",
                           "L1", "n.xml", "", "", "", content});
    mesh::Envelope envelope;
    envelope.from = cpis_mailbox;
    envelope.to = council_mailbox;
    envelope.workflow = "CPIS_NOTICE";
    envelope.local_id = "L1";
    envelope.gzip = gzip;
    envelope.range.total = chunks;
    desk->office().post(envelope, content);
  }

  SetClock clock;
  FakeMailbox fake;
  std::unique_ptr<MeshDesk> desk;
  std::unique_ptr<net::HttpSender> sender;
  std::unique_ptr<net::MeshClient> client;
};

const std::string kinds[] = {"mesh", "fake"};
const std::string long_text(1234, 'x');

OutgoingParcel parcel(std::string_view to, std::string_view content) {
  return {std::string{to}, "CPIS_UPLOAD", "cpis-999-1-abcd", "upload-1.xml", "", content};
}

}  // namespace

BOOST_DATA_TEST_CASE(a_file_waits_until_it_is_acknowledged, data::make(kinds), kind) {
  UnderTest under{kind};
  Mailbox& mailbox = under.mailbox();
  BOOST_REQUIRE(mailbox.handshake());
  BOOST_TEST(mailbox.waiting(10)->empty());
  under.deliver("first");
  under.deliver("second");
  const auto ids = mailbox.waiting(10);
  BOOST_REQUIRE(ids);
  BOOST_REQUIRE_EQUAL(ids->size(), 2U);
  const auto one = mailbox.fetch(ids->front());
  BOOST_REQUIRE(one);
  BOOST_TEST(one->content == "first");
  BOOST_TEST(one->from == cpis_mailbox);
  BOOST_TEST(one->workflow == "CPIS_NOTICE");
  BOOST_TEST(one->local_id == "L1");
  BOOST_TEST(mailbox.waiting(10)->size() == 2U);
  BOOST_REQUIRE(mailbox.acknowledge(ids->front()));
  BOOST_REQUIRE(mailbox.acknowledge(ids->front()));
  BOOST_TEST(mailbox.waiting(10)->size() == 1U);
  const auto gone = mailbox.fetch(ids->front());
  BOOST_REQUIRE(!gone);
  BOOST_TEST(name_of(gone.error().kind) == "not-found");
}

BOOST_DATA_TEST_CASE(a_sent_file_is_found_by_its_local_id, data::make(kinds), kind) {
  UnderTest under{kind};
  Mailbox& mailbox = under.mailbox();
  const auto before = mailbox.find("cpis-999-1-abcd");
  BOOST_REQUIRE(before);
  BOOST_CHECK(before->kind == Whereabouts::Kind::absent);
  const PostOutcome posted = mailbox.post(parcel(cpis_mailbox, long_text), "");
  BOOST_REQUIRE(posted.kind == PostOutcome::Kind::accepted);
  const auto after = mailbox.find("cpis-999-1-abcd");
  BOOST_REQUIRE(after);
  BOOST_CHECK(after->kind == Whereabouts::Kind::delivered);
  BOOST_TEST(after->id == posted.id);
}

BOOST_DATA_TEST_CASE(a_receiver_that_is_not_registered_is_refused_and_nothing_is_sent,
                     data::make(kinds), kind) {
  UnderTest under{kind};
  const PostOutcome posted = under.mailbox().post(parcel("X26NOBODY", "text"), "");
  BOOST_CHECK(posted.kind == PostOutcome::Kind::refused);
  BOOST_TEST(posted.code == "12");
  BOOST_CHECK(under.mailbox().find("cpis-999-1-abcd")->kind == Whereabouts::Kind::absent);
}

BOOST_DATA_TEST_CASE(no_more_is_listed_than_was_asked_for, data::make(kinds), kind) {
  UnderTest under{kind};
  for (int i = 0; i < 5; ++i) under.deliver("file " + std::to_string(i));
  BOOST_TEST(under.mailbox().waiting(3)->size() == 3U);
}

// The rest is MESH's own.

BOOST_AUTO_TEST_CASE(chunks_and_compression_make_no_difference_to_what_arrives) {
  UnderTest under{"mesh"};
  for (const std::size_t chunks : {1U, 3U, 7U}) {
    for (const bool gzip : {false, true}) under.deliver(long_text, chunks, gzip);
  }
  const auto ids = under.mailbox().waiting(100);
  BOOST_REQUIRE(ids);
  BOOST_REQUIRE_EQUAL(ids->size(), 6U);
  for (const std::string& id : *ids) {
    const auto whole = under.mailbox().fetch(id);
    BOOST_REQUIRE(whole);
    BOOST_TEST(whole->content == long_text);
  }
}

BOOST_AUTO_TEST_CASE(an_upload_in_chunks_arrives_whole) {
  UnderTest under{"mesh"};
  BOOST_REQUIRE(under.mailbox().post(parcel(cpis_mailbox, long_text), "").kind ==
                PostOutcome::Kind::accepted);
  const auto arrived = under.desk->office().collect(std::string{cpis_mailbox});
  BOOST_REQUIRE_EQUAL(arrived.size(), 1U);
  BOOST_TEST(arrived[0].total == 13U);
  BOOST_TEST(arrived[0].gzip);
  BOOST_TEST(arrived[0].content() == long_text);
}

BOOST_AUTO_TEST_CASE(an_inbox_of_many_pages_is_listed_whole) {
  UnderTest under{"mesh"};
  for (int i = 0; i < 1203; ++i) under.deliver("n");
  const auto ids = under.mailbox().waiting(5000);
  BOOST_REQUIRE(ids);
  BOOST_TEST(ids->size() == 1203U);
}

BOOST_AUTO_TEST_CASE(a_wrong_password_or_key_opens_nothing) {
  UnderTest under{"mesh"};
  net::MeshSettings settings = under.desk->client_settings();
  settings.who.password = "passwort";
  net::MeshClient wrong{settings, *under.sender, under.clock};
  const Status greeted = wrong.handshake();
  BOOST_REQUIRE(!greeted);
  BOOST_TEST(name_of(greeted.error().kind) == "forbidden");
  BOOST_TEST(greeted.error().message.find("passwort") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(clocks_more_than_two_hours_apart_open_nothing) {
  UnderTest under{"mesh"};
  SetClock late;
  late.pass(std::chrono::hours{3});
  net::MeshClient wrong{under.desk->client_settings(), *under.sender, late};
  BOOST_TEST(!wrong.handshake());
}

BOOST_AUTO_TEST_CASE(without_a_client_certificate_there_is_no_connection) {
  UnderTest under{"mesh"};
  net::SenderSettings bare = under.desk->sender_settings();
  bare.certificate_file.clear();
  bare.key_file.clear();
  auto sender = net::open_http_sender(bare);
  BOOST_REQUIRE(sender);
  net::MeshClient client{under.desk->client_settings(), **sender, under.clock};
  BOOST_TEST(!client.handshake());
}

BOOST_AUTO_TEST_CASE(a_report_names_the_file_that_was_not_collected) {
  UnderTest under{"mesh"};
  const PostOutcome posted = under.mailbox().post(parcel(cpis_mailbox, "text"), "");
  under.clock.pass(std::chrono::hours{121});
  BOOST_TEST(under.desk->office().expire() == 1U);
  const auto ids = under.mailbox().waiting(10);
  BOOST_REQUIRE(ids);
  BOOST_REQUIRE_EQUAL(ids->size(), 1U);
  const auto report = under.mailbox().fetch(ids->front());
  BOOST_REQUIRE(report);
  BOOST_CHECK(report->kind == IncomingParcel::Kind::report);
  BOOST_TEST(report->status_code == "14");
  BOOST_TEST(report->linked_id == posted.id);
  BOOST_TEST(report->local_id == "cpis-999-1-abcd");
  BOOST_CHECK(under.mailbox().find("cpis-999-1-abcd")->kind == Whereabouts::Kind::failed);
}

BOOST_AUTO_TEST_SUITE_END()
