#include "adapters/hl7v2/understanding.h"

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

}  // namespace cpis::hl7v2
