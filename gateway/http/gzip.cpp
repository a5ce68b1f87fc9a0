#include "gateway/http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <climits>
#include <stdexcept>

#include "gateway/http/request.h"

namespace cpis::http {

namespace {

constexpr int gzip_window_bits = 15 + 16;  // the largest window, with a gzip header
constexpr int level = 4;  // FHIR JSON shrinks about as well as at 6, in half the time
constexpr int memory_level = 8;
constexpr std::size_t piece_bytes = std::size_t{16} * 1024;

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool weight_is_zero(std::string_view parameters) noexcept {
  parameters = trim(parameters);
  if (!parameters.starts_with("q=") && !parameters.starts_with("Q=")) return false;
  return parameters.substr(2).find_first_not_of("0.") == std::string_view::npos;
}

// zlib only reads from next_in, but its old interface says otherwise.
Bytef* input_of(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

}  // namespace

bool accepts_gzip(std::string_view list) noexcept {
  bool any = false;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view member = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    const std::size_t semicolon = std::min(member.find(';'), member.size());
    const std::string_view coding = trim(member.substr(0, semicolon));
    const bool wanted = !weight_is_zero(member.substr(std::min(semicolon + 1, member.size())));
    if (same_name(coding, "gzip") || same_name(coding, "x-gzip")) return wanted;
    if (coding == "*") any = wanted;
  }
  return any;
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, gzip_window_bits, memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error{"zlib could not start"};
  }
  if (bytes.size() > UINT_MAX) {
    deflateEnd(&stream);
    throw std::length_error{"too long to compress in one piece"};
  }
  std::string out;
  out.resize(deflateBound(&stream, static_cast<uLong>(bytes.size())));
  stream.next_in = input_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = deflate(&stream, Z_FINISH);
  const std::size_t size = stream.total_out;
  deflateEnd(&stream);
  if (ended != Z_STREAM_END) throw std::runtime_error{"zlib could not finish"};
  out.resize(size);
  return out;
}

Result<std::string> gunzip(std::string_view compressed, std::size_t bytes_max) {
  z_stream stream{};
  if (compressed.size() > UINT_MAX || inflateInit2(&stream, gzip_window_bits) != Z_OK) {
    return Error{ErrorKind::fault, "zlib could not start"};
  }
  stream.next_in = input_of(compressed);
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string out;
  std::array<char, piece_bytes> piece{};
  int state = Z_OK;
  while (state == Z_OK && out.size() <= bytes_max) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
    if (state == Z_STREAM_END && stream.avail_in > 0) state = inflateReset(&stream);
  }
  inflateEnd(&stream);
  if (out.size() > bytes_max) return Error{ErrorKind::busy, "gzip content is over the limit"};
  if (state != Z_STREAM_END) return Error{ErrorKind::bad_input, "gzip content is broken or cut"};
  return out;
}

}  // namespace cpis::http
