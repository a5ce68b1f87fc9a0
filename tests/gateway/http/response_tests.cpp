#include "gateway/http/response.h"

#include <boost/test/unit_test.hpp>
#include <string>

#include "gateway/http/gzip.h"
#include "gateway/http/http_date.h"
#include "gateway/http/http_server.h"

using cpis::http::append_chunk;
using cpis::http::append_response;
using cpis::http::BodyEnd;
using cpis::http::Response;
using cpis::http::WireOptions;
using namespace std::string_literals;

namespace {

std::string written(const Response& response, const WireOptions& options = {}) {
  std::string out;
  append_response(out, response, options);
  return out;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(response_tests)

BOOST_AUTO_TEST_CASE(an_answer_has_status_headers_date_length_and_body) {
  Response response{201, "application/fhir+json", "{}"};
  response.set("ETag", "W/\"1\"");
  const std::string text = written(response);
  BOOST_TEST(text.starts_with(
      "HTTP/1.1 201 Created\r\nContent-Type: application/fhir+json\r\nETag: W/\"1\"\r\nDate: "));
  BOOST_TEST(contains(text, " GMT\r\nContent-Length: 2\r\n\r\n{}"));
}

BOOST_AUTO_TEST_CASE(setting_replaces_without_case_and_adding_does_not) {
  Response response;
  response.set("Vary", "Accept").set("vary", "Origin").add("Vary", "Accept");
  BOOST_TEST(response.headers.size() == 2U);
  BOOST_TEST(response.header("VARY") == "Origin");
  BOOST_TEST(response.header("none").empty());
}

BOOST_AUTO_TEST_CASE(what_the_server_writes_cannot_be_written_by_a_handler) {
  Response response{200, "text/plain", "abc"};
  response.set("Content-Length", "7").set("Transfer-Encoding", "chunked").set("Date", "never");
  response.set("Connection", "keep-alive");
  const std::string text = written(response);
  BOOST_TEST(!contains(text, "7\r\n"));
  BOOST_TEST(!contains(text, "chunked"));
  BOOST_TEST(!contains(text, "never"));
  BOOST_TEST(!contains(text, "keep-alive"));
}

// A value that came from outside must not be able to add a header or a second answer.
BOOST_AUTO_TEST_CASE(an_answer_cannot_be_split_by_a_header) {
  for (const std::string& bad : {"a\r\nX: y"s, "a\nX: y"s, "a\rb"s, "a\0b"s}) {
    Response response{200, "text/plain", "secret"};
    response.set("Location", bad);
    const std::string text = written(response);
    BOOST_TEST(text.starts_with("HTTP/1.1 500 "));
    BOOST_TEST(!contains(text, "secret"));
  }
}

BOOST_AUTO_TEST_CASE(some_answers_have_no_body) {
  for (const int status : {204, 304}) {
    const std::string text = written({status, "text/plain", "body"});
    BOOST_TEST(!contains(text, "Content-Length"));
    BOOST_TEST(text.ends_with("\r\n\r\n"));
  }
  const std::string head = written({200, "text/plain", "body"}, {.head_only = true});
  BOOST_TEST(contains(head, "Content-Length: 4\r\n"));
  BOOST_TEST(head.ends_with("\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(a_streamed_body_has_no_length) {
  const std::string text = written(Response{200}, {.body_end = BodyEnd::chunks});
  BOOST_TEST(contains(text, "Transfer-Encoding: chunked\r\n"));
  BOOST_TEST(!contains(text, "Content-Length"));
  std::string chunk;
  append_chunk(chunk, std::string(26, 'x'));
  BOOST_TEST(chunk == "1a\r\n" + std::string(26, 'x') + "\r\n");
  append_chunk(chunk = "", "");
  BOOST_TEST(chunk.empty());
}

BOOST_AUTO_TEST_CASE(a_busy_door_says_when_to_come_back) {
  const std::string text = cpis::http::busy_bytes(7);
  BOOST_TEST(text.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  BOOST_TEST(contains(text, "Retry-After: 7\r\n"));
  BOOST_TEST(contains(text, "Connection: close\r\n"));
}

BOOST_AUTO_TEST_CASE(gzip_is_used_for_who_accepts_it) {
  using cpis::http::accepts_gzip;
  for (const char* yes :
       {"gzip", "br, gzip;q=0.5", "*", "GZIP ; q=1", "deflate,*;q=0.1", "x-gzip"}) {
    BOOST_TEST(accepts_gzip(yes), yes);
  }
  for (const char* no : {"", "identity", "gzip;q=0", "gzip;q=0.000", "*;q=0", "*, gzip; q=0"}) {
    BOOST_TEST(!accepts_gzip(no), no);
  }
}

BOOST_AUTO_TEST_CASE(gzip_is_undone_within_a_limit) {
  const std::string text(100'000, 'a');
  const std::string small = cpis::http::gzip(text);
  BOOST_TEST(small.size() < 1'000U);
  BOOST_TEST(*cpis::http::gunzip(small, text.size()) == text);
  const auto over = cpis::http::gunzip(small, text.size() - 1);
  BOOST_TEST((over.error().kind == cpis::ErrorKind::busy));
  BOOST_TEST(*cpis::http::gunzip(cpis::http::gzip("ab") + cpis::http::gzip("cd"), 10) == "abcd");
  BOOST_TEST(*cpis::http::gunzip(cpis::http::gzip(""), 0) == "");
}

BOOST_AUTO_TEST_CASE(broken_gzip_is_refused) {
  const std::string good = cpis::http::gzip("some text");
  for (std::size_t size = 0; size < good.size(); ++size) {
    BOOST_CHECK(!cpis::http::gunzip(good.substr(0, size), 100));
  }
  BOOST_CHECK(!cpis::http::gunzip("not gzip at all", 100));
  BOOST_CHECK(!cpis::http::gunzip(good + "x", 100));
}

BOOST_AUTO_TEST_CASE(a_date_is_written_as_it_is_read) {
  for (const std::string date :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Thu, 01 Jan 1970 00:00:00 GMT",
        "Thu, 29 Feb 2024 23:59:59 GMT", "Fri, 31 Dec 2066 12:00:01 GMT"}) {
    const auto moment = cpis::http::parse_http_date(date);
    BOOST_REQUIRE(moment.has_value());
    BOOST_TEST(cpis::http::write_http_date(*moment) == date);
    BOOST_TEST(cpis::http::write_http_date(*moment + std::chrono::milliseconds{999}) == date);
  }
}

BOOST_AUTO_TEST_SUITE_END()
