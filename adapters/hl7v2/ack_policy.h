#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/core/finding.h"

namespace cpis::hl7v2 {

/// What became of one received message.
enum class Intake : std::uint8_t {
  stored,               ///< kept durably; everything else happens later
  duplicate,            ///< same sender, control id and content as one that is kept
  control_id_reused,    ///< kept; its control id was seen with other content
  unsupported_type,     ///< kept and counted; no ADT
  unsupported_event,    ///< kept and counted; an event that is not acted on
  unsupported_version,  ///< kept and counted
  no_header,            ///< no MSH, or separators that cannot be used
  undecodable,          ///< UTF-16, or several messages where one must be
  too_many_parts,       ///< over the segment or field limit
  segment_missing,      ///< no PID, or a merge without MRG
  no_identifier,        ///< nobody is identified
  too_large,            ///< over the byte limit; the frame was not kept
  not_kept,             ///< our own trouble: the store did not take it
  stopping,             ///< our own trouble: shutting down
};
inline constexpr std::size_t intakes = 14;

/// What the sender is told. `close` means no answer at all: the connection is closed.
enum class Verdict : std::uint8_t { accept, error, reject, close };

/// One line of the decision table.
struct AckRule {
  Intake intake;
  Verdict verdict;
  Verdict when_rejecting;  ///< for feeds that set `reject_unsupported`
  int code;                ///< HL7 table 0357
  std::string_view text;   ///< MSA-3 and ERR; without patient data
};

/// How each outcome is answered (hl7v2.md 3.3). Engines take AE and AR as final, and AR can block
/// a queue, while a closed connection or a time-out is retried. Hence AA once a message is kept,
/// whatever it is; AE only for what can never work; AR only where a feed asks for it; and for our
/// own trouble no answer.
inline constexpr std::array<AckRule, intakes> ack_rules{{
    {Intake::stored, Verdict::accept, Verdict::accept, 0, ""},
    {Intake::duplicate, Verdict::accept, Verdict::accept, 0, ""},
    {Intake::control_id_reused, Verdict::accept, Verdict::accept, 0, ""},
    {Intake::unsupported_type, Verdict::accept, Verdict::reject, 200, "message type not used here"},
    {Intake::unsupported_event, Verdict::accept, Verdict::reject, 201, "event not used here"},
    {Intake::unsupported_version, Verdict::accept, Verdict::reject, 203, "version not accepted"},
    {Intake::no_header, Verdict::error, Verdict::error, 100, "no usable MSH segment"},
    {Intake::undecodable, Verdict::error, Verdict::error, 102, "the message cannot be decoded"},
    {Intake::too_many_parts, Verdict::error, Verdict::error, 102, "too many segments or fields"},
    {Intake::segment_missing, Verdict::error, Verdict::error, 100, "a required segment is missing"},
    {Intake::no_identifier, Verdict::error, Verdict::error, 101, "no patient identifier"},
    {Intake::too_large, Verdict::close, Verdict::close, 207, "over the size limit"},
    {Intake::not_kept, Verdict::close, Verdict::close, 207, ""},
    {Intake::stopping, Verdict::close, Verdict::close, 207, ""},
}};

consteval bool ack_rules_are_in_order() {
  for (std::size_t i = 0; i < ack_rules.size(); ++i) {
    if (ack_rules[i].intake != static_cast<Intake>(i)) return false;
  }
  return static_cast<std::size_t>(Intake::stopping) + 1 == intakes;
}
static_assert(ack_rules_are_in_order());

constexpr const AckRule& rule_for(Intake intake) {
  return ack_rules[static_cast<std::size_t>(intake)];
}

constexpr Verdict verdict_for(Intake intake, bool reject_unsupported) {
  const AckRule& rule = rule_for(intake);
  return reject_unsupported ? rule.when_rejecting : rule.verdict;
}

/// The outcome that a reader's findings stand for: `stored` when none of them refuses the message.
Intake intake_of(const Findings& findings);

}  // namespace cpis::hl7v2
