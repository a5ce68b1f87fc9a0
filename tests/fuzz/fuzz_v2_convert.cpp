#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "adapters/fhir_r4/v2_map/convert.h"
#include "adapters/hl7v2/message_fields.h"
#include "adapters/hl7v2/understanding.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "profiles/v2_to_fhir/v2_tables.h"

using namespace cpis;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

const fhir_r4::v2::Tables& tables() {
  static const fhir_r4::v2::Tables shipped = [] {
    fhir_r4::v2::Tables made;
    for (const profiles::V2Table& table : profiles::v2_tables())
      require(bool{made.add(table.json)});
    return made;
  }();
  return shipped;
}

}  // namespace

/// Whatever the message: its Bundle is JSON that our own reader takes, the same twice, and nothing
/// of a shielded person's address is in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const hl7v2::FeedSettings feed;
  const hl7v2::Understanding u = hl7v2::understand(bytes, feed);
  if (!u.event) return 0;
  const hl7v2::MessageFields fields{*u.message, feed};
  Findings findings;
  const fhir::Document bundle = fhir_r4::v2::convert(fields, *u.event, tables(), {}, findings);
  const std::string json = fhir::json::write(bundle.root());
  fhir::Document again;
  fhir::Issues issues;
  require(fhir::json::read(json, again, issues, {.strict = false}));
  if (u.event->details.shielded) {
    require(json.find("\"address\"") == std::string::npos);
    require(json.find("RelatedPerson") == std::string::npos);
  }
  require(json ==
          fhir::json::write(fhir_r4::v2::convert(fields, *u.event, tables(), {}, findings).root()));
  return 0;
}
