// The situations in which MLLP receivers in use lose, reorder or mangle messages (hl7v2.md 5.3),
// each against the whole gateway: what is answered, with whose control id, and whether the
// connection can still be used.

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/hl7v2/mllp_framer.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/golden.h"
#include "tests/support/tcp_client.h"

namespace data = boost::unit_test::data;
using namespace cpis::test;
using namespace std::string_literals;
using cpis::hl7v2::mllp_frame;

BOOST_AUTO_TEST_SUITE(mllp_behaviour_tests)

namespace {

/// One message, with what a case changes about it.
struct Message {
  std::string control_id = "M1";
  std::string type = "ADT^A04^ADT_A01";
  std::string version = "2.4";
  std::string modes = "|";  ///< MSH-15 and MSH-16
  std::string charset = "UNICODE UTF-8";
  std::string family = "OAKHANGER";
  std::string end = "\r";
  bool with_pid = true;

  std::string text() const {
    std::string out = "MSH|^~\\&|EDSYS|RXX01|GW|RXX|20260311142530||" + type + '|' + control_id +
                      "|P|" + version + "|||" + modes + "|GBR|" + charset + end +
                      "EVN||20260311142500||||20260311142445" + end;
    if (with_pid) {
      out += "PID|1||9990123454^^^NHS^NH||" + family + "^FERN||20180920|2" + end;
    }
    return out + "PV1|1|E|ED^PAEDS" + end;
  }
  std::string frame() const { return mllp_frame(text()); }
};

std::string frame(std::string_view control_id) {
  Message message;
  message.control_id = control_id;
  return message.frame();
}

// The same message with other separators than |^~\&, in the order field, component, repetition,
// escape, subcomponent.
std::string with_separators(std::string text, std::string_view others) {
  constexpr std::string_view usual = "|^~\\&";
  for (char& c : text) {
    const std::size_t at = usual.find(c);
    if (at != usual.npos) c = others[at];
  }
  return text;
}

std::string of(std::string_view code, std::string_view control_id) {
  return "MSA|" + std::string{code} + '|' + std::string{control_id};
}

struct Situation {
  std::string_view why;
  std::vector<std::string> writes;
  std::vector<std::string> answers;  ///< a part of each
};
std::ostream& operator<<(std::ostream& out, const Situation& s) { return out << s.why; }

std::vector<std::string> bytes_then_rest(const std::string& text, std::size_t count) {
  std::vector<std::string> pieces;
  for (std::size_t i = 0; i < count; ++i) pieces.emplace_back(1, text[i]);
  pieces.push_back(text.substr(count));
  return pieces;
}

std::vector<std::string> split(const std::string& text, std::size_t at) {
  return {text.substr(0, at), text.substr(at)};
}

std::string ten_frames() {
  std::string all;
  for (int i = 0; i < 10; ++i) all += frame("T" + std::to_string(i));
  return all;
}
std::vector<std::string> ten_answers() {
  std::vector<std::string> all;
  for (int i = 0; i < 10; ++i) all.push_back(of("AA", "T" + std::to_string(i)));
  return all;
}

std::vector<Situation> framing_situations() {
  const std::string first = frame("F1");
  const std::string second = frame("F2");
  return {
      {"one message", {first}, {of("AA", "F1")}},
      {"two in turn", {first, second}, {of("AA", "F1"), of("AA", "F2")}},
      {"two frames in one write", {first + second}, {of("AA", "F1"), of("AA", "F2")}},
      {"ten frames in one write", {ten_frames()}, ten_answers()},
      {"byte by byte, then the rest", bytes_then_rest(first, 200), {of("AA", "F1")}},
      {"FS and CR in separate writes", split(first, first.size() - 1), {of("AA", "F1")}},
      {"a frame in two halves", split(first, 150), {of("AA", "F1")}},
      {"the end of one with the start of the next",
       {first.substr(0, first.size() - 1), "\r" + second.substr(0, 40), second.substr(40)},
       {of("AA", "F1"), of("AA", "F2")}},
      {"LF after each frame", {first + "\n" + second + "\n"}, {of("AA", "F1"), of("AA", "F2")}},
      {"NUL between frames", {first + "\0\0"s + second}, {of("AA", "F1"), of("AA", "F2")}},
      {"FS without CR, then the next frame",
       {first.substr(0, first.size() - 1), second},
       {of("AA", "F1"), of("AA", "F2")}},
      {"no VT", {first.substr(1)}, {of("AA", "F1")}},
      {"a second VT inside starts again", {first.substr(0, 60) + second}, {of("AA", "F2")}},
      {"an empty frame", {mllp_frame("")}, {"MSA|AE|"}},
      {"text that is no HL7", {mllp_frame("hello")}, {"MSA|AE|"}},
      {"XML", {mllp_frame("<ADT_A01/>")}, {"MSA|AE|"}},
      {"two MSH in one frame",
       {mllp_frame(Message{}.text() + Message{.control_id = "M2"}.text())},
       {of("AE", "M1")}},
      {"cut in the middle, and another frame", {first.substr(0, 80), second}, {of("AA", "F2")}},
      {"a message of three megabytes",
       {mllp_frame(Message{}.text() + "NTE|1||" + std::string(3'000'000, 'x') + "\r")},
       {of("AA", "M1")}},
  };
}

std::vector<Situation> content_situations() {
  return {
      {"LF segment ends", {Message{.end = "\n"}.frame()}, {of("AA", "M1")}},
      {"CR LF segment ends", {Message{.end = "\r\n"}.frame()}, {of("AA", "M1")}},
      {"separators $%~\\&",
       {mllp_frame(with_separators(Message{}.text(), "$%~\\&"))},
       {"MSA$AA$M1"}},
      {"separators ^~|\\&",
       {mllp_frame(with_separators(Message{}.text(), "^~|\\&"))},
       {"MSA^AA^M1"}},
      {"8859/1 as declared",
       {Message{.charset = "8859/1", .family = "BRONT\xCB"}.frame()},
       {of("AA", "M1")}},
      {"bytes that are not the UTF-8 they claim to be",
       {Message{.family = "BRONT\xCB"}.frame()},
       {of("AA", "M1")}},
      {"a character of two bytes in two writes",
       split(Message{.family = "BRONT\xC3\x8B"}.frame(),
             Message{.family = "BRONT\xC3\x8B"}.frame().find('\xC3') + 1),
       {of("AA", "M1")}},
      {"a control id of 36 characters",
       {frame("0123456789abcdef-0123456789abcdef-xyz")},
       {of("AA", "0123456789abcdef-0123456789abcdef-xyz")}},
      {"a control id with an escape", {frame("A\\T\\B")}, {of("AA", "A\\T\\B")}},
      {"no control id", {frame("")}, {"MSA|AA"}},
      {"no type", {Message{.type = ""}.frame()}, {of("AA", "M1")}},
      {"another type", {Message{.type = "ORU^R01^ORU_R01"}.frame()}, {of("AA", "M1")}},
      {"an event nobody knows", {Message{.type = "ADT^A99"}.frame()}, {of("AA", "M1")}},
      {"a version nobody knows", {Message{.version = "3.9"}.frame()}, {of("AA", "M1")}},
      {"no PID", {Message{.with_pid = false}.frame()}, {of("AE", "M1")}},
      {"the same message twice", {frame("D1"), frame("D1")}, {of("AA", "D1"), of("AA", "D1")}},
      {"enhanced mode, accept only", {Message{.modes = "AL|NE"}.frame()}, {of("AA", "M1")}},
      {"enhanced mode, both", {Message{.modes = "AL|AL"}.frame()}, {of("AA", "M1")}},
      {"an answer that nobody asks for is given: silence makes engines try for ever",
       {Message{.modes = "NE|NE"}.frame()},
       {of("AA", "M1")}},
      {"a batch in a frame",
       {mllp_frame("FHS|^~\\&|A|B\rBHS|^~\\&|A|B\r" + Message{.control_id = "B1"}.text() +
                   Message{.control_id = "B2"}.text() + "BTS|2\rFTS|1\r")},
       {of("AA", "B1")}},
  };
}

RunningGateway& shared_gateway() {
  static RunningGateway running;
  return running;
}

void check(const Situation& situation) {
  TcpClient client{shared_gateway().gateway->feed_port("ed")};
  for (const std::string& write : situation.writes) client.send(write);
  for (const std::string& answer : situation.answers) {
    const std::string got = client.read_message();
    BOOST_TEST(got.find(answer) != std::string::npos, "wanted " << answer << ", got " << got);
  }
  // Nothing more was answered: the next answer is that of the next message.
  client.send(frame("AFTER"));
  BOOST_TEST(client.read_message().find(of("AA", "AFTER")) != std::string::npos);
}

/// Which row or test of ours answers each case of the behaviour probe (../shared/bench/mllp).
struct Pair {
  std::string_view probe, ours;
};
constexpr Pair pairs[] = {
    {"one good message", "one message"},
    {"two in turn, one connection (2nd answer)", "two in turn"},
    {"two frames in one write (pipelined)", "two frames in one write"},
    {"ten frames in one write", "ten frames in one write"},
    {"byte by byte (first 200) then rest", "byte by byte, then the rest"},
    {"FS and CR in separate writes", "FS and CR in separate writes"},
    {"frame split in the middle, 0.5 s pause", "a frame in two halves"},
    {"end of 1st and start of 2nd frame in one write", "the end of one with the start of the next"},
    {"LF after each frame (FS CR LF)", "LF after each frame"},
    {"NUL bytes between frames", "NUL between frames"},
    {"FS without CR, then next frame", "FS without CR, then the next frame"},
    {"no VT at start", "no VT"},
    {"a second VT inside the message (restart)", "a second VT inside starts again"},
    {"empty frame", "an empty frame"},
    {"not HL7 in the frame", "text that is no HL7"},
    {"XML in the frame", "XML"},
    {"LF segment ends", "LF segment ends"},
    {"CRLF segment ends", "CR LF segment ends"},
    {"other delimiters MSH$%~\\&", "separators $%~\\&"},
    {"other delimiters MSH^~|\\&", "separators ^~|\\&"},
    {"8859/1 e-acute with MSH-18 8859/1", "8859/1 as declared"},
    {"invalid UTF-8 under UNICODE UTF-8", "bytes that are not the UTF-8 they claim to be"},
    {"UTF-8 two-byte character split over writes", "a character of two bytes in two writes"},
    {"control id of 36 characters", "a control id of 36 characters"},
    {"control id with escape \\T\\", "a control id with an escape"},
    {"no MSH-10", "no control id"},
    {"no MSH-9", "no type"},
    {"message type ORU^R01", "another type"},
    {"unknown event ADT^A99", "an event nobody knows"},
    {"version 3.9", "a version nobody knows"},
    {"no PID", "no PID"},
    {"same control id twice", "the same message twice"},
    {"enhanced mode MSH-15 AL MSH-16 NE", "enhanced mode, accept only"},
    {"enhanced mode MSH-15 AL MSH-16 AL", "enhanced mode, both"},
    {"enhanced mode NE NE (no answer wanted)",
     "an answer that nobody asks for is given: silence makes engines try for ever"},
    {"batch FHS/BHS/2 messages/BTS/FTS in a frame", "a batch in a frame"},
    {"two MSH in one frame", "two MSH in one frame"},
    {"half close after sending", "a_sender_that_ends_its_side_gets_its_answer"},
    {"connection cut in the middle of a frame",
     "a_sender_that_is_cut_off_in_a_message_leaves_nothing_behind"},
    {"big message %d bytes", "a message of three megabytes"},
    {"16 MiB without an end byte", "a_message_without_end_is_cut_off_at_the_limit"},
    {"good message after all that", "one message"},
};

/// The first quoted text of each `case(...)` of the probe.
std::vector<std::string> probe_cases(const std::string& script) {
  constexpr std::string_view call = "case('";
  std::vector<std::string> names;
  for (std::size_t at = script.find(call); at != std::string::npos;
       at = script.find(call, at + 1)) {
    const std::size_t begin = at + call.size();
    std::string name;
    for (std::size_t i = begin; i < script.size() && script[i] != '\''; ++i) {
      if (script[i] == '\\') ++i;
      name += script[i];
    }
    names.push_back(name);
  }
  return names;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_case_of_the_behaviour_probe_has_a_row_here) {
  std::vector<Situation> rows = framing_situations();
  for (Situation& one : content_situations()) rows.push_back(std::move(one));
  const std::string ours =
      read_file(std::string{CPIS_SOURCE} + "/tests/integration/mllp_behaviour_tests.cpp");
  for (const Pair& pair : pairs) {
    const bool row = std::any_of(rows.begin(), rows.end(),
                                 [&](const Situation& s) { return s.why == pair.ours; });
    const bool test = ours.find("TEST_CASE(" + std::string{pair.ours} + ")") != std::string::npos;
    BOOST_TEST((row || test), pair.ours);
  }
  const std::string path = std::string{CPIS_SOURCE} + "/../shared/bench/mllp/probe_mllp.py";
  if (!std::filesystem::exists(path)) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  const auto cases = probe_cases(read_file(path));
  BOOST_TEST(cases.size() == std::size(pairs));
  for (const std::string& name : cases) {
    BOOST_TEST(std::any_of(std::begin(pairs), std::end(pairs),
                           [&](const Pair& pair) { return pair.probe == name; }),
               name);
  }
}

BOOST_DATA_TEST_CASE(framing_that_others_stumble_over, data::make(framing_situations()), s) {
  check(s);
}

BOOST_DATA_TEST_CASE(content_that_others_stumble_over, data::make(content_situations()), s) {
  check(s);
}

// Four mebibytes is the limit of the feed: the first byte too many ends the connection.
BOOST_AUTO_TEST_CASE(a_message_without_end_is_cut_off_at_the_limit) {
  constexpr std::size_t limit = std::size_t{4} << 20U;
  TcpClient client{shared_gateway().gateway->feed_port("ed")};
  const std::string endless = "\v" + Message{}.text() + std::string(std::size_t{16} << 20U, 'y');
  std::string_view rest{endless};
  BOOST_REQUIRE(eventually([&] {
    rest.remove_prefix(client.send_some(rest));
    return endless.size() - rest.size() > limit;
  }));
  BOOST_TEST(client.read_to_end().empty());
  TcpClient next{shared_gateway().gateway->feed_port("ed")};
  next.send(frame("Z1"));
  BOOST_TEST(next.read_message().find(of("AA", "Z1")) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_sender_that_ends_its_side_gets_its_answer) {
  TcpClient client{shared_gateway().gateway->feed_port("ed")};
  client.send(frame("H1"));
  client.end();
  BOOST_TEST(client.read_to_end().find(of("AA", "H1")) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_sender_that_is_cut_off_in_a_message_leaves_nothing_behind) {
  {
    TcpClient client{shared_gateway().gateway->feed_port("ed")};
    client.send(frame("K1").substr(0, 80));
    client.end();
    BOOST_TEST(client.read_to_end().empty());
  }
  TcpClient next{shared_gateway().gateway->feed_port("ed")};
  next.send(frame("K2"));
  BOOST_TEST(next.read_message().find(of("AA", "K2")) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
