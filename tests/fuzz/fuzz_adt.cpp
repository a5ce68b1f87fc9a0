#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "adapters/hl7v2/ack_writer.h"
#include "adapters/hl7v2/explain.h"
#include "adapters/hl7v2/understanding.h"

using namespace cpis;
using namespace cpis::hl7v2;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

/// Whatever the bytes: there is an event, or an outcome that says why not; the acknowledgement can
/// be read by our own reader and carries the control id; a number that may not be looked up is
/// never there beside the mark that says so; reading twice gives the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const FeedSettings feed;
  const Understanding u = understand(bytes, feed);
  require(u.event.has_value() == (u.intake == Intake::stored));
  if (u.event) {
    require(!(u.event->patient.nhs_number && u.event->patient.nhs_number_ambiguous));
    require(!u.event->details.shielded || u.event->details.addresses.empty());
    require(u.event == understand(bytes, feed).event);
  }
  if (const auto code = ack_code(u.intake, u.header, feed.ack_mode, false)) {
    const std::string ack = write_ack(u.header, *code, u.intake, u.findings, {"1", Time{}, "GW"});
    Findings findings;
    const auto answer = Message::parse(ack, findings);
    require(answer.has_value());
    require(answer->header().found && answer->count("MSA") == 1);
  }
  require(!explain(bytes, {}).empty());
  return 0;
}
