#pragma once

#include <cstdint>

#include "adapters/spine/plain_xml.h"

namespace cpis::test {

/// Whether a tree of the plain reader, from the node at `index`, is the tree that libxml2 gave.
inline bool same_tree(const spine::detail::XmlTree& plain, std::uint32_t index,
                      spine::XmlView library) {
  const auto& node = plain.nodes[index];
  const spine::XmlView ours{&plain, index};
  if (ours.name() != library.name() || ours.name_space() != library.name_space()) return false;
  if (ours.text() != library.text() || ours.line() != library.line()) return false;
  for (std::uint32_t i = 0; i < node.attributes; ++i) {
    const auto& attribute = plain.attributes[node.first_attribute + i];
    if (library.attr(attribute.name_space, attribute.name) != attribute.value) return false;
  }
  spine::XmlView library_child = library.first_child();
  std::uint32_t at = node.first_child;
  while (at != spine::detail::none && library_child) {
    if (!same_tree(plain, at, library_child)) return false;
    at = plain.nodes[at].next;
    library_child = library_child.next();
  }
  return at == spine::detail::none && !library_child;
}

}  // namespace cpis::test
