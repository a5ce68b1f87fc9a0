#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace cpis::fhir {

/// Memory that is handed out in order and given back all at once. Holds only trivially
/// destructible things. Not thread safe; addresses stay valid until `clear` or destruction.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;

  /// `align` is a power of two, at most the alignment of std::max_align_t.
  void* allocate(std::size_t size, std::size_t align) {
    const std::size_t pad = (align - (at_ & (align - 1))) & (align - 1);
    if (block_ == nullptr || size + pad > end_ - at_) return allocate_slow(size);
    std::byte* const place = block_ + at_ + pad;
    at_ += pad + size;
    return place;
  }

  /// A copy of `text` that lives as long as the arena.
  std::string_view copy(std::string_view text);

  /// Forgets everything and keeps the newest (largest) block for the next use.
  void clear();

  /// Bytes obtained from the system.
  std::size_t capacity() const { return capacity_; }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };
  void* allocate_slow(std::size_t size);

  std::vector<Block> blocks_;
  std::byte* block_ = nullptr;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace cpis::fhir
