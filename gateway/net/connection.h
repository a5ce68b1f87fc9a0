#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/net/clock.h"
#include "gateway/net/descriptor.h"
#include "gateway/net/io_result.h"
#include "gateway/net/peer.h"

namespace cpis::net {

class Connection;
class EventLoop;
class TlsStream;

/// Names a connection for as long as the process lives: a number is never used again, so an answer
/// to a connection that has gone finds nothing instead of a stranger.
using ConnectionId = std::uint64_t;

/// What speaks over a connection. One object for each connection, called only on the loop's thread.
///
/// A protocol may call anything on its Connection from inside these functions, `close` too: the
/// objects live until the function has returned.
class Protocol {
 public:
  Protocol() = default;
  Protocol(const Protocol&) = delete;
  Protocol& operator=(const Protocol&) = delete;
  virtual ~Protocol() = default;

  /// The connection (and its TLS handshake) stands. Set the first deadline here.
  virtual void on_open(Connection&) {}
  /// `bytes` are valid during the call only: keep what you need.
  virtual void on_data(Connection&, std::string_view bytes) = 0;
  /// The peer sends nothing more but may still read. Default: closes.
  virtual void on_peer_ended(Connection&);
  /// The deadline passed; it is no longer set. Default: closes.
  virtual void on_deadline(Connection&);
  /// Everything written has left, after some of it had to wait.
  virtual void on_flushed(Connection&) {}
  /// The gateway is stopping: finish what is promised, then close. Default: closes.
  virtual void on_drain(Connection&);
};

/// How long the transport itself may take; the protocol sets its own deadlines.
struct TransportLimits {
  Milliseconds handshake{10'000};  ///< for a TLS handshake
  Milliseconds stalled{30'000};    ///< without the peer reading anything of what waits for it
  Milliseconds linger{2'000};      ///< for the peer to close after us
};

/// One accepted connection, owned by its loop. Everything here is for the loop's thread.
class Connection {
 public:
  struct Parts {
    ConnectionId id;
    Descriptor socket;
    std::unique_ptr<TlsStream> tls;  ///< null: plain
    std::shared_ptr<Peer> peer;
    TransportLimits limits;
  };
  Connection(EventLoop& loop, Parts parts);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  ConnectionId id() const noexcept { return id_; }
  EventLoop& loop() noexcept { return loop_; }
  const std::shared_ptr<const Peer>& peer() const noexcept { return peer_; }

  /// Sends at once when nothing waits (one system call), keeps what the socket did not take.
  /// After a close it does nothing.
  void write(std::string_view bytes);
  /// Bytes that wait for the peer to read. A protocol that sees this grow must stop producing.
  std::size_t unsent_bytes() const noexcept { return out_.size() - out_sent_; }

  /// Back-pressure: while paused the kernel's window fills and the sender has to wait.
  void pause_reading();
  void resume_reading();
  bool reading_paused() const noexcept { return paused_; }

  /// Replaces the protocol's one deadline; `on_deadline` follows once.
  void set_deadline(Milliseconds from_now);
  void clear_deadline() noexcept { deadline_ = never; }

  /// Ends the connection now; what waits is lost.
  void close();
  /// Sends what waits, ends our side, and discards what the peer still sends until it closes or
  /// the linger time is over. Closing with unread input would reset the connection and could
  /// take the answer with it.
  void close_after_flush();
  bool closing() const noexcept { return closing_ || closed_; }

 private:
  friend class EventLoop;

  void attach(std::unique_ptr<Protocol> protocol);
  void start();
  void on_events(std::uint32_t events);
  void on_reminder(SteadyTime now);
  void drain();

  void shake_hands();
  void read_some();
  void read_for_linger();
  void flush();
  void handle_end();
  void begin_linger();
  IoResult receive(char* into, std::size_t room);
  IoResult send(std::string_view bytes);
  void set_transport_deadline(Milliseconds from_now);
  void remind_at(SteadyTime when);
  void update_interest();

  EventLoop& loop_;
  const ConnectionId id_;
  Descriptor socket_;
  std::unique_ptr<TlsStream> tls_;
  std::unique_ptr<Protocol> protocol_;
  std::shared_ptr<const Peer> peer_;
  std::shared_ptr<Peer> peer_before_open_;
  const TransportLimits limits_;

  std::string out_;
  std::size_t out_sent_ = 0;
  std::size_t discarded_ = 0;

  SteadyTime deadline_ = never;
  SteadyTime transport_deadline_ = never;
  SteadyTime reminder_ = never;  ///< the earliest reminder in the queue for us

  std::uint32_t interest_ = 0;
  bool registered_ = false;
  bool shaking_hands_ = false;
  bool wants_write_ = false;  ///< TLS needs the socket to be writable before it can go on
  bool paused_ = false;
  bool peer_ended_ = false;
  bool closing_ = false;
  bool lingering_ = false;
  bool closed_ = false;
};

}  // namespace cpis::net
