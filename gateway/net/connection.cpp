#include "gateway/net/connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "gateway/net/event_loop.h"
#include "gateway/net/limits.h"
#include "gateway/net/tls.h"

namespace cpis::net {

namespace {

IoResult from_errno(bool reading) {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
    return {reading ? IoState::wait_read : IoState::wait_write};
  }
  return {IoState::failed};
}

}  // namespace

void Protocol::on_peer_ended(Connection& connection) { connection.close_after_flush(); }
void Protocol::on_deadline(Connection& connection) { connection.close(); }
void Protocol::on_drain(Connection& connection) { connection.close_after_flush(); }

Connection::Connection(EventLoop& loop, Parts parts)
    : loop_{loop},
      id_{parts.id},
      socket_{std::move(parts.socket)},
      tls_{std::move(parts.tls)},
      peer_{parts.peer},
      peer_before_open_{std::move(parts.peer)},
      limits_{parts.limits} {}

Connection::~Connection() = default;

void Connection::attach(std::unique_ptr<Protocol> protocol) { protocol_ = std::move(protocol); }

void Connection::start() {
  if (tls_) {
    shaking_hands_ = true;
    set_transport_deadline(limits_.handshake);
    update_interest();
    return;
  }
  peer_before_open_.reset();
  update_interest();
  protocol_->on_open(*this);
}

void Connection::write(std::string_view bytes) {
  if (closed_ || closing_ || bytes.empty()) return;
  if (unsent_bytes() == 0 && !shaking_hands_) {
    const IoResult sent = send(bytes);
    if (sent.state == IoState::failed) return close();
    bytes.remove_prefix(sent.bytes);
    if (bytes.empty()) return;
  }
  if (unsent_bytes() == 0) set_transport_deadline(limits_.stalled);
  out_.append(bytes);
  update_interest();
}

void Connection::pause_reading() {
  paused_ = true;
  update_interest();
}

void Connection::resume_reading() {
  if (!std::exchange(paused_, false) || closed_) return;
  update_interest();
  if (!tls_ || tls_->buffered() == 0) return;
  // TLS may hold decrypted bytes of which the socket knows nothing: look at them in a fresh turn.
  loop_.mailbox()->post([&loop = loop_, id = id_] {
    if (Connection* connection = loop.find(id)) connection->on_events(EPOLLIN);
  });
}

void Connection::set_deadline(Milliseconds from_now) {
  deadline_ = loop_.now() + from_now;
  remind_at(deadline_);
}

void Connection::set_transport_deadline(Milliseconds from_now) {
  transport_deadline_ = loop_.now() + from_now;
  remind_at(transport_deadline_);
}

void Connection::remind_at(SteadyTime when) {
  if (when >= reminder_) return;  // an earlier reminder will look and put itself back
  reminder_ = when;
  loop_.timers_.remind(when, id_);
}

void Connection::on_reminder(SteadyTime now) {
  if (closed_) return;
  if (now >= reminder_) reminder_ = never;
  if (now >= transport_deadline_) {
    if (shaking_hands_) loop_.shared_.counters->handshake_failed++;
    if (unsent_bytes() > 0) loop_.shared_.counters->stalled++;
    return close();
  }
  if (now >= deadline_) {
    deadline_ = never;
    protocol_->on_deadline(*this);
  }
  const SteadyTime next = std::min(deadline_, transport_deadline_);
  if (next != never) remind_at(next);
}

void Connection::close() {
  if (std::exchange(closed_, true)) return;
  loop_.doomed_.push_back(id_);
}

void Connection::close_after_flush() {
  if (closed_ || std::exchange(closing_, true)) return;
  deadline_ = never;
  paused_ = false;
  if (unsent_bytes() == 0) begin_linger();
  if (!closed_) update_interest();
}

void Connection::begin_linger() {
  if (tls_) tls_->end();
  if (peer_ended_ || ::shutdown(socket_.get(), SHUT_WR) != 0) return close();
  lingering_ = true;
  set_transport_deadline(limits_.linger);
}

void Connection::drain() {
  if (closing()) return;
  if (shaking_hands_) return close();
  protocol_->on_drain(*this);
}

void Connection::on_events(std::uint32_t events) {
  if (closed_) return;
  if ((events & EPOLLERR) != 0) return close();
  if (shaking_hands_) return shake_hands();
  if (wants_write_ && (events & EPOLLOUT) != 0) {
    wants_write_ = false;
    events |= EPOLLIN;
  }
  if ((events & EPOLLOUT) != 0) flush();
  if (closed_) return;
  if ((events & EPOLLIN) != 0 && !paused_ && !peer_ended_) {
    lingering_ ? read_for_linger() : read_some();
  } else if ((events & EPOLLHUP) != 0) {
    return close();  // both directions have ended, and it would be reported for ever
  }
  if (!closed_) update_interest();
}

void Connection::shake_hands() {
  switch (tls_->shake_hands()) {
    case IoState::wait_read:
      wants_write_ = false;
      return update_interest();
    case IoState::wait_write:
      wants_write_ = true;
      return update_interest();
    case IoState::moved:
      break;
    default:
      loop_.shared_.counters->handshake_failed++;
      return close();
  }
  shaking_hands_ = false;
  wants_write_ = false;
  transport_deadline_ = never;
  peer_before_open_->certificate = tls_->identity();
  peer_before_open_.reset();
  update_interest();
  protocol_->on_open(*this);
  if (!closed_ && !paused_) read_some();  // the first request often came with the handshake
}

void Connection::read_some() {
  char* const buffer = loop_.read_buffer_.get();
  do {
    const IoResult got = receive(buffer, read_buffer_bytes);
    switch (got.state) {
      case IoState::moved:
        loop_.shared_.counters->bytes_in.fetch_add(got.bytes, std::memory_order_relaxed);
        if (!closing_) protocol_->on_data(*this, {buffer, got.bytes});
        break;
      case IoState::wait_write:
        wants_write_ = true;
        return;
      case IoState::wait_read:
        return;
      case IoState::ended:
        return handle_end();
      case IoState::failed:
        return close();
    }
  } while (tls_ && tls_->buffered() > 0 && !paused_ && !closed_ && !lingering_);
}

void Connection::handle_end() {
  peer_ended_ = true;
  if (lingering_) return close();
  if (!closing_) protocol_->on_peer_ended(*this);
}

void Connection::read_for_linger() {
  const auto got = ::recv(socket_.get(), loop_.read_buffer_.get(), read_buffer_bytes, 0);
  if (got < 0 && from_errno(true).state == IoState::wait_read) return;
  if (got <= 0) return close();
  discarded_ += static_cast<std::size_t>(got);
  if (discarded_ > linger_bytes_max) close();
}

void Connection::flush() {
  if (unsent_bytes() == 0) return;
  const IoResult sent = send(std::string_view{out_}.substr(out_sent_));
  if (sent.state == IoState::failed) return close();
  out_sent_ += sent.bytes;
  if (unsent_bytes() > 0) {
    if (sent.bytes > 0) set_transport_deadline(limits_.stalled);
    return;
  }
  out_sent_ = 0;
  if (out_.capacity() > kept_buffer_bytes) {
    std::string{}.swap(out_);
  } else {
    out_.clear();
  }
  transport_deadline_ = never;
  if (closing_) return begin_linger();
  protocol_->on_flushed(*this);
}

IoResult Connection::receive(char* into, std::size_t room) {
  if (tls_) return tls_->read(into, room);
  const auto got = ::recv(socket_.get(), into, room, 0);
  if (got < 0) return from_errno(true);
  if (got == 0) return {IoState::ended};
  return {IoState::moved, static_cast<std::size_t>(got)};
}

IoResult Connection::send(std::string_view bytes) {
  IoResult result{IoState::failed};
  if (tls_) {
    result = tls_->write(bytes);
  } else {
    const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    result =
        sent < 0 ? from_errno(false) : IoResult{IoState::moved, static_cast<std::size_t>(sent)};
  }
  loop_.shared_.counters->bytes_out.fetch_add(result.bytes, std::memory_order_relaxed);
  return result;
}

void Connection::update_interest() {
  if (closed_) return;
  std::uint32_t wanted = 0;
  if (!peer_ended_ && (!paused_ || shaking_hands_)) wanted |= EPOLLIN;
  if (wants_write_ || (unsent_bytes() > 0 && !shaking_hands_)) wanted |= EPOLLOUT;
  if (registered_ && wanted == interest_) return;
  loop_.watch(socket_.get(), id_, wanted, !registered_);
  registered_ = true;
  interest_ = wanted;
}

}  // namespace cpis::net
