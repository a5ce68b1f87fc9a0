#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/finding.h"
#include "adapters/spine/xml_reader.h"

namespace cpis::spine {

/// What came of reading a foreign message: the value, unless it could not be used at all, and
/// everything there is to say about it, with addresses.
template <class T>
struct Reading {
  std::optional<T> value;
  Findings findings;
};

/// Adds a finding about an element: its path and line, never its content.
inline void report(Findings& findings, Severity severity, std::string_view rule, XmlView where,
                   std::string text) {
  findings.push_back(
      {severity, std::string{rule}, "", where.line(), where.path(), std::move(text)});
}

}  // namespace cpis::spine
