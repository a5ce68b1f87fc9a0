#include "adapters/hl7v2/understanding.h"

#include <utility>

#include "adapters/hl7v2/adt_reader.h"

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
  auto message = Message::parse(bytes, receipt.findings, settings.charset_default, settings.limits);
  if (!message) {
    receipt.header = read_header(bytes);
  } else {
    if (!is_surely_an_event(*message, settings)) read_adt(*message, settings, receipt.findings);
    receipt.header = std::move(*message).take_header();
  }
  receipt.intake = intake_of(receipt.findings);
  return receipt;
}

}  // namespace cpis::hl7v2
