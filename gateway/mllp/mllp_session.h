#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/mllp/mllp_server.h"
#include "gateway/net/byte_budget.h"
#include "gateway/net/connection.h"

namespace cpis::mllp {

struct MllpShared {
  MllpSettings settings;
  MllpHandler* handler;
  std::shared_ptr<net::ByteBudget> budget;
};

/// One MLLP connection. Loop thread only.
class MllpSession final : public net::Protocol {
 public:
  explicit MllpSession(std::shared_ptr<const MllpShared> shared);
  ~MllpSession() override;

  void on_data(net::Connection& connection, std::string_view bytes) override;
  void on_peer_ended(net::Connection& connection) override;
  void on_deadline(net::Connection& connection) override;
  void on_flushed(net::Connection& connection) override;
  void on_drain(net::Connection& connection) override;

  /// What an MllpReply asks for: framed bytes (empty: none to send), or nothing for a close.
  void settle(net::Connection& connection, std::uint64_t message,
              std::optional<std::string> framed);

 private:
  /// A message that was given to the handler and has not left the queue yet.
  struct Slot {
    std::size_t message_bytes;
    net::SteadyTime since;
    bool settled = false;
    std::optional<std::string> framed;
  };

  void consume(net::Connection& connection, std::string_view bytes);
  void hand_over(net::Connection& connection, std::string_view message);
  void send_settled(net::Connection& connection);
  void continue_reading(net::Connection& connection);
  void end_input(net::Connection& connection);
  void drop_input();
  void close_when_done(net::Connection& connection);
  void update_deadline(net::Connection& connection);
  bool full(const net::Connection& connection) const;
  MllpCounters& counters() const { return *shared_->settings.counters; }

  const std::shared_ptr<const MllpShared> shared_;
  hl7v2::MllpFramer framer_;
  std::string waiting_input_;        ///< arrived while as much as allowed was in flight
  std::vector<Slot> slots_;          ///< in the order the messages came
  std::uint64_t first_message_ = 0;  ///< the number of slots_.front()
  std::size_t in_flight_bytes_ = 0;
  net::ByteBudget::Share share_;
  net::SteadyTime inside_since_ = net::never;
  net::SteadyTime last_byte_ = net::never;
  bool handing_over_ = false;
  bool peer_ended_ = false;
  bool input_ended_ = false;
  bool closed_ = false;
};

}  // namespace cpis::mllp
