#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/finding.h"
#include "adapters/core/time.h"
#include "adapters/hl7v2/ack_policy.h"
#include "adapters/hl7v2/feed_settings.h"
#include "adapters/hl7v2/header.h"

namespace cpis::hl7v2 {

/// What the gateway adds to an acknowledgement. Views, for as long as it is written.
struct AckStamp {
  std::string_view control_id;  ///< our own MSH-10; unique, at most 20 characters
  Time now{};
  std::string_view software;  ///< MSH-3 when the sender named no receiver
};

/// MSA-1 for an outcome, or nothing when no acknowledgement is due: the verdict is `close`, or in
/// strict enhanced mode MSH-15 and MSH-16 ask for none (hl7v2.md 3.2).
///
/// Strict enhanced mode answers with CA, CE or CR as MSH-15 asks (AL, NE, ER, SU). When MSH-15
/// asks for none, MSH-16 governs an AA, AE or AR; when both are empty it is original mode.
std::optional<std::string_view> ack_code(Intake intake, const MessageHeader& header, AckMode mode,
                                         bool reject_unsupported);

/// One acknowledgement without MLLP framing, segments ended by CR.
///
/// Delimiters, MSH-11, MSH-12 and MSH-18 are the sender's; MSH-3 to 6 are swapped; MSH-9 is
/// `ACK^A04^ACK` from 2.4 on and `ACK` before; MSA-2 is MSH-10 byte for byte. An outcome other
/// than acceptance adds its text and the table 0357 code: MSA-6 and ERR-1 before 2.5, ERR-2 to
/// ERR-8 from 2.5 on, one ERR for each error in `findings` (at most 20). Input without a header is
/// answered with the usual delimiters and an empty MSA-2.
std::string write_ack(const MessageHeader& header, std::string_view code, Intake intake,
                      const Findings& findings, const AckStamp& stamp);

/// The acknowledgements of a batch as one batch: `BHS ... acks ... BTS`. `envelope` is the header
/// of the received BHS or FHS.
std::string write_batch_ack(const MessageHeader& envelope, const std::vector<std::string>& acks,
                            const AckStamp& stamp);

}  // namespace cpis::hl7v2
