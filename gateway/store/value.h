#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cpis::store {

/// One parameter of a statement: null, a 64-bit integer, text (UTF-8) or bytes.
///
/// A view: text and bytes must stay alive until `execute` or `query` returns, no longer.
class Value {
 public:
  enum class Type { null, integer, text, blob };

  constexpr Value() = default;
  constexpr Value(std::nullptr_t) {}
  constexpr Value(std::int64_t integer) : type_{Type::integer}, integer_{integer} {}
  constexpr Value(int integer) : type_{Type::integer}, integer_{integer} {}
  constexpr Value(std::string_view text) : type_{Type::text}, bytes_{text} {}
  constexpr Value(const char* text) : type_{Type::text}, bytes_{text} {}
  /// An empty optional is null.
  template <class T>
  constexpr Value(const std::optional<T>& value) : Value{value ? Value{*value} : Value{}} {}
  Value(const std::string& text) : type_{Type::text}, bytes_{text} {}
  Value(bool) = delete;  ///< say 0 or 1: columns hold integers

  /// Bytes that are not text: hashes, messages in an unknown character set.
  static constexpr Value blob(std::string_view bytes) {
    Value value{bytes};
    value.type_ = Type::blob;
    return value;
  }

  constexpr Type type() const { return type_; }
  constexpr std::int64_t integer() const { return integer_; }
  constexpr std::string_view bytes() const { return bytes_; }

 private:
  Type type_ = Type::null;
  std::int64_t integer_ = 0;
  std::string_view bytes_;
};

/// The current row of a query. Columns count from 0. Only valid inside the row reader.
///
/// What comes out of a database is checked like any other input: a reader that finds a value it
/// cannot accept returns an error, which ends the query.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(std::size_t column) const = 0;
  virtual std::int64_t integer(std::size_t column) const = 0;   ///< 0 for null
  virtual std::string_view text(std::size_t column) const = 0;  ///< text or bytes; empty for null

  /// Empty for null.
  std::optional<std::int64_t> optional_integer(std::size_t column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
  }
};

}  // namespace cpis::store
