#include "gateway/usecases/named_resources.h"

#include <string_view>
#include <variant>

#include "adapters/fhir_r4/access_mapper.h"
#include "adapters/fhir_r4/plan_mapper.h"

namespace cpis::usecases {
namespace {

void add(std::string& names, std::string_view type, std::string_view id) {
  std::string name{type};
  name += '/';
  name += id;
  // A council of several plans is named once.
  if (names.find(name) != std::string::npos) return;
  if (!names.empty()) names += ' ';
  names += name;
}

}  // namespace

std::string named_resources(const ProtectionRecord& record, const std::vector<std::string>& types) {
  std::string names;
  for (const std::string& type : types) {
    if (type == "AuditEvent") {
      for (const AccessEvent& access : record.accesses) {
        add(names, type, fhir_r4::access_id(access));
      }
      continue;
    }
    for (const HeldPlan& held : record.plans) {
      const bool council = type == "Organization";
      add(names, type, council ? std::string_view{held.council.ods_code} : fhir_r4::plan_id(held));
    }
  }
  return names;
}

std::string named_resources(const ProtectionAnswer& answer, const std::vector<std::string>& types) {
  const auto* record = std::get_if<ProtectionRecord>(&answer);
  return record == nullptr ? std::string{} : named_resources(*record, types);
}

}  // namespace cpis::usecases
