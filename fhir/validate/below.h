#pragma once

#include "fhir/tree/element.h"

namespace cpis::fhir {

/// Calls `visit` with `top` and every element below it, in order.
template <class Visit>
void for_each_below(const Element& top, const Visit& visit) {
  const Element* at = &top;
  while (true) {
    visit(*at);
    if (at->has_children()) {
      at = at->first_child();
      continue;
    }
    while (at != &top && at->next() == nullptr) at = at->parent();
    if (at == &top) return;
    at = at->next();
  }
}

/// The resource of a Bundle's entry, null when there is none.
inline const Element* resource_in(const Element& entry) {
  const Element* const resource = entry.first("resource");
  return resource != nullptr && resource->resource() ? resource : nullptr;
}

}  // namespace cpis::fhir
