#pragma once

#include <string>
#include <string_view>

#include "adapters/core/ports/protection_source.h"
#include "adapters/core/protection.h"

namespace cpis::fhir_api {

/// One of our CDS services.
struct CdsService {
  std::string_view id;
  std::string_view hook;
  std::string_view title;
  std::string_view description;
};
inline constexpr CdsService cds_services[] = {
    {"cpis-patient-view", "patient-view", "Child protection information (CP-IS)",
     "Tells who opens a patient's record whether a child protection plan, a looked after status or "
     "an unborn child protection plan is held, with the responsible council's telephone numbers."},
    {"cpis-encounter-start", "encounter-start", "Child protection information at an attendance",
     "The same when an attendance begins. Calls about one person within ten minutes are one look."},
};
const CdsService* find_cds_service(std::string_view id);

/// `{"services":[...]}`.
std::string cds_discovery();

/// The cards of an answer: critical when a plan is held, warning when nothing could be learnt or
/// something held could not be read, info when no record is held now. No card says or implies that
/// a child without a record is not at risk. `base` is that of the FHIR server, for links.
std::string cds_cards(const ProtectionAnswer& answer, std::string_view base, Date today);

/// The warning about somebody who could not even be asked about.
std::string cds_unasked_card(std::string_view why);

}  // namespace cpis::fhir_api
