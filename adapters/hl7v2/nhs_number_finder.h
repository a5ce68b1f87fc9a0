#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "adapters/core/finding.h"
#include "adapters/core/nhs_number.h"
#include "adapters/hl7v2/feed_settings.h"
#include "adapters/hl7v2/message.h"

namespace cpis::hl7v2 {

/// How an identifier is marked by its authority and type.
enum class IdentifierKind : std::uint8_t { nhs_number, local, unmarked };

/// Judges one CX by its type (CX-5), authority (CX-4) and tracing status (CX-2). A local type wins
/// over an NHS authority: hospital numbers are sent under authority `NHS` too.
IdentifierKind kind_of(const Repetition& cx, const FeedSettings& settings);

struct NhsNumberFound {
  std::optional<NhsNumber> number;
  bool ambiguous = false;  ///< two different valid numbers: nobody may be looked up
  std::string status;      ///< 01 to 08 when it stands in CX-2 beside the number
  std::string path;        ///< where it was found, for `explain`
};

/// Finds the NHS number among the identifiers of one PID or MRG segment (hl7v2.md 1.2).
///
/// `fields` are the numbers of the fields to search, in order of preference. A candidate is ten
/// digits (blanks and hyphens aside) with a right check digit that is not marked as a local
/// number. Candidates marked as NHS numbers come first; unmarked ones count only when none is
/// marked, and leave a warning. Two different candidates of the same rank are ambiguous. A marked
/// number that fails its check digit leaves an error and is not used.
NhsNumberFound find_nhs_number(const Segment& segment, std::span<const std::size_t> fields,
                               const FeedSettings& settings, Findings& findings);

}  // namespace cpis::hl7v2
