#include "gateway/http/http_server.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/net/loop_group.h"
#include "tests/support/tcp_client.h"

using namespace std::chrono_literals;
using cpis::http::HttpHandler;
using cpis::http::HttpSettings;
using cpis::http::Reply;
using cpis::http::Request;
using cpis::http::Response;
using cpis::test::eventually;
using cpis::test::TcpClient;

namespace {

struct FunctionHandler : HttpHandler {
  explicit FunctionHandler(std::function<void(Request&&, Reply&&)> given)
      : work{std::move(given)} {}
  void handle(Request&& request, Reply&& reply) override {
    work(std::move(request), std::move(reply));
  }
  std::function<void(Request&&, Reply&&)> work;
};

/// Keeps what it is asked, to be answered later by the test.
struct Keeping : HttpHandler {
  void handle(Request&& request, Reply&& reply) override {
    const std::lock_guard lock{mutex};
    kept.emplace_back(std::move(request), std::move(reply));
  }
  std::size_t count() {
    const std::lock_guard lock{mutex};
    return kept.size();
  }
  std::mutex mutex;
  std::vector<std::pair<Request, Reply>> kept;
};

struct Server {
  explicit Server(HttpHandler& handler, HttpSettings settings = {}) {
    const auto bound = group.listen({.name = "http",
                                     .endpoint = {},
                                     .protocol = http_protocol(std::move(settings), handler),
                                     .tls = {},
                                     .limits = {},
                                     .refusal = {}});
    BOOST_REQUIRE(bound);
    port = *bound;
    group.start();
  }
  cpis::net::LoopGroup group{{.loops = 2, .on_fault = {}}};
  std::uint16_t port = 0;
};

FunctionHandler echo_target() {
  return FunctionHandler{[](Request&& request, Reply&& reply) {
    reply.send({200, "text/plain",
                std::string{request.method()} + " " + std::string{request.target()} + " " +
                    request.body()});
  }};
}

std::string get(std::string_view target, std::string_view headers = {}) {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: x\r\n" + std::string{headers} + "\r\n";
}

bool ends_with(const std::string& text, std::string_view end) { return text.ends_with(end); }

}  // namespace

BOOST_AUTO_TEST_SUITE(http_server_tests)

BOOST_AUTO_TEST_CASE(a_request_is_answered_and_the_connection_stays_open) {
  FunctionHandler handler = echo_target();
  Server server{handler};
  TcpClient client{server.port};
  for (int i = 0; i < 3; ++i) {
    client.send(get("/a?b=" + std::to_string(i)));
    const std::string answer = client.read_answer();
    BOOST_TEST(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    BOOST_TEST(ends_with(answer, "GET /a?b=" + std::to_string(i) + " "));
  }
}

BOOST_AUTO_TEST_CASE(pipelined_requests_are_answered_in_order_although_the_first_takes_longest) {
  std::vector<std::thread> threads;
  FunctionHandler handler{[&](Request&& request, Reply&& reply) {
    threads.emplace_back([request = std::move(request), reply = std::move(reply)]() mutable {
      reply.send({200, "text/plain", std::string{request.target()}});
    });
  }};
  {
    Server server{handler};
    TcpClient client{server.port};
    std::string all;
    for (int i = 0; i < 20; ++i) all += get("/" + std::to_string(i));
    client.send(all);
    for (int i = 0; i < 20; ++i) {
      BOOST_TEST(ends_with(client.read_answer(), "\r\n\r\n/" + std::to_string(i)));
    }
  }
  for (std::thread& thread : threads) thread.join();
}

BOOST_AUTO_TEST_CASE(an_answer_is_one_write) {
  FunctionHandler handler = echo_target();
  Server server{handler};
  TcpClient client{server.port};
  client.send(get("/whole"));
  BOOST_TEST(ends_with(client.read_once(), "GET /whole "));
}

BOOST_AUTO_TEST_CASE(bodies_arrive_whole_by_length_and_by_chunks) {
  FunctionHandler handler = echo_target();
  Server server{handler};
  TcpClient client{server.port};
  client.send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  client.send("cde");
  BOOST_TEST(ends_with(client.read_answer(), "POST /p abcde"));
  client.send("POST /q HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  client.send("2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n");
  BOOST_TEST(ends_with(client.read_answer(), "POST /q abcde"));
}

BOOST_AUTO_TEST_CASE(head_has_the_length_and_no_body) {
  FunctionHandler handler = echo_target();
  Server server{handler};
  TcpClient client{server.port};
  client.send("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n" + get("/next"));
  const std::string head = client.read_until("\r\n\r\n");
  BOOST_TEST(head.find("Content-Length: 8\r\n") != std::string::npos);
  BOOST_TEST(ends_with(client.read_answer(), "GET /next "));
}

BOOST_AUTO_TEST_CASE(a_client_that_asks_first_is_told_to_go_on) {
  FunctionHandler handler = echo_target();
  Server server{handler};
  TcpClient client{server.port};
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  BOOST_TEST(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  BOOST_TEST(ends_with(client.read_answer(), "POST / ok"));
}

BOOST_AUTO_TEST_CASE(a_malformed_request_is_refused_and_the_connection_ends) {
  FunctionHandler handler = echo_target();
  Server server{handler};
  TcpClient client{server.port};
  client.send(get("/first") +
              "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
              "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
              get("/smuggled"));
  const std::string all = client.read_to_end();
  BOOST_TEST(all.find("GET /first ") != std::string::npos);
  BOOST_TEST(all.find("HTTP/1.1 400 Bad Request\r\n") != std::string::npos);
  BOOST_TEST(all.find("Connection: close\r\n") != std::string::npos);
  BOOST_TEST(all.find("smuggled") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_refusal_can_be_written_by_the_product) {
  FunctionHandler handler = echo_target();
  HttpSettings settings;
  settings.refusal = [](int status, std::string_view) {
    return Response{status, "application/fhir+json", "{}"};
  };
  Server server{handler, std::move(settings)};
  TcpClient client{server.port};
  client.send("GET /\r\n\r\n");
  const std::string answer = client.read_to_end();
  BOOST_TEST(answer.find("Content-Type: application/fhir+json\r\n") != std::string::npos);
  BOOST_TEST(ends_with(answer, "\r\n\r\n{}"));
}

// The answer says why; a reset because of unread input would take it away from the client.
BOOST_AUTO_TEST_CASE(a_body_over_the_limit_is_refused_and_the_client_can_read_why) {
  FunctionHandler handler = echo_target();
  HttpSettings settings;
  settings.limits.body_bytes = 1000;
  Server server{handler, std::move(settings)};
  TcpClient client{server.port};
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" +
              std::string(500'000, 'x'));
  client.end();
  BOOST_TEST(client.read_to_end().starts_with("HTTP/1.1 413 Content Too Large\r\n"));
}

// Each is within its own limit; together they are too much.
BOOST_AUTO_TEST_CASE(bodies_that_are_too_much_together_are_refused_and_the_others_go_on) {
  FunctionHandler handler = echo_target();
  HttpSettings settings;
  settings.held_bytes_max = 150'000;
  Server server{handler, std::move(settings)};
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 110000\r\n\r\n";
  TcpClient first{server.port};
  first.send(head + std::string(100'000, 'x'));
  BOOST_REQUIRE(eventually([&] { return server.group.counters().bytes_in > 100'000; }));
  TcpClient second{server.port};
  second.send(head + std::string(100'000, 'y'));
  BOOST_TEST(second.read_to_end().starts_with("HTTP/1.1 503 "));
  first.send(std::string(10'000, 'x'));
  BOOST_TEST(first.read_answer().starts_with("HTTP/1.1 200 "));
  // The first one's bytes are given back when its answer is out, not before.
  BOOST_TEST(eventually([&] {
    TcpClient third{server.port};
    third.send(head + std::string(110'000, 'z'));
    return third.read_answer().starts_with("HTTP/1.1 200 ");
  }));
}

BOOST_AUTO_TEST_CASE(a_reply_that_is_dropped_and_a_handler_that_throws_send_500) {
  FunctionHandler handler{[](Request&& request, Reply&& reply) {
    if (request.target() == "/throw") throw std::runtime_error{"a bug"};
    const Reply dropped = std::move(reply);
  }};
  Server server{handler};
  TcpClient client{server.port};
  for (const char* target : {"/throw", "/drop"}) {
    client.send(get(target));
    BOOST_TEST(client.read_answer().starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
  }
  BOOST_TEST(server.group.counters().faults == 1U);
}

BOOST_AUTO_TEST_CASE(an_answer_for_a_client_that_has_gone_is_dropped) {
  Keeping handler;
  Server server{handler};
  {
    TcpClient client{server.port};
    client.send(get("/gone"));
    BOOST_REQUIRE(eventually([&] { return handler.count() == 1; }));
    client.reset();
  }
  BOOST_REQUIRE(eventually([&] { return server.group.counters().open == 0; }));
  handler.kept[0].second.send({200, "text/plain", "nobody is here"});
  BOOST_CHECK_THROW(handler.kept[0].second.send(Response{200}), std::logic_error);
}

BOOST_AUTO_TEST_CASE(a_reply_may_outlive_the_server) {
  Keeping handler;
  {
    Server server{handler};
    TcpClient client{server.port};
    client.send(get("/late"));
    BOOST_REQUIRE(eventually([&] { return handler.count() == 1; }));
    server.group.drain(10ms);
  }
  handler.kept[0].second.send({200, "text/plain", "too late"});
  handler.kept.clear();
}

BOOST_AUTO_TEST_CASE(a_half_closed_client_still_gets_its_answer) {
  Keeping handler;
  Server server{handler};
  TcpClient client{server.port};
  client.send(get("/half"));
  client.end();
  BOOST_REQUIRE(eventually([&] { return handler.count() == 1; }));
  handler.kept[0].second.send({200, "text/plain", "here"});
  BOOST_TEST(ends_with(client.read_to_end(), "here"));
}

namespace {

// Long enough for whatever a test does not wait for.
HttpSettings patient() {
  HttpSettings settings;
  settings.header_time = settings.body_time = settings.idle_time = settings.answer_time = 10min;
  return settings;
}

// What a client gets that says this and waits.
std::string end_of(const HttpSettings& settings, std::string_view said) {
  Keeping handler;
  Server server{handler, settings};
  TcpClient client{server.port};
  client.send(said);
  return client.read_to_end();
}

}  // namespace

BOOST_AUTO_TEST_CASE(deadlines_end_slow_and_forgotten_requests) {
  HttpSettings settings = patient();
  settings.body_time = 40ms;
  BOOST_TEST(end_of(settings, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
                 .starts_with("HTTP/1.1 408 "));
  settings = patient();
  settings.answer_time = 40ms;
  BOOST_TEST(end_of(settings, get("/")).starts_with("HTTP/1.1 504 "));
  // Who has said nothing when the time is over is let go without a word; on a busy machine that
  // may be before its first word.
  settings = patient();
  settings.header_time = 40ms;
  BOOST_TEST(end_of(settings, "").empty());
  BOOST_TEST(eventually([&] {
    try {
      return end_of(settings, "GET / HT").starts_with("HTTP/1.1 408 ");
    } catch (const std::runtime_error&) {
      return false;
    }
  }));
}

BOOST_AUTO_TEST_CASE(an_idle_connection_is_let_go_without_a_word) {
  FunctionHandler handler = echo_target();
  HttpSettings settings = patient();
  settings.idle_time = 40ms;
  Server server{handler, settings};
  TcpClient client{server.port};
  client.send(get("/first"));
  BOOST_TEST(ends_with(client.read_to_end(), "GET /first "));
}

BOOST_AUTO_TEST_CASE(a_full_worker_queue_answers_503_and_says_when_to_come_back) {
  cpis::net::WorkerPool pool{{.threads = 1, .waiting_max = 0, .on_fault = {}}};
  FunctionHandler handler{[&](Request&& request, Reply&& reply) {
    offload(pool, std::move(request), std::move(reply),
            [](Request&&, Reply&& later) { later.send(Response{200}); });
  }};
  Server server{handler};
  TcpClient client{server.port};
  client.send(get("/"));
  const std::string answer = client.read_answer();
  BOOST_TEST(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  BOOST_TEST(answer.find("Retry-After: 1\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(old_clients_are_served_and_closed_unless_they_ask) {
  FunctionHandler handler = echo_target();
  Server server{handler};
  TcpClient plain{server.port};
  plain.send("GET /old HTTP/1.0\r\n\r\n");
  BOOST_TEST(ends_with(plain.read_to_end(), "GET /old "));
  TcpClient staying{server.port};
  staying.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  BOOST_TEST(staying.read_answer().find("Connection: keep-alive\r\n") != std::string::npos);
  staying.send("GET /2 HTTP/1.0\r\nConnection: close\r\n\r\n");
  BOOST_TEST(ends_with(staying.read_to_end(), "GET /2 "));
}

BOOST_AUTO_TEST_CASE(the_correlation_id_is_the_callers_when_it_is_harmless) {
  FunctionHandler handler{[](Request&& request, Reply&& reply) {
    reply.send({200, "text/plain", request.correlation_id()});
  }};
  Server server{handler};
  TcpClient client{server.port};
  client.send(get("/", "X-Correlation-ID: 11C46F5F-CDEF-4865-94B2-0EE0EDCC26DA\r\n"));
  BOOST_TEST(ends_with(client.read_answer(), "11C46F5F-CDEF-4865-94B2-0EE0EDCC26DA"));
  client.send(get("/", "X-Correlation-ID: <script>\r\n"));
  const std::string made = client.read_answer();
  BOOST_TEST(made.find("script") == std::string::npos);
  client.send(get("/"));
  BOOST_TEST(made != client.read_answer());
}

BOOST_AUTO_TEST_CASE(without_a_correlation_id_the_trace_id_is_taken) {
  FunctionHandler handler{[](Request&& request, Reply&& reply) {
    reply.send({200, "text/plain", request.correlation_id()});
  }};
  Server server{handler};
  TcpClient client{server.port};
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const auto answer = [&](const std::string& headers) {
    client.send(get("/", headers));
    return client.read_answer();
  };
  BOOST_TEST(ends_with(answer("traceparent: 00-" + trace + "-00f067aa0ba902b7-01\r\n"), trace));
  BOOST_TEST(ends_with(
      answer("X-Correlation-ID: mine\r\ntraceparent: 00-" + trace + "-00f067aa0ba902b7-01\r\n"),
      "mine"));
  BOOST_TEST(!ends_with(answer("traceparent: 00-" + trace + "-0000000000000000-01\r\n"), trace));
  BOOST_TEST(!ends_with(answer("traceparent: ff-" + trace + "-00f067aa0ba902b7-01\r\n"), trace));
  BOOST_TEST(
      !ends_with(answer("traceparent: 00-" + std::string(32, '0') + "-00f067aa0ba902b7-01\r\n"),
                 std::string(32, '0')));
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_stops_being_served_and_then_gets_everything) {
  FunctionHandler handler{[](Request&&, Reply&& reply) {
    reply.send({200, "text/plain", std::string(100'000, 'x')});
  }};
  Server server{handler};
  TcpClient client{server.port};
  std::string all;
  for (int i = 0; i < 200; ++i) all += get("/" + std::to_string(i));
  client.send(all);
  std::size_t total = 0;
  for (int i = 0; i < 200; ++i) total += client.read_answer().size();
  BOOST_TEST(total > 200U * 100'000U);
}

BOOST_AUTO_TEST_CASE(a_streamed_body_comes_in_chunks_and_the_connection_is_used_again) {
  FunctionHandler handler{[](Request&& request, Reply&& reply) {
    if (request.target() != "/stream") return reply.send({200, "text/plain", "plain"});
    auto writer = reply.start_stream({200, "text/event-stream", ""});
    std::thread{[writer = std::move(writer)]() mutable {
      writer.write("data: 1\n\n");
      writer.write("data: 2\n\n");
      writer.finish();
    }}.join();
  }};
  Server server{handler};
  TcpClient client{server.port};
  client.send(get("/stream"));
  const std::string head = client.read_until("\r\n\r\n");
  BOOST_TEST(head.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  BOOST_TEST(head.find("Content-Length") == std::string::npos);
  BOOST_TEST(client.read_until("0\r\n\r\n") == "9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n");
  client.send(get("/after"));
  BOOST_TEST(ends_with(client.read_answer(), "plain"));
}

BOOST_AUTO_TEST_CASE(a_stream_is_bounded_and_knows_when_its_client_has_gone) {
  std::atomic<bool> bounded{false};
  std::atomic<bool> gone{false};
  std::thread writing;
  FunctionHandler handler{[&](Request&&, Reply&& reply) {
    auto writer = reply.start_stream({200, "text/event-stream", ""}, 100'000);
    writing = std::thread{[&, writer = std::move(writer)]() mutable {
      bounded = eventually([&] { return !writer.write(std::string(50'000, 'x')); });
      gone = eventually([&] { return !writer.open(); });
    }};
  }};
  {
    Server server{handler};
    TcpClient client{server.port};
    client.send(get("/stream"));
    BOOST_REQUIRE(eventually([&] { return bounded.load(); }));
    client.reset();
    writing.join();
  }
  BOOST_TEST(gone.load());
}

BOOST_AUTO_TEST_CASE(a_tunnel_passes_bytes_both_ways_and_ends_with_its_writer) {
  const std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n";
  std::mutex mutex;
  std::optional<cpis::http::StreamWriter> writer;
  std::string heard;
  FunctionHandler handler{[&](Request&&, Reply&& reply) {
    auto started = reply.start_tunnel(head, [&](std::string_view bytes) {
      const std::lock_guard lock{mutex};
      heard += bytes;
      if (writer) writer->write("heard " + std::string{bytes});
      if (bytes == "end") writer.reset();
    });
    const std::lock_guard lock{mutex};
    writer.emplace(std::move(started));
  }};
  Server server{handler};
  TcpClient client{server.port};
  // What comes before the answer is the other protocol's already: no second request.
  client.send(get("/tunnel") + "early");
  BOOST_TEST(client.read(head.size()) == head);
  BOOST_REQUIRE(eventually([&] {
    const std::lock_guard lock{mutex};
    return heard == "early";
  }));
  client.send("GET / HTTP/1.1");
  BOOST_TEST(ends_with(client.read_until("HTTP/1.1"), "heard GET / HTTP/1.1"));
  client.send("end");
  BOOST_TEST(client.read_to_end() == "heard end");
}

BOOST_AUTO_TEST_CASE(a_tunnel_knows_when_its_client_has_gone_or_does_not_read) {
  std::mutex mutex;
  std::optional<cpis::http::StreamWriter> writer;
  FunctionHandler handler{[&](Request&&, Reply&& reply) {
    const std::lock_guard lock{mutex};
    writer.emplace(reply.start_tunnel(
        "HTTP/1.1 101 x\r\n\r\n", [](std::string_view) {}, 100'000));
  }};
  Server server{handler};
  TcpClient client{server.port};
  client.send(get("/tunnel"));
  client.read_until("\r\n\r\n");
  const auto locked = [&](auto question) {
    return eventually([&] {
      const std::lock_guard lock{mutex};
      return writer && question();
    });
  };
  BOOST_TEST(locked([&] { return !writer->write(std::string(50'000, 'x')); }));
  client.reset();
  BOOST_TEST(locked([&] { return !writer->open(); }));
  const std::lock_guard lock{mutex};
  writer.reset();
}

BOOST_AUTO_TEST_CASE(draining_answers_what_was_asked_and_says_goodbye) {
  Keeping handler;
  Server server{handler};
  TcpClient idle{server.port};
  idle.send("\r\n");
  TcpClient asking{server.port};
  asking.send(get("/asked"));
  BOOST_REQUIRE(eventually([&] { return handler.count() == 1; }));
  std::thread stopping{[&] { server.group.drain(60s); }};
  BOOST_TEST(idle.read_to_end().empty());
  handler.kept[0].second.send({200, "text/plain", "answered"});
  const std::string answer = asking.read_to_end();
  BOOST_TEST(answer.find("Connection: close\r\n") != std::string::npos);
  BOOST_TEST(ends_with(answer, "answered"));
  idle.reset();
  asking.reset();
  stopping.join();
}

BOOST_AUTO_TEST_SUITE_END()
