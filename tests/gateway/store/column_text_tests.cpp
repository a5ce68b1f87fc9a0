#include "gateway/store/column_text.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "gateway/store/row_ids.h"
#include "gateway/store/sha256.h"

namespace cpis::store {
namespace {

namespace data = boost::unit_test::data;

struct Case {
  std::string_view text;
  std::size_t characters_max;
  std::string_view want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {"abc", 3, "abc", "just fits"},
    {"abcd", 3, "abc", "one too long"},
    {"", 3, "", "empty"},
    {"Zo\u00eb", 3, "Zo\u00eb", "characters are counted, not bytes"},
    {"Zo\u00eb!", 3, "Zo\u00eb", "cut after a character of two bytes"},
    {"\U0001F9D2\U0001F9D2", 1, "\U0001F9D2", "cut between characters of four bytes"},
    {"a\xE9z", 9, "a\uFFFDz", "Latin-1"},
    {"a\xC3", 9, "a\uFFFD", "a character that ends early"},
    {"\xC0\xAF", 9, "\uFFFD\uFFFD", "an overlong form"},
    {"\xED\xA0\x80", 9, "\uFFFD\uFFFD\uFFFD", "a surrogate"},
    {"\xF4\x90\x80\x80", 9, "\uFFFD\uFFFD\uFFFD\uFFFD", "beyond Unicode"},
    {"\xFF\xFF\xFF", 2, "\uFFFD\uFFFD", "mended and cut"},
};

BOOST_AUTO_TEST_SUITE(column_text_tests)

BOOST_DATA_TEST_CASE(text_fits_its_column, data::make(cases), c) {
  BOOST_TEST_CONTEXT(c.why) {
    const ColumnText text{c.text, c.characters_max};
    BOOST_TEST(text.view() == c.want);
    BOOST_TEST((text.value().type() == Value::Type::text));
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_null_and_empty_is_not) {
  BOOST_TEST(
      (ColumnText{std::optional<std::string_view>{}, 5}.value().type() == Value::Type::null));
  BOOST_TEST(
      (ColumnText{std::optional<std::string_view>{""}, 5}.value().type() == Value::Type::text));
}

BOOST_AUTO_TEST_CASE(row_ids_grow_and_differ_between_gateways) {
  const Time now = *parse_iso_time("2026-01-05T09:00:00Z");
  RowIds one{1};
  RowIds two{2};
  std::int64_t last = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t id = one.next(now);
    BOOST_REQUIRE(id > last);
    BOOST_REQUIRE(id % RowIds::gateways_max == 1);
    BOOST_REQUIRE(two.next(now) % RowIds::gateways_max == 2);
    last = id;
  }
  BOOST_TEST(one.next(now - std::chrono::hours{1}) > last);
  BOOST_TEST((RowIds::time_of(RowIds{5}.next(now)) == now));
  BOOST_TEST(RowIds::first_of(now) <= RowIds{0}.next(now));
  BOOST_TEST((RowIds{3, last}.next(Time{}) > last));
  BOOST_CHECK_THROW(RowIds{64}, std::out_of_range);
}

// FIPS 180-2, B.1; and the empty message.
BOOST_AUTO_TEST_CASE(sha256_gives_the_published_values) {
  const auto hex = [](const Sha256& hash) {
    std::string out;
    for (const char c : hash) {
      out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
      out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
    }
    return out;
  };
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  BOOST_TEST(hex(sha256("abc")) == abc);
  BOOST_TEST(hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(hex(sha256("abc")) == abc);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
