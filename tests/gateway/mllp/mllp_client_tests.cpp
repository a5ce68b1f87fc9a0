#include "gateway/mllp/mllp_client.h"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "gateway/mllp/mllp_server.h"
#include "gateway/net/loop_group.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/tcp_client.h"
#include "tests/support/test_certificates.h"

using namespace std::chrono_literals;
using cpis::ErrorKind;
using cpis::mllp::MllpClient;
using cpis::mllp::MllpClientSettings;
using cpis::mllp::MllpMessage;
using cpis::mllp::MllpReply;
using cpis::test::eventually;
using cpis::test::KeyPair;

namespace {

/// An interface engine that acknowledges what it is told, and says who told it.
struct Engine : cpis::mllp::MllpHandler {
  void handle(MllpMessage&& message, MllpReply&& reply) override {
    if (message.bytes == "close") return reply.close_without_answer();
    if (message.bytes == "late") return late.push_back(std::move(reply));
    reply.send("ack " + message.bytes);
  }
  std::vector<MllpReply> late;
};

struct Site {
  explicit Site(bool encrypted, std::string server_name = "DNS:localhost,IP:127.0.0.1")
      : server{authority.issue("engine", server_name)} {
    cpis::net::ListenerSettings listener;
    listener.name = "engine";
    listener.protocol = mllp_protocol({}, engine);
    if (encrypted) {
      auto slot =
          cpis::net::TlsSlot::open({.certificate_file = server.certificate_file,
                                    .key_file = server.key_file,
                                    .client_ca_file = authority.certificate_file(),
                                    .client_certificate = cpis::net::ClientCertificate::required});
      BOOST_REQUIRE(slot);
      listener.tls = *slot;
    }
    const auto bound = group.listen(std::move(listener));
    BOOST_REQUIRE(bound);
    port = *bound;
    group.start();
  }

  MllpClientSettings to(const KeyPair* own = nullptr) const {
    MllpClientSettings settings;
    settings.host = "127.0.0.1";
    settings.port = port;
    settings.connect_time = 60s;
    settings.answer_time = 60s;
    if (own != nullptr) {
      settings.encrypted = true;
      settings.tls = {authority.certificate_file(), own->certificate_file, own->key_file};
    }
    return settings;
  }

  cpis::test::ScratchFolder folder;
  cpis::test::TestAuthority authority{folder.path(), "authority"};
  KeyPair gateway = authority.issue("gateway", "DNS:gateway.test");
  KeyPair server;
  Engine engine;
  cpis::net::LoopGroup group{{.loops = 1, .on_fault = {}}};
  std::uint16_t port = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(mllp_client_tests)

BOOST_AUTO_TEST_CASE(one_connection_carries_message_after_message) {
  Site site{false};
  const auto client = MllpClient::open(site.to());
  BOOST_REQUIRE(client);
  for (const std::string text : {"one", "two", "three"}) {
    const auto answer = (*client)->send(text);
    BOOST_REQUIRE(answer);
    BOOST_TEST(*answer == "ack " + text);
  }
}

BOOST_AUTO_TEST_CASE(over_mutual_tls_both_sides_know_each_other) {
  Site site{true};
  const auto client = MllpClient::open(site.to(&site.gateway));
  BOOST_REQUIRE(client);
  for (const std::string text : {"one", "two"}) {
    const auto answer = (*client)->send(text);
    BOOST_REQUIRE_MESSAGE(answer, (answer ? "" : answer.error().message));
    BOOST_TEST(*answer == "ack " + text);
  }
}

BOOST_AUTO_TEST_CASE(an_engine_that_demands_a_certificate_takes_nothing_without_one) {
  Site site{true};
  MllpClientSettings settings = site.to(&site.gateway);
  settings.tls.certificate_file.clear();
  settings.tls.key_file.clear();
  const auto client = MllpClient::open(settings);
  BOOST_REQUIRE(client);
  const auto answer = (*client)->send("one");
  BOOST_REQUIRE(!answer);
  BOOST_TEST((answer.error().kind == ErrorKind::unavailable));
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_to_an_engine_that_cannot_prove_its_name) {
  Site site{true, "DNS:somebody.else"};
  const auto client = MllpClient::open(site.to(&site.gateway));
  BOOST_REQUIRE(client);
  const auto answer = (*client)->send("one");
  BOOST_REQUIRE(!answer);
  BOOST_TEST((answer.error().kind == ErrorKind::unavailable));
  BOOST_TEST(answer.error().message.find("TLS") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nor_to_one_whose_authority_is_another) {
  Site site{true};
  cpis::test::ScratchFolder folder;
  const cpis::test::TestAuthority other{folder.path(), "other"};
  MllpClientSettings settings = site.to(&site.gateway);
  settings.tls.authority_file = other.certificate_file();
  const auto client = MllpClient::open(settings);
  BOOST_REQUIRE(client);
  BOOST_TEST(!(*client)->send("one"));
}

BOOST_AUTO_TEST_CASE(tls_is_never_given_up_for_an_engine_that_speaks_plainly) {
  Site plain{false};
  Site keys{true};
  MllpClientSettings settings = keys.to(&keys.gateway);
  settings.port = plain.port;
  settings.connect_time = 500ms;
  const auto client = MllpClient::open(settings);
  BOOST_REQUIRE(client);
  BOOST_TEST(!(*client)->send("one"));
}

// A late answer belongs to the message before: the connection is given up.
BOOST_AUTO_TEST_CASE(after_no_answer_in_time_a_new_connection_is_made) {
  Site site{false};
  MllpClientSettings settings = site.to();
  settings.answer_time = 200ms;
  const auto client = MllpClient::open(settings);
  BOOST_REQUIRE(client);
  const auto none = (*client)->send("late");
  BOOST_REQUIRE(!none);
  BOOST_TEST((none.error().kind == ErrorKind::timeout));
  // This answer, too, may take longer than that on a busy machine; it is never the one before.
  cpis::Result<std::string> next = (*client)->send("next");
  BOOST_REQUIRE(eventually([&] { return next || (next = (*client)->send("next")); }));
  BOOST_TEST(*next == "ack next");
}

BOOST_AUTO_TEST_CASE(closed_without_an_answer_is_unavailable_and_the_next_goes_on) {
  Site site{false};
  const auto client = MllpClient::open(site.to());
  BOOST_REQUIRE(client);
  const auto closed = (*client)->send("close");
  BOOST_REQUIRE(!closed);
  BOOST_TEST((closed.error().kind == ErrorKind::unavailable));
  BOOST_TEST(bool((*client)->send("next")));
}

BOOST_AUTO_TEST_SUITE_END()
