// Escapes, character sets and batches: what happens to bytes before anybody asks what they mean.
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "adapters/hl7v2/batch.h"
#include "adapters/hl7v2/charset.h"
#include "adapters/hl7v2/escapes.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::hl7v2;

BOOST_AUTO_TEST_SUITE(text_tests)

namespace {

struct EscapeCase {
  std::string_view raw;
  std::string_view want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const EscapeCase& c) { return out << c.why; }

constexpr EscapeCase escape_cases[] = {
    {"plain", "plain", "nothing to do"},
    {"A\\T\\E", "A&E", "ampersand"},
    {"\\F\\\\S\\\\R\\\\E\\", "|^~\\", "the other delimiters"},
    {"one\\.br\\two", "one\ntwo", "line end"},
    {"one\\.sp2\\two", "one\n\ntwo", "skipped lines"},
    {"\\.sp999999999999\\", "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
     "skipped lines are bounded"},
    {"\\H\\loud\\N\\", "loud", "highlighting goes"},
    {"\\X4A6F\\", "Jo", "hexadecimal bytes"},
    {"\\XE9\\", "\xC3\xA9", "a single byte is Windows-1252"},
    {"\\XC3A9\\", "\xC3\xA9", "bytes that are UTF-8 stay"},
    {"\\X0A1\\", "\\X0A1\\", "half a byte passes through"},
    {"\\Zown\\", "\\Zown\\", "local escapes pass through"},
    {"\\C2842\\", "\\C2842\\", "character set switches pass through"},
    {"a\\b", "a\\b", "a lone escape character passes through"},
    {"\\\\", "\\\\", "an empty escape passes through"},
    {"a\x01"
     "b\x7F",
     "ab", "controls go"},
};

struct CharsetCase {
  std::string_view bytes;
  std::string_view msh_18;
  std::string_view want;
  std::string_view rule;  // empty: no finding
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const CharsetCase& c) { return out << c.why; }

constexpr CharsetCase charset_cases[] = {
    {"abc", "", "abc", "", "ASCII needs no declaration"},
    {"\xC3\xA9", "", "\xC3\xA9", "", "strict UTF-8 without a declaration"},
    {"\xE9", "", "\xC3\xA9", "", "else the listener's default"},
    {"\x93q\x94", "", "\xE2\x80\x9Cq\xE2\x80\x9D", "", "curly quotes of Windows-1252"},
    {"\xA3", "8859/1", "\xC2\xA3", "", "HL7's spelling"},
    {"\xA3", "8859-1", "\xC2\xA3", "", "with a hyphen"},
    {"\xA3", "ISO8859/1", "\xC2\xA3", "", "with ISO in front"},
    {"\xA4", "8859/15", "\xE2\x82\xAC", "", "the euro sign of Latin-9"},
    {"\xE2\x82\xAC", "UNICODE UTF-8", "\xE2\x82\xAC", "", "HL7's spelling of UTF-8"},
    {"\xE2\x82\xAC", "UNICODE", "\xE2\x82\xAC", "", "ITK's spelling of UTF-8"},
    {"\xE9", "UNICODE UTF-8", "\xC3\xA9", "HL7-CHARSET-4", "declared UTF-8 and is not"},
    {"\xC3\xA9", "8859/1", "\xC3\xA9", "HL7-CHARSET-3", "declared Latin-1 and is UTF-8"},
    {"Nov\xE1k \xBF", "8859/2", "Nov\xC3\xA1k \xC5\xBC", "", "Central Europe, HL7's spelling"},
    {"\xF9", "ISO-8859-2", "\xC5\xAF", "", "u with a ring, where Latin-1 has a grave"},
    {"\xB1", "ISO 8859/3", "\xC4\xA7", "", "Maltese"},
    {"\xE0", "8859/4", "\xC4\x81", "", "Baltic"},
    {"\xB8", "8859/5", "\xD0\x98", "", "Cyrillic"},
    {"\xC7", "8859/6", "\xD8\xA7", "", "Arabic"},
    {"\xC1", "8859/7", "\xCE\x91", "", "Greek"},
    {"\xE0", "8859/8", "\xD7\x90", "", "Hebrew"},
    {"\xFD", "8859/9", "\xC4\xB1", "", "Turkish, the i without a dot"},
    {"\xFE", "LATIN5", "\xC5\x9F", "", "Turkish by its Latin number"},
    {"\xE6", "8859/13", "\xC4\x99", "", "Baltic Rim"},
    {"\xF0", "8859/14", "\xC5\xB5", "", "Welsh"},
    {"\xBA", "8859/16", "\xC8\x99", "", "Romanian"},
    {"\x9C", "WINDOWS-1250", "\xC5\x9B", "", "Polish, as Windows writes it"},
    {"\xFE", "CP1254", "\xC5\x9F", "", "Turkish, as Windows writes it"},
    {"a\xA5\x81", "8859/6", "a\xEF\xBF\xBD\xEF\xBF\xBD", "", "bytes that Arabic does not have"},
    {"a\xE9", "8859/12", "a\xEF\xBF\xBD", "HL7-CHARSET-2", "a part that there never was"},
    {"a\xE9|", "KOI8", "a\xEF\xBF\xBD|", "HL7-CHARSET-2", "a name nobody knows: no wrong letters"},
    {"\xC3\xA9", "KOI8", "\xC3\xA9", "HL7-CHARSET-2", "the same, and the bytes are UTF-8"},
    {"abc", "KOI8", "abc", "HL7-CHARSET-2", "the same, and ASCII"},
    {"abc", "ISO IR87", "abc", "HL7-CHARSET-2", "Japanese is declared, ASCII was sent"},
    {"\xED\xA0\x80", "", "\xC3\xAD\xC2\xA0\xE2\x82\xAC", "", "a surrogate is not UTF-8"},
    {"\xC0\xAF", "", "\xC3\x80\xC2\xAF", "", "an overlong form is not UTF-8"},
};

struct BatchCase {
  std::string_view bytes;
  std::size_t messages;
  std::string_view rule;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const BatchCase& c) { return out << c.why; }

constexpr BatchCase batch_cases[] = {
    {"MSH|^~\\&|a\rPID|1\r", 1, "", "one message"},
    {"\r\nMSH|^~\\&|a\r\nMSH|^~\\&|b\r\n", 2, "", "two messages without an envelope"},
    {"BHS|^~\\&\rMSH|^~\\&|a\rMSH|^~\\&|b\rBTS|2\r", 2, "", "a batch"},
    {"FHS|^~\\&\rBHS|^~\\&\rMSH|^~\\&|a\rBTS|1\rFTS|1\r", 1, "", "a file with a batch"},
    {"BHS|^~\\&\rMSH|^~\\&|a\rBTS|7\r", 1, "HL7-BATCH-1", "a wrong count"},
    {"BHS|^~\\&\rBTS|0\r", 0, "", "an empty batch"},
    {"FHS|^~\\&\rMSH|^~\\&|a\rBHS|^~\\&\rPID|1\r", 1, "HL7-BATCH-2", "an envelope cuts a message"},
    {"hello\r", 0, "HL7-BATCH-2", "no message at all"},
    {"MSH|^~\\&|a\rOBX|1|TX|see MSH|x\r", 1, "", "MSH in a text is a text"},
    {"", 0, "", "nothing"},
};

}  // namespace

BOOST_DATA_TEST_CASE(escapes_are_undone, data::make(escape_cases), c) {
  BOOST_TEST(unescape(c.raw, Delimiters{}) == c.want, c.why);
  BOOST_TEST((!stands_for_itself(c.raw, Delimiters{}) || c.raw == c.want), c.why);
}

BOOST_AUTO_TEST_CASE(what_is_escaped_comes_back) {
  const std::string text = "A&E | ward ^ ~ 50\\50\nnext";
  const Delimiters usual;
  const std::string raw = escape(text, usual);
  BOOST_TEST(raw == "A\\T\\E \\F\\ ward \\S\\ \\R\\ 50\\E\\50\\.br\\next");
  BOOST_TEST(unescape(raw, usual) == text);
  BOOST_TEST(escape("a|b", {.field = '|', .escape = Delimiters::none}) == "a b");
  BOOST_TEST(escape("a\r\nb\x02", usual) == "a\\.br\\b");
}

BOOST_DATA_TEST_CASE(text_becomes_utf_8, data::make(charset_cases), c) {
  Findings findings;
  const Decoded decoded = decode(c.bytes, c.msh_18, Charset::windows_1252, findings);
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_REQUIRE(decoded.readable);
    BOOST_TEST(decoded.converted.value_or(std::string{c.bytes}) == c.want);
    BOOST_TEST(findings.empty() == c.rule.empty());
    if (!findings.empty()) BOOST_TEST(findings[0].rule == c.rule);
  }
}

// An operator who set the feed's character set knows what its sender means.
BOOST_AUTO_TEST_CASE(a_stated_default_reads_what_no_name_tells) {
  Findings findings;
  const Decoded decoded = decode("a\xF9", "LOCAL", {Charset::iso_8859_2, true}, findings);
  BOOST_TEST(decoded.converted.value_or("") == "a\xC5\xAF");
  BOOST_TEST(findings.at(0).rule == "HL7-CHARSET-2");
}

BOOST_AUTO_TEST_CASE(sets_of_several_bytes_are_refused_and_not_guessed) {
  for (const std::string_view name : {"ISO IR87", "ISO IR159", "GB 18030-2000", "KS X 1001",
                                      "CNS 11643-1992", "BIG-5", "ISO IR14"}) {
    for (const std::string_view bytes : {"a\xA4\x7C", "\x1B$B;3"}) {
      Findings findings;
      BOOST_TEST(!decode(bytes, name, Charset::windows_1252, findings).readable, name);
      BOOST_TEST(findings.at(0).rule == "HL7-CHARSET-5", name);
    }
  }
}

// Each byte means one character, and those below 0x80 themselves: delimiters stay delimiters.
BOOST_AUTO_TEST_CASE(every_set_of_one_byte_keeps_ascii_and_the_number_of_letters) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  for (std::size_t at = 1; at < charset_count; ++at) {
    const std::string text = to_utf8(all, static_cast<Charset>(at));
    BOOST_TEST(text.starts_with(all.substr(0, 128)), at);
    BOOST_TEST(is_utf8(text), at);
    const auto letters = std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    BOOST_TEST(letters == 256, at);
    // At least a good part of the upper half means something: the system knows the set.
    std::size_t lost = 0;
    for (std::size_t i = text.find("\xEF\xBF\xBD"); i != text.npos;
         i = text.find("\xEF\xBF\xBD", i + 1)) {
      ++lost;
    }
    BOOST_TEST(lost < 90U, at);
  }
}

BOOST_DATA_TEST_CASE(batches_are_cut_into_messages, data::make(batch_cases), c) {
  Findings findings;
  const Batch batch = split_batch(c.bytes, findings);
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_TEST(batch.messages.size() == c.messages);
    for (const std::string_view message : batch.messages) BOOST_TEST(message.starts_with("MSH"));
    BOOST_TEST(findings.empty() == c.rule.empty());
    if (!findings.empty()) BOOST_TEST(findings[0].rule == c.rule);
  }
}

BOOST_AUTO_TEST_CASE(a_batch_over_the_limit_is_refused_whole) {
  Findings findings;
  const Batch batch = split_batch("MSH|a\rMSH|b\rMSH|c\rMSH|d\r", findings, 2);
  BOOST_TEST(batch.messages.empty());
  BOOST_REQUIRE_EQUAL(findings.size(), 1U);
  BOOST_TEST(findings[0].rule == "HL7-BATCH-3");
}

BOOST_AUTO_TEST_SUITE_END()
