#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "conformance/runner/engine.h"

namespace cpis::conformance {

/// Sends one HL7 v2 message and gives the acknowledgement, both without framing.
using SendMessage = std::function<Result<std::string>(std::string_view message)>;

/// What any receiver of an admission feed must do, by the wire (HL7 v2.5.1 chapter 2.9, hl7v2.md
/// 3): acknowledge what it keeps, with the sender's control id and the sender as receiver; take a
/// message sent again; never acknowledge as accepted what cannot be used. The report has the form
/// of a TestScript's, so that write_test_report and junit take it.
///
/// The messages are about an invented child with a number of the 999 range. `run_id` (letters and
/// digits, at most 10) keeps the control ids of this run apart from those of earlier ones.
ScriptReport run_v2_suite(const SendMessage& send, std::string_view run_id);

}  // namespace cpis::conformance
