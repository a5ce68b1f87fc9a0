#pragma once

#include <string_view>

#include "adapters/spine/explain.h"

namespace cpis::spine {

/// The part of `explain` for what the look-ups answer: PDS Patients, SDS Devices and Endpoints,
/// searchsets of these, OperationOutcomes. Of a person nothing is told but the masked number, the
/// gender, and whether PDS restricts the record.
void explain_json(Explanation& out, std::string_view json);

}  // namespace cpis::spine
