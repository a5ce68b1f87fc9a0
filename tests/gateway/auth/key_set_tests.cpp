#include "gateway/auth/key_set.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "tests/support/test_tokens.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using auth::KeySet;
using net::PrivateKey;
using net::SignatureAlgorithm;
using Kind = net::PrivateKey::Kind;

BOOST_AUTO_TEST_SUITE(key_set_tests)

namespace {

struct Signed {
  Kind kind;
  SignatureAlgorithm algorithm;
};
std::ostream& operator<<(std::ostream& out, const Signed& s) { return out << name_of(s.algorithm); }

constexpr Signed every_algorithm[] = {
    {Kind::rsa, SignatureAlgorithm::rs256},  {Kind::rsa, SignatureAlgorithm::rs384},
    {Kind::rsa, SignatureAlgorithm::rs512},  {Kind::rsa, SignatureAlgorithm::ps256},
    {Kind::rsa, SignatureAlgorithm::ps384},  {Kind::rsa, SignatureAlgorithm::ps512},
    {Kind::p256, SignatureAlgorithm::es256}, {Kind::p384, SignatureAlgorithm::es384},
};

std::string without(std::string text, std::string_view part) {
  const std::size_t at = text.find(part);
  BOOST_REQUIRE(at != std::string::npos);
  return text.erase(at, part.size());
}

}  // namespace

BOOST_DATA_TEST_CASE(each_algorithm_signs_and_verifies, data::make(every_algorithm), s) {
  const test::TokenKey key = test::make_token_key(s.kind, "k1");
  // Without `alg` a key goes with every algorithm of its kind.
  const std::string own{name_of(key.key.algorithm())};
  const auto set = KeySet::read(without(key.key_set, R"("alg":")" + own + "\","));
  BOOST_REQUIRE(set);
  auto signature = key.key.sign(s.algorithm, "some bytes");
  BOOST_REQUIRE(signature);
  BOOST_TEST(set->verify("k1", s.algorithm, "some bytes", *signature));
  BOOST_TEST(!set->verify("k1", s.algorithm, "other bytes", *signature));
  BOOST_TEST(!set->verify("k2", s.algorithm, "some bytes", *signature));
  BOOST_TEST(!set->verify("k1", s.algorithm, "some bytes", ""));
  BOOST_TEST(!set->verify("k1", s.algorithm, "some bytes", *signature + "x"));
  (*signature)[5] = static_cast<char>((*signature)[5] ^ 1);
  BOOST_TEST(!set->verify("k1", s.algorithm, "some bytes", *signature));
}

BOOST_AUTO_TEST_CASE(a_key_meant_for_one_algorithm_takes_no_other) {
  const test::TokenKey key = test::make_token_key(Kind::rsa, "k1");
  const auto set = KeySet::read(key.key_set);  // says RS384
  BOOST_REQUIRE(set);
  const auto other = key.key.sign(SignatureAlgorithm::rs256, "some bytes");
  BOOST_TEST(!set->verify("k1", SignatureAlgorithm::rs256, "some bytes", *other));
}

BOOST_AUTO_TEST_CASE(a_zero_signature_of_an_elliptic_curve_is_refused) {
  const test::TokenKey key = test::make_token_key(Kind::p256, "k1");
  const auto set = KeySet::read(key.key_set);
  BOOST_TEST(!set->verify("k1", SignatureAlgorithm::es256, "some bytes", std::string(64, '\0')));
}

BOOST_AUTO_TEST_CASE(secrets_and_unusable_keys_are_not_taken) {
  const std::string good = test::make_token_key(Kind::p256, "k1").key_set;
  BOOST_TEST(static_cast<bool>(KeySet::read(good)));
  BOOST_TEST(!KeySet::read(""));
  BOOST_TEST(!KeySet::read(R"({"keys":[]})"));
  BOOST_TEST(!KeySet::read(R"({"keys":[{"kty":"oct","kid":"k","k":"AAAA"}]})"));
  BOOST_TEST(!KeySet::read(R"({"keys":[{"kty":"EC","kid":"k","crv":"P-256","d":"AAAA"}]})"));
  BOOST_TEST(!KeySet::read(R"({"keys":[{"kty":"RSA","kid":"k","n":"AQAB","e":"AQAB"}]})"));
  BOOST_TEST(!KeySet::read(R"({"keys":[{"kty":"EC","kid":"k","crv":"P-256","x":"AA","y":"AA"}]})"));
  BOOST_TEST(!KeySet::read(without(good, R"("kid":"k1",)")));
  std::string for_secrecy = good;
  for_secrecy.replace(for_secrecy.find("\"sig\""), 5, "\"enc\"");
  BOOST_TEST(!KeySet::read(for_secrecy));
  BOOST_TEST(!KeySet::read(R"({"keys":[],"keys":[]})"));
  BOOST_TEST(!KeySet::read(std::string(auth::key_set_bytes_max + 1, ' ')));
}

BOOST_AUTO_TEST_CASE(a_point_off_the_curve_is_no_key) {
  const std::string far(32, '\x01');
  BOOST_TEST(!net::PublicKey::ec(net::Curve::p256, far, far));
}

BOOST_AUTO_TEST_SUITE_END()
