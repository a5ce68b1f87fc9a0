#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cpis::social_care {

/// A local authority by the DfE's three-digit code.
struct DfeAuthority {
  int code = 0;
  std::string_view name;
  bool abolished = false;  ///< by a reorganisation; its children are another authority's
};

/// The authority with this code, abolished ones too; nullptr when there is none. The table is of
/// 2026: a reorganisation needs a new row.
const DfeAuthority* find_dfe_authority(std::string_view code);

/// Why a council of this name may not send under this code: it is not three digits, nobody's, of
/// an authority that is no more, or of another one (a wrong code would file its children under
/// somebody else: socialcare.md 10). Nothing when it may. 990 to 999 are nobody's and free for
/// tests and training.
std::optional<std::string> refuse_dfe_code(std::string_view code, std::string_view council_name);

}  // namespace cpis::social_care
