#include "gateway/http/http_client.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/http/http_server.h"
#include "gateway/net/loop_group.h"
#include "gateway/observe/trace.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/tcp_client.h"
#include "tests/support/test_certificates.h"

using namespace std::chrono_literals;
using namespace cpis;
using http::HttpCall;
using http::HttpClient;
using http::HttpClientSettings;
using test::eventually;

namespace {

struct FunctionHandler : http::HttpHandler {
  explicit FunctionHandler(std::function<http::Response(const http::Request&)> given)
      : work{std::move(given)} {}
  void handle(http::Request&& request, http::Reply&& reply) override { reply.send(work(request)); }
  std::function<http::Response(const http::Request&)> work;
};

/// Answers whatever comes with fixed bytes, and ends the connection afterwards if told so.
struct Scripted : net::Protocol {
  Scripted(std::string bytes, bool ends) : answer{std::move(bytes)}, ends_after{ends} {}
  void on_data(net::Connection& connection, std::string_view) override {
    connection.write(answer);
    if (ends_after) connection.close_after_flush();
  }
  const std::string answer;
  const bool ends_after;
};

struct Server {
  explicit Server(net::ProtocolFactory protocol, std::shared_ptr<net::TlsSlot> tls = {}) {
    const auto bound =
        group.listen({.name = "t", .protocol = std::move(protocol), .tls = std::move(tls)});
    BOOST_REQUIRE(bound);
    port = *bound;
    group.start();
  }
  std::string url(const std::string& target, const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port) + target;
  }
  net::LoopGroup group{{.loops = 1}};
  std::uint16_t port = 0;
};

net::ProtocolFactory scripted(const std::string& bytes, bool ends = true) {
  return [=](const net::Connection&) { return std::make_unique<Scripted>(bytes, ends); };
}

std::unique_ptr<HttpClient> make_client(HttpClientSettings settings = {}) {
  auto client = HttpClient::open(std::move(settings));
  BOOST_REQUIRE(client);
  return std::move(*client);
}

Result<http::Response> get_scripted(const std::string& bytes, bool ends = true) {
  const Server server{scripted(bytes, ends)};
  return make_client()->send({.url = server.url("/"), .deadline = 60s, .answer_bytes_max = 100});
}

ErrorKind failure_of(const std::string& bytes) {
  const auto answer = get_scripted(bytes);
  BOOST_REQUIRE(!answer);
  return answer.error().kind;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_client_tests)

BOOST_AUTO_TEST_CASE(a_call_brings_back_status_headers_and_body) {
  FunctionHandler handler{[](const http::Request& request) {
    http::Response response{201, "text/plain",
                            std::string{request.method()} + " " + std::string{request.target()} +
                                " " + std::string{request.header("X-Own").value_or("")} + " " +
                                request.body()};
    return response.set("ETag", "\"1\"");
  }};
  const Server server{http_protocol({}, handler)};
  const auto client = make_client();
  const auto answer = client->send({.method = "POST",
                                    .url = server.url("/a%2Fb?c=d|e"),
                                    .headers = {{"X-Own", "mine"}},
                                    .body = "content"});
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->status == 201);
  BOOST_TEST(answer->header("etag") == "\"1\"");
  BOOST_TEST(answer->body == "POST /a%2Fb?c=d|e mine content");
}

BOOST_AUTO_TEST_CASE(calls_in_turn_use_one_connection) {
  FunctionHandler handler{[](const http::Request&) { return http::Response{204}; }};
  http::HttpSettings settings;
  settings.idle_time = 10min;
  const Server server{http_protocol(settings, handler)};
  const auto client = make_client({.idle_time = 10min});
  for (int i = 0; i < 5; ++i) BOOST_TEST(client->send({.url = server.url("/")})->status == 204);
  BOOST_TEST(server.group.counters().accepted == 1U);
}

BOOST_AUTO_TEST_CASE(a_dead_connection_is_replaced) {
  FunctionHandler handler{[](const http::Request&) { return http::Response{204}; }};
  http::HttpSettings settings;
  settings.idle_time = 60ms;
  const Server server{http_protocol(settings, handler)};
  const auto client = make_client({.idle_time = 10min});
  BOOST_TEST(client->send({.url = server.url("/")})->status == 204);
  BOOST_REQUIRE(eventually([&] { return server.group.counters().open == 0; }));
  BOOST_TEST(client->send({.url = server.url("/")})->status == 204);
  BOOST_TEST(server.group.counters().accepted == 2U);
}

BOOST_AUTO_TEST_CASE(many_threads_may_call_at_the_same_time) {
  FunctionHandler handler{[](const http::Request& request) {
    return http::Response{200, "text/plain", std::string{request.target()}};
  }};
  const Server server{http_protocol({}, handler)};
  const auto client = make_client();
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string target = "/" + std::to_string(t) + "/" + std::to_string(i);
        const std::string host = i % 2 == 0 ? "localhost" : "127.0.0.1";
        const auto answer =
            client->send({.url = "http://" + host + ":" + std::to_string(server.port) + target});
        if (answer && answer->body == target) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(right == 200);
  BOOST_TEST(server.group.counters().accepted <= 8U);
}

BOOST_AUTO_TEST_CASE(every_form_of_a_body_is_read_whole) {
  BOOST_TEST(get_scripted("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab")->body == "ab");
  BOOST_TEST(get_scripted("HTTP/1.1 200 OK\r\n\r\nto the end")->body == "to the end");
  BOOST_TEST(get_scripted("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "3;x\r\nabc\r\n1\r\nd\r\n0\r\nT: t\r\n\r\n")
                 ->body == "abcd");
  BOOST_TEST(get_scripted("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"
                          "HTTP/1.1 204 No Content\r\n\r\n")
                 ->status == 204);
  BOOST_TEST(get_scripted("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")->status == 404);
  // RFC 9112, 5.2: a client takes folded lines.
  const auto folded = get_scripted(
      "HTTP/1.1 200 OK\r\nContent-Type: multipart/related;\r\n\tboundary=b;\r\n  start=c\r\n"
      "Content-Length:\r\n 2\r\n\r\nab");
  BOOST_REQUIRE(folded);
  BOOST_TEST(folded->header("Content-Type") == "multipart/related; boundary=b;  start=c");
  BOOST_TEST(folded->body == "ab");
}

// A list that was cut short must never look like a shorter list.
BOOST_AUTO_TEST_CASE(a_cut_or_malformed_answer_is_never_an_answer) {
  for (const char* bytes : {
           "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
           "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n",
           "HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
           "HTTP/1.1 2x0 OK\r\n\r\n",
           "HTTP/2 200\r\n\r\n",
           "SSH-2.0-x\r\n\r\n",
           "HTTP/1.1 200 OK\r\n",
           "",
       }) {
    BOOST_TEST((failure_of(bytes) == ErrorKind::timeout), bytes);
  }
  const std::string too_long = "HTTP/1.1 200 OK\r\n\r\n" + std::string(101, 'x');
  BOOST_TEST((failure_of(too_long) == ErrorKind::timeout));
}

BOOST_AUTO_TEST_CASE(the_deadline_holds_for_silence_and_for_bytes_that_drip) {
  struct Dripping : net::Protocol {
    void on_data(net::Connection& connection, std::string_view) override { drip(connection); }
    static void drip(net::Connection& connection) {
      connection.write("a");
      connection.loop().run_after(5ms, [&loop = connection.loop(), id = connection.id()] {
        if (net::Connection* still = loop.find(id)) drip(*still);
      });
    }
  };
  const Server silent{scripted("", false)};
  const Server dripping{[](const net::Connection&) { return std::make_unique<Dripping>(); }};
  for (const Server* server : {&silent, &dripping}) {
    std::chrono::steady_clock::duration took{};
    // A busy machine may not even connect in this time; then nothing was sent, which is said too.
    BOOST_REQUIRE(eventually([&] {
      const auto start = std::chrono::steady_clock::now();
      const auto answer = make_client()->send({.url = server->url("/"), .deadline = 80ms});
      took = std::chrono::steady_clock::now() - start;
      return !answer && answer.error().kind == ErrorKind::timeout;
    }));
    BOOST_TEST((took < 60s));
  }
}

BOOST_AUTO_TEST_CASE(what_was_not_decided_there_is_said) {
  const auto client = make_client();
  const auto refused = client->send({.url = "http://127.0.0.1:1/secret/path"});
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().kind == ErrorKind::unavailable));
  BOOST_TEST(refused.error().message.find("secret") == std::string::npos);
  for (const char* url : {"ftp://h/", "http://", "http://u@h/", "http://h:0/", "http://h:x/",
                          "http://[::1/", "http://h/a b", "/path"}) {
    const auto bad = client->send({.url = url});
    BOOST_REQUIRE(!bad);
    BOOST_TEST((bad.error().kind == ErrorKind::bad_input), url);
  }
  const auto split = client->send({.url = "http://127.0.0.1:1/", .headers = {{"A", "b\r\nC: d"}}});
  BOOST_REQUIRE(!split);
  BOOST_TEST((split.error().kind == ErrorKind::bad_input));
}

BOOST_AUTO_TEST_CASE(a_tls_server_must_prove_itself_and_may_ask_the_same_of_us) {
  const test::ScratchFolder folder;
  test::TestAuthority authority{folder.path(), "authority"};
  test::TestAuthority stranger{folder.path(), "stranger"};
  const test::KeyPair right = authority.issue("gateway", "IP:127.0.0.1,DNS:localhost");
  const test::KeyPair other_host = authority.issue("elsewhere", "DNS:elsewhere.test");
  const test::KeyPair own = authority.issue("client", "DNS:client.test");
  FunctionHandler handler{[](const http::Request& request) {
    return http::Response{200, "text/plain", request.peer().certificate->subject};
  }};
  const auto serve = [&](const test::KeyPair& pair) {
    auto slot = net::TlsSlot::open({.certificate_file = pair.certificate_file,
                                    .key_file = pair.key_file,
                                    .client_ca_file = authority.certificate_file(),
                                    .client_certificate = net::ClientCertificate::required});
    BOOST_REQUIRE(slot);
    return std::make_unique<Server>(http_protocol({}, handler), *slot);
  };
  const auto good = serve(right);
  const auto wrong_host = serve(other_host);
  const net::TlsClientSettings with_own{authority.certificate_file(), own.certificate_file,
                                        own.key_file};
  const auto client = make_client({.tls = with_own});
  const auto answer = client->send({.url = good->url("/", "https")});
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->body == "CN=client");

  const auto elsewhere = client->send({.url = wrong_host->url("/", "https")});
  BOOST_REQUIRE(!elsewhere);
  BOOST_TEST((elsewhere.error().kind == ErrorKind::unavailable));
  const auto distrusting = make_client({.tls = {stranger.certificate_file()}});
  BOOST_TEST(
      (distrusting->send({.url = good->url("/", "https")}).error().kind == ErrorKind::unavailable));
  const auto nameless = make_client({.tls = {authority.certificate_file()}});
  BOOST_CHECK(!nameless->send({.url = good->url("/", "https")}));
  BOOST_CHECK(!HttpClient::open({.tls = {"/nowhere.pem"}}));
}

// Somebody whose certificate was taken back is not told anything, and so is nobody when it can no
// longer be known who was.
BOOST_AUTO_TEST_CASE(a_server_with_a_revoked_certificate_is_refused) {
  const test::ScratchFolder folder;
  test::TestAuthority authority{folder.path(), "authority"};
  const test::KeyPair right = authority.issue("gateway", "IP:127.0.0.1");
  const test::KeyPair dismissed = authority.issue("dismissed", "IP:127.0.0.1");
  std::atomic<int> heard{0};
  FunctionHandler handler{[&](const http::Request&) {
    ++heard;
    return http::Response{200, "text/plain", "here"};
  }};
  const auto serve = [&](const test::KeyPair& pair) {
    auto slot =
        net::TlsSlot::open({.certificate_file = pair.certificate_file, .key_file = pair.key_file});
    BOOST_REQUIRE(slot);
    return std::make_unique<Server>(http_protocol({}, handler), *slot);
  };
  const auto good = serve(right);
  const auto revoked = serve(dismissed);
  const auto asking = [&](const std::string& list) {
    net::TlsClientSettings tls;
    tls.authority_file = authority.certificate_file();
    tls.revocation_file = list;
    return make_client({.tls = std::move(tls)});
  };
  const auto client = asking(authority.revoke({dismissed}));
  BOOST_TEST(static_cast<bool>(client->send({.url = good->url("/", "https")})));
  bool began = true;
  const auto refused = client->send({.url = revoked->url("/", "https")}, began);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(!began);
  BOOST_TEST((refused.error().kind == ErrorKind::unavailable));
  BOOST_TEST(refused.error().message.find("revoked") != std::string::npos, refused.error().message);
  const auto out_of_date = asking(authority.revoke({}, -1));
  BOOST_TEST(!out_of_date->send({.url = good->url("/", "https")}));
  BOOST_TEST(heard == 1);
}

BOOST_AUTO_TEST_CASE(a_call_within_a_scope_is_in_its_trace) {
  FunctionHandler handler{[](const http::Request& request) {
    return http::Response{200, "text/plain",
                          std::string{request.header("traceparent").value_or("none")}};
  }};
  const Server server{http_protocol({}, handler)};
  const auto client = make_client();
  const auto sent = [&](std::vector<std::pair<std::string, std::string>> headers) {
    const auto answer = client->send({.url = server.url("/"), .headers = std::move(headers)});
    BOOST_REQUIRE(answer);
    return answer->body;
  };
  BOOST_TEST(sent({}) == "none");
  const observe::TraceScope scope{"4bf92f3577b34da6a3ce929d0e0e4736"};
  BOOST_TEST(sent({}).starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
  BOOST_TEST(sent({{"Traceparent", "00-of-its-own"}}) == "00-of-its-own");
}

BOOST_AUTO_TEST_SUITE_END()
