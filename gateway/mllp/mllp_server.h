#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "adapters/hl7v2/mllp_framer.h"
#include "gateway/net/event_loop.h"

namespace cpis::mllp {

/// One message as it arrived, without its framing.
struct MllpMessage {
  std::string bytes;
  std::shared_ptr<const net::Peer> peer;  ///< never null; names the listener too
};

/// The one answer that a message is owed, given at once or later, from any thread.
///
/// Destroyed unused it closes the connection without an answer, so that the sender tries again: a
/// message is never lost on a forgotten path. Used after the connection or the server has gone it
/// does nothing.
class MllpReply {
 public:
  /// For handlers' tests: `sink` gets the answer; nothing when the connection would be closed
  /// without one, an empty one when nothing is to be sent.
  explicit MllpReply(std::function<void(std::optional<std::string>)> sink)
      : sink_{std::move(sink)} {}
  MllpReply(MllpReply&& other) noexcept;
  MllpReply& operator=(MllpReply&&) = delete;
  MllpReply(const MllpReply&) = delete;
  MllpReply& operator=(const MllpReply&) = delete;
  ~MllpReply();

  // One of these, once; a second is a bug (std::logic_error).

  /// The acknowledgement, without framing. It leaves in one write, in the order in which the
  /// messages of the connection came, whatever order they are answered in.
  void send(std::string acknowledgement);
  /// The message is dealt with and its sender wants no answer (MSH-15 and MSH-16 of NE).
  void send_nothing();
  /// Our own trouble: answers to earlier messages leave, then the connection is closed.
  void close_without_answer();

 private:
  friend class MllpSession;
  MllpReply(std::shared_ptr<net::Mailbox> mailbox, net::ConnectionId connection,
            std::uint64_t message)
      : mailbox_{std::move(mailbox)}, connection_{connection}, message_{message} {}
  void settle(std::optional<std::string> framed);

  std::shared_ptr<net::Mailbox> mailbox_;  ///< null once used, and with a sink
  net::ConnectionId connection_ = 0;
  std::uint64_t message_ = 0;
  std::function<void(std::optional<std::string>)> sink_;
};

/// What deals with messages. One object serves all connections of a listener.
class MllpHandler {
 public:
  MllpHandler() = default;
  MllpHandler(const MllpHandler&) = delete;
  MllpHandler& operator=(const MllpHandler&) = delete;
  virtual ~MllpHandler() = default;

  /// Called on a loop's thread, for the messages of one connection in the order they came, on
  /// several threads for several connections, and must not block. An exception is a bug: the
  /// connection is closed without an answer.
  virtual void handle(MllpMessage&& message, MllpReply&& reply) = 0;
};

/// What happened on a listener since the start. Read by anyone at any time.
struct MllpCounters {
  std::atomic<std::uint64_t> messages{0};
  std::atomic<std::uint64_t> answers{0};
  std::atomic<std::uint64_t> closed_without_answer{0};
  std::atomic<std::uint64_t> framing_failures{0};  ///< over the size limit, or not MLLP at all
  std::atomic<std::uint64_t> over_budget{0};       ///< closed because too much was held in all
  std::atomic<std::uint64_t> cut_messages{0};      ///< the sender stopped or left inside a message
  std::atomic<std::uint64_t> restarts{0};          ///< the sender began again inside a message
  std::atomic<std::uint64_t> overdue{0};           ///< closed because the handler did not answer
};

struct MllpSettings {
  hl7v2::MllpFramerOptions framing;
  net::Milliseconds partial_idle{30'000};    ///< without a byte, inside a message
  net::Milliseconds partial_total{300'000};  ///< from the first byte of a message to its last
  net::Milliseconds answer_time{60'000};     ///< for the handler; engines give up after 5 s or so
  /// Messages of one connection given to the handler and not answered; then its sender waits.
  std::size_t in_flight_max = 32;
  std::size_t in_flight_bytes_max = std::size_t{8} * 1024 * 1024;  ///< at least one message
  /// Messages that are arriving or in flight, over all connections; beyond it, the connection that
  /// asks for more is closed once its earlier messages are answered.
  std::size_t held_bytes_max = std::size_t{512} * 1024 * 1024;
  std::shared_ptr<MllpCounters> counters;  ///< null: counts nothing anyone can see
};

/// Speaks MLLP on accepted connections. Idle connections stay open for as long as the sender wants.
///
///     listener.protocol = mllp::mllp_protocol(settings, handler);
///
/// `handler` outlives the loops.
net::ProtocolFactory mllp_protocol(MllpSettings settings, MllpHandler& handler);

}  // namespace cpis::mllp
