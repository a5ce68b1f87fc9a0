#include "gateway/http/request_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace cpis::http {

namespace {

constexpr std::size_t method_bytes_max = 32;
constexpr std::size_t chunk_size_digits_max = 15;  // fits in 64 bits with room to spare
constexpr std::size_t text_reserve = 512;          // one allocation for an ordinary request
constexpr std::size_t headers_reserve = 12;
constexpr std::size_t body_reserve_max = std::size_t{64} * 1024;

using CharacterSet = std::array<bool, 256>;

constexpr CharacterSet make_set(std::string_view members) {
  CharacterSet set{};
  for (const char c : members) set[static_cast<unsigned char>(c)] = true;
  return set;
}

// RFC 9110, 5.6.2
constexpr CharacterSet token_characters =
    make_set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

// RFC 9110, 5.5: visible characters, space, tab, and bytes above ASCII
constexpr CharacterSet value_characters = [] {
  CharacterSet set{};
  for (unsigned c = 0x20; c < 256; ++c) set[c] = c != 0x7F;
  set['\t'] = true;
  return set;
}();

// Visible ASCII without '#'. Clients send '|' and others unencoded in FHIR searches.
constexpr CharacterSet target_characters = [] {
  CharacterSet set{};
  for (unsigned c = 0x21; c < 0x7F; ++c) set[c] = c != '#';
  return set;
}();

// RFC 3986, 3.2.2 without user information, and the colon before a port
constexpr CharacterSet host_characters =
    make_set("-._~%!$&'()*+;=:[]0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

bool all_in(std::string_view text, const CharacterSet& set) noexcept {
  bool all = true;
  for (const char c : text) all &= set[static_cast<unsigned char>(c)];
  return all;
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace

RequestParser::Progress RequestParser::feed(std::string_view bytes) {
  const std::size_t given = bytes.size();
  while (stage_ != Stage::complete && stage_ != Stage::failed) {
    if (!step(bytes)) return {State::need_more, given - bytes.size()};
    if (std::exchange(ask_for_body_, false) && in_body()) {
      return {State::wants_body, given - bytes.size()};
    }
  }
  const State state = stage_ == Stage::complete ? State::complete : State::failed;
  return {state, given - bytes.size()};
}

Request RequestParser::take() {
  Request request = std::move(request_);
  *this = RequestParser{limits_};
  return request;
}

// False: all bytes are taken and more are needed.
bool RequestParser::step(std::string_view& bytes) {
  if (stage_ == Stage::body || stage_ == Stage::chunk_data) {
    if (bytes.empty()) return false;
    take_body_bytes(bytes);
    return true;
  }
  if (bytes.empty()) return false;
  if (!begun_ && held_line_.empty()) read_first_byte(bytes.front());
  if (stage_ == Stage::failed) return true;
  if (!take_line(bytes)) return stage_ == Stage::failed;
  read_line();
  held_line_.clear();
  line_ = {};
  return true;
}

// What does not even begin like a request (a TLS greeting, an HL7 frame) is refused at once
// instead of being waited for.
void RequestParser::read_first_byte(char byte) {
  if (byte == '\r' && !skipped_empty_line_) return;
  begun_ = true;
  if (!token_characters[static_cast<unsigned char>(byte)]) fail(400, "not an HTTP request");
  request_.text_.reserve(text_reserve);
  request_.headers_.reserve(headers_reserve);
}

bool RequestParser::take_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  const std::string_view part = bytes.substr(0, end);
  const bool whole = end != std::string_view::npos;
  const char last = part.empty() ? (held_line_.empty() ? '\0' : held_line_.back()) : part.back();
  const bool returned = last == '\r';
  if (held_line_.size() + part.size() - (returned ? 1 : 0) > line_limit()) {
    fail_line();
    return false;
  }
  if (!whole || !held_line_.empty()) held_line_ += part;
  bytes.remove_prefix(whole ? end + 1 : bytes.size());
  if (!whole) return false;
  if (!returned) {
    fail(400, "a line ends without CR");
    return false;
  }
  line_ = held_line_.empty() ? part : std::string_view{held_line_};
  line_.remove_suffix(1);
  return true;
}

std::size_t RequestParser::line_limit() const noexcept {
  switch (stage_) {
    case Stage::request_line:
      return limits_.request_line_bytes;
    case Stage::chunk_size:
      return limits_.chunk_line_bytes;
    case Stage::chunk_end:
      return 0;
    default:
      return limits_.header_line_bytes;
  }
}

void RequestParser::fail_line() {
  switch (stage_) {
    case Stage::request_line:
      return fail(414, "the request line is longer than the limit");
    case Stage::chunk_size:
      return fail(400, "a chunk size line is longer than the limit");
    case Stage::chunk_end:
      return fail(400, "a chunk is longer than its size");
    default:
      return fail(431, "a header line is longer than the limit");
  }
}

void RequestParser::read_line() {
  switch (stage_) {
    case Stage::request_line:
      return read_request_line();
    case Stage::header:
      return line_.empty() ? end_of_header() : read_header_line();
    case Stage::chunk_size:
      return read_chunk_size();
    case Stage::chunk_end:
      stage_ = Stage::chunk_size;
      return;
    default:
      return read_trailer_line();
  }
}

// RFC 9112, 3: method SP target SP version, with exactly one space each
void RequestParser::read_request_line() {
  if (line_.empty() && !begun_) {  // RFC 9112, 2.2: one empty line before a request
    skipped_empty_line_ = true;
    return;
  }
  begun_ = true;
  const std::size_t first = line_.find(' ');
  const std::size_t last = line_.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return fail(400, "the request line is not method, target and version");
  }
  const std::string_view method = line_.substr(0, first);
  const std::string_view target = line_.substr(first + 1, last - first - 1);
  const std::string_view version = line_.substr(last + 1);
  if (method.size() > method_bytes_max || !all_in(method, token_characters)) {
    return fail(400, "the method is not a token");
  }
  const bool versioned = version.size() == 8 && version.starts_with("HTTP/") &&
                         is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  if (!versioned) return fail(400, "the version is not one of HTTP");
  if (version[5] != '1' || version[7] > '1') return fail(505, "this server speaks HTTP/1.1");
  request_.minor_version_ = version[7] == '0' ? 0 : 1;
  request_.method_ = request_.add(method);
  if (method == "CONNECT") return fail(501, "CONNECT is not supported");
  if (!read_target(target)) return fail(400, "the target is not a path or an http address");
  stage_ = Stage::header;
}

bool RequestParser::read_target(std::string_view target) {
  if (target.empty() || !all_in(target, target_characters)) return false;
  request_.target_ = request_.add(target);
  if (target.front() == '/') {
    request_.split_target(request_.target_);
    return true;
  }
  if (target == "*") {
    request_.path_ = request_.target_;
    return request_.method() == "OPTIONS";
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (same_name(target.substr(0, scheme.size()), scheme)) {
      return read_absolute_target(target, scheme.size());
    }
  }
  return false;
}

// RFC 9112, 3.2.2: the authority of an absolute target replaces the Host header.
bool RequestParser::read_absolute_target(std::string_view target, std::size_t authority_at) {
  const std::string_view rest = target.substr(authority_at);
  const std::size_t size = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, size);
  if (authority.empty() || !all_in(authority, host_characters)) return false;
  absolute_target_ = true;
  const auto at = static_cast<std::uint32_t>(request_.target_.at + authority_at);
  request_.host_ = {at, static_cast<std::uint32_t>(size)};
  const std::string_view after = rest.substr(size);
  if (after.starts_with('/')) {
    request_.split_target(
        {at + static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(after.size())});
  } else {
    const std::string path = "/" + std::string{after};
    request_.split_target(request_.add(path));
  }
  return true;
}

bool RequestParser::count_header_line() {
  ++header_lines_;
  header_bytes_ += line_.size() + 2;
  if (header_lines_ > limits_.header_count) fail(431, "there are too many header lines");
  if (header_bytes_ > limits_.header_bytes) fail(431, "the header is longer than the limit");
  return stage_ != Stage::failed;
}

void RequestParser::read_header_line() {
  if (!count_header_line()) return;
  const std::size_t colon = std::min(line_.find(':'), line_.size());
  const std::string_view name = line_.substr(0, colon);
  // This refuses folded lines and a space before the colon too: neither is a token.
  if (name.empty() || colon == line_.size() || !all_in(name, token_characters)) {
    return fail(400, "a header line does not begin with a name and a colon");
  }
  const std::string_view value = trim(line_.substr(colon + 1));
  if (!all_in(value, value_characters)) {
    return fail(400, "a header value has a control character");
  }
  if (stage_ == Stage::trailer) {  // RFC 9110, 6.5.1: dropped, nothing here asks for one
    if (same_name(name, "Content-Length") || same_name(name, "Transfer-Encoding")) {
      fail(400, "a trailer speaks about the length of the body");
    }
    return;
  }
  if (!read_framing_header(name, value)) return;
  const Request::Slice host = request_.host_;
  request_.add_header(name, value);
  if (absolute_target_) request_.host_ = host;
}

// The headers that decide where this request ends. False after a failure.
bool RequestParser::read_framing_header(std::string_view name, std::string_view value) {
  if (same_name(name, "Content-Length")) return read_content_length(value);
  if (same_name(name, "Transfer-Encoding")) {
    if (chunked_) {
      fail(400, "there is more than one Transfer-Encoding");
    } else if (!same_name(value, "chunked")) {
      fail(501, "only the transfer coding chunked is supported");
    }
    chunked_ = true;
  } else if (same_name(name, "Host")) {
    if (++host_headers_ > 1 || !all_in(value, host_characters)) {
      fail(400, "there is not exactly one usable Host header");
    }
  } else if (same_name(name, "Connection")) {
    connection_close_ |= list_has(value, "close");
    connection_keep_alive_ |= list_has(value, "keep-alive");
  } else if (same_name(name, "Expect")) {
    if (!same_name(value, "100-continue")) fail(417, "only 100-continue can be expected");
    expects_continue_ = true;
  }
  return stage_ != Stage::failed;
}

bool RequestParser::read_content_length(std::string_view value) {
  const char* const end = value.data() + value.size();
  const auto [stop, problem] = std::from_chars(value.data(), end, body_left_);
  const bool number = !value.empty() && std::ranges::all_of(value, is_digit) && stop == end;
  if (std::exchange(has_length_, true) || !number || problem != std::errc{}) {
    fail(400, "there is not exactly one Content-Length that is a number");
    return false;
  }
  return true;
}

void RequestParser::read_trailer_line() {
  if (line_.empty()) {
    stage_ = Stage::complete;
    return;
  }
  read_header_line();
}

void RequestParser::end_of_header() {
  const bool is_1_1 = request_.minor_version_ == 1;
  if (is_1_1 && host_headers_ == 0) return fail(400, "there is not exactly one usable Host header");
  if (chunked_ && (has_length_ || !is_1_1)) {
    return fail(400, "Transfer-Encoding does not go with Content-Length or HTTP/1.0");
  }
  keep_alive_ = !connection_close_ && (is_1_1 || connection_keep_alive_);
  if (body_left_ > limits_.body_bytes) return fail(413, "the body is larger than the limit");
  header_bytes_ = header_lines_ = 0;
  if (chunked_) {
    stage_ = Stage::chunk_size;
  } else if (body_left_ > 0) {
    stage_ = Stage::body;
    request_.body_.reserve(std::min(body_left_, body_reserve_max));
  } else {
    stage_ = Stage::complete;
  }
  ask_for_body_ = expects_continue_ && is_1_1;
}

void RequestParser::take_body_bytes(std::string_view& bytes) {
  const std::string_view part = bytes.substr(0, body_left_);
  request_.body_ += part;
  body_left_ -= part.size();
  bytes.remove_prefix(part.size());
  if (body_left_ > 0) return;
  stage_ = stage_ == Stage::body ? Stage::complete : Stage::chunk_end;
}

// RFC 9112, 7.1: 1*HEXDIG [ extensions ]; the extensions are skipped.
void RequestParser::read_chunk_size() {
  const std::size_t digits = std::min(line_.find(';'), line_.size());
  const std::string_view size = line_.substr(0, digits);
  const std::string_view extensions = line_.substr(digits);
  const char* const end = size.data() + size.size();
  std::size_t bytes = 0;
  const auto [stop, problem] = std::from_chars(size.data(), end, bytes, 16);
  if (size.empty() || size.size() > chunk_size_digits_max || size.front() == '-' || stop != end ||
      problem != std::errc{}) {
    return fail(400, "a chunk size is not a hexadecimal number");
  }
  header_bytes_ += extensions.size();
  if (header_bytes_ > limits_.header_bytes || !all_in(extensions, value_characters)) {
    return fail(400, "chunk extensions are too long or have a control character");
  }
  if (bytes > limits_.body_bytes - request_.body_.size()) {
    return fail(413, "the body is larger than the limit");
  }
  body_left_ = bytes;
  header_bytes_ = bytes == 0 ? 0 : header_bytes_;
  stage_ = bytes == 0 ? Stage::trailer : Stage::chunk_data;
}

void RequestParser::fail(int status, std::string_view reason) {
  if (stage_ == Stage::failed) return;
  stage_ = Stage::failed;
  begun_ = true;
  status_ = status;
  reason_ = reason;
  held_line_.clear();
}

}  // namespace cpis::http
