#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tests/support/child_process.h"
#include "tests/support/scratch_folder.h"

namespace cpis::test {

/// A MariaDB server of the test's own: Debian's package, a scratch folder, a random port of the
/// loopback interface. It ends with the object.
class MariadbServer {
 public:
  /// Why there can be no server on this machine; nothing when there can.
  static std::optional<std::string> missing();

  /// Makes the data folder and starts the server; throws std::runtime_error with the end of its log
  /// when it does not come up.
  MariadbServer();
  MariadbServer(const MariadbServer&) = delete;
  MariadbServer& operator=(const MariadbServer&) = delete;

  /// The store URL of an empty database that nobody was given before.
  std::string new_database_url();
  int port() const { return port_; }

  /// Kills the server at once, whatever it is doing.
  void kill();
  /// Starts it again on the same data and port.
  void start();

 private:
  ScratchFolder folder_;
  int port_ = 0;
  int databases_given_ = 0;
  std::unique_ptr<ChildProcess> server_;
};

}  // namespace cpis::test
