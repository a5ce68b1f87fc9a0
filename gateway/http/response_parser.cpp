#include "gateway/http/response_parser.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "gateway/http/request.h"

namespace cpis::http {

namespace {

constexpr std::size_t chunk_line_bytes_max = 1024;
constexpr std::size_t chunk_size_digits_max = 15;

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool has_control(std::string_view text) noexcept {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

template <class Number>
bool whole_number(std::string_view text, Number& number, int base = 10) {
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number, base);
  return !text.empty() && text.front() != '-' && stop == end && problem == std::errc{};
}

// One header line off the front, its folds undone as RFC 9112, 5.2 wants it of a client.
std::string take_unfolded(std::string_view& header) {
  std::string line;
  for (;;) {
    const std::size_t size = header.find("\r\n");
    line += header.substr(0, size);
    header.remove_prefix(size + 2);
    if (header.empty() || (header.front() != ' ' && header.front() != '\t')) return line;
    line += ' ';
    header.remove_prefix(1);
  }
}

}  // namespace

ResponseParser::State ResponseParser::state() const noexcept {
  if (stage_ == Stage::complete) return State::complete;
  return stage_ == Stage::failed ? State::failed : State::need_more;
}

ResponseParser::State ResponseParser::feed(std::string_view bytes) {
  if (!bytes.empty()) silent_ = false;
  input_.erase(0, std::exchange(at_, 0));
  input_ += bytes;
  while (stage_ != Stage::complete && stage_ != Stage::failed && step()) {
  }
  return state();
}

ResponseParser::State ResponseParser::finish() {
  keep_alive_ = false;
  if (stage_ == Stage::body_to_end) stage_ = Stage::complete;
  if (stage_ != Stage::complete) fail("the answer is cut short");
  return state();
}

bool ResponseParser::fail(std::string_view reason) {
  if (stage_ == Stage::failed) return false;
  stage_ = Stage::failed;
  reason_ = reason;
  return false;
}

// False: more bytes are needed, or it has failed.
bool ResponseParser::step() {
  std::string_view line;
  switch (stage_) {
    case Stage::header:
      return read_header();
    case Stage::chunk_size:
      return read_chunk_size();
    case Stage::chunk_end:
      if (!take_line(line, 0)) return false;
      stage_ = Stage::chunk_size;
      return true;
    case Stage::trailer:
      if (!take_line(line, limits_.header_bytes)) return false;
      trailer_bytes_ += line.size();
      if (trailer_bytes_ > limits_.header_bytes) return fail("the trailer is over the limit");
      if (line.empty()) stage_ = Stage::complete;
      return true;
    default:
      return take_body_bytes();
  }
}

bool ResponseParser::take_line(std::string_view& line, std::size_t limit) {
  const std::string_view rest = std::string_view{input_}.substr(at_);
  const std::size_t end = rest.find("\r\n");
  if (end == std::string_view::npos) {
    return rest.size() > limit + 1 ? fail("a line is over the limit") : false;
  }
  if (end > limit) return fail("a line is over the limit");
  line = rest.substr(0, end);
  at_ += end + 2;
  return true;
}

bool ResponseParser::read_header() {
  const std::size_t end = input_.find("\r\n\r\n", at_);
  // Without an end yet, up to three bytes may be the beginning of one.
  const std::size_t seen = end == std::string::npos ? input_.size() - at_ : end - at_ + 3;
  if (seen > limits_.header_bytes + 3) return fail("the header is over the limit");
  if (end == std::string::npos) return false;
  std::string_view header = std::string_view{input_}.substr(at_, end + 2 - at_);
  at_ = end + 4;
  const std::size_t first = header.find("\r\n");
  if (!read_status_line(header.substr(0, first))) return false;
  header.remove_prefix(first + 2);
  while (!header.empty()) {
    if (!read_header_line(take_unfolded(header))) return false;
  }
  begin_body();
  return true;
}

bool ResponseParser::read_status_line(std::string_view line) {
  const bool known = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
  response_ = Response{};
  if (!known || line.size() < 12 || !whole_number(line.substr(9, 3), response_.status) ||
      (line.size() > 12 && line[12] != ' ') || response_.status < 100) {
    return fail("the answer is not HTTP/1.1");
  }
  keep_alive_ = line[7] == '1';
  has_length_ = chunked_ = false;
  body_left_ = 0;
  return true;
}

bool ResponseParser::read_header_line(std::string_view line) {
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = line.substr(0, colon);
  if (name.empty() || colon == line.size() || has_control(line) ||
      name.find_first_of(" \t") != std::string_view::npos) {
    return fail("a header line is malformed");
  }
  const std::string_view value = trim(line.substr(colon + 1));
  if (same_name(name, "Content-Length")) {
    if (std::exchange(has_length_, true) || !whole_number(value, body_left_)) {
      return fail("there is not exactly one Content-Length that is a number");
    }
  } else if (same_name(name, "Transfer-Encoding")) {
    if (chunked_ || !same_name(value, "chunked")) return fail("the transfer coding is not chunked");
    chunked_ = true;
  } else if (same_name(name, "Connection")) {
    if (list_has(value, "close")) keep_alive_ = false;
    if (list_has(value, "keep-alive")) keep_alive_ = true;
  }
  response_.add(name, std::string{value});
  return true;
}

// RFC 9112, 6.3
void ResponseParser::begin_body() {
  const int status = response_.status;
  if (status < 200 && status != 101) {
    stage_ = Stage::header;  // an interim answer; the real one follows
  } else if (head_only_ || status == 204 || status == 304 || status == 101) {
    stage_ = Stage::complete;
  } else if (chunked_ && has_length_) {
    fail("the answer has a length and chunks");
  } else if (chunked_) {
    stage_ = Stage::chunk_size;
  } else if (!has_length_) {
    keep_alive_ = false;
    stage_ = Stage::body_to_end;
  } else if (body_left_ > limits_.body_bytes) {
    fail("the body is over the limit");
  } else {
    stage_ = body_left_ == 0 ? Stage::complete : Stage::body_by_length;
  }
}

bool ResponseParser::read_chunk_size() {
  std::string_view line;
  if (!take_line(line, chunk_line_bytes_max)) return false;
  const std::string_view size = trim(line.substr(0, line.find(';')));
  if (size.size() > chunk_size_digits_max || !whole_number(size, body_left_, 16)) {
    return fail("a chunk size is not a number");
  }
  stage_ = body_left_ == 0 ? Stage::trailer : Stage::chunk_data;
  return true;
}

bool ResponseParser::take_body_bytes() {
  const std::string_view rest = std::string_view{input_}.substr(at_);
  if (rest.empty()) return false;
  const std::string_view part = stage_ == Stage::body_to_end ? rest : rest.substr(0, body_left_);
  if (part.size() > limits_.body_bytes - response_.body.size()) {
    return fail("the body is over the limit");
  }
  response_.body += part;
  at_ += part.size();
  if (stage_ == Stage::body_to_end) return true;
  body_left_ -= part.size();
  if (body_left_ > 0) return false;
  stage_ = stage_ == Stage::body_by_length ? Stage::complete : Stage::chunk_end;
  return true;
}

}  // namespace cpis::http
