#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "gateway/net/blocking_link.h"
#include "gateway/net/tls.h"

namespace cpis::mllp {

struct MllpClientSettings {
  std::string host;
  std::uint16_t port = 0;
  bool encrypted = false;
  net::TlsClientSettings tls = {};  ///< for `encrypted`
  std::chrono::milliseconds connect_time{5'000};
  std::chrono::milliseconds answer_time{10'000};
  std::size_t answer_bytes_max = std::size_t{256} * 1024;
};

/// The sending side of MLLP: one connection, one message outstanding, kept open between messages.
/// Not thread-safe; blocks up to the two times, never longer (name resolution is the system's).
///
/// Nothing is sent twice here. After any error the connection is closed: an answer that comes late
/// must not be taken for that of the next message.
/// - `unavailable`: no connection, or it ended before the answer: the message may have arrived;
/// - `timeout`: the message was sent and nothing came back in time;
/// - `bad_input`: the answer is no MLLP or over the limit.
class MllpClient {
 public:
  /// `bad_input` when a TLS file cannot be used.
  static Result<std::unique_ptr<MllpClient>> open(MllpClientSettings settings);
  ~MllpClient();
  MllpClient(const MllpClient&) = delete;
  MllpClient& operator=(const MllpClient&) = delete;

  /// Sends one message, without framing, and gives the answer without framing.
  Result<std::string> send(std::string_view message);

 private:
  MllpClient(MllpClientSettings settings, std::shared_ptr<net::TlsConnector> connector);
  Status connect();

  const MllpClientSettings settings_;
  const std::shared_ptr<net::TlsConnector> connector_;
  std::unique_ptr<net::BlockingLink> link_;
};

}  // namespace cpis::mllp
