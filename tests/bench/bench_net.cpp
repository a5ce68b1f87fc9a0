// Measures the front door beside its floor, in one run: HTTP and MLLP, answered on the loop, and
// answered from another thread. Usage: bench_net [SECONDS]
// Prints one line for each case: answers a second, latency, and the processor time of the serving
// threads for one answer, which is the steadier figure on a busy machine. Loopback only.

#include <sys/resource.h>
#include <sys/socket.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/load/load_run.h"
#include "gateway/http/http_server.h"
#include "gateway/mllp/mllp_server.h"
#include "gateway/net/loop_group.h"
#include "tests/bench/raw_loop.h"
#include "tests/support/tcp_client.h"

namespace {

using namespace cpis;
using load::Wire;

constexpr std::size_t body_bytes = 1'846;  // an ordinary Flag searchset
constexpr std::size_t idle_connections = 5'000;

std::chrono::milliseconds measured{2'000};
const std::string body(body_bytes, 'b');

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_of(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

/// Of all threads but this one, which makes the load.
double serving_cpu() { return cpu_of(RUSAGE_SELF) - cpu_of(RUSAGE_THREAD); }

http::Response http_answer() { return {200, "application/fhir+json", body}; }

std::string raw_http_answer() {
  std::string bytes;
  http::append_response(bytes, http_answer(), {});
  return bytes;
}

std::string acknowledgement(std::string_view message) {
  std::size_t at = 0;
  for (int bar = 0; bar < 9; ++bar) at = message.find('|', at) + 1;
  std::string text = "MSH|^~\\&|CPISGW|RXX01|LOADGEN|RXX01|20260311142530||ACK^A04^ACK|1|P|2.4\r";
  text += "MSA|AA|";
  text += message.substr(at, message.find('|', at) - at);
  return text + '\r';
}

struct HttpAtOnce : http::HttpHandler {
  void handle(http::Request&&, http::Reply&& reply) override { reply.send(http_answer()); }
};

struct HttpByWorker : http::HttpHandler {
  void handle(http::Request&& request, http::Reply&& reply) override {
    offload(pool, std::move(request), std::move(reply),
            [](http::Request&&, http::Reply&& later) { later.send(http_answer()); });
  }
  net::WorkerPool pool{{.threads = 1, .waiting_max = 10'000}};
};

struct MllpAtOnce : mllp::MllpHandler {
  void handle(mllp::MllpMessage&& message, mllp::MllpReply&& reply) override {
    reply.send(acknowledgement(message.bytes));
  }
};

struct MllpByWorker : mllp::MllpHandler {
  void handle(mllp::MllpMessage&& message, mllp::MllpReply&& reply) override {
    pool.try_submit([message = std::move(message), reply = std::move(reply)]() mutable {
      reply.send(acknowledgement(message.bytes));
    });
  }
  net::WorkerPool pool{{.threads = 1, .waiting_max = 10'000}};
};

void measure(const std::string& name, Wire wire, std::uint16_t port, std::size_t connections) {
  load::Plan plan;
  plan.wire = wire;
  plan.port = port;
  plan.connections = connections;
  plan.duration = measured;
  const std::string get = load::get_request("/FHIR/R4/Flag?patient=9990000018", "");
  plan.request = [&](std::uint64_t number) {
    return wire == Wire::http ? get : load::admission_message(number);
  };
  const double before = serving_cpu();
  const auto outcome = load::run(plan);
  const double cpu = serving_cpu() - before;
  if (!outcome) return;
  const double share = std::chrono::duration<double>(plan.duration) /
                       std::chrono::duration<double>(plan.duration + plan.warm_up);
  const double each = cpu * 1e6 * share / static_cast<double>(outcome->good + outcome->bad);
  std::printf("%-34s %4zu conns  %5.1f us cpu  %s\n", name.c_str(), connections, each,
              load::summary(*outcome).c_str());
  std::fflush(stdout);
}

std::uint16_t serve(net::LoopGroup& group, net::ProtocolFactory protocol) {
  net::ListenerSettings settings;
  settings.name = "bench";
  settings.protocol = std::move(protocol);
  const auto port = group.listen(std::move(settings));
  group.start();
  return port ? *port : std::uint16_t{0};
}

void measure_ours(const std::string& name, Wire wire, const net::ProtocolFactory& protocol) {
  for (const std::size_t connections : {std::size_t{1}, std::size_t{16}, std::size_t{64}}) {
    net::LoopGroup group{{.loops = 1}};
    measure(name, wire, serve(group, protocol), connections);
    group.drain(std::chrono::milliseconds{1'000});
  }
}

void measure_floor(const std::string& name, Wire wire, std::string_view end, std::string answer) {
  for (const std::size_t connections : {std::size_t{1}, std::size_t{16}, std::size_t{64}}) {
    const bench::RawLoop floor{end, answer};
    measure(name, wire, floor.port(), connections);
  }
}

std::size_t resident_kib() {
  std::ifstream in{"/proc/self/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  in >> total >> resident;
  return resident * 4;
}

void measure_idle(const std::string& name, const net::ProtocolFactory& protocol,
                  std::string_view hello, std::string_view answer_end) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < idle_connections * 2 + 100) {
    std::printf("%-34s left out: only %ju files may be open\n", name.c_str(),
                static_cast<std::uintmax_t>(files.rlim_cur));
    return;
  }
  net::LoopGroup group{{.loops = 1, .connections_per_peer_max = 10'000}};
  const std::uint16_t port = serve(group, protocol);
  std::vector<test::TcpClient> clients;
  clients.reserve(idle_connections);
  const std::size_t before = resident_kib();
  for (std::size_t i = 0; i < idle_connections; ++i) {
    clients.emplace_back(port);
    clients.back().send(hello);
    clients.back().read_until(answer_end);
  }
  const std::size_t used = resident_kib() - before;
  std::printf("%-34s %zu idle connections after one request each: %zu KiB, %.2f KiB each\n",
              name.c_str(), idle_connections, used,
              static_cast<double>(used) / static_cast<double>(idle_connections));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) {
    const std::string_view given{argv[1]};
    int seconds = 2;
    std::from_chars(given.data(), given.data() + given.size(), seconds);
    measured = std::chrono::milliseconds{seconds * 1'000};
  }
  measure_floor("http floor (raw loop)", Wire::http, "\r\n\r\n", raw_http_answer());
  HttpAtOnce http_at_once;
  measure_ours("http answered on the loop", Wire::http, http_protocol({}, http_at_once));
  {
    HttpByWorker http_by_worker;
    measure_ours("http answered by a worker", Wire::http, http_protocol({}, http_by_worker));
  }
  const std::string fixed = hl7v2::mllp_frame(acknowledgement(load::admission_message(1)));
  measure_floor("mllp floor (raw loop)", Wire::mllp, "\x1C\r", fixed);
  MllpAtOnce mllp_at_once;
  measure_ours("mllp answered on the loop", Wire::mllp, mllp_protocol({}, mllp_at_once));
  {
    MllpByWorker mllp_by_worker;
    measure_ours("mllp answered by a worker", Wire::mllp, mllp_protocol({}, mllp_by_worker));
  }
  measure_idle("http", http_protocol({}, http_at_once), load::get_request("/", ""), body);
  measure_idle("mllp", mllp_protocol({}, mllp_at_once), load::admission_message(1), "\x1C\r");
  return 0;
}
