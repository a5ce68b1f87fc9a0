#include "tests/support/child_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <random>
#include <stdexcept>
#include <utility>

namespace cpis::test {
namespace {

constexpr std::size_t output_bytes_max = std::size_t{1024} * 1024;
constexpr int exec_failed = 127;
constexpr int ports_tried_max = 1000;
constexpr int lowest_port = 10'000;
constexpr int highest_port = 65'000;
constexpr int ports_wanted = 1000;

[[noreturn]] void become(char* const* arguments, int output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execvp(arguments[0], arguments);
  _exit(exec_failed);
}

bool ends_within(pid_t pid, std::chrono::milliseconds limit) {
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (descriptor < 0) return false;
  pollfd watched{descriptor, POLLIN, 0};
  const int ready = poll(&watched, 1, static_cast<int>(limit.count()));
  close(descriptor);
  return ready == 1;
}

// Where nobody gets a port who did not ask for this one. Where the system's range leaves no room
// (a container may give it all), any.
std::pair<int, int> lasting_ports() {
  int low = 0;
  int high = 0;
  std::ifstream{"/proc/sys/net/ipv4/ip_local_port_range"} >> low >> high;
  if (low - lowest_port >= ports_wanted) return {lowest_port, low - 1};
  if (highest_port - high >= ports_wanted) return {high + 1, highest_port};
  return {lowest_port, highest_port};
}

// A name in the abstract namespace of local sockets: one process has it, and it ends with it.
bool reserve(int port) {
  const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "cpis-test-port-" + std::to_string(port);
  std::copy(name.begin(), name.end(), address.sun_path + 1);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (descriptor >= 0 && bind(descriptor, generic, length) == 0) return true;  // until we end
  if (descriptor >= 0) close(descriptor);
  return false;
}

bool can_listen(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  const bool can = descriptor >= 0 && bind(descriptor, generic, sizeof address) == 0;
  if (descriptor >= 0) close(descriptor);
  return can;
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command) {
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) throw std::runtime_error{"no pipe"};
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) become(arguments.data(), pipe_ends[1]);
  close(pipe_ends[1]);
  output_descriptor_ = pipe_ends[0];
  if (pid_ < 0) {
    close(output_descriptor_);
    throw std::runtime_error{"cannot start " + command.front()};
  }
  collector_ = std::thread{[this] { collect(); }};
}

ChildProcess::~ChildProcess() {
  kill(SIGKILL);
  while (!wait(std::chrono::seconds{10})) kill(SIGKILL);
  collector_.join();
  close(output_descriptor_);
}

void ChildProcess::kill(int signal) {
  if (!exit_) ::kill(pid_, signal);
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds limit) {
  if (exit_) return exit_;
  if (!ends_within(pid_, limit)) return std::nullopt;
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) return std::nullopt;
  exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return exit_;
}

void ChildProcess::collect() {
  std::array<char, 4096> bytes{};
  while (true) {
    const ssize_t count = read(output_descriptor_, bytes.data(), bytes.size());
    const std::lock_guard lock{mutex_};
    if (count <= 0) {
      closed_ = true;
      printed_.notify_all();
      return;
    }
    output_.append(bytes.data(), static_cast<std::size_t>(count));
    if (output_.size() > output_bytes_max) output_.erase(0, output_.size() - output_bytes_max);
    printed_.notify_all();
  }
}

bool ChildProcess::wait_for_output(std::string_view text, std::chrono::milliseconds limit) {
  std::unique_lock lock{mutex_};
  const auto found = [&] { return output_.find(text) != std::string::npos; };
  printed_.wait_for(lock, limit, [&] { return closed_ || found(); });
  return found();
}

bool ChildProcess::wait_for_output_end(std::chrono::milliseconds limit) {
  std::unique_lock lock{mutex_};
  return printed_.wait_for(lock, limit, [this] { return closed_; });
}

std::string ChildProcess::output() const {
  const std::lock_guard lock{mutex_};
  return output_;
}

std::optional<int> run_program(const std::vector<std::string>& command,
                               std::chrono::milliseconds limit, std::string* output) {
  ChildProcess child{command};
  const auto exit = child.wait(limit);
  child.wait_for_output_end(std::chrono::seconds{10});
  if (output != nullptr) *output = child.output();
  return exit;
}

int free_port() {
  const auto [first, last] = lasting_ports();
  std::uniform_int_distribution<int> any{first, last};
  std::random_device random;
  for (int tried = 0; tried < ports_tried_max; ++tried) {
    const int port = any(random);
    if (reserve(port) && can_listen(port)) return port;
  }
  throw std::runtime_error{"no free port"};
}

}  // namespace cpis::test
