#include "gateway/http/websocket.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace data = boost::unit_test::data;
using namespace cpis::http;
using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(websocket_tests)

namespace {

using Opcode = WebsocketOpcode;

std::string described(const std::vector<WebsocketMessage>& messages) {
  std::string out;
  for (const WebsocketMessage& each : messages) {
    out += std::to_string(static_cast<int>(each.opcode)) + ':' + each.payload;
    if (each.close_code != 0) out += '#' + std::to_string(each.close_code);
    out += ' ';
  }
  return out;
}

// A frame as a client sends it, with the mask of RFC 6455, 5.7.
std::string masked(unsigned first, std::string_view payload) {
  constexpr unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  std::string frame;
  append_websocket_frame(frame, Opcode::text, payload);
  frame[0] = static_cast<char>(first);
  const std::size_t head = frame.size() - payload.size();
  frame[1] = static_cast<char>(static_cast<unsigned char>(frame[1]) | 0x80U);
  std::string out = frame.substr(0, head);
  for (const unsigned char each : mask) out += static_cast<char>(each);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ mask[i % 4]);
  }
  return out;
}

struct Case {
  std::string bytes;
  std::string_view messages;
  int failure;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

const std::vector<Case> cases{
    {"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", "1:Hello ", 0,
     "5.7: a masked text message in one frame"},
    {masked(0x01, "Hel") + masked(0x80, "lo"), "1:Hello ", 0, "5.7: a text message in two frames"},
    {masked(0x89, "Hello") + masked(0x8A, "Hello"), "9:Hello 10:Hello ", 0, "5.7: ping and pong"},
    {masked(0x01, "Hel") + masked(0x89, "x") + masked(0x80, "lo"), "9:x 1:Hello ", 0,
     "5.5: a control frame between fragments"},
    {masked(0x82, std::string(256, 'x')), "", websocket_too_big,
     "5.7: 256 bytes of binary, more than is taken here"},
    {masked(0x82, "ab"), "2:ab ", 0, "a binary message"},
    {masked(0x81, ""), "1: ", 0, "an empty message"},
    {masked(0x88, "\x03\xe8 bye"), "8: bye#1000 ", 0, "a close with code and reason"},
    {masked(0x88, ""), "8:#1005 ", 0, "a close without a code"},
    {masked(0x88, "\x03"), "", websocket_protocol_error, "half a close code"},
    {masked(0x88, "\x03\xed"), "", websocket_protocol_error, "7.4.1: 1005 may not be sent"},
    {masked(0x88, "\x03\xe8\xff"), "", websocket_bad_text, "a reason that is no UTF-8"},
    {"\x81\x05Hello", "", websocket_protocol_error, "5.1: a client's frame without a mask"},
    {masked(0xC1, "Hello"), "", websocket_protocol_error, "5.2: a reserved bit"},
    {masked(0x83, "Hello"), "", websocket_protocol_error, "5.2: a reserved opcode"},
    {masked(0x8B, ""), "", websocket_protocol_error, "5.2: a reserved control opcode"},
    {masked(0x80, "lo"), "", websocket_protocol_error, "a continuation of nothing"},
    {masked(0x01, "Hel") + masked(0x81, "lo"), "", websocket_protocol_error,
     "a message inside another"},
    {masked(0x09, "x"), "", websocket_protocol_error, "5.4: a control frame in fragments"},
    {std::string{"\x89\xfe\x00\x7e"sv} + std::string(4, '\0'), "", websocket_protocol_error,
     "5.5: a control frame of 126 bytes"},
    {std::string{"\x81\xfe\x00\x05"sv} + std::string(4, '\0'), "", websocket_protocol_error,
     "5.2: a length not in its shortest form"},
    {std::string{"\x81\xff\x00\x00\x00\x00\x00\x00\x01\x00"sv} + std::string(4, '\0'), "",
     websocket_protocol_error, "the same of eight bytes"},
    {std::string{"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff"sv} + std::string(4, '\0'), "",
     websocket_too_big, "a length with its highest bit"},
    {masked(0x01, std::string(100, 'x')) + masked(0x80, std::string(100, 'x')), "",
     websocket_too_big, "fragments that are too much together"},
    {masked(0x81, "\xc3\xa9"), "1:\xc3\xa9 ", 0, "UTF-8"},
    {masked(0x01, "\xc3") + masked(0x80, "\xa9"), "1:\xc3\xa9 ", 0,
     "a character cut by a fragment"},
    {masked(0x81, "\xc0\xaf"), "", websocket_bad_text, "an overlong form"},
    {masked(0x81, "\xed\xa0\x80"), "", websocket_bad_text, "a surrogate"},
    {masked(0x81, "\xf4\x90\x80\x80"), "", websocket_bad_text, "beyond Unicode"},
    {masked(0x81, "\xe2\x82"), "", websocket_bad_text, "a character that ends too early"},
    {"\x81\x85\x37\xfa", "", 0, "a head that is not whole yet"},
    {masked(0x81, "a") + masked(0x83, "b") + masked(0x81, "c"), "1:a ", websocket_protocol_error,
     "what follows a failure is not read"},
};

}  // namespace

BOOST_DATA_TEST_CASE(a_client_is_read_in_pieces_of_any_size, data::make(cases), row) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, row.bytes.size()}) {
    WebsocketReader reader{128};
    std::vector<WebsocketMessage> messages;
    for (std::size_t at = 0; at < row.bytes.size(); at += piece) {
      reader.feed(std::string_view{row.bytes}.substr(at, piece), messages);
    }
    BOOST_TEST(described(messages) == row.messages);
    BOOST_TEST(reader.failure() == row.failure);
  }
}

BOOST_AUTO_TEST_CASE(a_frame_is_written_in_its_shortest_form) {
  const auto written = [](std::size_t size) {
    std::string out;
    append_websocket_frame(out, Opcode::text, std::string(size, 'x'));
    return out;
  };
  std::string hello;
  append_websocket_frame(hello, Opcode::text, "Hello");
  BOOST_TEST(hello == "\x81\x05Hello");  // 5.7
  BOOST_TEST(written(125).substr(0, 2) == "\x81\x7d");
  BOOST_TEST(written(126).substr(0, 4) == "\x81\x7e\x00\x7e"sv);
  BOOST_TEST(written(256).substr(0, 4) == "\x81\x7e\x01\x00"sv);
  BOOST_TEST(written(65'536).substr(0, 10) == "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"sv);
  BOOST_TEST(written(65'536).size() == 65'546U);
  BOOST_TEST(websocket_close_payload(1008, "why") == "\x03\xf0why");
  BOOST_TEST(websocket_close_payload(1008, std::string(500, 'x')).size() == 125U);
}

BOOST_AUTO_TEST_CASE(a_key_is_accepted_as_the_standard_has_it) {
  // RFC 6455, 1.3.
  BOOST_TEST(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  for (const std::string_view wrong :
       {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25j!Q==", "dGhlIHNhbXBsZSBub25jZTEyMw=="}) {
    BOOST_TEST(websocket_accept(wrong).empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()
