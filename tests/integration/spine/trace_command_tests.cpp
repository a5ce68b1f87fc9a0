// `cpis-gateway trace` and a simulated PDS over TLS.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "conformance/peers/spine/memory_register.h"
#include "conformance/peers/spine/spine_peer.h"
#include "gateway/console/commands.h"
#include "gateway/observe/clock.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/text.h"

using namespace cpis;
using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(trace_command)

namespace {

struct Site {
  Site() {
    auto made = peers::make_certificates(folder.path());
    BOOST_REQUIRE(made);
    peers::SpinePeerSettings settings;
    settings.tls = *made;
    peer = std::make_unique<peers::SpinePeer>(settings, held, clock);
    BOOST_REQUIRE(peer->start());
    const std::string key = folder.path() + "/signing.key";
    EVP_PKEY* const pair = EVP_RSA_gen(2048);
    std::FILE* const file = std::fopen(key.c_str(), "wb");
    PEM_write_PrivateKey(file, pair, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    EVP_PKEY_free(pair);
    config = folder.path() + "/trace.conf";
    std::ofstream{config} << gateway_config(folder.path())
                          << "protection.source = spine\nspine.asid = 555000000099\n"
                             "spine.party_key = RXX-800001\nspine.pattern = sync\nspine.sds.url = "
                          << peer->base_url() << "/sds\nspine.tls.certificate = \""
                          << made->client_certificate << "\"\nspine.tls.key = \""
                          << made->client_key << "\"\nspine.tls.ca = \"" << made->authority
                          << "\"\npds.url = " << peer->base_url()
                          << "/personal-demographics/FHIR/R4\npds.token.url = " << peer->base_url()
                          << "/oauth2/token\npds.token.api_key = key\npds.token.key_id = test-1\n"
                             "pds.token.key = \""
                          << key << "\"\npds.tls.certificate = \"" << made->client_certificate
                          << "\"\npds.tls.key = \"" << made->client_key << "\"\npds.tls.ca = \""
                          << made->authority << "\"\n";
  }
  ~Site() { peer->stop(); }

  /// What it printed, with its exit code in front.
  std::string trace(console::TraceOptions options) const {
    options.config = config;
    std::ostringstream out;
    std::streambuf* const screen = std::cout.rdbuf(out.rdbuf());
    std::streambuf* const errors = std::cerr.rdbuf(out.rdbuf());
    const int code = console::trace_person(options);
    std::cout.rdbuf(screen);
    std::cerr.rdbuf(errors);
    return std::to_string(code) + ' ' + out.str();
  }
  std::string number(std::string_view digits) const {
    console::TraceOptions options;
    options.number = digits;
    return trace(options);
  }
  std::string person(const std::string& family, const std::string& postcode = "") const {
    console::TraceOptions options;
    options.family = family;
    options.born = "2018-04-12";
    options.postcode = postcode;
    return trace(options);
  }

  ScratchFolder folder;
  observe::SystemClock clock;
  peers::MemoryRegister held;
  std::unique_ptr<peers::SpinePeer> peer;
  std::string config;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_number_is_confirmed_and_a_person_found, Site) {
  const NhsNumber child = *NhsNumber::parse(child_on_plan);
  const NhsNumber hidden = *NhsNumber::parse(child_without_record);
  const auto born = parse_iso_date("2018-04-12");
  const spine::PdsHome home{"1 Hidden Close", "ZZ99 9ZZ", "01632960777", "Y99999"};
  const spine::PdsPerson known{child, "Sample", {"Alex"}, born, "", false, false};
  peer->know(known, home);
  peer->know({hidden, "Lark", {"Robin"}, born, "", true, false}, home);
  peer->supersede(*NhsNumber::parse(mother_of_unborn), known);

  const std::string digits{child.digits()};
  BOOST_TEST(number(digits) == "0 " + digits + " found, and the number holds\n");
  BOOST_TEST(number(mother_of_unborn) == "0 " + digits + " found, under another number by now\n");
  BOOST_TEST(person("Sample", "ZZ99 9ZZ") == "0 " + digits + " found, and the number holds\n");
  const std::string restricted = person("Lark");
  BOOST_TEST(has(restricted, "0 " + std::string{hidden.digits()} + " found"));
  BOOST_TEST(has(restricted, "a restricted record"));
  BOOST_TEST(!has(restricted, "Hidden"));
  BOOST_TEST(has(person("Lark", "ZZ99 9ZZ"), "restricted people are not found by a postcode"));
  BOOST_TEST(person("Nobody").substr(0, 2) == "1 ");
  BOOST_TEST(number("9990000069").substr(0, 2) == "1 ");
  BOOST_TEST(number("9990000027").substr(0, 2) == "5 ");
}

BOOST_AUTO_TEST_SUITE_END()
