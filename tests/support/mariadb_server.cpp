#include "tests/support/mariadb_server.h"

#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace cpis::test {
namespace {

constexpr const char* server_program = "/usr/sbin/mariadbd";
constexpr const char* install_program = "/usr/bin/mariadb-install-db";
constexpr int databases_max = 200;
// The server and its clients are all on the loopback interface and die with the test.
constexpr const char* login = "cpis:test-only";

const passwd* server_user() { return getuid() == 0 ? getpwnam("mysql") : nullptr; }

void give_to_server(const std::string& path) {
  const passwd* user = server_user();
  if (user == nullptr) return;
  if (chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error{"cannot give " + path + " to the server's user"};
  }
}

// All databases and the login are made at the first start, so that no client is needed for it.
void write_init_file(const std::string& path) {
  std::ofstream file{path};
  file << "CREATE USER IF NOT EXISTS 'cpis'@'127.0.0.1' IDENTIFIED BY 'test-only';\n";
  for (int i = 0; i < databases_max; ++i) {
    file << "CREATE DATABASE IF NOT EXISTS t" << i << ";\n"
         << "GRANT ALL ON t" << i << ".* TO 'cpis'@'127.0.0.1';\n";
  }
}

}  // namespace

std::optional<std::string> MariadbServer::missing() {
  for (const char* program : {server_program, install_program}) {
    if (access(program, X_OK) != 0) {
      return std::string{program} + " is not here (Debian package mariadb-server)";
    }
  }
  if (getuid() == 0 && server_user() == nullptr) return "there is no user mysql to run it as";
  return std::nullopt;
}

MariadbServer::MariadbServer() : port_{free_port()} {
  give_to_server(folder_.path());
  std::vector<std::string> install{install_program,
                                   "--no-defaults",
                                   "--datadir=" + folder_.file("data"),
                                   "--tmpdir=" + folder_.path(),
                                   "--auth-root-authentication-method=normal",
                                   "--skip-test-db",
                                   "--skip-name-resolve"};
  if (server_user() != nullptr) install.emplace_back("--user=mysql");
  std::string output;
  if (run_program(install, program_time_max, &output) != 0) {
    throw std::runtime_error{"mariadb-install-db failed: " + output};
  }
  write_init_file(folder_.file("init.sql"));
  start();
}

// No flush to the disk: tests kill the server, not the machine, and the kernel keeps what it has.
void MariadbServer::start() {
  std::vector<std::string> command{server_program,
                                   "--no-defaults",
                                   "--datadir=" + folder_.file("data"),
                                   "--tmpdir=" + folder_.path(),
                                   "--socket=" + folder_.file("m.sock"),
                                   "--pid-file=" + folder_.file("m.pid"),
                                   "--init-file=" + folder_.file("init.sql"),
                                   "--bind-address=127.0.0.1",
                                   "--port=" + std::to_string(port_),
                                   "--skip-name-resolve",
                                   "--skip-log-bin",
                                   "--innodb-flush-method=nosync",
                                   "--innodb-file-per-table=OFF",
                                   "--innodb-doublewrite=OFF",
                                   "--innodb-buffer-pool-size=64M",
                                   "--innodb-log-file-size=32M",
                                   "--performance-schema=OFF"};
  if (server_user() != nullptr) command.emplace_back("--user=mysql");
  server_ = std::make_unique<ChildProcess>(command);
  if (!server_->wait_for_output("ready for connections", program_time_max)) {
    throw std::runtime_error{"mariadbd did not start: " + server_->output()};
  }
}

void MariadbServer::kill() {
  server_->kill(SIGKILL);
  server_->wait(program_time_max);
}

std::string MariadbServer::new_database_url() {
  if (databases_given_ == databases_max) throw std::runtime_error{"too many test databases"};
  return std::string{"mysql://"} + login + "@127.0.0.1:" + std::to_string(port_) + "/t" +
         std::to_string(databases_given_++);
}

}  // namespace cpis::test
