#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cpis::http {

/// One answer as plain values. Content-Length, Date and Connection are the server's business.
struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool close = false;  ///< end the connection after this answer

  Response() = default;
  explicit Response(int with_status) : status{with_status} {}
  Response(int with_status, std::string content_type, std::string with_body)
      : status{with_status}, body{std::move(with_body)} {
    set("Content-Type", std::move(content_type));
  }

  /// Replaces a header of that name, or adds it.
  Response& set(std::string_view name, std::string value);
  /// Adds a header beside any of the same name.
  Response& add(std::string_view name, std::string value);
  /// The value of the first header of that name; empty without one.
  std::string_view header(std::string_view name) const;
};

/// The words that go with a status (RFC 9110, 15), for example "Not Found".
std::string_view reason_phrase(int status) noexcept;

/// How the client sees where the body ends.
enum class BodyEnd { length, chunks, close };

/// How an answer is put on the wire.
struct WireOptions {
  bool head_only = false;  ///< the request was HEAD: the header as for GET, and no body
  bool keep_alive = true;
  bool say_keep_alive = false;         ///< HTTP/1.0 clients must be told
  BodyEnd body_end = BodyEnd::length;  ///< otherwise the body follows in pieces
  std::string_view more_headers{};     ///< whole lines with CR LF, for every answer of a server
};

/// Appends the answer, header and body in one piece, to `out`. An answer whose headers could not be
/// sent safely (CR, LF or NUL in one) is our own fault: 500 is written in its place.
void append_response(std::string& out, const Response& response, const WireOptions& options);

/// Appends one chunk of a streamed body; an empty piece would end it and is left out.
void append_chunk(std::string& out, std::string_view piece);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace cpis::http
