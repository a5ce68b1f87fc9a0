#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/core/result.h"

namespace cpis::hospital {

/// An interface engine's sending side: one connection, one message outstanding, waits for the
/// answer (hl7v2.md 3). Not thread-safe. Blocks up to the timeout, never longer.
class MllpSender {
 public:
  MllpSender(std::string host, std::uint16_t port,
             std::chrono::milliseconds timeout = std::chrono::seconds{5});
  ~MllpSender();
  MllpSender(const MllpSender&) = delete;
  MllpSender& operator=(const MllpSender&) = delete;

  /// Sends one message and gives the answer without framing. Connects when there is no connection.
  /// After an error the connection is closed; the next call opens a new one. `timeout` means that
  /// the message may have been received.
  Result<std::string> send(std::string_view message);

  /// Sends a message and hangs up without waiting, as an engine does whose time is up: nobody knows
  /// whether it was kept.
  void send_and_hang_up(std::string_view message);

  void close();

 private:
  class Connection;

  std::string host_;
  std::uint16_t port_;
  std::chrono::milliseconds timeout_;
  std::unique_ptr<Connection> connection_;
};

/// MSA-1 of an acknowledgement (`AA`); empty when there is none.
std::string_view acknowledgement_code(std::string_view acknowledgement);

}  // namespace cpis::hospital
