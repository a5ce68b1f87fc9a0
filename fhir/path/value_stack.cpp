#include "fhir/path/value_stack.h"

namespace cpis::fhir::path {

bool ValueStack::grow() {
  constexpr std::size_t first_room = 64;
  if (size_ >= most_) return false;
  values_.resize(std::min(std::max(values_.size() * 2, first_room), most_));
  room_ = values_.size();
  return true;
}

}  // namespace cpis::fhir::path
