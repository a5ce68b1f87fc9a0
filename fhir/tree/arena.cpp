#include "fhir/tree/arena.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cpis::fhir {
namespace {
constexpr std::size_t first_block_bytes = std::size_t{16} * 1024;
constexpr std::size_t largest_block_bytes = std::size_t{4} * 1024 * 1024;
}  // namespace

void* Arena::allocate_slow(std::size_t size) {
  const std::size_t wanted =
      blocks_.empty() ? first_block_bytes : std::min(blocks_.back().size * 2, largest_block_bytes);
  Block block;
  block.size = std::max(wanted, size);
  block.bytes = std::make_unique_for_overwrite<std::byte[]>(block.size);
  capacity_ += block.size;
  block_ = block.bytes.get();
  end_ = block.size;
  at_ = size;
  blocks_.push_back(std::move(block));
  return block_;
}

std::string_view Arena::copy(std::string_view text) {
  if (text.empty()) return {};
  char* const place = static_cast<char*>(allocate(text.size(), 1));
  if (text.size() < 4) {
    for (std::size_t i = 0; i < text.size(); ++i) place[i] = text[i];
  } else if (text.size() < 8) {
    // Most are names and codes: the front and the back, which may overlap, without a call.
    std::memcpy(place, text.data(), 4);
    std::memcpy(place + text.size() - 4, text.data() + text.size() - 4, 4);
  } else if (text.size() <= 16) {
    std::memcpy(place, text.data(), 8);
    std::memcpy(place + text.size() - 8, text.data() + text.size() - 8, 8);
  } else {
    std::memcpy(place, text.data(), text.size());
  }
  return {place, text.size()};
}

void Arena::clear() {
  if (blocks_.size() <= 1) {
    at_ = 0;
    return;
  }
  Block kept = std::move(blocks_.back());
  blocks_.clear();
  capacity_ = kept.size;
  block_ = kept.bytes.get();
  end_ = kept.size;
  at_ = 0;
  blocks_.push_back(std::move(kept));
}

}  // namespace cpis::fhir
