#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cpis {

enum class Severity : std::uint8_t {
  information,
  warning,  ///< taken, but somebody should look
  error,    ///< this row, field or message was not used
  fatal,    ///< nothing of this input was used
};

/// Something a reader has to say about foreign data, with its address.
///
/// `text` may name the rule, the field and the allowed form; it never repeats a name, a number, a
/// birth date or an address.
struct Finding {
  Severity severity = Severity::error;
  std::string rule;      ///< stable id, for example P03 or HL7-PID-3
  std::string source;    ///< file name or message id; empty when there is only one
  std::size_t line = 0;  ///< 1-based; 0 when the format has no lines
  std::string field;     ///< column name, HL7 path (PID-3.1) or element path; empty for the whole
  std::string text;

  friend bool operator==(const Finding&, const Finding&) = default;
};

using Findings = std::vector<Finding>;

inline bool has_errors(const Findings& findings) {
  for (const Finding& finding : findings) {
    if (finding.severity >= Severity::error) return true;
  }
  return false;
}

}  // namespace cpis
