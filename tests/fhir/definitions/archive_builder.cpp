#include "tests/fhir/definitions/archive_builder.h"

#include <zlib.h>

#include <algorithm>

namespace cpis::test {

namespace {

std::string octal(std::size_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t at = digits; at > 0; --at, value /= 8) {
    text[at - 1] = static_cast<char>('0' + value % 8);
  }
  return text;
}

}  // namespace

std::string tar_entry(std::string_view name, std::string_view content, char type) {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, std::string_view text) {
    std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, name.substr(0, 100));
  put(100, "0000644");
  put(124, octal(content.size(), 11));
  put(136, "00000000000");
  header[156] = type;
  put(257, "ustar");
  put(263, "00");
  put(148, "        ");
  std::size_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, octal(sum, 6) + '\0' + ' ');
  const std::size_t padding = (512 - content.size() % 512) % 512;
  return header + std::string{content} + std::string(padding, '\0');
}

std::string tar_end() { return std::string(1024, '\0'); }

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, static_cast<uLong>(bytes.size())) + 64, '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace cpis::test
