#include "conformance/peers/spine/command.h"

#include <chrono>
#include <fstream>
#include <iostream>
#include <optional>
#include <string_view>
#include <vector>

#include "conformance/peers/spine/memory_register.h"
#include "conformance/peers/spine/spine_peer.h"

namespace cpis::peers {
namespace {

class WallClock final : public Clock {
 public:
  Time now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
};

// The cells of a line of our own files: no quotes, no commas in cells.
std::vector<std::string> cells_of(std::string line) {
  if (!line.empty() && line.back() == '\r') line.pop_back();
  std::vector<std::string> cells{""};
  for (const char c : line) {
    if (c == ',') {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  cells.resize(std::max<std::size_t>(cells.size(), 6));
  return cells;
}

std::optional<PlanType> plan_type(std::string_view code) {
  for (const PlanTypeWords& words : plan_type_words) {
    if (words.code == code) return words.type;
  }
  return std::nullopt;
}

// nhs_number,given_names,family_name,birth_date,...
std::size_t load_people(const std::string& path, SpinePeer& peer) {
  std::ifstream in{path};
  std::size_t loaded = 0;
  for (std::string line; std::getline(in, line);) {
    const auto cells = cells_of(line);
    const auto number = NhsNumber::parse(cells[0]);
    if (!number) continue;
    peer.know(
        {*number, cells[2], {cells[1]}, parse_iso_date(cells[3]), "", cells[4] == "1", false});
    ++loaded;
  }
  return loaded;
}

// nhs_number,plan_type,start[,end]
std::size_t load_plans(const std::string& path, MemoryRegister& held) {
  std::ifstream in{path};
  std::size_t loaded = 0;
  for (std::string line; std::getline(in, line);) {
    const auto cells = cells_of(line);
    const auto number = NhsNumber::parse(cells[0]);
    const auto type = plan_type(cells[1]);
    const auto start = parse_iso_date(cells[2]);
    const auto end = parse_iso_date(cells[3]);
    if (!number || !type || !start || (*type == PlanType::ucp && !end)) continue;
    Plan plan{*type, {*start, 0}, {}, {}};
    if (end) plan.end = PlanDate{*end, 0};
    held.put({plan,
              {"999", "Testshire County Council", "01632960001", "01632960002"},
              {*number, "", "", {"Invented", "Person"}, *start, *type == PlanType::ucp},
              Time{},
              ""});
    ++loaded;
  }
  return loaded;
}

bool script(const std::string& text, SpinePeer& peer) {
  for (const std::string& rule : cells_of(text)) {
    if (rule.empty()) continue;
    const std::size_t equals = rule.find('=');
    const auto number = NhsNumber::parse(rule.substr(0, equals));
    const auto fault = equals == std::string::npos
                           ? std::nullopt
                           : parse_misbehaviour(std::string_view{rule}.substr(equals + 1));
    if (!number || !fault) return false;
    peer.misbehave(*number, *fault);
  }
  return true;
}

}  // namespace

int run_spine(const SpineCommand& command) {
  const WallClock clock;
  MemoryRegister held;
  SpinePeerSettings settings;
  settings.port = command.port;
  settings.gateway_url = command.gateway_url;
  settings.pattern = command.pattern == "sync"      ? spine::Pattern::sync
                     : command.pattern == "express" ? spine::Pattern::express
                                                    : spine::Pattern::reliable;
  if (!command.plain) {
    const auto certificates = make_certificates(command.folder);
    if (!certificates) {
      std::cerr << "cpis-peers: " << certificates.error().message << '\n';
      return EXIT_FAILURE;
    }
    settings.tls = *certificates;
  }
  SpinePeer peer{settings, held, clock};
  const std::size_t people = load_people(command.person_index, peer);
  const std::size_t plans = load_plans(command.plans, held);
  if (!script(command.misbehave, peer)) {
    std::cerr << "cpis-peers: --misbehave takes NHSNUMBER=fault,NHSNUMBER=fault\n";
    return EXIT_FAILURE;
  }
  const auto port = peer.start();
  if (!port) {
    std::cerr << "cpis-peers: " << port.error().message << '\n';
    return EXIT_FAILURE;
  }
  std::cout << "  a simulated Spine (" << command.pattern << ") at " << peer.base_url() << ", "
            << plans << " plans, " << people << " people on PDS\n";
  if (settings.tls) {
    std::cout << "  certificates: " << settings.tls->authority << ", "
              << settings.tls->client_certificate << '\n';
  }
  std::cout << "  a line on standard input, or its end, stops it\n" << std::flush;
  std::string line;
  std::getline(std::cin, line);
  peer.stop();
  return EXIT_SUCCESS;
}

}  // namespace cpis::peers
