// The floor of a question to Spine: a bare HTTP round trip over mutual TLS on kept connections,
// 64 callers, bytes of a usual size both ways, and nothing behind it.
// Usage: bench_spine_floor [SECONDS]. Prints one line: answers a second, and the processor time of
// one round trip, the caller's part and both sides together. Loopback only.

#include <sys/resource.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conformance/peers/spine/certificates.h"
#include "gateway/http/http_server.h"
#include "gateway/net/http_sender.h"
#include "gateway/net/loop_group.h"
#include "gateway/net/tls.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace cpis;

constexpr std::size_t callers = 64;
constexpr std::size_t question_bytes = 5'000;
constexpr std::size_t answer_bytes = 6'000;

struct Answering : http::HttpHandler {
  void handle(http::Request&&, http::Reply&& reply) override {
    reply.send({200, "text/xml", std::string(answer_bytes, 'a')});
  }
};

double cpu_seconds(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/// What one caller did while it counted.
struct Share {
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;
  double cpu = 0;
};

/// When callers begin to count, and how long.
struct Signal {
  std::atomic<std::size_t> ready{0};
  std::atomic<bool> begin{false};
  std::chrono::steady_clock::time_point until{};  ///< set before `begin`
};

// The first call opens the connection and is not counted.
Share call_in_turn(net::HttpSender& sender, const net::HttpCall& call, Signal& signal) {
  Share share;
  sender.send(call);
  ++signal.ready;
  signal.ready.notify_one();
  signal.begin.wait(false);
  const double before = cpu_seconds(RUSAGE_THREAD);
  while (std::chrono::steady_clock::now() < signal.until) {
    const net::HttpOutcome outcome = sender.send(call);
    const bool good = outcome.kind == net::HttpOutcome::Kind::answered && outcome.status == 200;
    ++(good ? share.answered : share.failed);
  }
  share.cpu = cpu_seconds(RUSAGE_THREAD) - before;
  return share;
}

void print(const std::vector<Share>& shares, double seconds, double cpu) {
  Share all;
  for (const Share& share : shares) {
    all.answered += share.answered;
    all.failed += share.failed;
    all.cpu += share.cpu;
  }
  const double trips = static_cast<double>(all.answered > 0 ? all.answered : 1);
  std::printf("%.0f/s, %.1f us cpu of the caller, %.1f us of both sides, %ju failed\n",
              static_cast<double>(all.answered) / seconds, all.cpu * 1e6 / trips, cpu * 1e6 / trips,
              static_cast<std::uintmax_t>(all.failed));
}

void measure(net::HttpSender& sender, const net::HttpCall& call, std::chrono::seconds duration) {
  Signal signal;
  std::vector<Share> shares(callers);
  std::vector<std::thread> threads;
  for (Share& share : shares) {
    threads.emplace_back([&] { share = call_in_turn(sender, call, signal); });
  }
  for (std::size_t now = signal.ready; now < callers; now = signal.ready) signal.ready.wait(now);
  const double cpu = cpu_seconds(RUSAGE_SELF);
  const auto begun = std::chrono::steady_clock::now();
  signal.until = begun + duration;
  signal.begin = true;
  signal.begin.notify_all();
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  print(shares, took.count(), cpu_seconds(RUSAGE_SELF) - cpu);
}

std::shared_ptr<net::TlsSlot> server_tls(const peers::Certificates& files) {
  net::TlsSettings tls;
  tls.certificate_file = files.server_certificate;
  tls.key_file = files.server_key;
  tls.client_ca_file = files.authority;
  tls.client_certificate = net::ClientCertificate::required;
  const auto slot = net::TlsSlot::open(tls);
  return slot ? *slot : nullptr;
}

Result<std::unique_ptr<net::HttpSender>> caller_of(const peers::Certificates& files) {
  net::SenderSettings settings;
  settings.certificate_file = files.client_certificate;
  settings.key_file = files.client_key;
  settings.authority_file = files.authority;
  settings.idle_connections_max = callers;
  return net::open_http_sender(settings);
}

int fail(const std::string& why) {
  std::fprintf(stderr, "bench_spine_floor: %s\n", why.c_str());
  return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  int seconds = 3;
  if (argc > 1) {
    const std::string_view given{argv[1]};
    std::from_chars(given.data(), given.data() + given.size(), seconds);
  }
  const test::ScratchFolder folder;
  const auto files = peers::make_certificates(folder.path());
  if (!files) return fail(files.error().message);
  const auto sender = caller_of(*files);
  if (!sender) return fail(sender.error().message);
  Answering answering;
  net::LoopGroup group{{.loops = 1}};
  net::ListenerSettings listener;
  listener.name = "bench";
  listener.endpoint = {"127.0.0.1", 0};
  listener.tls = server_tls(*files);
  if (!listener.tls) return fail("the server's certificate cannot be used");
  listener.protocol = http::http_protocol({}, answering);
  const auto port = group.listen(std::move(listener));
  if (!port) return fail(port.error().message);
  group.start();
  net::HttpCall call;
  call.method = "POST";
  call.url = "https://localhost:" + std::to_string(*port) + "/sync-service";
  call.body = std::string(question_bytes, 'q');
  call.content_type = "text/xml";
  measure(**sender, call, std::chrono::seconds{seconds});
  group.drain(std::chrono::milliseconds{1'000});
  return EXIT_SUCCESS;
}
