#pragma once

#include <string>

namespace cpis {

/// A local authority with the two telephone numbers that clinicians are shown.
///
/// A three-digit code can be an ODS code or a DfE code, and they differ: they live in separately
/// named members and are never compared with each other (socialcare.md 10).
struct Council {
  std::string ods_code;
  std::string name;
  std::string office_phone;     ///< digits, optional leading +; office hours (telecom use WP)
  std::string emergency_phone;  ///< emergency duty team, out of hours (telecom use EC)

  friend bool operator==(const Council&, const Council&) = default;
};

}  // namespace cpis
