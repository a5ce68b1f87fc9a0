#include "adapters/hl7v2/ack_reader.h"

#include "adapters/core/finding.h"
#include "adapters/hl7v2/message.h"

namespace cpis::hl7v2 {

std::optional<ReceivedAck> read_ack(std::string_view bytes) {
  Findings findings;
  const auto message = Message::parse(bytes, findings);
  if (!message) return std::nullopt;
  const auto msa = message->find("MSA");
  if (!msa) return std::nullopt;
  return ReceivedAck{std::string{msa->field(1).raw()}, std::string{msa->field(2).raw()},
                     msa->field(3).text()};
}

AckMeaning meaning_of(const ReceivedAck& ack) {
  if (ack.code == "AA" || ack.code == "CA") return AckMeaning::accepted;
  if (ack.code == "AE" || ack.code == "CE") return AckMeaning::refused;
  if (ack.code == "AR" || ack.code == "CR") return AckMeaning::later;
  return AckMeaning::unknown;
}

}  // namespace cpis::hl7v2
