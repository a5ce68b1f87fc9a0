#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "adapters/core/attendance.h"
#include "adapters/hl7v2/charset.h"
#include "adapters/hl7v2/message.h"
#include "adapters/hl7v2/path.h"
#include "adapters/hl7v2/time_reader.h"

namespace cpis::hl7v2 {

/// How a feed is answered (hl7v2.md 3.2).
enum class AckMode : std::uint8_t {
  original,   ///< AA, AE or AR always, whatever MSH-15 and MSH-16 say
  enhanced,   ///< strictly by MSH-15 and MSH-16; may mean no answer at all
  automatic,  ///< as original: engines send AL or NE out of habit and still wait for AA
};

using CodeTable = std::map<std::string, std::string, std::less<>>;

/// What is particular to one sender. The defaults read the UK dialects of hl7v2.md 1.
/// A plain value; share it between threads as const.
struct FeedSettings {
  std::string name = "default";

  CharsetDefault charset_default = Charset::windows_1252;  ///< for bytes that are not UTF-8
  Clocks clocks = Clocks::london;                          ///< for times without a zone
  bool day_first_dates = false;                            ///< `01/10/2019` is the first of October
  MessageLimits limits;

  AckMode ack_mode = AckMode::automatic;
  bool reject_unsupported = false;  ///< AR for types, events and versions that are not used
  std::vector<std::string> events;  ///< trigger events that are acted on; empty: all that are known
  std::vector<std::string> versions;  ///< accepted MSH-12; empty: all

  /// Sending organisation when MSH-4 does not tell it, and site when the location does not.
  std::string organisation_ods;
  std::string site_ods;
  CodeTable organisation_codes;  ///< MSH-4 as sent -> ODS code
  CodeTable site_codes;          ///< PV1-3.4, PV1-3.1 or PV1-3.11 as sent -> ODS code

  CodeTable sex_codes;          ///< PID-8 as sent -> male, female, other, unknown
  CodeTable class_codes;        ///< PV1-2 as sent -> E, I, O, P, B, R, W or U
  CodeTable class_by_location;  ///< PV1-3.1 -> the same letters; used when PV1-2 tells nothing

  std::vector<std::string> nhs_authorities;  ///< CX-4 values that mean NHS number, beside the usual
  std::vector<std::string> local_types;  ///< CX-5 values that mean local number, beside the usual
  std::string local_authority;           ///< for local identifiers without an authority

  std::vector<std::string> obstetric_locations;  ///< PV1-3.1 of maternity units
  Path visit_number{"PV1", {}, 19, {}, 1, {}};
};

}  // namespace cpis::hl7v2
