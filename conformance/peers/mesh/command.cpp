#include "conformance/peers/mesh/command.h"

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <iostream>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>
#include <vector>

#include "conformance/peers/mesh/cpis_desk.h"
#include "conformance/peers/mesh/emergency_department.h"
#include "conformance/peers/mesh/mesh_peer.h"
#include "gateway/register/open_register.h"

namespace cpis::peers {
namespace {

constexpr std::chrono::milliseconds desk_interval{200};

class WallClock final : public Clock {
 public:
  Time now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
};

/// Calls the desk again and again until it is told to stop.
class DeskThread {
 public:
  explicit DeskThread(CpisDesk& desk) : thread_{[this, &desk] { run(desk); }} {}
  ~DeskThread() {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    stop_.notify_all();
    thread_.join();
  }

 private:
  void run(CpisDesk& desk) {
    std::unique_lock lock{mutex_};
    while (!stop_.wait_for(lock, desk_interval, [&] { return stopping_; })) {
      lock.unlock();
      desk.step();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

std::optional<mesh::Operation> operation_of(const std::string& name) {
  if (name == "handshake") return mesh::Operation::handshake;
  if (name == "inbox") return mesh::Operation::list_inbox;
  if (name == "download") return mesh::Operation::download;
  if (name == "acknowledge") return mesh::Operation::acknowledge;
  if (name == "send") return mesh::Operation::send;
  if (name == "send-chunk") return mesh::Operation::send_chunk;
  if (name == "track") return mesh::Operation::track_local;
  return std::nullopt;
}

// operation=fault,operation=fault; the same again counts up.
bool script(const std::string& text, MeshOffice& office) {
  std::istringstream rules{text};
  for (std::string rule; std::getline(rules, rule, ',');) {
    const std::size_t equals = rule.find('=');
    const auto operation = operation_of(rule.substr(0, equals));
    const auto fault =
        equals == std::string::npos ? std::nullopt : parse_mesh_fault(rule.substr(equals + 1));
    if (!operation || !fault) return false;
    office.misbehave(*operation, *fault);
  }
  return true;
}

// nhs_number,given_names,family_name,birth_date,sensitive,superseded
std::size_t load_people(const std::string& path, registry::Register& held) {
  std::ifstream in{path};
  std::vector<registry::IndexedPerson> people;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string> cells{""};
    for (const char c : line) {
      if (c == ',') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    cells.resize(6);
    const auto number = NhsNumber::parse(cells[0]);
    if (!number) continue;
    people.push_back({*number,
                      {cells[1], cells[2]},
                      parse_iso_date(cells[3]),
                      cells[4] == "1",
                      cells[5] == "1"});
  }
  if (people.empty() || !held.load_people(people)) return 0;
  return people.size();
}

void look(registry::Register& held, const Clock& clock, const std::string& number, int count) {
  const auto person = NhsNumber::parse(number);
  if (!person) {
    std::cout << "  no NHS number\n" << std::flush;
    return;
  }
  const std::string digits{person->digits()};
  const std::string id = "00000000-0000-4000-8000-" +
                         std::string(12 - std::to_string(count).size(), '0') +
                         std::to_string(count);
  held.ask(
      {id, *person, emergency_department(), clock.now(), clock.now() + std::chrono::seconds{5}},
      [](const ProtectionAnswer&) {});
}

/// What the desk is told on standard input.
void obey(registry::Register& held, CpisDesk& desk, const Clock& clock) {
  int looks = 0;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words{line};
    std::string verb;
    std::string first;
    std::string second;
    words >> verb >> first >> second;
    if (verb == "stop" || verb.empty()) return;
    if (verb == "look") look(held, clock, first, ++looks);
    if (verb == "cpf05") desk.answer_with(FileOutcome::cpf05, first.empty() ? 1 : first[0] - '0');
    if (verb == "bad") desk.call_bad(first.empty() ? 1 : first[0] - '0');
    if (verb == "inactive") {
      const auto old_number = NhsNumber::parse(first);
      const auto new_number = NhsNumber::parse(second);
      std::vector<NhsNumber> replacements;
      if (new_number) replacements.push_back(*new_number);
      if (!old_number || !held.supersede(*old_number, replacements)) std::cout << "  refused\n";
    }
    std::cout << std::flush;
  }
}

int refuse(const std::string& why) {
  std::cerr << "cpis-peers: " << why << '\n';
  return EXIT_FAILURE;
}

}  // namespace

int run_mesh(const MeshCommand& command) {
  const WallClock clock;
  auto own = registry::open_own_register("sqlite:" + command.folder + "/cpis-register.db", clock);
  if (!own) return refuse(own.error().message);
  OfficeSettings settings;
  settings.shared_key = command.shared_key;
  settings.mailboxes = {{command.mailbox, command.password, command.council},
                        {command.cpis_mailbox, "cpis-password", "X26"}};
  MeshOffice office{settings, clock};
  if (!script(command.misbehave, office)) return refuse("--misbehave takes operation=fault,...");
  MeshPeerSettings peer_settings;
  peer_settings.port = command.port;
  if (!command.plain) {
    const auto certificates = make_certificates(command.folder);
    if (!certificates) return refuse(certificates.error().message);
    peer_settings.tls = *certificates;
  }
  DeskSettings desk_settings;
  desk_settings.mailbox = command.cpis_mailbox;
  CpisDesk desk{desk_settings, office, *own->registry, clock};
  desk.know(command.council, command.mailbox);
  const std::size_t people = load_people(command.person_index, *own->registry);
  MeshPeer peer{peer_settings, office};
  const auto port = peer.start();
  if (!port) return refuse(port.error().message);
  std::cout << "  a simulated MESH at " << peer.base_url() << ", mailbox " << command.mailbox
            << " of council " << command.council << ", CP-IS at " << command.cpis_mailbox << ", "
            << people << " people on PDS\n";
  if (peer_settings.tls) {
    std::cout << "  certificates: " << peer_settings.tls->authority << ", "
              << peer_settings.tls->client_certificate << ", " << peer_settings.tls->client_key
              << '\n';
  }
  std::cout << "  look NHSNUMBER | inactive NHSNUMBER [NEW] | cpf05 N | bad N | stop\n"
            << std::flush;
  {
    const DeskThread thread{desk};
    obey(*own->registry, desk, clock);
  }
  peer.stop();
  own->database->close();
  return EXIT_SUCCESS;
}

}  // namespace cpis::peers
