#include "adapters/mesh/authorization.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "tests/adapters/mesh/hmac.h"

using namespace cpis;
using namespace cpis::mesh;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(authorization_tests)

namespace {

const Credentials alice{"X26ABC1", "password", "TestKey"};
constexpr std::string_view guid = "ccd650c4-7ba5-4a30-a8f4-ba1a4cbb3a5e";
const Time noon = Time{std::chrono::sys_days{
                      Date{std::chrono::year{2025}, std::chrono::January, std::chrono::day{1}}}} +
                  12h;

Token token_at(Time time, std::uint64_t count = 0, const Credentials& who = alice) {
  const auto token = read_authorization(authorization(who, guid, count, time, test::hmac_sha256));
  BOOST_REQUIRE(token);
  return *token;
}

TokenFault checked(const Token& token, Time now) {
  UsedTokens used;
  return check(token, alice, now, test::hmac_sha256, used);
}

struct Refused {
  std::string value;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Refused& one) { return out << one.why; }

const std::string hash(64, 'a');
const std::vector<Refused> refused_headers{
    {"", "empty"},
    {"NHSMESH", "no token"},
    {"Bearer X:g:0:202501011200:" + hash, "another scheme"},
    {"NHSMESH X:g:0:202501011200", "four parts"},
    {"NHSMESH X:g:0:202501011200:" + hash + ":x", "six parts"},
    {"NHSMESH X:g::202501011200:" + hash, "no count"},
    {"NHSMESH X:g:-1:202501011200:" + hash, "a negative count"},
    {"NHSMESH X:g:01:202501011200:" + hash, "a padded count"},
    {"NHSMESH X:g:0:20250101120:" + hash, "a short time"},
    {"NHSMESH X:g:0:202513011200:" + hash, "month 13"},
    {"NHSMESH X:g:0:202501012400:" + hash, "hour 24"},
    {"NHSMESH X:g:0:202501011200:" + std::string(63, 'a'), "a short hash"},
    {"NHSMESH X:g:0:202501011200:" + std::string(64, 'A'), "a hash in capitals"},
    {"NHSMESH  X:g:0:202501011200:" + hash, "two spaces"},
    {"NHSMESH X Y:g:0:202501011200:" + hash, "a space in the mailbox"},
};

}  // namespace

BOOST_AUTO_TEST_CASE(the_published_vector_comes_out) {
  BOOST_TEST(authorization(alice, guid, 0, noon, test::hmac_sha256) ==
             "NHSMESH X26ABC1:ccd650c4-7ba5-4a30-a8f4-ba1a4cbb3a5e:0:202501011200:"
             "bcb5d3e5608f10ba055784ef78e72a42ff9d7fc9592d84b1944c3db23ed87aa3");
}

BOOST_AUTO_TEST_CASE(a_token_is_read_as_it_was_written_and_proves_its_mailbox) {
  const Token token = token_at(noon, 7);
  BOOST_TEST(token.mailbox == "X26ABC1");
  BOOST_TEST(token.nonce == guid);
  BOOST_TEST(token.nonce_count == 7U);
  BOOST_CHECK(checked(token, noon) == TokenFault::none);
}

BOOST_DATA_TEST_CASE(a_header_of_another_form_is_refused, refused_headers) {
  BOOST_TEST(!read_authorization(sample.value));
}

BOOST_AUTO_TEST_CASE(another_password_key_mailbox_or_count_is_found_out) {
  const Credentials wrong_password{"X26ABC1", "passwort", "TestKey"};
  const Credentials wrong_key{"X26ABC1", "password", "Banana"};
  const Credentials bob{"X26ABC2", "password", "TestKey"};
  BOOST_CHECK(checked(token_at(noon, 0, wrong_password), noon) == TokenFault::wrong_hash);
  BOOST_CHECK(checked(token_at(noon, 0, wrong_key), noon) == TokenFault::wrong_hash);
  BOOST_CHECK(checked(token_at(noon, 0, bob), noon) == TokenFault::other_mailbox);
  Token moved = token_at(noon);
  moved.nonce_count = 1;
  BOOST_CHECK(checked(moved, noon) == TokenFault::wrong_hash);
}

BOOST_AUTO_TEST_CASE(clocks_may_differ_by_two_hours_and_no_more) {
  BOOST_CHECK(checked(token_at(noon), noon + 2h) == TokenFault::none);
  BOOST_CHECK(checked(token_at(noon), noon - 2h) == TokenFault::none);
  BOOST_CHECK(checked(token_at(noon), noon + 2h + 1s) == TokenFault::out_of_window);
  BOOST_CHECK(checked(token_at(noon), noon - 2h - 1s) == TokenFault::out_of_window);
}

BOOST_AUTO_TEST_CASE(a_token_is_good_for_one_request_and_a_higher_count_for_the_next) {
  UsedTokens used;
  const auto use = [&](std::uint64_t count, Time now) {
    return check(token_at(noon, count), alice, now, test::hmac_sha256, used);
  };
  BOOST_CHECK(use(0, noon) == TokenFault::none);
  BOOST_CHECK(use(0, noon) == TokenFault::used);
  BOOST_CHECK(use(1, noon) == TokenFault::none);
  BOOST_CHECK(use(0, noon + 2h) == TokenFault::used);
}

BOOST_AUTO_TEST_CASE(the_memory_of_used_tokens_is_bounded_and_forgets_what_is_out_of_the_window) {
  UsedTokens used{2};
  BOOST_TEST(used.use(token_at(noon, 0), noon));
  BOOST_TEST(used.use(token_at(noon, 1), noon));
  BOOST_TEST(!used.use(token_at(noon, 2), noon));
  BOOST_TEST(used.use(token_at(noon, 3), noon + 5h));
}

BOOST_AUTO_TEST_SUITE_END()
