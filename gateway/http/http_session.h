#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/http/http_server.h"
#include "gateway/http/request_parser.h"
#include "gateway/http/stream_state.h"
#include "gateway/net/byte_budget.h"
#include "gateway/net/connection.h"

namespace cpis::http {

/// What the sessions of one server share, fixed after start.
struct HttpShared {
  HttpSettings settings;
  HttpHandler* handler;
  std::string header_lines;  ///< settings.headers as they go on the wire
  std::shared_ptr<net::ByteBudget> budget;
};

/// One HTTP connection. Loop thread only.
class HttpSession final : public net::Protocol {
 public:
  explicit HttpSession(std::shared_ptr<const HttpShared> shared);
  ~HttpSession() override;

  void on_open(net::Connection& connection) override;
  void on_data(net::Connection& connection, std::string_view bytes) override;
  void on_peer_ended(net::Connection& connection) override;
  void on_deadline(net::Connection& connection) override;
  void on_flushed(net::Connection& connection) override;
  void on_drain(net::Connection& connection) override;

  // What a Reply or StreamWriter asks for, on the loop's thread. An answer to a request that is no
  // longer the current one is dropped.
  void answer(net::Connection& connection, std::uint64_t request, Response response);
  void begin_stream(net::Connection& connection, std::shared_ptr<StreamState> stream,
                    const Response& head);
  void begin_tunnel(net::Connection& connection, std::shared_ptr<StreamState> stream,
                    std::string_view head);
  void stream_piece(net::Connection& connection, std::uint64_t request, std::string_view piece);
  void end_stream(net::Connection& connection, std::uint64_t request, bool whole);

 private:
  enum class Phase { reading, answering, streaming, ended };

  void consume(net::Connection& connection, std::string_view bytes);
  bool may_read_on(const net::Connection& connection) const;
  bool is_tunnel() const;
  void pass_on_waiting();
  void hand_over(net::Connection& connection);
  void refuse(net::Connection& connection, int status, std::string_view reason);
  void ready_for_next(net::Connection& connection);
  void continue_reading(net::Connection& connection);
  void keep_for_later(net::Connection& connection, std::string_view bytes);
  void emit(net::Connection& connection, const Response& response, BodyEnd body_end);
  void send_output(net::Connection& connection);
  bool within_budget();
  void set_reading_deadline(net::Connection& connection);
  WireOptions wire_options(BodyEnd body_end) const;
  static void set_ids(Request& request);

  const std::shared_ptr<const HttpShared> shared_;
  RequestParser parser_;
  Phase phase_ = Phase::reading;
  std::uint64_t request_ = 0;      ///< number of the current request on this connection
  std::string waiting_input_;      ///< arrived while a request was being answered
  std::string* output_ = nullptr;  ///< where answers gather while input is consumed
  std::shared_ptr<StreamState> stream_;
  net::ByteBudget::Share share_;
  std::size_t body_in_work_ = 0;  ///< of the request that is being answered
  bool header_deadline_ = false;
  bool body_deadline_ = false;
  bool head_only_ = false;
  bool keep_alive_ = true;
  bool is_1_0_ = false;
  bool peer_ended_ = false;
  bool draining_ = false;
};

}  // namespace cpis::http
