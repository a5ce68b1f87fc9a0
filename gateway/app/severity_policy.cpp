#include "gateway/app/severity_policy.h"

#include <fstream>
#include <utility>

#include "profiles/fhir/policy_reader.h"
#include "profiles/fhir/severity_policies.h"

namespace cpis::app {

Result<fhir::Policy> severity_policy_of(const std::string& setting) {
  if (setting.empty()) return fhir::Policy{};
  if (auto shipped = profiles::severity_policy(setting)) return *std::move(shipped);
  std::ifstream file{setting, std::ios::binary};
  // One byte more than allowed is enough to know that there is too much.
  std::string text(profiles::policy_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.gcount() == 0 && !file.eof())) {
    return Error{ErrorKind::bad_input,
                 "severity policy: '" + setting + "' is neither nhs nor a file that can be read"};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  fhir::Issues issues;
  if (auto own = profiles::read_severity_policy(text, issues)) return *std::move(own);
  std::string why = "severity policy: " + setting + " cannot be used";
  for (const fhir::Issue& issue : issues) {
    why += "\n  " + issue.path + (issue.path.empty() ? "" : ": ") + issue.diagnostics;
  }
  return Error{ErrorKind::bad_input, std::move(why)};
}

}  // namespace cpis::app
