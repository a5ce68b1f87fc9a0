#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/request.h"

namespace cpis::http {

struct RequestLimits {
  std::size_t request_line_bytes = 8 * 1024;
  std::size_t header_line_bytes = 8 * 1024;
  std::size_t header_bytes = 32 * 1024;  ///< all header lines, or all trailer lines, together
  std::size_t header_count = 100;
  std::size_t body_bytes = std::size_t{8} * 1024 * 1024;
  std::size_t chunk_line_bytes = 256;  ///< a chunk's size with its extensions
};

/// Reads HTTP/1.1 requests (RFC 9112) from bytes as they come.
///
/// Strict wherever two readers could disagree about where a request ends, because that is how a
/// request is smuggled past a proxy: refused are Content-Length beside Transfer-Encoding, more than
/// one Content-Length, any transfer coding but a single `chunked`, bare CR or LF, folded lines,
/// white space before a colon or in a chunk size, control characters, and a missing or second Host.
///
/// Knows bytes, not sockets. The verdict depends on the bytes alone, never on how they were cut.
class RequestParser {
 public:
  enum class State {
    need_more,   ///< all bytes were taken
    wants_body,  ///< the client waits for `100 Continue`; answer that, or refuse, then go on
    complete,    ///< `take` it; the bytes after it were not taken
    failed,      ///< final: answer with `status` and close
  };
  struct Progress {
    State state;
    std::size_t used;  ///< how many of the bytes given were taken
  };

  explicit RequestParser(const RequestLimits& limits) : limits_{limits} {}

  Progress feed(std::string_view bytes);
  /// After `complete`; the parser is then ready for the next request.
  Request take();

  /// Nothing of a request has come yet (empty lines before it do not count).
  bool idle() const noexcept { return !begun_ && held_line_.empty(); }
  /// The header is complete and the body is on its way.
  bool in_body() const noexcept { return stage_ >= Stage::body && stage_ < Stage::complete; }
  /// Bytes of the body that have come.
  std::size_t body_bytes() const noexcept { return request_.body().size(); }
  /// Whether the connection stays open after this request. After `complete` or `wants_body`.
  bool keep_alive() const noexcept { return keep_alive_; }

  /// After `failed`: the status to answer with, and a sentence without any of the client's bytes.
  int status() const noexcept { return status_; }
  std::string_view reason() const noexcept { return reason_; }

 private:
  enum class Stage {
    request_line,
    header,
    body,
    chunk_size,
    chunk_data,
    chunk_end,
    trailer,
    complete,
    failed,
  };
  bool step(std::string_view& bytes);
  bool take_line(std::string_view& bytes);
  void read_line();
  void read_first_byte(char byte);
  void read_request_line();
  bool read_target(std::string_view target);
  bool read_absolute_target(std::string_view target, std::size_t authority_at);
  void read_header_line();
  bool read_framing_header(std::string_view name, std::string_view value);
  bool read_content_length(std::string_view value);
  void read_trailer_line();
  void end_of_header();
  void read_chunk_size();
  void take_body_bytes(std::string_view& bytes);
  std::size_t line_limit() const noexcept;
  void fail_line();
  bool count_header_line();
  void fail(int status, std::string_view reason);

  RequestLimits limits_;
  Stage stage_ = Stage::request_line;
  Request request_;
  std::string held_line_;  ///< the beginning of a line whose end has not come
  std::string_view line_;  ///< the line being read, without its CR LF
  bool begun_ = false;
  bool skipped_empty_line_ = false;
  bool ask_for_body_ = false;
  bool keep_alive_ = true;
  bool connection_close_ = false;
  bool connection_keep_alive_ = false;
  bool has_length_ = false;
  bool chunked_ = false;
  bool expects_continue_ = false;
  bool absolute_target_ = false;
  std::size_t host_headers_ = 0;
  std::size_t header_lines_ = 0;
  std::size_t header_bytes_ = 0;
  std::size_t body_left_ = 0;  ///< of the body, or of the chunk
  int status_ = 0;
  std::string_view reason_;
};

}  // namespace cpis::http
