#include "gateway/net/tls.h"

#include <openssl/ssl.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "gateway/net/loop_group.h"
#include "gateway/net/revocation.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/tcp_client.h"
#include "tests/support/tls_client.h"

using namespace std::chrono_literals;
using cpis::net::ClientCertificate;
using cpis::net::Connection;
using cpis::net::LoopGroup;
using cpis::net::TlsSettings;
using cpis::net::TlsSlot;
using cpis::test::eventually;
using cpis::test::KeyPair;
using cpis::test::TcpClient;
using cpis::test::TestAuthority;
using cpis::test::TlsClient;

namespace {

struct Echo : cpis::net::Protocol {
  void on_data(Connection& connection, std::string_view bytes) override { connection.write(bytes); }
};

/// Says who the peer is by its certificate.
struct Naming : cpis::net::Protocol {
  void on_open(Connection& connection) override {
    const auto& certificate = connection.peer()->certificate;
    if (!certificate) return connection.write("nobody;");
    connection.write(certificate->subject + "|" + certificate->dns_names.at(0) + "|" +
                     certificate->uri_names.at(0) + "|" +
                     std::to_string(certificate->sha256.size()) + ";");
  }
  void on_data(Connection&, std::string_view) override {}
};

struct Site {
  cpis::test::ScratchFolder folder;
  TestAuthority authority{folder.path(), "authority"};
  KeyPair server = authority.issue("gateway", "DNS:localhost,IP:127.0.0.1");
  KeyPair engine = authority.issue("engine", "DNS:engine.test,URI:urn:test:engine");
  LoopGroup group{{.loops = 2}};
  std::shared_ptr<TlsSlot> slot;

  TlsSettings settings(ClientCertificate wanted = ClientCertificate::none) const {
    return {.certificate_file = server.certificate_file,
            .key_file = server.key_file,
            .client_ca_file = authority.certificate_file(),
            .client_certificate = wanted};
  }

  template <class Spoken>
  std::uint16_t serve(const TlsSettings& with, cpis::net::TransportLimits limits = {}) {
    auto opened = TlsSlot::open(with);
    BOOST_REQUIRE(opened);
    slot = *opened;
    const auto port =
        group.listen({.name = "tls",
                      .protocol = [](const Connection&) { return std::make_unique<Spoken>(); },
                      .tls = slot,
                      .limits = limits});
    BOOST_REQUIRE(port);
    group.start();
    return *port;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tls_tests)

BOOST_AUTO_TEST_CASE(bytes_go_both_ways_in_small_and_in_megabytes) {
  Site site;
  TlsClient client{site.serve<Echo>(site.settings()), {site.authority.certificate_file()}};
  BOOST_REQUIRE(client.connected());
  BOOST_TEST(client.send("hello"));
  BOOST_TEST(client.read(5) == "hello");
  const std::string big(3'000'000, 'b');
  std::thread sending{[&] { client.send(big); }};
  sending.join();
  BOOST_TEST((client.read(big.size()) == big));
}

BOOST_AUTO_TEST_CASE(old_versions_are_refused) {
  Site site;
  const auto port = site.serve<Echo>(site.settings());
  const std::string authority = site.authority.certificate_file();
  BOOST_TEST(TlsClient(port, {authority, {}, TLS1_2_VERSION}).connected());
  BOOST_TEST(!TlsClient(port, {authority, {}, TLS1_1_VERSION}).connected());
  BOOST_TEST(eventually([&] { return site.group.counters().handshake_failed == 1; }));
}

BOOST_AUTO_TEST_CASE(a_site_may_ask_for_tls_1_3_alone) {
  Site site;
  TlsSettings settings = site.settings();
  settings.tls13_only = true;
  const auto port = site.serve<Echo>(settings);
  const std::string authority = site.authority.certificate_file();
  BOOST_TEST(!TlsClient(port, {authority, {}, TLS1_2_VERSION}).connected());
  BOOST_TEST(TlsClient(port, {authority}).connected());
}

BOOST_AUTO_TEST_CASE(the_verified_name_of_a_client_reaches_the_protocol) {
  Site site;
  const auto port = site.serve<Naming>(site.settings(ClientCertificate::required));
  TlsClient client{port, {site.authority.certificate_file(), site.engine}};
  const std::string wanted = "CN=engine|engine.test|urn:test:engine|64;";
  BOOST_TEST(client.read(wanted.size()) == wanted);
}

// Neither nobody nor somebody else's client may reach a protocol.
BOOST_AUTO_TEST_CASE(a_client_without_a_certificate_or_with_a_strangers_gets_nothing) {
  Site site;
  TestAuthority stranger{site.folder.path(), "stranger"};
  const KeyPair forged = stranger.issue("engine", "DNS:engine.test,URI:urn:test:engine");
  const auto port = site.serve<Naming>(site.settings(ClientCertificate::required));
  const std::string authority = site.authority.certificate_file();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    BOOST_TEST(TlsClient(port, {authority, {}, version}).read(1).empty());
    BOOST_TEST(TlsClient(port, {authority, forged, version}).read(1).empty());
  }
  BOOST_TEST(eventually([&] { return site.group.counters().handshake_failed == 4; }));
}

// Somebody whose certificate was taken back is refused, and so is everybody when it can no longer
// be known who was.
BOOST_AUTO_TEST_CASE(a_revoked_client_gets_nothing_and_the_others_go_on) {
  Site site;
  const KeyPair dismissed = site.authority.issue("dismissed", "DNS:engine.test,URI:urn:test:x");
  TlsSettings settings = site.settings(ClientCertificate::required);
  settings.revocation_file = site.authority.revoke({dismissed});
  const auto port = site.serve<Naming>(settings);
  const std::string authority = site.authority.certificate_file();
  BOOST_TEST(TlsClient(port, {authority, site.engine}).read(1) == "C");
  BOOST_TEST(TlsClient(port, {authority, dismissed}).read(1).empty());
  settings.revocation_file = site.authority.revoke({}, -1);
  BOOST_REQUIRE(static_cast<bool>(site.slot->replace(settings)));
  BOOST_TEST(TlsClient(port, {authority, site.engine}).read(1).empty());
  settings.revocation_file = authority;
  BOOST_TEST(site.slot->replace(settings).error().message.find("no revocation list") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_revocation_list_says_what_it_holds) {
  Site site;
  TestAuthority stranger{site.folder.path(), "stranger"};
  const KeyPair dismissed = site.authority.issue("dismissed", "DNS:engine.test");
  const std::string file = site.authority.revoke({dismissed});
  const auto lists = cpis::net::read_revocation_lists(file);
  BOOST_REQUIRE(static_cast<bool>(lists));
  BOOST_REQUIRE(lists->size() == 1U);
  BOOST_TEST(lists->front().issuer == "CN=authority");
  BOOST_TEST(lists->front().revoked == 1U);
  BOOST_TEST((lists->front().next && *lists->front().next > lists->front().issued));
  BOOST_TEST(*cpis::net::is_revoked(dismissed.certificate_file, file));
  BOOST_TEST(!*cpis::net::is_revoked(site.engine.certificate_file, file));
  const auto unknown =
      cpis::net::is_revoked(stranger.issue("x", "DNS:x.test").certificate_file, file);
  BOOST_TEST((unknown.error().kind == cpis::ErrorKind::not_found));
  BOOST_TEST(!cpis::net::read_revocation_lists(site.folder.path() + "/none.pem"));
}

BOOST_AUTO_TEST_CASE(where_a_certificate_is_optional_nobody_is_nobody_and_a_stranger_is_refused) {
  Site site;
  TestAuthority stranger{site.folder.path(), "stranger"};
  const KeyPair forged = stranger.issue("engine", "DNS:engine.test,URI:urn:test:engine");
  const auto port = site.serve<Naming>(site.settings(ClientCertificate::optional));
  const std::string authority = site.authority.certificate_file();
  BOOST_TEST(TlsClient(port, {authority}).read(7) == "nobody;");
  BOOST_TEST(TlsClient(port, {authority, site.engine}).read(9) == "CN=engine");
  BOOST_TEST(TlsClient(port, {authority, forged}).read(1).empty());
}

BOOST_AUTO_TEST_CASE(a_new_certificate_is_used_without_a_restart_and_open_connections_stay) {
  Site site;
  const auto port = site.serve<Echo>(site.settings());
  TlsClient before{port, {site.authority.certificate_file()}};
  BOOST_TEST(before.server_name() == "gateway");
  TlsSettings renewed = site.settings();
  const KeyPair next = site.authority.issue("renewed", "DNS:localhost");
  renewed.certificate_file = next.certificate_file;
  renewed.key_file = next.key_file;
  BOOST_REQUIRE(static_cast<bool>(site.slot->replace(renewed)));
  BOOST_TEST(TlsClient(port, {site.authority.certificate_file()}).server_name() == "renewed");
  BOOST_TEST(before.send("still"));
  BOOST_TEST(before.read(5) == "still");
}

BOOST_AUTO_TEST_CASE(unusable_files_are_named_and_change_nothing) {
  Site site;
  const auto port = site.serve<Echo>(site.settings());
  TlsSettings wrong = site.settings();
  wrong.key_file = site.engine.key_file;
  const auto mismatch = site.slot->replace(wrong);
  BOOST_REQUIRE(!mismatch);
  BOOST_TEST(mismatch.error().message.find(wrong.key_file) != std::string::npos);
  wrong = site.settings();
  wrong.certificate_file = "/nowhere/at/all.pem";
  const auto missing = site.slot->replace(wrong);
  BOOST_REQUIRE(!missing);
  BOOST_TEST(missing.error().message.find("/nowhere/at/all.pem") != std::string::npos);
  wrong = site.settings(ClientCertificate::required);
  wrong.client_ca_file = site.server.key_file;
  BOOST_TEST(!static_cast<bool>(site.slot->replace(wrong)));
  BOOST_TEST(TlsClient(port, {site.authority.certificate_file()}).connected());
}

BOOST_AUTO_TEST_CASE(a_returning_client_takes_its_session_up_again) {
  Site site;
  const auto port = site.serve<Echo>(site.settings());
  {
    TlsClient first{port, {site.authority.certificate_file()}};
    first.send("x");
    first.read(1);
    BOOST_TEST(!first.resumed());
    first.keep_session();
  }
  TlsClient second{port, {site.authority.certificate_file(), {}, 0, true}};
  BOOST_TEST(second.resumed());
  BOOST_TEST(second.send("again"));
  BOOST_TEST(second.read(5) == "again");
}

BOOST_AUTO_TEST_CASE(plain_text_and_silence_end_at_a_tls_door) {
  Site site;
  cpis::net::TransportLimits limits;
  limits.handshake = 50ms;
  const auto port = site.serve<Echo>(site.settings(), limits);
  TcpClient plain{port};
  plain.send("GET / HTTP/1.1\r\n\r\n");
  plain.read_to_end();
  TcpClient silent{port};
  BOOST_TEST(silent.read_to_end().empty());
  BOOST_TEST(eventually([&] { return site.group.counters().handshake_failed == 2; }));
}

BOOST_AUTO_TEST_SUITE_END()
