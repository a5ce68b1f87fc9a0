#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "conformance/load/load_run.h"

// cpis-load: how many requests or messages a second a gateway on this machine answers, and how
// long each waits. Speaks to 127.0.0.1 only.

namespace {

using cpis::load::Plan;
using cpis::load::Wire;

struct Options {
  std::uint16_t port = 0;
  std::size_t connections = 16;
  std::size_t window = 1;
  double seconds = 5;
  double rate = 0;
  std::vector<std::string> targets;
  std::string targets_file;
  std::vector<std::string> headers;
  std::uint64_t first_number = 0;
};

void add_common(CLI::App& app, Options& options) {
  app.add_option("--port", options.port, "port on 127.0.0.1")->required();
  app.add_option("--connections", options.connections, "connections kept open")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--window", options.window, "requests in flight on each connection")
      ->check(CLI::Range(1, 1'000));
  app.add_option("--seconds", options.seconds, "how long to measure")
      ->check(CLI::Range(0.1, 86'400.0));
  app.add_option("--rate", options.rate, "requests a second; 0 sends as soon as answered");
}

std::vector<std::string> read_lines(const std::string& file) {
  std::vector<std::string> lines;
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

Plan common_plan(const Options& options) {
  Plan plan;
  plan.port = options.port;
  plan.connections = options.connections;
  plan.window = options.window;
  plan.duration = std::chrono::milliseconds{static_cast<std::int64_t>(options.seconds * 1000)};
  plan.rate = options.rate;
  return plan;
}

Plan http_plan(const Options& options, std::vector<std::string>& requests) {
  std::string header_lines;
  for (const std::string& header : options.headers) header_lines += header + "\r\n";
  for (const std::string& target : options.targets) {
    requests.push_back(cpis::load::get_request(target, header_lines));
  }
  for (const std::string& target : read_lines(options.targets_file)) {
    requests.push_back(cpis::load::get_request(target, header_lines));
  }
  if (requests.empty()) throw CLI::ValidationError{"--target or --targets is needed"};
  Plan plan = common_plan(options);
  plan.wire = Wire::http;
  plan.request = [&requests](std::uint64_t number) { return requests[number % requests.size()]; };
  return plan;
}

Plan mllp_plan(const Options& options) {
  Plan plan = common_plan(options);
  plan.wire = Wire::mllp;
  const std::uint64_t first = options.first_number;
  plan.request = [first](std::uint64_t number) {
    return cpis::load::admission_message(first + number);
  };
  plan.check = [first](std::uint64_t number, std::string_view content) {
    return cpis::load::acknowledges(content, "LOAD" + std::to_string(first + number));
  };
  return plan;
}

int report(const Plan& plan) {
  const auto outcome = cpis::load::run(plan);
  if (!outcome) {
    std::cerr << "cpis-load: " << outcome.error().message << '\n';
    return EXIT_FAILURE;
  }
  std::cout << cpis::load::summary(*outcome) << '\n';
  return outcome->bad + outcome->lost == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures a gateway on this machine: answers a second and how long they take."};
  app.require_subcommand(1);
  Options options;
  CLI::App& http = *app.add_subcommand("http", "GET with keep-alive; 2xx is good");
  CLI::App& mllp = *app.add_subcommand("mllp", "invented ED arrivals; AA with our MSH-10 is good");
  add_common(http, options);
  add_common(mllp, options);
  http.add_option("--target", options.targets, "path and query, used in turn");
  http.add_option("--targets", options.targets_file, "file with one target a line");
  http.add_option("--header", options.headers, "a header line, for example 'Accept: ...'");
  mllp.add_option("--first", options.first_number, "number of the first message");
  try {
    app.parse(argc, argv);
    std::vector<std::string> requests;
    return report(http.parsed() ? http_plan(options, requests) : mllp_plan(options));
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem);
  }
}
