#include "conformance/load/load_run.h"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>

#include "adapters/hl7v2/mllp_framer.h"
#include "gateway/http/http_server.h"
#include "gateway/mllp/mllp_server.h"
#include "gateway/net/loop_group.h"

using namespace std::chrono_literals;
using namespace cpis;
using load::Answer;
using load::Histogram;
using load::Wire;

namespace {

struct NotFoundForOdd : http::HttpHandler {
  void handle(http::Request&& request, http::Reply&& reply) override {
    reply.send(http::Response{request.target() == "/odd" ? 404 : 200, "text/plain", "x"});
  }
};

struct AcceptAll : mllp::MllpHandler {
  void handle(mllp::MllpMessage&& message, mllp::MllpReply&& reply) override {
    const std::size_t id = message.bytes.find("ADT_A01|") + 8;
    const std::string control_id = message.bytes.substr(id, message.bytes.find('|', id) - id);
    reply.send("MSH|^~\\&|\rMSA|AA|" + control_id + "\r");
  }
};

std::uint16_t serve(net::LoopGroup& group, net::ProtocolFactory protocol) {
  const auto port = group.listen({.name = "t", .protocol = std::move(protocol)});
  BOOST_REQUIRE(port);
  group.start();
  return *port;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(load_tests)

BOOST_AUTO_TEST_CASE(a_histogram_is_right_within_three_per_cent) {
  Histogram histogram;
  for (int i = 1; i <= 10'000; ++i) histogram.add(std::chrono::microseconds{i});
  for (const double fraction : {0.01, 0.5, 0.9, 0.99}) {
    const double got = static_cast<double>(histogram.at(fraction).count()) / 1'000;
    BOOST_TEST(got >= fraction * 10'000 * 0.999);
    BOOST_TEST(got <= fraction * 10'000 * 1.04);
  }
  BOOST_TEST((histogram.at(1) == 10ms));
  BOOST_TEST((Histogram{}.at(0.5) == 0ns));
  Histogram both;
  both.add(histogram);
  both.add(1h);
  BOOST_TEST(both.count() == 10'001U);
  BOOST_TEST((both.longest() == 1h));
}

BOOST_AUTO_TEST_CASE(answers_are_cut_off_the_stream_one_by_one) {
  const std::string two = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 404 No\r\n";
  const Answer first = load::read_answer(Wire::http, two);
  BOOST_TEST((first.state == Answer::State::whole));
  BOOST_TEST(first.good);
  BOOST_TEST(first.content == "ab");
  const Answer rest = load::read_answer(Wire::http, two.substr(first.bytes));
  BOOST_TEST((rest.state == Answer::State::partial));
  BOOST_TEST((load::read_answer(Wire::mllp, "x").state == Answer::State::broken));
  const std::string refused = hl7v2::mllp_frame("MSH|^~\\&|\rMSA|AE|1\r");
  BOOST_TEST(!load::read_answer(Wire::mllp, refused).good);
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_must_echo_the_control_id_exactly) {
  BOOST_TEST(load::acknowledges("MSH|\rMSA|AA|LOAD1\r", "LOAD1"));
  BOOST_TEST(load::acknowledges("MSH|\rMSA|AA|LOAD1|text\r", "LOAD1"));
  BOOST_TEST(!load::acknowledges("MSH|\rMSA|AA|LOAD12\r", "LOAD1"));
  BOOST_TEST(!load::acknowledges("MSH|\rMSA|AA\r", "LOAD1"));
  BOOST_TEST(!load::acknowledges("MSH|\r", "LOAD1"));
}

BOOST_AUTO_TEST_CASE(good_and_bad_answers_are_told_apart) {
  NotFoundForOdd handler;
  net::LoopGroup group{{.loops = 1}};
  load::Plan plan;
  plan.port = serve(group, http_protocol({}, handler));
  plan.connections = 4;
  plan.warm_up = 0ms;
  plan.duration = 60s;  // it ends with the last answer
  plan.requests_max = 1'000;
  plan.request = [](std::uint64_t number) {
    return load::get_request(number % 2 == 0 ? "/even" : "/odd", "");
  };
  const auto outcome = load::run(plan);
  BOOST_REQUIRE(outcome);
  BOOST_TEST(outcome->good == 500U);
  BOOST_TEST(outcome->bad == 500U);
  BOOST_TEST(outcome->lost == 0U);
  BOOST_TEST(outcome->latency.count() == 1'000U);
}

BOOST_AUTO_TEST_CASE(a_rate_is_kept_and_every_admission_is_acknowledged_by_its_own_id) {
  AcceptAll handler;
  net::LoopGroup group{{.loops = 1}};
  load::Plan plan;
  plan.wire = Wire::mllp;
  plan.port = serve(group, mllp_protocol({}, handler));
  plan.connections = 3;
  plan.window = 8;
  plan.rate = 1'000;
  plan.warm_up = 0ms;
  plan.duration = 60s;  // it ends with the last answer
  plan.requests_max = 300;
  plan.request = load::admission_message;
  plan.check = [](std::uint64_t number, std::string_view content) {
    return load::acknowledges(content, "LOAD" + std::to_string(number));
  };
  const auto outcome = load::run(plan);
  BOOST_REQUIRE(outcome);
  BOOST_TEST(outcome->bad == 0U);
  BOOST_TEST(outcome->lost == 0U);
  BOOST_TEST(outcome->good == 300U);
  BOOST_TEST(outcome->seconds >= 0.299);  // none before it is due
}

BOOST_AUTO_TEST_CASE(nobody_listening_is_said) {
  load::Plan plan;
  plan.port = 1;
  plan.request = [](std::uint64_t) { return std::string{}; };
  const auto outcome = load::run(plan);
  BOOST_REQUIRE(!outcome);
  BOOST_TEST((outcome.error().kind == ErrorKind::unavailable));
}

BOOST_AUTO_TEST_SUITE_END()
