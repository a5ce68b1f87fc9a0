#include "gateway/console/demo_spine.h"

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Pipe.h>
#include <Poco/PipeStream.h>
#include <Poco/Process.h>

#include <iostream>
#include <utility>

namespace cpis::console {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view url_start = " at https://localhost:";
constexpr int lines_read_max = 20;

// `... at https://localhost:1234, ...` gives the URL; empty when the line says something else.
std::string url_in(const std::string& line) {
  const std::size_t at = line.find(url_start);
  if (at == std::string::npos) return "";
  const std::size_t digits = at + url_start.size();
  const std::size_t end = line.find_first_not_of("0123456789", digits);
  return line.substr(at + 4, (end == std::string::npos ? line.size() : end) - at - 4);
}

}  // namespace

std::optional<fs::path> find_peers() {
  std::error_code trouble;
  const fs::path self = fs::read_symlink("/proc/self/exe", trouble).parent_path();
  for (const fs::path& candidate :
       {self / "cpis-peers", self / "../conformance/peers/cpis-peers"}) {
    if (fs::exists(candidate, trouble)) return candidate;
  }
  return std::nullopt;
}

struct DemoSpine::Child {
  Poco::Pipe in, out;  // its standard input and output; closing the first ends it
  std::optional<Poco::ProcessHandle> handle;
};

DemoSpine::DemoSpine(std::unique_ptr<Child> child, std::string base_url, Files files,
                     std::uint16_t port)
    : child_{std::move(child)},
      base_url_{std::move(base_url)},
      files_{std::move(files)},
      gateway_port_{port} {}

Result<std::unique_ptr<DemoSpine>> DemoSpine::start(const Files& files,
                                                    std::uint16_t gateway_port) {
  const auto peers = find_peers();
  if (!peers) {
    return Error{ErrorKind::unavailable,
                 "the program cpis-peers is not beside this one; build it, or run ./dev demo"};
  }
  try {
    auto child = std::make_unique<Child>();
    const Poco::Process::Args arguments{"spine",
                                        "--folder",
                                        files.certificates.string(),
                                        "--people",
                                        files.people.string(),
                                        "--plans",
                                        files.plans.string(),
                                        "--gateway",
                                        "https://localhost:" + std::to_string(gateway_port) + "/"};
    child->handle.emplace(
        Poco::Process::launch(peers->string(), arguments, &child->in, &child->out, nullptr));
    Poco::PipeInputStream said{child->out};
    std::string url;
    std::string line;
    for (int i = 0; i < lines_read_max && url.empty() && std::getline(said, line); ++i) {
      url = url_in(line);
      if (!url.empty()) std::cout << line << '\n';
    }
    std::unique_ptr<DemoSpine> spine{nullptr};
    spine.reset(new DemoSpine{std::move(child), url, files, gateway_port});
    if (url.empty()) {
      return Error{ErrorKind::fault, "cpis-peers spine did not start; see its message above"};
    }
    return spine;
  } catch (const Poco::Exception& e) {
    return Error{ErrorKind::fault, "cpis-peers cannot be started: " + e.displayText()};
  }
}

DemoSpine::~DemoSpine() {
  try {
    child_->in.close(Poco::Pipe::CLOSE_BOTH);
    child_->handle->wait();
  } catch (const Poco::Exception& e) {
    std::cerr << "cpis-peers spine did not end in order: " << e.displayText() << '\n';
  }
}

std::string DemoSpine::config() const {
  const std::string at = files_.certificates.string();
  const auto set = [](std::string_view key, const std::string& value) {
    return std::string{key} + " = \"" + value + "\"\n";
  };
  return "protection.source = spine\n" + set("spine.asid", "200000000205") +
         set("spine.party_key", "RXX01-800001") + set("spine.sds.url", base_url_ + "/sds") +
         set("spine.scheduled_marker", "query-parameter") +
         set("spine.tls.certificate", at + "/client.pem") +
         set("spine.tls.key", at + "/client.key") + set("spine.tls.ca", at + "/authority.pem") +
         "spine.inbound.port = " + std::to_string(gateway_port_) + "\n" +
         set("spine.inbound.tls.certificate", at + "/server.pem") +
         set("spine.inbound.tls.key", at + "/server.key") +
         set("spine.inbound.tls.client_ca", at + "/authority.pem");
}

std::uint16_t free_port() {
  return Poco::Net::ServerSocket{Poco::Net::SocketAddress{"127.0.0.1", 0}}.address().port();
}

}  // namespace cpis::console
