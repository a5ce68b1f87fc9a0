#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fhir/path/value.h"

/// The values of an evaluation, one upon the other. Internal to fhir/path.
namespace cpis::fhir::path {

/// Keeps its memory when it is emptied. Positions stay good when it grows, pointers do not.
class ValueStack {
 public:
  std::uint32_t size() const { return static_cast<std::uint32_t>(size_); }
  const Value* data() const { return values_.data(); }
  Value& operator[](std::size_t index) { return values_[index]; }
  const Value& operator[](std::size_t index) const { return values_[index]; }

  /// Empty, and never to hold more than `most`.
  void reset(std::size_t most) {
    size_ = 0;
    most_ = most;
    room_ = std::min(values_.size(), most);
  }
  /// False, and nothing done, when it is full. By value: what is pushed may stand in the stack.
  bool push(Value value) {
    if (size_ == room_ && !grow()) return false;
    values_[size_++] = value;
    return true;
  }
  /// Precondition: not empty.
  Value pop() { return values_[--size_]; }
  /// Leaves `size` values, at most what there is.
  void shrink(std::size_t size) { size_ = size; }
  /// Takes away what lies between the positions `base` and `from`.
  void close(std::size_t base, std::size_t from) {
    while (from < size_) values_[base++] = values_[from++];
    size_ = base;
  }

 private:
  bool grow();

  std::vector<Value> values_;  ///< all that there is room for
  std::size_t size_ = 0;
  std::size_t room_ = 0;
  std::size_t most_ = 0;
};

}  // namespace cpis::fhir::path
