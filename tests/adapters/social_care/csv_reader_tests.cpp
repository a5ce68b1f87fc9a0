#include "adapters/social_care/csv/csv_reader.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace sc = cpis::social_care;
namespace data = boost::unit_test::data;
using namespace std::string_literals;

namespace {

// Rows as `line:field|field`, then `#` for a trailer, `end`, or `refused line.character why`.
std::string read_all(const std::string& bytes, sc::CsvOptions options = {}) {
  sc::MemorySource source{"x.csv", bytes};
  sc::CsvReader reader{source, options};
  std::string out;
  while (true) {
    const auto step = reader.next();
    if (step == sc::CsvReader::Step::end) return out + "end";
    if (step == sc::CsvReader::Step::refused) {
      const auto& problem = reader.problem();
      return out + "refused " + std::to_string(problem.line) + "." +
             std::to_string(problem.character) + " " + problem.text;
    }
    out += (step == sc::CsvReader::Step::trailer ? "#" : "") + std::to_string(reader.line()) + ":";
    bool first = true;
    for (const auto field : reader.fields()) {
      out += (first ? "" : "|") + std::string{field};
      first = false;
    }
    out += " ";
  }
}

struct Case {
  std::string bytes;
  std::string want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

const Case good[] = {
    {"a,b\n1,2\n", "1:a|b 2:1|2 end", "plain"},
    {"a,b\r\n1,2", "1:a|b 2:1|2 end", "CRLF and no last line break"},
    {"a,b\n1,\n,\n", "1:a|b 2:1| 3:| end", "empty fields"},
    {"a,b\n\"1,2\",\"x\"\"y\"\n", "1:a|b 2:1,2|x\"y end", "delimiter and quote in a field"},
    {"a\n\"1\n2\"\n3", "1:a 2:1\n2 4:3 end", "line break in a field moves the line number"},
    {"a\n\"1\r\n2\"\r\n3\r\n", "1:a 2:1\r\n2 4:3 end", "CRLF in a field"},
    {"a,b\n\n1,2\n\n", "1:a|b 3:1|2 end", "blank lines"},
    {"\xEF\xBB\xBF"
     "a\n\xC3\xA9\n",
     "1:a 2:\xC3\xA9 end", "byte order mark, two-byte character"},
    {"\xFF\xFE"s + "a\0\n\0\xE9\0"s, "1:a 2:\xC3\xA9 end", "UTF-16 little end first"},
    {"\xFE\xFF"s + "\0a\0\n\xD8\x3D\xDE\x00"s, "1:a 2:\xF0\x9F\x98\x80 end",
     "UTF-16 big end first, with a pair"},
    {"a,b\n1,\"\"", "1:a|b 2:1| end", "empty quoted field at the end"},
    {"", "end", "nothing"},
};

const Case bad[] = {
    {"a,b\n1\n", "1:a|b refused 2.1 this line has 1 fields and the header has 2", "too few"},
    {"a,b\n1,2,3\n", "1:a|b refused 2.5 this line has 3 fields and the header has 2", "too many"},
    {"a\n1\"2\n", "1:a refused 2.2 a quote in the middle of a field", "quote inside"},
    {"a\n\"1\"2\n", "1:a refused 2.4 text after a closing quote", "text after quote"},
    {"a\n\"1\n2", "1:a refused 2.1 a quote that is never closed", "open quote"},
    {"a\n1\r2\n", "1:a refused 2.2 a carriage return without a line feed", "lone CR"},
    {"a\n1\0\n"s, "1:a refused 2.2 a NUL byte", "NUL"},
    {"a\n\xE9\n", "1:a refused 2.1 a byte that is not UTF-8", "Latin-1 byte"},
    {"a\n\xC0\x80\n", "1:a refused 2.1 a byte that is not UTF-8", "overlong NUL"},
    {"a\n\xED\xA0\x80\n", "1:a refused 2.1 a byte that is not UTF-8", "surrogate"},
    {"a\n\xF4\x90\x80\x80\n", "1:a refused 2.1 a byte that is not UTF-8", "above U+10FFFF"},
    {"a\n\xC3", "1:a refused 2.1 the file ends inside a UTF-8 character", "cut character"},
    {"\xFF\xFE"s + "a\0\n\0\x00\xDC"s, "1:a refused 2.1 half of a UTF-16 pair", "lone low half"},
    {"\xFF\xFE"s + "a"s, "refused 1.1 the file ends inside a UTF-16 character", "odd length"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(csv_reader_tests)

BOOST_DATA_TEST_CASE(reads_what_rfc_4180_allows, data::make(good), c) {
  BOOST_TEST_CONTEXT(c.why) { BOOST_TEST(read_all(c.bytes) == c.want); }
}

BOOST_DATA_TEST_CASE(refuses_with_the_place, data::make(bad), c) {
  BOOST_TEST_CONTEXT(c.why) { BOOST_TEST(read_all(c.bytes) == c.want); }
}

BOOST_AUTO_TEST_CASE(windows_1252_only_when_allowed_and_never_in_the_middle_of_utf8) {
  const sc::CsvOptions allowed{',', true, {}};
  BOOST_TEST(read_all("a\n\x93x\x94\n", allowed) == "1:a 2:\xE2\x80\x9Cx\xE2\x80\x9D end");
  BOOST_TEST(read_all("a\n\xC3\xA9\n\x93\n", allowed) ==
             "1:a 2:\xC3\xA9 refused 3.1 a byte that is not UTF-8");
  BOOST_TEST(read_all("a\n\x81\n", allowed) ==
             "1:a refused 2.1 a byte that Windows-1252 does not use");
}

BOOST_AUTO_TEST_CASE(the_trailer_may_have_another_width) {
  BOOST_TEST(read_all("a,b,c\n1,2,3\n#END,1\n", {',', false, "#END"}) ==
             "1:a|b|c 2:1|2|3 #3:#END|1 end");
}

BOOST_AUTO_TEST_CASE(lines_and_columns_have_a_limit) {
  const std::string long_line(sc::csv_record_bytes_max + 2, 'x');
  BOOST_TEST(read_all("a\n" + long_line).ends_with("refused 2.1 a line that is too long"));
  BOOST_TEST(read_all("a\n\"" + long_line + "\"").ends_with("refused 2.1 a line that is too long"));
  const std::string wide(sc::csv_columns_max + 1, ',');
  BOOST_TEST(read_all(wide).find("too many columns") != std::string::npos);
}

// Rows must not depend on where the window or the source happens to end.
BOOST_AUTO_TEST_CASE(a_file_longer_than_the_window_keeps_every_row) {
  std::string bytes = "a,b\n";
  constexpr int rows = 200'000;
  for (int i = 0; i < rows; ++i) bytes += std::to_string(i) + ",\"x\xC3\xA9\n\"\"y\"\"\"\n";
  sc::MemorySource source{"x.csv", bytes};
  sc::CsvReader reader{source, {}};
  BOOST_REQUIRE((reader.next() == sc::CsvReader::Step::row));
  for (int i = 0; i < rows; ++i) {
    BOOST_REQUIRE((reader.next() == sc::CsvReader::Step::row));
    BOOST_REQUIRE_EQUAL(reader.fields()[0], std::to_string(i));
    BOOST_REQUIRE_EQUAL(reader.fields()[1], "x\xC3\xA9\n\"y\"");
    BOOST_REQUIRE_EQUAL(reader.line(), static_cast<std::size_t>(2 + 2 * i));
  }
  BOOST_REQUIRE((reader.next() == sc::CsvReader::Step::end));
}

BOOST_AUTO_TEST_SUITE_END()
