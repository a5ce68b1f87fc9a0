#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace cpis::hl7v2 {

/// Calls `found` with the place of each `wanted` in `text`, front to back, until it says false.
///
/// Eight bytes are looked at in one go: between separators there are few bytes, so that a search
/// for each of them would be mostly its own beginning.
template <class Found>
void each_of(std::string_view text, char wanted, Found found) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t low_bits = 0x7F * ones;
  const std::uint64_t eight_wanted = ones * static_cast<unsigned char>(wanted);
  std::size_t at = 0;
  constexpr bool first_is_lowest = std::endian::native == std::endian::little;
  for (; first_is_lowest && at + 8 <= text.size(); at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + at, sizeof eight);
    // A byte that is the wanted one becomes zero; of those, and of no others, the high bit is set.
    const std::uint64_t other = eight ^ eight_wanted;
    std::uint64_t hits = ~(((other & low_bits) + low_bits) | other | low_bits);
    for (; hits != 0; hits &= hits - 1) {
      if (!found(at + static_cast<std::size_t>(std::countr_zero(hits)) / 8)) return;
    }
  }
  for (; at < text.size(); ++at) {
    if (text[at] == wanted && !found(at)) return;
  }
}

}  // namespace cpis::hl7v2
