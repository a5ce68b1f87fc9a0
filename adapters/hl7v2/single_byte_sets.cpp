#include "adapters/hl7v2/single_byte_sets.h"

#include <iconv.h>

#include <cstddef>
#include <cstdint>
#include <mutex>

namespace cpis::hl7v2 {
namespace {

constexpr char32_t replacement = 0xFFFD;

using CodePoints = std::array<char32_t, 256>;

// In the order of Charset; the names that iconv knows them by.
constexpr std::array<const char*, charset_count> names{
    "UTF-8",        "WINDOWS-1252", "ISO-8859-1",   "ISO-8859-15",  "ISO-8859-2",
    "ISO-8859-3",   "ISO-8859-4",   "ISO-8859-5",   "ISO-8859-6",   "ISO-8859-7",
    "ISO-8859-8",   "ISO-8859-9",   "ISO-8859-10",  "ISO-8859-11",  "ISO-8859-13",
    "ISO-8859-14",  "ISO-8859-16",  "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1253",
    "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257", "WINDOWS-1258"};

class Converter {
 public:
  explicit Converter(const char* from) : handle_{::iconv_open("UTF-16LE", from)} {}
  ~Converter() {
    if (usable()) ::iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  char32_t of(unsigned char byte) {
    if (!usable()) return replacement;
    char in = static_cast<char>(byte);
    std::array<char, 4> out{};
    char* from = &in;
    char* to = out.data();
    std::size_t left = 1;
    std::size_t room = out.size();
    ::iconv(handle_, nullptr, nullptr, nullptr, nullptr);  // no state from the byte before
    const std::size_t converted = ::iconv(handle_, &from, &left, &to, &room);
    // Some sets hold a letter back to join an accent to it; the second call gives it out.
    ::iconv(handle_, nullptr, nullptr, &to, &room);
    if (converted == static_cast<std::size_t>(-1) || room != out.size() - 2) return replacement;
    const auto low = static_cast<unsigned char>(out[0]);
    const auto high = static_cast<unsigned char>(out[1]);
    return static_cast<char32_t>(low | (high << 8U));
  }

 private:
  bool usable() const { return handle_ != reinterpret_cast<iconv_t>(std::intptr_t{-1}); }

  iconv_t handle_;
};

void fill(CodePoints& points, const char* name) {
  Converter converter{name};
  for (std::size_t byte = 0; byte < points.size(); ++byte) {
    if (byte < 0x80) {
      points[byte] = static_cast<char32_t>(byte);
      continue;
    }
    const char32_t point = converter.of(static_cast<unsigned char>(byte));
    points[byte] = point < 0xA0 ? replacement : point;
  }
}

}  // namespace

const CodePoints& code_points_of(Charset charset) {
  static std::array<CodePoints, charset_count> all;
  static std::array<std::once_flag, charset_count> made;
  const auto at = static_cast<std::size_t>(charset);
  std::call_once(made[at], [&] { fill(all[at], names[at]); });
  return all[at];
}

}  // namespace cpis::hl7v2
