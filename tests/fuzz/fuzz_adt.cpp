#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "adapters/hl7v2/ack_writer.h"
#include "adapters/hl7v2/explain.h"
#include "adapters/hl7v2/understanding.h"
#include "tests/fuzz/cut_frames.h"

using namespace cpis;
using namespace cpis::hl7v2;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::string findings_of(const Understanding& u) {
  std::string text;
  for (const Finding& one : u.findings) text += one.rule + ' ' + one.field + ' ' + one.text + '\n';
  return text;
}

// The answer is written before the message is understood, and has to be the same answer.
void check_receipt(std::string_view bytes, const FeedSettings& feed, const Understanding& u) {
  const Receipt receipt = read_receipt(bytes, feed);
  require(receipt.intake == u.intake);
  for (const AckMode mode : {AckMode::automatic, AckMode::enhanced}) {
    const auto code = ack_code(u.intake, u.header, mode, true);
    require(code == ack_code(receipt.intake, receipt.header, mode, true));
    if (!code) continue;
    require(
        write_ack(u.header, *code, u.intake, u.findings, {"1", Time{}, "GW"}) ==
        write_ack(receipt.header, *code, receipt.intake, receipt.findings, {"1", Time{}, "GW"}));
  }
}

// An event that arrived cut in two is the one that arrived whole, and the first of the cut bytes'
// own buffers is gone by then: nothing of a reading may point into another one's.
void check_cut(std::string_view bytes, const FeedSettings& feed) {
  const auto whole = cpis::fuzz::framed_and_cut(bytes, 0);
  const auto cut = cpis::fuzz::framed_and_cut(bytes, cpis::fuzz::cut_of(bytes));
  require(whole.size() == cut.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const Understanding one = understand(whole[i], feed);
    const Understanding other = understand(cut[i], feed);
    require(one.event == other.event && one.intake == other.intake);
    require(findings_of(one) == findings_of(other));
  }
}

}  // namespace

/// Whatever the bytes: there is an event, or an outcome that says why not; the acknowledgement can
/// be read by our own reader and carries the control id, and is the same from a receipt alone; a
/// number that may not be looked up is never there beside the mark that says so; reading twice
/// gives the same, and so does reading what came cut in two.
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
  check_cut(bytes, feed);
  check_receipt(bytes, feed, u);
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
