#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/social_care/extract.h"
#include "adapters/social_care/source.h"

namespace cpis::social_care {

/// What a reader of one XML format does as the document goes by. `path` names the open elements
/// from the root to the one that is meant.
class XmlHandler {
 public:
  using Path = std::span<const std::string>;

  virtual ~XmlHandler() = default;
  virtual void open(Path path, RowRef at) = 0;
  /// Text directly in the last element of `path`; may come in parts.
  virtual void text(Path path, std::string_view text) = 0;
  virtual void close(Path path) = 0;
};

/// Walks one file of the set. Another root than `root`, and what XmlReader refuses, refuses the set
/// (F01). Stops when the handler has refused it.
void walk_xml(Source& source, Extract& extract, std::string_view root, XmlHandler& handler);

}  // namespace cpis::social_care
