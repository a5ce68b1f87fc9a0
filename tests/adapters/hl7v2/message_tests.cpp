#include "adapters/hl7v2/message.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "adapters/hl7v2/message_fields.h"
#include "adapters/hl7v2/path.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::hl7v2;

BOOST_AUTO_TEST_SUITE(message_tests)

namespace {

const std::string usual =
    "MSH|^~\\&|PAS|RXX01|CPIS|GW|20260105101500||ADT^A04^ADT_A01|C1|P|2.4\r"
    "PID|1||4001^^^RXX^MR~9990123454^^^NHS^NH||OAK^Fern&x^Ann||20190401|F\r"
    "ZZZ|own|\"\"\r"
    "NK1|1|OAK^Moss\rNK1|2|OAK^Ivy\r";

std::optional<Message> parse(std::string_view bytes, Findings& findings) {
  return Message::parse(bytes, findings);
}

struct PathCase {
  std::string_view path;
  std::string_view want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const PathCase& c) { return out << c.why; }

constexpr PathCase path_cases[] = {
    {"PID-3", "4001", "no component means the first"},
    {"PID-3(2)", "9990123454", "second repetition"},
    {"PID-3(2).4.1", "NHS", "component and subcomponent"},
    {"PID-5.2.2", "x", "second subcomponent"},
    {"NK1(2)-2.2", "Ivy", "second segment of a name"},
    {"NK1-2.2", "Moss", "the first segment when none is named"},
    {"MSH-1", "|", "the field separator is MSH-1"},
    {"MSH-2", "^~\\&", "MSH-2 is one value and is not unescaped"},
    {"MSH-9.3", "ADT_A01", "MSH counts from its separator"},
    {"ZZZ-1", "own", "Z segments are kept"},
    {"ZZZ-2", "", "two quotes mean that there is no value"},
    {"PID-40", "", "a field that is not there"},
    {"AL1-3", "", "a segment that is not there"},
};

struct BadPath {
  std::string_view path;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const BadPath& c) { return out << c.why; }

constexpr BadPath bad_paths[] = {
    {"", "nothing"},
    {"PID", "no field"},
    {"pid-3", "segment names are capitals"},
    {"PID-0", "fields count from 1"},
    {"PID-3(0)", "repetitions count from 1"},
    {"PID-3(2", "an open bracket"},
    {"PID-3.", "a component without a number"},
    {"PID-3.1.1.1", "one level too many"},
    {"PID-99999", "over the largest number"},
    {"PID-3 ", "a blank behind it"},
};

struct RefusedCase {
  std::string bytes;
  std::string_view rule;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const RefusedCase& c) { return out << c.why; }

const RefusedCase refused_cases[] = {
    {"", "HL7-MSG-1", "nothing"},
    {"MSH", "HL7-MSG-1", "no separator"},
    {"MSHH0", "HL7-MSH-1", "a letter as separator"},
    {"MSH|0000|x\r", "HL7-MSH-2b", "digits as separators"},
    {"MSH||||\r", "HL7-MSH-2c", "no separators declared"},
    {"PID|1||4001\r", "HL7-MSG-1", "no MSH at the start"},
    {"<ClinicalDocument/>", "HL7-MSG-1", "XML"},
    {"BHS|^~\\&|x\rMSH|^~\\&|y\r", "HL7-MSG-3", "a batch is cut up before"},
    {usual + usual, "HL7-MSG-4", "two messages in one piece"},
    {std::string("M\0S\0H\0|\0", 8), "HL7-CHARSET-1", "UTF-16 without a mark"},
    {"\xFF\xFEM", "HL7-CHARSET-1", "UTF-16 with a mark"},
};

}  // namespace

BOOST_DATA_TEST_CASE(a_path_reaches_its_value, data::make(path_cases), c) {
  Findings findings;
  const auto message = parse(usual, findings);
  BOOST_REQUIRE(message);
  const auto path = Path::parse(c.path);
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_REQUIRE(path);
    BOOST_TEST(to_text(*path) == c.path);
    BOOST_TEST(value(*message, *path) == c.want);
  }
}

BOOST_DATA_TEST_CASE(what_is_not_a_path_is_refused, data::make(bad_paths), c) {
  BOOST_TEST(!Path::parse(c.path), c.why);
}

BOOST_DATA_TEST_CASE(what_cannot_be_read_says_why, data::make(refused_cases), c) {
  Findings findings;
  const auto message = parse(c.bytes, findings);
  BOOST_TEST_CONTEXT(c.why) {
    BOOST_TEST(!message);
    BOOST_REQUIRE(!findings.empty());
    BOOST_TEST(findings.back().rule == c.rule);
    BOOST_TEST((findings.back().severity == Severity::fatal));
  }
}

BOOST_AUTO_TEST_CASE(an_open_path_gives_every_value) {
  Findings findings;
  const auto message = parse(usual, findings);
  BOOST_REQUIRE(message);
  BOOST_TEST(values(*message, *Path::parse("PID-3")).size() == 2U);
  BOOST_TEST(values(*message, *Path::parse("NK1-2.2")).size() == 2U);
  BOOST_TEST(values(*message, *Path::parse("NK1(1)-2.2")).size() == 1U);
}

BOOST_AUTO_TEST_CASE(any_line_end_and_none_at_the_end_will_do) {
  for (const std::string_view end : {"\r", "\n", "\r\n", "\r\r", "\n\n"}) {
    std::string text = "\xEF\xBB\xBF\r\nMSH|^~\\&|A|B";
    text += std::string{end} + "EVN|A01" + std::string{end} + "PID|1";
    Findings findings;
    const auto message = parse(text, findings);
    BOOST_REQUIRE(message);
    BOOST_TEST(message->segment_count() == 3U);
    BOOST_TEST(message->field("PID", 1).text() == "1");
    BOOST_TEST(findings.empty());
  }
}

// An ED note with a line end inside must not become a segment, nor lose the field behind it.
BOOST_AUTO_TEST_CASE(a_line_end_inside_a_text_stays_in_its_field) {
  Findings findings;
  const auto message =
      parse("MSH|^~\\&|A|B\rOBX|1|TX|N||fell\nfrom a wall\r  and cried|F\rPV1|1|E\r", findings);
  BOOST_REQUIRE(message);
  BOOST_TEST(message->segment_count() == 3U);
  BOOST_TEST(message->field("OBX", 5).text() == "fell\nfrom a wall\r  and cried");
  BOOST_TEST(message->field("OBX", 6).text() == "F");
  BOOST_TEST(message->field("PV1", 2).text() == "E");
  BOOST_REQUIRE_EQUAL(findings.size(), 1U);
  BOOST_TEST(findings[0].rule == "HL7-MSG-6");
}

BOOST_AUTO_TEST_CASE(delimiters_are_the_sender_s) {
  Findings findings;
  const auto message = parse("MSH$%~\\&$A$B\rPID$1$$77%%%X&y%MR~78\r", findings);
  BOOST_REQUIRE(message);
  BOOST_TEST(findings.empty());
  BOOST_TEST(value(*message, *Path::parse("PID-3.4.2")) == "y");
  BOOST_TEST(value(*message, *Path::parse("PID-3(2)")) == "78");
}

BOOST_AUTO_TEST_CASE(short_and_odd_encoding_characters_do_not_matter) {
  Findings findings;
  const auto two = parse("MSH|^~|A|B\rPID|1||a&b^c\\T\\~d\r", findings);
  BOOST_REQUIRE(two);
  BOOST_TEST(value(*two, *Path::parse("PID-3")) == "a&b");
  BOOST_TEST(value(*two, *Path::parse("PID-3.2")) == "c\\T\\");
  const auto five = parse("MSH|^~\\&#|A|B\rPID|1||a\\P\\b\r", findings);
  BOOST_REQUIRE(five);
  BOOST_TEST(value(*five, *Path::parse("PID-3")) == "a#b");
  const auto doubled = parse("MSH|^&&^|A|B\rPID|1||a^b&c\r", findings);
  BOOST_REQUIRE(doubled);
  BOOST_TEST(value(*doubled, *Path::parse("PID-3.2")) == "b");
  BOOST_TEST(value(*doubled, *Path::parse("PID-3(2)")) == "c");
}

BOOST_AUTO_TEST_CASE(limits_are_kept) {
  const std::string many = "MSH|^~\\&|A|B\r" + std::string(50, '|') + "\r";
  Findings findings;
  BOOST_TEST(!Message::parse(usual, findings, Charset::utf8, {.bytes_max = 10}));
  BOOST_TEST(!Message::parse(usual, findings, Charset::utf8, {.segments_max = 3}));
  BOOST_TEST(!Message::parse(usual, findings, Charset::utf8, {.fields_max = 5}));
  BOOST_TEST(findings.size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_copy_of_a_converted_message_keeps_its_text) {
  Findings findings;
  std::optional<Message> copy;
  {
    const auto message = parse("MSH|^~\\&|A|B\rPID|1||7||Andr\xE9\r", findings);
    BOOST_REQUIRE(message);
    copy = *message;
  }
  BOOST_TEST(copy->field("PID", 5).text() == "Andr\xC3\xA9");
}

// Fields are read in place, whichever was asked for before, and the same as by their path.
BOOST_AUTO_TEST_CASE(fields_for_a_mapping_are_those_of_the_message) {
  const FeedSettings feed;
  for (const std::string& text : {usual, usual + "NTE|1||A\\T\\E\r"}) {
    Findings findings;
    const auto message = parse(text, findings);
    BOOST_REQUIRE(message);
    const MessageFields fields{*message, feed};
    for (const FieldAddress& address :
         {FieldAddress{"PID", 1, 3}, FieldAddress{"PID", 1, 3, 2}, FieldAddress{"PID", 1, 3, 1, 4},
          FieldAddress{"NK1", 2, 2, 1, 2}, FieldAddress{"NK1", 1, 2, 1, 2},
          FieldAddress{"PID", 1, 5, 1, 2, 2}, FieldAddress{"ZZZ", 1, 2}, FieldAddress{"NTE", 1, 3},
          FieldAddress{"NK1", 3, 2}, FieldAddress{"PID", 1, 99}, FieldAddress{"MSH", 1, 2},
          FieldAddress{"MSH", 1, 9, 1, 2}}) {
      const auto segment = message->find(address.segment, address.occurrence);
      const std::string want = !segment ? std::string{}
                                        : segment->field(address.field)
                                              .repetition(address.repetition)
                                              .component(address.component)
                                              .sub(address.subcomponent);
      std::string room;
      BOOST_TEST(fields.text(address, room) == want, address.segment << '-' << address.field);
    }
    BOOST_TEST(fields.repetitions({"PID", 1, 3}) == 2U);
    BOOST_TEST(fields.repetitions({"PID", 1, 2}) == 0U);
    BOOST_TEST(fields.segments("NK1") == 2U);
  }
}

BOOST_AUTO_TEST_SUITE_END()
