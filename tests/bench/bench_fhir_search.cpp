// Encounter search by date over many encounters, through the whole gateway: fills a store, starts a
// gateway on it and asks for random days. BENCH_ENCOUNTERS says how many (default 1 000 000).
//
//     BENCH_ENCOUNTERS=1000000 bench_fhir_search

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "gateway/store/resource_store.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/tcp_client.h"

namespace {

using namespace cpis;

constexpr std::int64_t per_transaction = 10'000;
constexpr std::int64_t days = 3650;
constexpr int questions = 2000;

std::string encounter(std::int64_t i, Time start) {
  return R"({"resourceType":"Encounter","id":"e)" + std::to_string(i) +
         R"(","status":"finished","class":{"system":)"
         R"("http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"EMER"},)"
         R"("subject":{"reference":"Patient/p)" +
         std::to_string(i / 4) + R"("},"period":{"start":")" + to_iso(start) + R"(","end":")" +
         to_iso(start + std::chrono::hours{3}) + R"("}})";
}

void fill(store::Database& database, std::int64_t count) {
  const Time first = *parse_iso_time("2016-01-01T00:00:00Z");
  for (std::int64_t from = 0; from < count; from += per_transaction) {
    BOOST_REQUIRE(database.write([&](store::Session& session) -> Status {
      const store::ResourceStore resources;
      for (std::int64_t i = from; i < std::min(count, from + per_transaction); ++i) {
        const Time start = first + std::chrono::minutes{i * 7919 % (days * 1440)};
        const std::string id = "e" + std::to_string(i);
        const auto put = resources.put(
            session, {"Encounter", id, encounter(i, start), start, i + 1, std::nullopt});
        if (!put) return put.error();
      }
      return done;
    }));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(encounters_by_date) {
  const char* said = std::getenv("BENCH_ENCOUNTERS");
  const std::int64_t count = said == nullptr ? 1'000'000 : std::stoll(said);
  test::RunningGateway gateway;
  fill(gateway.gateway->database(), count);
  const auto loading = std::chrono::steady_clock::now();
  gateway.restart();
  const std::chrono::duration<double> loaded = std::chrono::steady_clock::now() - loading;
  std::mt19937 random{1};
  std::uniform_int_distribution<std::int64_t> any_day{0, days - 1};
  std::vector<double> milliseconds;
  test::TcpClient client{gateway.gateway->http_port()};
  for (int i = 0; i < questions; ++i) {
    const Date day = add_days(*parse_iso_date("2016-01-01"), static_cast<int>(any_day(random)));
    const auto asked = std::chrono::steady_clock::now();
    client.send("GET /FHIR/R4/Encounter?date=ge" + to_iso(day) + "&date=lt" +
                to_iso(add_days(day, 1)) + "&_count=50 HTTP/1.1\r\nHost: bench\r\n\r\n");
    const std::string answer = client.read_answer();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - asked;
    BOOST_REQUIRE(answer.substr(9, 3) == "200");
    milliseconds.push_back(took.count());
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  std::cout << count << " encounters, loaded in " << loaded.count() << " s; " << questions
            << " searches by day, 50 a page: p50 " << milliseconds[questions / 2] << " ms, p99 "
            << milliseconds[questions * 99 / 100] << " ms, worst " << milliseconds.back()
            << " ms\n";
}
