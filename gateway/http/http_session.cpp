#include "gateway/http/http_session.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <random>
#include <utility>

#include "gateway/net/event_loop.h"

namespace cpis::http {

namespace {

// Answers gathered for pipelined requests leave in pieces of about this size.
constexpr std::size_t gathered_bytes_max = std::size_t{128} * 1024;
// With more than this waiting for the client to read, its next requests wait too.
constexpr std::size_t unsent_bytes_max = std::size_t{256} * 1024;
// Input taken in while a request is being answered; then the client has to wait.
constexpr std::size_t waiting_bytes_max = std::size_t{64} * 1024;
constexpr std::size_t correlation_id_bytes_max = 64;
constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

bool is_correlation_id(std::string_view id) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
  };
  return !id.empty() && id.size() <= correlation_id_bytes_max && std::ranges::all_of(id, plain);
}

std::uint64_t random_start() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

// W3C Trace Context, 3.2: version-traceid-parentid-flags. Empty when it is anything else.
std::string_view trace_id_of(std::string_view traceparent) {
  constexpr std::size_t size = 55;
  const auto hexadecimal = [](std::string_view part) {
    return part.find_first_not_of("0123456789abcdef") == part.npos &&
           part.find_first_not_of('0') != part.npos;
  };
  if (traceparent.size() != size || !traceparent.starts_with("00-")) return {};
  const std::string_view trace = traceparent.substr(3, 32);
  const std::string_view parent = traceparent.substr(36, 16);
  const bool whole =
      traceparent[35] == '-' && traceparent[52] == '-' && hexadecimal(trace) && hexadecimal(parent);
  return whole ? trace : std::string_view{};
}

// Unique by a random start for each thread and a count; nothing secret depends on it.
std::string new_correlation_id() {
  thread_local const std::uint64_t start = random_start();
  thread_local std::uint64_t count = 0;
  std::array<char, 40> text{};
  char* const last = text.data() + text.size();
  char* at = std::to_chars(text.data(), last, start, 16).ptr;
  *at++ = '-';
  at = std::to_chars(at, last, ++count, 16).ptr;
  return {text.data(), at};
}

}  // namespace

HttpSession::HttpSession(std::shared_ptr<const HttpShared> shared)
    : shared_{std::move(shared)}, parser_{shared_->settings.limits}, share_{shared_->budget} {}

HttpSession::~HttpSession() {
  if (stream_) stream_->gone = true;
}

void HttpSession::on_open(net::Connection& connection) {
  connection.set_deadline(shared_->settings.header_time);
}

bool HttpSession::may_read_on(const net::Connection& connection) const {
  return phase_ == Phase::reading && connection.unsent_bytes() <= unsent_bytes_max;
}

void HttpSession::on_data(net::Connection& connection, std::string_view bytes) {
  if (phase_ == Phase::ended) return;
  if (is_tunnel()) return stream_->receive(bytes);
  if (!waiting_input_.empty() || !may_read_on(connection)) {
    return keep_for_later(connection, bytes);
  }
  consume(connection, bytes);
}

void HttpSession::keep_for_later(net::Connection& connection, std::string_view bytes) {
  waiting_input_ += bytes;
  if (waiting_input_.size() > waiting_bytes_max) connection.pause_reading();
}

void HttpSession::consume(net::Connection& connection, std::string_view bytes) {
  // Taken out of the loop while in use: a handler may answer another connection meanwhile.
  std::string output = std::move(connection.loop().scratch());
  output.clear();
  output_ = &output;
  while (!bytes.empty() && may_read_on(connection) && !connection.closing()) {
    const auto [state, used] = parser_.feed(bytes);
    bytes.remove_prefix(used);
    if (state == RequestParser::State::complete) hand_over(connection);
    if (state == RequestParser::State::failed) {
      refuse(connection, parser_.status(), parser_.reason());
    }
    // A client that has already begun to send its body does not wait.
    if (state == RequestParser::State::wants_body && bytes.empty()) output += continue_line;
    if (output.size() > gathered_bytes_max) send_output(connection);
  }
  send_output(connection);
  output_ = nullptr;
  connection.loop().scratch() = std::move(output);
  if (connection.closing()) return;
  if (!bytes.empty()) keep_for_later(connection, bytes);
  if (is_tunnel()) return pass_on_waiting();
  if (!within_budget() && phase_ == Phase::reading) {
    return refuse(connection, 503, "too much is being received at the same time");
  }
  if (phase_ == Phase::reading) set_reading_deadline(connection);
}

bool HttpSession::within_budget() {
  return share_.resize(parser_.body_bytes() + waiting_input_.size() + body_in_work_);
}

void HttpSession::send_output(net::Connection& connection) {
  if (output_ == nullptr || output_->empty()) return;
  connection.write(*output_);
  output_->clear();
}

void HttpSession::set_reading_deadline(net::Connection& connection) {
  const HttpSettings& settings = shared_->settings;
  if (parser_.idle() && waiting_input_.empty()) {
    header_deadline_ = body_deadline_ = false;
    connection.set_deadline(settings.idle_time);
  } else if (parser_.in_body()) {
    // Set once for the whole: a byte now and then does not move it.
    if (!std::exchange(body_deadline_, true)) connection.set_deadline(settings.body_time);
  } else if (!std::exchange(header_deadline_, true)) {
    connection.set_deadline(settings.header_time);
  }
}

void HttpSession::set_ids(Request& request) {
  if (const auto trace = request.header("traceparent")) {
    request.set_trace_id(std::string{trace_id_of(*trace)});
  }
  const auto given = request.header("X-Correlation-ID");
  if (given && is_correlation_id(*given)) return request.set_correlation_id(std::string{*given});
  request.set_correlation_id(request.trace_id().empty() ? new_correlation_id()
                                                        : request.trace_id());
}

void HttpSession::hand_over(net::Connection& connection) {
  ++request_;
  header_deadline_ = body_deadline_ = false;
  const bool last = request_ >= shared_->settings.requests_per_connection_max;
  keep_alive_ = parser_.keep_alive() && !draining_ && !last;
  body_in_work_ = parser_.body_bytes();
  Request request = parser_.take();
  head_only_ = request.method() == "HEAD";
  is_1_0_ = request.minor_version() == 0;
  request.set_peer(connection.peer());
  set_ids(request);
  phase_ = Phase::answering;
  try {
    Reply reply{connection.loop().mailbox(), connection.id(), request_};
    shared_->handler->handle(std::move(request), std::move(reply));
  } catch (const std::exception& fault) {
    // The reply was dropped on the way out, and that has sent 500.
    connection.loop().report_fault(fault.what());
  }
  if (phase_ == Phase::answering) connection.set_deadline(shared_->settings.answer_time);
}

WireOptions HttpSession::wire_options(BodyEnd body_end) const {
  WireOptions options;
  options.head_only = head_only_;
  options.keep_alive = keep_alive_;
  options.say_keep_alive = is_1_0_;
  options.body_end = body_end;
  options.more_headers = shared_->header_lines;
  return options;
}

void HttpSession::emit(net::Connection& connection, const Response& response, BodyEnd body_end) {
  if (output_ != nullptr) return append_response(*output_, response, wire_options(body_end));
  std::string bytes;
  bytes.reserve(response.body.size() + 512);
  append_response(bytes, response, wire_options(body_end));
  connection.write(bytes);
}

void HttpSession::answer(net::Connection& connection, std::uint64_t request, Response response) {
  if (phase_ != Phase::answering || request != request_) return;
  if (response.close) keep_alive_ = false;
  emit(connection, response, BodyEnd::length);
  ready_for_next(connection);
}

void HttpSession::ready_for_next(net::Connection& connection) {
  body_in_work_ = 0;
  if (!keep_alive_) {
    phase_ = Phase::ended;
    send_output(connection);
    return connection.close_after_flush();
  }
  phase_ = Phase::reading;
  if (output_ != nullptr) return;  // `consume` is at work and goes on by itself
  connection.clear_deadline();
  continue_reading(connection);
}

void HttpSession::continue_reading(net::Connection& connection) {
  if (waiting_input_.empty()) {
    if (peer_ended_) return connection.close_after_flush();
    return set_reading_deadline(connection);
  }
  if (!may_read_on(connection)) return;
  const std::string bytes = std::exchange(waiting_input_, {});
  connection.resume_reading();
  consume(connection, bytes);
  const bool starved = phase_ == Phase::reading && waiting_input_.empty();
  if (peer_ended_ && starved && !connection.closing()) connection.close_after_flush();
}

void HttpSession::refuse(net::Connection& connection, int status, std::string_view reason) {
  keep_alive_ = false;
  phase_ = Phase::ended;
  const auto& refusal = shared_->settings.refusal;
  Response response = refusal ? refusal(status, reason)
                              : Response{status, "text/plain", std::string{reason} + "\n"};
  emit(connection, response, BodyEnd::length);
  send_output(connection);
  connection.close_after_flush();
  // The peer may take its time to close; what it sent is not kept for that long.
  parser_ = RequestParser{shared_->settings.limits};
  waiting_input_ = {};
  body_in_work_ = 0;
  share_.resize(0);
}

void HttpSession::on_peer_ended(net::Connection& connection) {
  peer_ended_ = true;
  if (phase_ == Phase::answering) return;  // a half-closed client still gets its answer
  if (phase_ == Phase::reading && !waiting_input_.empty()) return;
  if (stream_) stream_->gone = true;
  connection.close_after_flush();
}

void HttpSession::on_flushed(net::Connection& connection) {
  if (stream_) stream_->unsent = 0;
  if (phase_ == Phase::reading && !waiting_input_.empty()) continue_reading(connection);
}

void HttpSession::on_deadline(net::Connection& connection) {
  if (phase_ == Phase::answering) {
    return refuse(connection, 504, "no answer was ready in time");
  }
  if (phase_ != Phase::reading) return;
  if (parser_.idle()) return connection.close_after_flush();
  refuse(connection, 408, "the request did not arrive in time");
}

void HttpSession::on_drain(net::Connection& connection) {
  draining_ = true;
  keep_alive_ = false;
  const bool between = phase_ == Phase::reading && parser_.idle() && waiting_input_.empty();
  if (between || phase_ == Phase::streaming) {
    if (stream_) stream_->gone = true;
    connection.close_after_flush();
  }
}

void HttpSession::begin_stream(net::Connection& connection, std::shared_ptr<StreamState> stream,
                               const Response& head) {
  if (phase_ != Phase::answering || stream->request != request_) {
    stream->gone = true;
    return;
  }
  stream_ = std::move(stream);
  phase_ = Phase::streaming;
  connection.clear_deadline();
  if (is_1_0_) keep_alive_ = false;  // only the end of the connection can end that body
  Response without_body = head;
  without_body.body.clear();
  emit(connection, without_body, is_1_0_ ? BodyEnd::close : BodyEnd::chunks);
}

bool HttpSession::is_tunnel() const {
  return phase_ == Phase::streaming && stream_ && stream_->receive;
}

void HttpSession::begin_tunnel(net::Connection& connection, std::shared_ptr<StreamState> stream,
                               std::string_view head) {
  if (phase_ != Phase::answering || stream->request != request_) {
    stream->gone = true;
    return;
  }
  stream_ = std::move(stream);
  phase_ = Phase::streaming;
  keep_alive_ = false;
  body_in_work_ = 0;
  connection.clear_deadline();
  send_output(connection);
  connection.write(head);
  // From inside `consume` the rest of its bytes comes first.
  if (output_ == nullptr) {
    pass_on_waiting();
    connection.resume_reading();
  }
}

// What a hasty client sent before it knew.
void HttpSession::pass_on_waiting() {
  if (!waiting_input_.empty()) stream_->receive(std::exchange(waiting_input_, {}));
}

void HttpSession::stream_piece(net::Connection& connection, std::uint64_t request,
                               std::string_view piece) {
  if (phase_ != Phase::streaming || request != request_ || head_only_) return;
  if (is_1_0_ || is_tunnel()) {
    connection.write(piece);
  } else {
    std::string chunk;
    chunk.reserve(piece.size() + 24);
    append_chunk(chunk, piece);
    connection.write(chunk);
  }
  stream_->unsent = connection.unsent_bytes();
}

void HttpSession::end_stream(net::Connection& connection, std::uint64_t request, bool whole) {
  if (phase_ != Phase::streaming || request != request_) return;
  const bool tunnel = is_tunnel();
  stream_->gone = true;
  stream_.reset();
  if (tunnel) {
    phase_ = Phase::ended;
    return connection.close_after_flush();
  }
  if (!whole) return connection.close();
  if (!is_1_0_ && !head_only_) connection.write(last_chunk);
  ready_for_next(connection);
}

}  // namespace cpis::http
