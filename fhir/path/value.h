#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "fhir/path/decimal.h"
#include "fhir/path/temporal.h"
#include "fhir/tree/element.h"

namespace cpis::fhir::path {

enum class ValueKind : std::uint8_t {
  none,  ///< a primitive without a value; never in a result
  element,
  boolean,
  integer,
  long_,
  decimal,
  string,
  temporal,  ///< date, dateTime or time: see Temporal::kind
  quantity,
  type_info,  ///< what type() gives
  reference,  ///< a resource known only by the text of a reference to it; see resolve()
};

struct Quantity {
  Decimal value;
  std::string_view unit;  ///< UCUM code
  bool calendar = false;  ///< a calendar duration, written as a keyword
  std::string_view written;
};

struct TypeNames {
  std::string_view space;  ///< `System` or `FHIR`
  std::string_view name;
  std::string_view base;  ///< with its namespace; may be empty
};

/// One item of a collection, 16 bytes. Elements belong to their document, everything else to the
/// evaluator that made it, until its next evaluation. Reading a side that `kind` does not name is a
/// bug of the caller.
class Value {
 public:
  constexpr Value() : kind_{ValueKind::none}, size_{0}, integer_{0} {}
  explicit Value(const Element* element) : kind_{ValueKind::element}, size_{0}, element_{element} {}
  explicit Value(bool value) : kind_{ValueKind::boolean}, size_{0}, boolean_{value} {}
  explicit Value(std::int64_t value) : kind_{ValueKind::integer}, size_{0}, integer_{value} {}
  explicit Value(const Decimal* value) : kind_{ValueKind::decimal}, size_{0}, decimal_{value} {}
  explicit Value(const Temporal* value) : kind_{ValueKind::temporal}, size_{0}, temporal_{value} {}
  explicit Value(const Quantity* value) : kind_{ValueKind::quantity}, size_{0}, quantity_{value} {}
  explicit Value(const TypeNames* value) : kind_{ValueKind::type_info}, size_{0}, types_{value} {}
  explicit Value(std::string_view text, ValueKind kind = ValueKind::string)
      : kind_{kind}, size_{static_cast<std::uint32_t>(text.size())}, text_{text.data()} {}
  static Value long_integer(std::int64_t value) {
    Value v{value};
    v.kind_ = ValueKind::long_;
    return v;
  }

  ValueKind kind() const { return kind_; }
  bool is_element() const { return kind_ == ValueKind::element; }
  bool is_number() const {
    return kind_ == ValueKind::integer || kind_ == ValueKind::decimal || kind_ == ValueKind::long_;
  }

  const Element& element() const { return *element_; }
  bool boolean() const { return boolean_; }
  std::int64_t integer() const { return integer_; }
  std::string_view text() const { return {text_, size_}; }
  const Temporal& temporal() const { return *temporal_; }
  const Quantity& quantity() const { return *quantity_; }
  const TypeNames& types() const { return *types_; }
  /// The number of any of the three kinds of numbers.
  Decimal number() const { return kind_ == ValueKind::decimal ? *decimal_ : Decimal{integer_}; }

  /// A string whose FHIR type is not known: it may be meant as a date.
  bool untyped() const { return untyped_; }
  void mark_untyped() { untyped_ = true; }

 private:
  ValueKind kind_;
  bool untyped_ = false;
  std::uint32_t size_;
  union {
    const Element* element_;
    bool boolean_;
    std::int64_t integer_;
    const char* text_;
    const Decimal* decimal_;
    const Temporal* temporal_;
    const Quantity* quantity_;
    const TypeNames* types_;
  };
};

using Collection = std::span<const Value>;

/// As FHIRPath writes it, without quotes: `12.50`, `2014-05-25T10:00:00Z`, `4 'mg'`, `1 week`. For
/// an element its literal, empty for one that has none.
std::string to_text(const Value& value);

}  // namespace cpis::fhir::path
