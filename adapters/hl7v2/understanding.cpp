#include "adapters/hl7v2/understanding.h"

#include "adapters/hl7v2/adt_reader.h"
#include "adapters/hl7v2/quick_look.h"

namespace cpis::hl7v2 {

Understanding understand(std::string_view bytes, const FeedSettings& settings) {
  Understanding understood;
  understood.message =
      Message::parse(bytes, understood.findings, settings.charset_default, settings.limits);
  if (understood.message) {
    understood.header = understood.message->header();
    understood.event = read_adt(*understood.message, settings, understood.findings);
  } else {
    understood.header = read_header(bytes);
  }
  understood.intake = intake_of(understood.findings);
  return understood;
}

Receipt read_receipt(std::string_view bytes, const FeedSettings& settings) {
  Receipt receipt;
  receipt.header = read_header(bytes, &receipt.findings);
  if (!has_errors(receipt.findings) && is_surely_stored(bytes, receipt.header, settings)) {
    return receipt;
  }
  receipt.findings.clear();
  const auto message =
      Message::parse(bytes, receipt.findings, settings.charset_default, settings.limits);
  if (message && !is_surely_an_event(message->header(), message->field("PID", 3), settings)) {
    read_adt(*message, settings, receipt.findings);
  }
  receipt.intake = intake_of(receipt.findings);
  return receipt;
}

}  // namespace cpis::hl7v2
