#include "gateway/http/reply.h"

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include "gateway/http/http_session.h"
#include "gateway/http/stream_state.h"
#include "gateway/net/on_protocol.h"

namespace cpis::http {

using net::on_protocol;
using net::Order;

Reply::Reply(Reply&& other) noexcept
    : mailbox_{std::exchange(other.mailbox_, nullptr)},
      connection_{other.connection_},
      request_{other.request_},
      sink_{std::exchange(other.sink_, nullptr)} {}

Reply::~Reply() {
  if (mailbox_ || sink_) send(Response{500});
}

void Reply::send(Response response) {
  if (sink_) return std::exchange(sink_, nullptr)(std::move(response));
  if (!mailbox_) throw std::logic_error{"a request is answered once"};
  const std::shared_ptr<net::Mailbox> mailbox = std::exchange(mailbox_, nullptr);
  on_protocol<HttpSession>(mailbox, connection_, Order::at_once,
                           [request = request_, response = std::move(response)](
                               net::Connection& connection, HttpSession& session) mutable {
                             session.answer(connection, request, std::move(response));
                           });
}

void Reply::send_made(std::function<Response()> make) {
  const auto made = [make = std::move(make)]() -> Response {
    try {
      return make();
    } catch (const std::exception&) {
      return Response{500};  // as for a handler: a bug ends one request, not its loop
    }
  };
  if (sink_) return std::exchange(sink_, nullptr)(made());
  if (!mailbox_) throw std::logic_error{"a request is answered once"};
  const std::shared_ptr<net::Mailbox> mailbox = std::exchange(mailbox_, nullptr);
  on_protocol<HttpSession>(
      mailbox, connection_, Order::queued,
      [request = request_, made](net::Connection& connection, HttpSession& session) {
        session.answer(connection, request, made());
      });
}

std::shared_ptr<StreamState> Reply::take_over(std::size_t unsent_bytes_max) {
  if (!mailbox_) throw std::logic_error{"only a connection's request is answered by a stream"};
  auto state = std::make_shared<StreamState>();
  state->mailbox = std::exchange(mailbox_, nullptr);
  state->connection = connection_;
  state->request = request_;
  state->unsent_max = unsent_bytes_max;
  return state;
}

StreamWriter Reply::start_stream(Response head, std::size_t unsent_bytes_max) {
  auto state = take_over(unsent_bytes_max);
  const bool alive = on_protocol<HttpSession>(
      state->mailbox, connection_, Order::at_once,
      [state, head = std::move(head)](net::Connection& connection, HttpSession& session) {
        session.begin_stream(connection, state, head);
      });
  if (!alive) state->gone = true;
  return StreamWriter{std::move(state)};
}

StreamWriter Reply::start_tunnel(std::string head, std::function<void(std::string_view)> receive,
                                 std::size_t unsent_bytes_max) {
  auto state = take_over(unsent_bytes_max);
  state->receive = std::move(receive);
  const bool alive = on_protocol<HttpSession>(
      state->mailbox, connection_, Order::at_once,
      [state, head = std::move(head)](net::Connection& connection, HttpSession& session) {
        session.begin_tunnel(connection, state, head);
      });
  if (!alive) state->gone = true;
  return StreamWriter{std::move(state)};
}

StreamWriter::~StreamWriter() {
  if (!state_ || state_->finished) return;
  on_protocol<HttpSession>(
      state_->mailbox, state_->connection, Order::queued,
      [request = state_->request](net::Connection& connection, HttpSession& session) {
        session.end_stream(connection, request, false);
      });
}

bool StreamWriter::open() const noexcept { return !state_->finished && !state_->gone; }

bool StreamWriter::write(std::string_view piece) {
  if (!open()) return false;
  if (piece.empty()) return true;
  StreamState& state = *state_;
  if (state.posted + state.unsent + piece.size() > state.unsent_max) return false;
  state.posted += piece.size();
  const bool alive = state.mailbox->post([shared = state_, copy = std::string{piece}] {
    shared->posted -= copy.size();
    if (shared->gone) return;
    on_protocol<HttpSession>(shared->mailbox, shared->connection, Order::at_once,
                             [&](net::Connection& connection, HttpSession& session) {
                               session.stream_piece(connection, shared->request, copy);
                             });
  });
  if (!alive) state.gone = true;
  return alive;
}

void StreamWriter::finish() {
  if (std::exchange(state_->finished, true)) return;
  on_protocol<HttpSession>(
      state_->mailbox, state_->connection, Order::queued,
      [request = state_->request](net::Connection& connection, HttpSession& session) {
        session.end_stream(connection, request, true);
      });
}

}  // namespace cpis::http
