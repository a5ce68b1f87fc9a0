#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gateway/http/response.h"

namespace cpis::http {

struct ResponseLimits {
  std::size_t header_bytes = 64 * 1024;
  std::size_t body_bytes = std::size_t{8} * 1024 * 1024;
};

/// Reads one HTTP/1.1 answer (RFC 9112) from bytes as they come. Interim answers (1xx) are skipped.
///
/// A body that is cut short is a failure and never a shorter body: an answer that seems to hold
/// fewer records than it does would be worse than none.
class ResponseParser {
 public:
  enum class State { need_more, complete, failed };

  /// `head_only`: the request was HEAD, so no body follows.
  ResponseParser(const ResponseLimits& limits, bool head_only)
      : limits_{limits}, head_only_{head_only} {}

  State feed(std::string_view bytes);
  /// The peer has ended the connection; for some answers that is the end of the body.
  State finish();
  /// After `complete`.
  Response take() { return std::move(response_); }
  /// Whether the connection can carry another request.
  bool keep_alive() const noexcept { return keep_alive_ && input_.size() == at_; }
  /// After `failed`: a sentence without any of the peer's bytes.
  std::string_view reason() const noexcept { return reason_; }
  /// Not a single byte has come.
  bool silent() const noexcept { return silent_; }

 private:
  enum class Stage {
    header,
    body_by_length,
    body_to_end,
    chunk_size,
    chunk_data,
    chunk_end,
    trailer,
    complete,
    failed,
  };
  bool step();
  bool read_header();
  bool read_status_line(std::string_view line);
  bool read_header_line(std::string_view line);
  void begin_body();
  bool read_chunk_size();
  bool take_body_bytes();
  bool take_line(std::string_view& line, std::size_t limit);
  bool fail(std::string_view reason);
  State state() const noexcept;

  ResponseLimits limits_;
  bool head_only_;
  Stage stage_ = Stage::header;
  Response response_;
  std::string input_;
  std::size_t at_ = 0;  ///< first byte of `input_` not used
  std::size_t body_left_ = 0;
  std::size_t trailer_bytes_ = 0;
  bool has_length_ = false;
  bool chunked_ = false;
  bool keep_alive_ = true;
  bool silent_ = true;
  std::string_view reason_;
};

}  // namespace cpis::http
