#include "adapters/hl7v2/mllp_framer.h"

#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ctime>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

using cpis::hl7v2::mllp_frame;
using cpis::hl7v2::MllpFramer;
using cpis::hl7v2::MllpFramerOptions;
namespace data = boost::unit_test::data;
using namespace std::string_literals;

namespace {

using Messages = std::vector<std::string>;

struct Outcome {
  Messages messages;
  bool refused = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  for (const std::string& message : outcome.messages) out << '[' << message << ']';
  return out << (outcome.refused ? " refused" : "");
}

void drain(MllpFramer& framer, Outcome& outcome) {
  while (!outcome.refused) {
    const auto message = framer.next();
    outcome.refused = !message;
    if (!message || !*message) return;
    outcome.messages.emplace_back(**message);
  }
}

Outcome read_in(const std::vector<std::string_view>& parts, const MllpFramerOptions& options) {
  Outcome outcome;
  MllpFramer framer{options};
  for (const std::string_view part : parts) {
    if (outcome.refused) break;
    framer.push(part);
    drain(framer, outcome);
  }
  if (!outcome.refused) {
    if (const auto last = framer.finish()) outcome.messages.emplace_back(*last);
  }
  return outcome;
}

struct Case {
  std::string bytes;
  Outcome want;
  std::string_view why;
  MllpFramerOptions options = {.message_bytes_max = 8, .stray_bytes_max = 12};
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr MllpFramerOptions bare{
    .message_bytes_max = 8, .stray_bytes_max = 12, .accept_missing_start = true};

const std::vector<Case> cases{
    {"\vA\x1C\r", {{"A"}}, "one message"},
    {"\vA\x1C\r\vB\x1C\r\vC\x1C\r", {{"A", "B", "C"}}, "several frames in one piece, in order"},
    {"\vA\x1C\r\n\vB\x1C\r\n", {{"A", "B"}}, "LF after each frame"},
    {"\vA\x1C\r\0\0\vB\x1C\r"s, {{"A", "B"}}, "NUL bytes between frames"},
    {"noise\vA\x1C\r", {{"A"}}, "anything before VT is skipped"},
    {"\vlost\vA\x1C\r", {{"A"}}, "a VT inside a frame starts it again"},
    {"\v\v\vA\x1C\r", {{"A"}}, "several VT"},
    {"\vA\x1C\vB\x1C\r", {{"A", "B"}}, "FS directly before VT ends a message"},
    {"\vA\x1C\n\vB\x1C\r", {{"A", "B"}}, "FS LF before VT ends a message"},
    {"\vA\x1C\0\0\vB\x1C\r"s, {{"A", "B"}}, "FS NUL NUL before VT ends a message"},
    {"\vA\x1C", {{"A"}}, "FS at the end of the stream ends a message"},
    {"\vA\x1C\n", {{"A"}}, "so does FS LF"},
    {"\vA\x1CZ\x1C\r", {{"A\x1CZ"}}, "FS followed by something else belongs to the message"},
    {"\vA\x1C\nZ\x1C\r", {{"A\x1C\nZ"}}, "and so does the LF after it"},
    {"\vA\x1C\x1C\r", {{"A\x1C"}}, "FS FS CR"},
    {"\vA\rB\r\x1C\r", {{"A\rB\r"}}, "CR ends segments, not messages"},
    {"\v\x1C\r", {{""}}, "an empty frame is a message: its sender waits for an answer"},
    {"\v12345678\x1C\r", {{"12345678"}}, "exactly as long as allowed"},
    {"\v123456789\x1C\r", {{}, true}, "one byte too long"},
    {"\v123456789", {{}, true}, "one byte too long and without an end"},
    {"\v123456789\vA\x1C\r", {{}, true}, "too long before it is started again"},
    {"\v1234567\x1C"
     "9\x1C\r",
     {{}, true},
     "too long with an FS inside"},
    {"\vA\x1C\r\v123456789\x1C\r", {{"A"}, true}, "a good one before one that is too long"},
    {"\vA", {{}}, "a message that does not end is none"},
    {"A\x1C\r\vB\x1C\r", {{"B"}}, "no VT: not a message"},
    {"GET / HTTP/1.1\r\nHost: x\r\n", {{}, true}, "not an HL7 sender at all"},
    {"MSH|A\x1C\rMSH|B\x1C\r", {{"MSH|A", "MSH|B"}}, "missing VT, where that is allowed", bare},
    {"\vMSH|A\x1C\r\nMSH|B\x1C\r", {{"MSH|A", "MSH|B"}}, "VT missing on the second only", bare},
    {"Mx\x1C\r\vB\x1C\r", {{"B"}}, "without VT it must look like HL7", bare},
    {"xMSH|A\x1C\r\vB\x1C\r", {{"B"}}, "and stand where a frame could begin", bare},
    {"BHS|A\x1C\r", {{"BHS|A"}}, "a batch too", bare},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(mllp_framer_tests)

// TCP may cut the stream anywhere: whole, in two at every place, and byte by byte must agree.
BOOST_DATA_TEST_CASE(the_same_messages_come_out_however_the_bytes_arrive, data::make(cases), c) {
  BOOST_TEST_CONTEXT(c.why) {
    const std::string_view bytes = c.bytes;
    BOOST_TEST(read_in({bytes}, c.options) == c.want);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      BOOST_TEST(read_in({bytes.substr(0, cut), bytes.substr(cut)}, c.options) == c.want);
    }
    std::vector<std::string_view> single;
    for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(bytes.substr(i, 1));
    BOOST_TEST(read_in(single, c.options) == c.want);
  }
}

BOOST_AUTO_TEST_CASE(a_message_that_lies_whole_in_one_push_is_not_copied) {
  const std::string bytes = mllp_frame("MSH|whole");
  MllpFramer framer;
  framer.push(bytes);
  const auto message = framer.next();
  BOOST_REQUIRE(message);
  BOOST_TEST((*message)->data() == bytes.data() + 1);
}

BOOST_AUTO_TEST_CASE(a_caller_may_stop_after_a_message_and_bring_the_rest_again_later) {
  const std::string bytes = mllp_frame("A") + mllp_frame("B") + "\vC";
  MllpFramer framer;
  framer.push(bytes);
  BOOST_TEST(std::string{**framer.next()} == "A");
  const std::string rest = std::string{framer.unread()} + "\x1C\r";
  framer.push(rest);
  BOOST_TEST(std::string{**framer.next()} == "B");
  BOOST_TEST(std::string{**framer.next()} == "C");
  BOOST_TEST(!framer.next()->has_value());
}

BOOST_AUTO_TEST_CASE(what_was_skipped_and_given_up_is_counted) {
  MllpFramer framer;
  framer.push("ab\r\n\vlost\vA\x1C\r");
  Outcome outcome;
  drain(framer, outcome);
  BOOST_TEST(framer.stray_bytes() == 2U);
  BOOST_TEST(framer.restarts() == 1U);
  BOOST_TEST(!framer.inside());
  BOOST_TEST(framer.held_bytes() == 0U);
}

namespace {

// Processor time for a message of end bytes that comes in pieces; the best of some runs.
double cost_of(std::size_t megabytes, std::size_t piece) {
  const std::string text(megabytes << 20U, '\x1C');
  const std::string bytes = "\v" + text + "x\x1C\r";
  double best = std::numeric_limits<double>::max();
  for (int run = 0; run < 3; ++run) {
    MllpFramer framer;
    Outcome outcome;
    const std::clock_t start = std::clock();
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      framer.push(std::string_view{bytes}.substr(at, piece));
      drain(framer, outcome);
    }
    best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    BOOST_REQUIRE(outcome.messages.size() == 1U);
    BOOST_TEST(outcome.messages[0].size() == text.size() + 1);
  }
  return best;
}

}  // namespace

// Were a byte looked at again for every piece, three times the bytes would cost nine times as
// much. Between three and nine is the limit, and what is too short to be measured is no cost.
// Others on the machine cost time too, now and then; nine times as much would be seen every time.
BOOST_DATA_TEST_CASE(a_message_full_of_end_bytes_costs_linear_time,
                     data::make(std::vector<std::size_t>{1000, std::size_t{1} << 23U}), piece) {
  bool linear = false;
  for (int attempt = 0; attempt < 5 && !linear; ++attempt) {
    const double small = std::max(cost_of(1, piece), 0.002);
    linear = cost_of(3, piece) < 6 * small;
  }
  BOOST_TEST(linear);
}

BOOST_AUTO_TEST_SUITE_END()
