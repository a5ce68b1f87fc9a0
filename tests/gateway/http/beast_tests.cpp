#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/http/request_parser.h"
#include "tests/support/golden.h"

// Two independent readers on the same bytes. Where ours sees a request, Boost.Beast must see the
// same one: method, target, version, headers and body, and so the same end. Ours may refuse more.

namespace beast = boost::beast::http;
using cpis::http::Request;
using cpis::http::RequestLimits;
using cpis::http::RequestParser;

namespace {

struct Seen {
  std::string method;
  std::string target;
  int minor_version = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::size_t used = 0;
};

struct Verdict {
  std::optional<Seen> seen;
  beast::error problem{};  ///< Beast's, when it refused
  int status = 0;          ///< ours, when we refused
};

Verdict ask_ours(std::string_view bytes) {
  RequestParser parser{RequestLimits{}};
  std::size_t used = 0;
  while (true) {
    const auto progress = parser.feed(bytes.substr(used));
    used += progress.used;
    if (progress.state == RequestParser::State::failed) return {{}, {}, parser.status()};
    if (progress.state == RequestParser::State::need_more) return {};
    if (progress.state == RequestParser::State::complete) break;
  }
  const Request request = parser.take();
  Seen seen{std::string{request.method()},
            std::string{request.target()},
            request.minor_version(),
            {},
            request.body(),
            used};
  for (std::size_t i = 0; i < request.header_count(); ++i) {
    const auto [name, value] = request.header_at(i);
    seen.headers.emplace_back(name, value);
  }
  return {std::move(seen), {}, 0};
}

Verdict ask_beast(std::string_view bytes) {
  beast::request_parser<beast::string_body> parser;
  parser.eager(true);
  parser.body_limit(std::uint64_t{1} << 40U);
  parser.header_limit(1U << 20U);
  boost::system::error_code problem;
  std::size_t used = 0;
  while (!parser.is_done() && used < bytes.size()) {
    used += parser.put(boost::asio::buffer(bytes.data() + used, bytes.size() - used), problem);
    if (problem == beast::error::need_more) return {};
    if (problem) return {{}, static_cast<beast::error>(problem.value()), 0};
  }
  if (!parser.is_done()) return {};
  const auto& message = parser.get();
  Seen seen{std::string{message.method_string()},
            std::string{message.target()},
            message.version() == 10 ? 0 : 1,
            {},
            message.body(),
            used};
  for (const auto& field : message) {
    seen.headers.emplace_back(field.name_string(), field.value());
  }
  return {std::move(seen), {}, 0};
}

/// Empty when the two agree, otherwise in what they do not.
std::string difference(std::string_view given) {
  std::string_view bytes = given;
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);  // ours skips one, Beast none
  if (bytes.starts_with("\r\n")) return {};
  const Verdict ours = ask_ours(bytes);
  if (!ours.seen) return {};
  const Verdict theirs = ask_beast(bytes);
  if (!theirs.seen) {
    // What we skip unread in a chunk extension, or read more loosely in Connection, cannot move
    // the end of the request.
    const bool harmless = theirs.problem == beast::error::bad_chunk_extension ||
                          theirs.problem == beast::error::bad_value;
    return harmless ? "" : "Beast refuses: " + beast::make_error_code(theirs.problem).message();
  }
  if (ours.seen->method != theirs.seen->method) return "method";
  if (ours.seen->target != theirs.seen->target) return "target";
  if (ours.seen->minor_version != theirs.seen->minor_version) return "version";
  if (ours.seen->body != theirs.seen->body) return "body";
  if (ours.seen->used != theirs.seen->used) return "end of the request";
  if (ours.seen->headers.size() > theirs.seen->headers.size()) return "number of headers";
  // Beast puts trailers behind the headers; and same names side by side, in the order of arrival.
  for (const auto& header : ours.seen->headers) {
    const auto same = std::ranges::count(ours.seen->headers, header);
    if (std::ranges::count(theirs.seen->headers, header) < same) return "header " + header.first;
  }
  return {};
}

std::vector<std::string> seeds() {
  std::vector<std::string> found;
  const std::filesystem::path folder =
      std::filesystem::path{CPIS_SOURCE} / "tests/fuzz/corpus/http_request";
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    // The first byte of a fuzz input says where to cut it.
    found.push_back(cpis::test::read_file(entry.path().string()).substr(1));
  }
  std::ranges::sort(found);
  return found;
}

std::string mutated(std::string bytes, std::mt19937& random, const std::vector<std::string>& all) {
  static const std::vector<std::string> pieces{"\r\n",
                                               "\n",
                                               "\r",
                                               " ",
                                               "\t",
                                               ":",
                                               "0",
                                               "Content-Length: 3\r\n",
                                               "\x0B",
                                               "%00",
                                               ";",
                                               ",",
                                               "Transfer-Encoding: chunked\r\n",
                                               "chunked",
                                               "Host: y\r\n",
                                               "\x80",
                                               "HTTP/1.1",
                                               "http://a"};
  const auto below = [&random](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>{0, limit}(random);
  };
  for (std::size_t change = below(3); change-- > 0 && !bytes.empty();) {
    const std::size_t at = below(bytes.size());
    switch (below(4)) {
      case 0:
        bytes.erase(at, 1 + below(4));
        break;
      case 1:
        bytes.insert(at, pieces[below(pieces.size() - 1)]);
        break;
      case 2:
        if (at < bytes.size()) bytes[at] = static_cast<char>(below(255));
        break;
      case 3:
        bytes.insert(at, bytes.substr(below(bytes.size() - 1), below(20)));
        break;
      default:
        bytes = bytes.substr(0, at) + all[below(all.size() - 1)];
        break;
    }
  }
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(beast_tests)

BOOST_AUTO_TEST_CASE(both_readers_see_the_same_requests_in_the_corpus) {
  const auto all = seeds();
  BOOST_REQUIRE(all.size() >= 10U);
  std::size_t accepted = 0;
  for (const std::string& bytes : all) {
    BOOST_TEST(difference(bytes) == "", bytes);
    if (ask_ours(bytes).seen) ++accepted;
  }
  BOOST_TEST(accepted >= 5U);
}

BOOST_AUTO_TEST_CASE(both_readers_see_the_same_requests_in_tens_of_thousands_of_variants) {
  const auto all = seeds();
  BOOST_REQUIRE(!all.empty());
  std::mt19937 random{20'260'101};
  std::size_t accepted = 0;
  for (int i = 0; i < 60'000; ++i) {
    const std::string bytes = mutated(all[static_cast<std::size_t>(i) % all.size()], random, all);
    const std::string found = difference(bytes);
    BOOST_REQUIRE_MESSAGE(found.empty(), "round " << i << ", " << found << ":\n" << bytes);
    if (ask_ours(bytes).seen) ++accepted;
  }
  BOOST_TEST(accepted > 5'000U);  // the rest was refused or is not whole: nothing to compare
}

BOOST_AUTO_TEST_SUITE_END()
