#include "gateway/fhir_api/look_book.h"

#include <boost/test/unit_test.hpp>

using namespace cpis;
using namespace cpis::fhir_api;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(look_book_tests)

namespace {

const NhsNumber child = *NhsNumber::parse("9990123454");
const NhsNumber other = *NhsNumber::parse("9990000018");
const Time nine = *parse_iso_time("2026-01-05T09:00:00Z");

Caller nurse(std::string user) {
  Caller caller;
  caller.organisation_code = "RXX01";
  caller.user_id = std::move(user);
  return caller;
}

}  // namespace

BOOST_AUTO_TEST_CASE(requests_of_one_look_share_their_question) {
  LookBook book{10min};
  BOOST_TEST(book.question_id(nurse("a"), child, nine, "Q1") == "Q1");
  BOOST_TEST(book.question_id(nurse("a"), child, nine + 9min, "Q2") == "Q1");
  BOOST_TEST(book.question_id(nurse("a"), child, nine + 11min, "Q3") == "Q3");
}

// Two people, two callers and two settings are never one look.
BOOST_AUTO_TEST_CASE(different_looks_have_different_questions) {
  LookBook book{10min};
  book.question_id(nurse("a"), child, nine, "Q1");
  BOOST_TEST(book.question_id(nurse("b"), child, nine, "Q2") == "Q2");
  BOOST_TEST(book.question_id(nurse("a"), other, nine, "Q3") == "Q3");
  Caller planned = nurse("a");
  planned.setting = CareSetting::scheduled;
  BOOST_TEST(book.question_id(planned, child, nine, "Q4") == "Q4");
}

BOOST_AUTO_TEST_CASE(a_full_book_forgets_the_oldest_look) {
  LookBook book{10min, 2};
  book.question_id(nurse("a"), child, nine, "Q1");
  book.question_id(nurse("b"), child, nine + 1s, "Q2");
  book.question_id(nurse("c"), child, nine + 2s, "Q3");
  BOOST_TEST(book.question_id(nurse("a"), child, nine + 3s, "Q4") == "Q4");
}

BOOST_AUTO_TEST_SUITE_END()
