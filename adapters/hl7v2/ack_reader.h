#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cpis::hl7v2 {

/// What a receiver answered: MSA of an acknowledgement (HL7 v2.4, 2.16.8), byte for byte.
struct ReceivedAck {
  std::string code;        ///< MSA-1: AA, AE, AR, CA, CE or CR; others as they came
  std::string control_id;  ///< MSA-2: MSH-10 of the message it answers
  std::string text;        ///< MSA-3; may quote patient data, so never for a log
};

enum class AckMeaning {
  accepted,  ///< AA, CA
  refused,   ///< AE, CE: the same message will never be taken
  later,     ///< AR, CR: the other side's trouble, or not now; the same message may be sent again
  unknown,   ///< no such code
};

/// Nothing when the bytes hold no MSH or no MSA.
std::optional<ReceivedAck> read_ack(std::string_view bytes);

AckMeaning meaning_of(const ReceivedAck& ack);

}  // namespace cpis::hl7v2
