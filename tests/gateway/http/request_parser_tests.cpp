#include "gateway/http/request_parser.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/gateway/http/request_outcome.h"

using cpis::http::Request;
using cpis::http::RequestLimits;
using cpis::http::RequestParser;
using cpis::test::read_requests;
namespace data = boost::unit_test::data;
using namespace std::string_literals;

namespace {

struct Case {
  std::string bytes;
  std::size_t requests;
  int status;  // 0: nothing was refused
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

const RequestLimits limits{.request_line_bytes = 60,
                           .header_line_bytes = 60,
                           .header_bytes = 120,
                           .header_count = 5,
                           .body_bytes = 40,
                           .chunk_line_bytes = 20};

std::string head(std::string_view lines) {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + std::string{lines} + "\r\n";
}

const std::vector<Case> cases{
    {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1, 0, "the least of a request"},
    {"GET / HTTP/1.0\r\n\r\n", 1, 0, "HTTP/1.0 needs no Host"},
    {"\r\nGET / HTTP/1.0\r\n\r\n", 1, 0, "one empty line before a request"},
    {"\r\n\r\nGET / HTTP/1.0\r\n\r\n", 0, 400, "two empty lines before a request"},
    {"GET / HTTP/1.0\r\n\r\nGET /2 HTTP/1.0\r\n\r\n", 2, 0, "two in a row"},
    {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 1, 0, "an empty Host"},
    {"GET /?a=b|c%20d HTTP/1.0\r\n\r\n", 1, 0, "a bar in a query, as FHIR clients send it"},
    {"OPTIONS * HTTP/1.0\r\n\r\n", 1, 0, "OPTIONS for the server"},
    {"GET http://h:80/p?q HTTP/1.0\r\n\r\n", 1, 0, "an absolute target"},
    {"GET http://h HTTP/1.0\r\n\r\n", 1, 0, "an absolute target without a path"},
    {head("Content-Length: 3\r\n") + "abc", 1, 0, "a body by length"},
    {head("Content-Length: 0\r\n"), 1, 0, "a length of nothing"},
    {head("Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n00\r\n\r\n", 1, 0, "a body by chunks"},
    {head("Transfer-Encoding: Chunked\r\n") + "A;x=\"y\"\r\n0123456789\r\n0\r\nT: t\r\n\r\n", 1, 0,
     "chunk extensions and trailers are skipped"},
    {head("A:b\r\nC: d \t\r\n"), 1, 0, "white space around a value"},
    {head("A: caf\xC3\xA9\r\n"), 1, 0, "bytes above ASCII in a value"},

    // Where two readers could disagree about the end of a request.
    {head("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 0, 400, "length and chunks"},
    {head("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 0, 400, "chunks and length"},
    {head("Content-Length: 3\r\nContent-Length: 4\r\n"), 0, 400, "two lengths"},
    {head("Content-Length: 3\r\nContent-Length: 3\r\n"), 0, 400, "the same length twice"},
    {head("Content-Length: 3, 3\r\n"), 0, 400, "a list of lengths"},
    {head("Content-Length: +3\r\n"), 0, 400, "a length with a sign"},
    {head("Content-Length: -1\r\n"), 0, 400, "a negative length"},
    {head("Content-Length: 0x3\r\n"), 0, 400, "a hexadecimal length"},
    {head("Content-Length:\r\n"), 0, 400, "an empty length"},
    {head("Content-Length: 99999999999999999999\r\n"), 0, 400, "a length beyond 64 bits"},
    {head("Content-Length : 3\r\n"), 0, 400, "white space before the colon"},
    {head("Transfer-Encoding : chunked\r\n"), 0, 400, "the same for the coding"},
    {head("Transfer-Encoding: gzip, chunked\r\n"), 0, 501, "another coding"},
    {head("Transfer-Encoding: xchunked\r\n"), 0, 501, "not quite chunked"},
    {head("Transfer-Encoding: \x0B"
          "chunked\r\n"),
     0, 400, "a control character before chunked"},
    {head("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 0, 400, "two codings"},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 0, 400, "chunks in HTTP/1.0"},
    {head("A: b\r\n c\r\n"), 0, 400, "a folded line"},
    {head(" A: b\r\n"), 0, 400, "a line that begins with a space"},
    {"GET / HTTP/1.1\nHost: x\n\n", 0, 400, "LF without CR"},
    {"GET / HTTP/1.1\r\nHost: x\n\r\n", 0, 400, "one LF without CR"},
    {"GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", 0, 400, "CR without LF"},
    {head("A: b\0c\r\n"s), 0, 400, "NUL in a value"},
    {head("A\0: b\r\n"s), 0, 400, "NUL in a name"},
    {head("A b: c\r\n"), 0, 400, "a space in a name"},
    {head(": c\r\n"), 0, 400, "no name"},
    {head("nocolon\r\n"), 0, 400, "no colon"},
    {"GET / HTTP/1.1\r\n\r\n", 0, 400, "no Host"},
    {head("Host: y\r\n"), 0, 400, "two Hosts"},
    {"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 0, 400, "a Host with user information"},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 0, 400, "a Host with a path"},
    {head("Transfer-Encoding: chunked\r\n") + "3 \r\nabc\r\n", 0, 400, "a space after the size"},
    {head("Transfer-Encoding: chunked\r\n") + " 3\r\nabc\r\n", 0, 400, "a space before the size"},
    {head("Transfer-Encoding: chunked\r\n") + "0x3\r\nabc\r\n", 0, 400, "a size with 0x"},
    {head("Transfer-Encoding: chunked\r\n") + "-3\r\nabc\r\n", 0, 400, "a negative size"},
    {head("Transfer-Encoding: chunked\r\n") + "\r\nabc\r\n", 0, 400, "no size"},
    {head("Transfer-Encoding: chunked\r\n") + "3\nabc\r\n", 0, 400, "LF after the size"},
    {head("Transfer-Encoding: chunked\r\n") + "3\r\nabcd\r\n", 0, 400, "more than the size"},
    {head("Transfer-Encoding: chunked\r\n") + "3\r\nabc\n0\r\n\r\n", 0, 400, "LF after a chunk"},
    {head("Transfer-Encoding: chunked\r\n") + "FFFFFFFFFFFFFFFF\r\n", 0, 400, "2^64 - 1 bytes"},
    {head("Transfer-Encoding: chunked\r\n") + "0\r\nA : b\r\n\r\n", 0, 400, "a bad trailer"},
    {head("Transfer-Encoding: chunked\r\n") + "0\r\nContent-Length: 1\r\n\r\n", 0, 400,
     "a length in a trailer"},

    {"GET  / HTTP/1.1\r\n", 0, 400, "two spaces after the method"},
    {"GET / x HTTP/1.1\r\n", 0, 400, "a space in the target"},
    {"GET /\r\n", 0, 400, "no version"},
    {"GET / HTTP/2.0\r\n", 0, 505, "another version"},
    {"GET / HTTP/1.2\r\n", 0, 505, "a minor version nobody has defined"},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, 505, "HTTP/2 without being asked"},
    {"GET / HTTP/1.10\r\n", 0, 400, "not a version"},
    {"GET / http/1.1\r\n", 0, 400, "a version in small letters"},
    {"GET /#f HTTP/1.1\r\n", 0, 400, "a fragment"},
    {"GET x HTTP/1.1\r\n", 0, 400, "neither path nor address"},
    {"GET * HTTP/1.1\r\n", 0, 400, "* is for OPTIONS"},
    {"GET ftp://h/ HTTP/1.1\r\n", 0, 400, "another scheme"},
    {"GET http:///p HTTP/1.1\r\n", 0, 400, "no authority"},
    {"GET http://u@h/ HTTP/1.1\r\n", 0, 400, "user information"},
    {"CONNECT h:443 HTTP/1.1\r\n", 0, 501, "no tunnels"},
    {"G\xC3\x89T / HTTP/1.1\r\n", 0, 400, "a method that is no token"},
    {"GET /\xC3\xA9 HTTP/1.1\r\n", 0, 400, "an unencoded target"},
    {"\x16\x03\x01\x02", 0, 400, "TLS on a plain port, at the first byte"},
    {"\vMSH|^~\\&|", 0, 400, "MLLP on an HTTP port, at the first byte"},
    {"\nGET / HTTP/1.1\r\n", 0, 400, "LF first"},

    {"GET /" + std::string(46, 'a') + " HTTP/1.0\r\n\r\n", 1, 0, "a line as long as allowed"},
    {"GET /" + std::string(47, 'a') + " HTTP/1.0\r\n\r\n", 0, 414, "one byte longer"},
    {"GET /" + std::string(500, 'a'), 0, 414, "a line that never ends"},
    {head("A: " + std::string(58, 'b') + "\r\n"), 0, 431, "a long header line"},
    {head("A: " + std::string(500, 'b')), 0, 431, "a header line that never ends"},
    {head("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n"), 1, 0, "as many headers as allowed"},
    {head("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\n"), 0, 431, "one more"},
    {head("A: " + std::string(50, 'b') + "\r\nB: " + std::string(56, 'b') + "\r\n"), 0, 431,
     "long in all"},
    {head("Content-Length: 40\r\n") + std::string(40, 'b'), 1, 0, "a body as long as allowed"},
    {head("Content-Length: 41\r\n"), 0, 413, "one byte more, refused before it is sent"},
    {head("Transfer-Encoding: chunked\r\n") + "20\r\n" + std::string(32, 'b') + "\r\n9\r\n", 0, 413,
     "chunks of more than is allowed"},
    {head("Transfer-Encoding: chunked\r\n") + "1;" + std::string(30, 'e') + "\r\n", 0, 400,
     "a long chunk extension"},
    {head("Transfer-Encoding: chunked\r\n") + "0\r\nT: " + std::string(60, 't') + "\r\n", 0, 431,
     "a long trailer"},
    {head("Expect: the-unexpected\r\n"), 0, 417, "an expectation nobody knows"},
};

Request read_one(const std::string& bytes) {
  RequestParser parser{RequestLimits{}};
  BOOST_REQUIRE((parser.feed(bytes).state == RequestParser::State::complete));
  return parser.take();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(request_parser_tests)

BOOST_DATA_TEST_CASE(requests_are_read_or_refused_however_they_are_cut, data::make(cases), c) {
  BOOST_TEST_CONTEXT(c.why) {
    const std::string_view bytes = c.bytes;
    const auto whole = read_requests({bytes}, limits);
    BOOST_TEST(whole.requests.size() == c.requests);
    BOOST_TEST(whole.status == c.status);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      BOOST_TEST((read_requests({bytes.substr(0, cut), bytes.substr(cut)}, limits) == whole));
    }
    std::vector<std::string_view> single;
    for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(bytes.substr(i, 1));
    BOOST_TEST((read_requests(single, limits) == whole));
  }
}

BOOST_AUTO_TEST_CASE(the_parts_of_a_request_are_what_was_sent) {
  const Request request = read_one(
      "POST /FHIR/R4/Flag?patient=1&patient=2 HTTP/1.1\r\nHost: gw.example:8443\r\n"
      "Accept: a\r\naccept: b\r\nContent-Length: 2\r\n\r\n{}");
  BOOST_TEST(request.method() == "POST");
  BOOST_TEST(request.target() == "/FHIR/R4/Flag?patient=1&patient=2");
  BOOST_TEST(request.path() == "/FHIR/R4/Flag");
  BOOST_TEST(request.query() == "patient=1&patient=2");
  BOOST_TEST(request.host() == "gw.example:8443");
  BOOST_TEST(request.minor_version() == 1);
  BOOST_TEST(request.header("ACCEPT").value() == "a");
  BOOST_TEST(request.headers("accept").size() == 2U);
  BOOST_TEST(!request.header("Authorization").has_value());
  BOOST_TEST(request.body() == "{}");
}

BOOST_AUTO_TEST_CASE(the_authority_of_an_absolute_target_wins_over_host) {
  const Request request = read_one("GET http://real:1/p?q HTTP/1.1\r\nHost: other\r\n\r\n");
  BOOST_TEST(request.host() == "real:1");
  BOOST_TEST(request.path() == "/p");
  BOOST_TEST(request.query() == "q");
  const Request bare = read_one("GET http://real?q HTTP/1.1\r\nHost: other\r\n\r\n");
  BOOST_TEST(bare.path() == "/");
  BOOST_TEST(bare.query() == "q");
}

BOOST_AUTO_TEST_CASE(a_request_keeps_its_parts_when_it_is_moved) {
  Request first = read_one("GET /moved HTTP/1.0\r\nA: b\r\n\r\n");
  const Request second = std::move(first);
  BOOST_TEST(second.path() == "/moved");
  BOOST_TEST(second.header("a").value() == "b");
  const Request made = Request::make("GET", "/made?x", {{"Host", "h"}}, "body");
  BOOST_TEST(made.path() == "/made");
  BOOST_TEST(made.query() == "x");
  BOOST_TEST(made.host() == "h");
  BOOST_TEST(made.peer().address.empty());
}

BOOST_AUTO_TEST_CASE(the_connection_header_is_a_list_without_case) {
  struct Row {
    std::string bytes;
    bool stays;
  };
  const Row rows[] = {
      {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: x\r\nConnection: te , Close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: x\r\nConnection: closed\r\n\r\n", true},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
      {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
  };
  for (const Row& row : rows) {
    RequestParser parser{RequestLimits{}};
    BOOST_REQUIRE((parser.feed(row.bytes).state == RequestParser::State::complete));
    BOOST_TEST(parser.keep_alive() == row.stays, row.bytes);
  }
}

BOOST_AUTO_TEST_CASE(it_says_when_the_client_waits_to_be_asked_for_the_body) {
  RequestParser parser{RequestLimits{}};
  const std::string header =
      "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
  const auto first = parser.feed(header + "ok");
  BOOST_TEST((first.state == RequestParser::State::wants_body));
  BOOST_TEST(first.used == header.size());
  BOOST_TEST(parser.in_body());
  BOOST_TEST((parser.feed("ok").state == RequestParser::State::complete));
  BOOST_TEST(parser.take().body() == "ok");
  BOOST_TEST(parser.idle());
}

BOOST_AUTO_TEST_CASE(a_parser_is_idle_only_between_requests) {
  RequestParser parser{RequestLimits{}};
  BOOST_TEST(parser.idle());
  parser.feed("G");
  BOOST_TEST(!parser.idle());
  parser.feed("ET / HTTP/1.0\r\n\r\n");
  parser.take();
  BOOST_TEST(parser.idle());
  parser.feed("\r\n");
  BOOST_TEST(parser.idle());
}

BOOST_AUTO_TEST_SUITE_END()
