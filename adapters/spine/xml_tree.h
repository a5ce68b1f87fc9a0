#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

struct _xmlDict;

// What a document is kept as; only the readers of this folder see it.

namespace cpis::spine::detail {

inline constexpr std::uint32_t none = 0xFFFFFFFFU;

struct XmlAttribute {
  std::string_view name;
  std::string_view name_space;
  std::string_view value;
};

struct XmlNode {
  std::string_view name;
  std::string_view name_space;
  std::string_view text;
  std::uint32_t parent = none;
  std::uint32_t first_child = none;
  std::uint32_t last_child = none;
  std::uint32_t next = none;
  std::uint32_t first_attribute = 0;
  std::uint32_t attributes = 0;
  std::uint32_t line = 0;
};

// Where an arena can be taken back to.
struct ArenaMark {
  std::size_t blocks = 0;
  std::size_t used = 0;
};

// Text of the document. Blocks are never moved, so views into them stay valid.
class Arena {
 public:
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    char* const at = room_for(text.size());
    std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
  }
  // With a zero byte behind it, which is no part of what is given.
  std::string_view keep_ended(std::string_view text) {
    char* const at = room_for(text.size() + 1);
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    at[text.size()] = '\0';
    return {at, text.size()};
  }
  ArenaMark mark() const { return {blocks_.size(), used_}; }
  void back_to(const ArenaMark& mark) {
    blocks_.resize(mark.blocks);
    sizes_.resize(mark.blocks);
    used_ = mark.used;
  }

 private:
  char* room_for(std::size_t bytes) {
    if (blocks_.empty() || used_ + bytes > sizes_.back()) {
      const std::size_t size = std::max(block_bytes, bytes);
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
      sizes_.push_back(size);
      used_ = 0;
    }
    char* const at = blocks_.back().get() + used_;
    used_ += bytes;
    return at;
  }

  static constexpr std::size_t block_bytes = 16 * 1024;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::size_t> sizes_;
  std::size_t used_ = 0;
};

struct XmlTree {
  // Room for what a message of this size usually holds, so that the tree grows once.
  void expect(std::size_t bytes) {
    constexpr std::size_t bytes_an_element = 36;
    constexpr std::size_t room_max = 8'192;
    const std::size_t room = std::min(bytes / bytes_an_element + 1, room_max);
    nodes.reserve(room);
    attributes.reserve(room);
  }

  std::vector<XmlNode> nodes;
  std::vector<XmlAttribute> attributes;
  Arena arena;
  // A reference of ours to the library's names, where the nodes' names point into them.
  std::unique_ptr<_xmlDict, void (*)(_xmlDict*)> names{nullptr, nullptr};
};

inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

inline std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace cpis::spine::detail
