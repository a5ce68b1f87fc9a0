#include "gateway/mllp/mllp_session.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace cpis::mllp {

namespace {

// Input taken in while the sender has to wait anyway; then the kernel makes it wait.
constexpr std::size_t waiting_bytes_max = std::size_t{64} * 1024;
// With more than this waiting for the sender to read, its next messages wait too.
constexpr std::size_t unsent_bytes_max = std::size_t{64} * 1024;

}  // namespace

MllpSession::MllpSession(std::shared_ptr<const MllpShared> shared)
    : shared_{std::move(shared)}, framer_{shared_->settings.framing}, share_{shared_->budget} {}

MllpSession::~MllpSession() { drop_input(); }

// What has begun to arrive and will not be looked at any more.
void MllpSession::drop_input() {
  if (framer_.inside()) counters().cut_messages++;
  counters().restarts += framer_.restarts();
  framer_ = hl7v2::MllpFramer{shared_->settings.framing};
  waiting_input_ = {};
  inside_since_ = net::never;
  share_.resize(in_flight_bytes_);
}

bool MllpSession::full(const net::Connection& connection) const {
  const MllpSettings& settings = shared_->settings;
  return slots_.size() >= settings.in_flight_max ||
         in_flight_bytes_ >= settings.in_flight_bytes_max ||
         connection.unsent_bytes() > unsent_bytes_max;
}

void MllpSession::on_data(net::Connection& connection, std::string_view bytes) {
  if (input_ended_ || closed_) return;
  last_byte_ = connection.loop().now();
  if (!waiting_input_.empty() || full(connection)) {
    waiting_input_ += bytes;
    if (waiting_input_.size() > waiting_bytes_max) connection.pause_reading();
    return;
  }
  consume(connection, bytes);
}

void MllpSession::consume(net::Connection& connection, std::string_view bytes) {
  framer_.push(bytes);
  handing_over_ = true;
  while (!closed_ && !full(connection)) {
    const auto next = framer_.next();
    if (!next) {
      counters().framing_failures++;
      end_input(connection);
      break;
    }
    if (!*next) break;
    hand_over(connection, **next);
  }
  handing_over_ = false;
  if (closed_) return;
  waiting_input_ = framer_.unread();
  if (!share_.resize(in_flight_bytes_ + framer_.held_bytes() + waiting_input_.size())) {
    counters().over_budget++;
    end_input(connection);
  }
  if (!framer_.inside()) {
    inside_since_ = net::never;
  } else if (inside_since_ == net::never) {
    inside_since_ = connection.loop().now();
  }
  send_settled(connection);
}

void MllpSession::hand_over(net::Connection& connection, std::string_view message) {
  inside_since_ = net::never;
  counters().messages++;
  in_flight_bytes_ += message.size();
  slots_.push_back({message.size(), connection.loop().now(), false, {}});
  const std::uint64_t number = first_message_ + slots_.size() - 1;
  try {
    MllpReply reply{connection.loop().mailbox(), connection.id(), number};
    shared_->handler->handle({std::string{message}, connection.peer()}, std::move(reply));
  } catch (const std::exception& fault) {
    // The reply was dropped on the way out, and that closes without an answer.
    connection.loop().report_fault(fault.what());
  }
}

void MllpSession::settle(net::Connection& connection, std::uint64_t message,
                         std::optional<std::string> framed) {
  if (closed_ || message < first_message_) return;
  Slot& slot = slots_[static_cast<std::size_t>(message - first_message_)];
  slot.settled = true;
  slot.framed = std::move(framed);
  if (!handing_over_) return send_settled(connection);
  // In the middle of `consume`: a first answer may leave at once, the queue is walked at its end.
  if (slots_.size() == 1) send_settled(connection);
}

// Answers leave in the order of their messages, one write each: some senders expect an answer in
// one read.
void MllpSession::send_settled(net::Connection& connection) {
  std::size_t done = 0;
  while (done < slots_.size() && slots_[done].settled && !closed_) {
    Slot& slot = slots_[done++];
    in_flight_bytes_ -= slot.message_bytes;
    if (!slot.framed) {
      counters().closed_without_answer++;
      closed_ = true;
    } else if (!slot.framed->empty()) {
      counters().answers++;
      connection.write(*slot.framed);
    }
  }
  slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(done));
  first_message_ += done;
  if (done > 0) share_.resize(in_flight_bytes_ + framer_.held_bytes() + waiting_input_.size());
  if (closed_) return connection.close_after_flush();
  if (!handing_over_) continue_reading(connection);
}

void MllpSession::continue_reading(net::Connection& connection) {
  if (!waiting_input_.empty() && !input_ended_ && !full(connection)) {
    const std::string bytes = std::exchange(waiting_input_, {});
    connection.resume_reading();
    return consume(connection, bytes);
  }
  close_when_done(connection);
  if (!connection.closing()) update_deadline(connection);
}

void MllpSession::close_when_done(net::Connection& connection) {
  if (peer_ended_ && !input_ended_ && waiting_input_.empty() && !full(connection)) {
    input_ended_ = true;
    if (const auto last = framer_.finish()) {
      handing_over_ = true;
      hand_over(connection, *last);
      handing_over_ = false;
      return send_settled(connection);
    }
  }
  if (input_ended_ && slots_.empty()) connection.close_after_flush();
}

void MllpSession::end_input(net::Connection& connection) {
  input_ended_ = true;
  drop_input();
  if (!peer_ended_) connection.pause_reading();
}

void MllpSession::on_peer_ended(net::Connection& connection) {
  peer_ended_ = true;
  close_when_done(connection);
}

void MllpSession::on_flushed(net::Connection& connection) {
  if (!closed_) continue_reading(connection);
}

void MllpSession::on_drain(net::Connection& connection) {
  // What has been given to the handler is answered; the rest was never acknowledged and comes
  // again.
  if (!input_ended_) end_input(connection);
  close_when_done(connection);
}

void MllpSession::update_deadline(net::Connection& connection) {
  const MllpSettings& settings = shared_->settings;
  net::SteadyTime due = net::never;
  if (!slots_.empty()) due = slots_.front().since + settings.answer_time;
  if (inside_since_ != net::never && !input_ended_ && waiting_input_.empty()) {
    due =
        std::min({due, last_byte_ + settings.partial_idle, inside_since_ + settings.partial_total});
  }
  if (due == net::never) return connection.clear_deadline();
  const auto left = std::chrono::ceil<net::Milliseconds>(due - connection.loop().now());
  connection.set_deadline(std::max(left, net::Milliseconds{0}));
}

void MllpSession::on_deadline(net::Connection& connection) {
  const net::SteadyTime now = connection.loop().now();
  if (!slots_.empty() && now >= slots_.front().since + shared_->settings.answer_time) {
    counters().overdue++;
    counters().closed_without_answer++;
    closed_ = true;
    return connection.close_after_flush();
  }
  end_input(connection);  // a message that does not go on
  close_when_done(connection);
  if (!connection.closing()) update_deadline(connection);
}

}  // namespace cpis::mllp
