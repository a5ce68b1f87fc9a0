#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/store/value.h"

namespace cpis::store {

/// Text as a `{key:n}` column takes it on both engines: well-formed UTF-8 of at most n characters.
/// Bytes that are not UTF-8 become U+FFFD, what is too long is cut. Foreign text must never keep a
/// message from being stored. Nearly all text passes unchanged and is not copied.
///
/// Refers to the text it was made from; both must live until the statement has run.
class ColumnText {
 public:
  ColumnText(std::string_view text, std::size_t characters_max);
  ColumnText(std::optional<std::string_view> text, std::size_t characters_max);
  ColumnText(const ColumnText&) = delete;
  ColumnText& operator=(const ColumnText&) = delete;

  std::string_view view() const { return mended_ ? std::string_view{*mended_} : text_; }
  Value value() const { return is_null_ ? Value{} : Value{view()}; }

 private:
  std::string_view text_;
  std::optional<std::string> mended_;
  bool is_null_ = false;
};

}  // namespace cpis::store
