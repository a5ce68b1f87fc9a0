// Certificates at the front door: replaced without a restart, and of clients who need no token.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "tests/integration/gateway_fixture.h"
#include "tests/support/tcp_client.h"
#include "tests/support/test_certificates.h"
#include "tests/support/text.h"
#include "tests/support/tls_client.h"

using namespace cpis;
using namespace cpis::test;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(front_door_tls_tests)

namespace {

std::string quoted(const std::string& text) { return '"' + text + "\"\n"; }

const std::string client_section =
    "client.ward.organisation_code = RXX01\nclient.ward.organisation_name = Testshire Royal\n"
    "client.ward.role_code = R0260\nclient.ward.role_name = Doctor\n"
    "client.ward.person_name = Sam Lead\nclient.ward.system_id = 2000\n";

const std::string get_flag = "GET /FHIR/R4/Flag?patient=" + std::string{child_on_plan} +
                             " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

struct Setup {
  Setup()
      : server{folder.path(), "server"},
        clients{folder.path(), "clients"},
        first{server.issue("first", "DNS:localhost,IP:127.0.0.1")},
        ward{clients.issue("ward", "DNS:ward.example")},
        nobody{clients.issue("nobody", "DNS:nobody.example")} {
    fs::copy_file(first.certificate_file, folder.file("cert.pem"));
    fs::copy_file(first.key_file, folder.file("key.pem"));
  }

  void start(const std::string& more) {
    running = std::make_unique<RunningGateway>(
        "http.auth = token\nhttp.tls.certificate = " + quoted(folder.file("cert.pem")) +
        "http.tls.key = " + quoted(folder.file("key.pem")) + client_section + more);
    upload_people(running->gateway->registry());
  }
  std::string ask(const KeyPair& own) const {
    TlsClient client{running->gateway->http_port(), {server.certificate_file(), own}};
    if (!client.connected() || !client.send(get_flag)) return {};
    return client.read(100'000);
  }

  ScratchFolder folder;
  TestAuthority server;
  TestAuthority clients;
  KeyPair first;
  KeyPair ward;
  KeyPair nobody;
  std::unique_ptr<RunningGateway> running;
};

// The fingerprint that the operator writes into the configuration.
std::string fingerprint(const KeyPair& pair) {
  std::FILE* const file = std::fopen(pair.certificate_file.c_str(), "r");
  BOOST_REQUIRE(file != nullptr);
  X509* const certificate = PEM_read_X509(file, nullptr, nullptr, nullptr);
  std::fclose(file);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  BOOST_REQUIRE(X509_digest(certificate, EVP_sha256(), hash.data(), &size) == 1);
  X509_free(certificate);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    std::array<char, 4> part{};
    std::snprintf(part.data(), part.size(), i == 0 ? "%02X" : ":%02X", hash[i]);
    text += part.data();
  }
  return text;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_registered_certificate_needs_no_token, Setup) {
  start("http.tls.client_ca = " + quoted(clients.certificate_file()) +
        "http.tls.client_certificates = optional\nclient.ward.certificate = " + fingerprint(ward) +
        "\n");
  BOOST_TEST(has(ask(ward), "\"total\":1"));
  BOOST_TEST(has(ask(ward), "Strict-Transport-Security: max-age="));
  const std::string stranger = ask(nobody);
  BOOST_TEST(has(stranger, "HTTP/1.1 401"));
  BOOST_TEST(!has(stranger, "searchset"));
  BOOST_TEST(has(ask({}), "HTTP/1.1 401"));
}

BOOST_FIXTURE_TEST_CASE(where_certificates_are_demanded_nobody_gets_in_without, Setup) {
  start("http.tls.client_ca = " + quoted(clients.certificate_file()) +
        "client.ward.certificate = " + fingerprint(ward) + "\n");
  BOOST_TEST(has(ask(ward), "\"total\":1"));
  BOOST_TEST(ask({}).empty());
  const KeyPair foreign = server.issue("ward", "DNS:ward.example");
  BOOST_TEST(ask(foreign).empty());
}

BOOST_FIXTURE_TEST_CASE(a_replaced_certificate_is_used_without_a_restart, Setup) {
  start("client.ward.token = sha256:" + std::string(64, 'a') + "\n");
  const auto name = [&] {
    const TlsClient client{running->gateway->http_port(), {server.certificate_file()}};
    return client.connected() ? client.server_name() : std::string{};
  };
  BOOST_TEST(name() == "first");
  const KeyPair second = server.issue("second", "DNS:localhost,IP:127.0.0.1");
  const auto over = fs::copy_options::overwrite_existing;
  fs::copy_file(second.certificate_file, folder.file("cert.pem"), over);
  running->gateway->reload();
  // Certificate and key do not belong together yet: the old ones stay.
  BOOST_TEST(name() == "first");
  fs::copy_file(second.key_file, folder.file("key.pem"), over);
  running->gateway->reload();
  BOOST_TEST(eventually([&] { return name() == "second"; }));
}

BOOST_AUTO_TEST_SUITE_END()
