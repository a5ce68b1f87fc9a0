#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "adapters/fhir_r4/v2_map/convert.h"
#include "adapters/fhir_r4/v2_map/overlay.h"
#include "adapters/hl7v2/message_fields.h"
#include "adapters/hl7v2/understanding.h"
#include "fhir/definitions/definitions.h"
#include "fhir/json/writer.h"
#include "profiles/v2_to_fhir/v2_tables.h"

using namespace cpis;

namespace {

constexpr std::string_view message =
    "MSH|^~\\&|PAS|RXX|||202601051015||ADT^A04^ADT_A01|1|P|2.4\rEVN||202601051015\r"
    "PID|1||9991000003^^^NHS~H1^^^RXX^MR||OAK^FERN||20190401|2|||HIDDENPLACE^X^Y||HIDDENPLACE\r"
    "PD1|||HIDDENPLACE^^Y99901|G9999981^HIDDENPLACE\rNK1|1|HIDDENPLACE^MOSS||13\r"
    "PV1|1|E|HIDDENPLACE^MINORS|21||||||180|||||||||ED0001\rPV2|||Fell\r"
    "OBX|1|TX|1^A||text||||||F\rZU8||||2\r";

void require(bool holds) {
  if (!holds) std::abort();
}

const fhir_r4::v2::Tables& published() {
  static const fhir_r4::v2::Tables shipped = [] {
    fhir_r4::v2::Tables made;
    for (const profiles::V2Table& table : profiles::v2_tables())
      require(bool{made.add(table.json)});
    return made;
  }();
  return shipped;
}

fhir::Document converted(const fhir_r4::v2::Tables& tables) {
  static const hl7v2::FeedSettings feed;
  static const hl7v2::Understanding read = hl7v2::understand(message, feed);
  const hl7v2::MessageFields fields{*read.message, feed};
  Findings findings;
  return fhir_r4::v2::convert(fields, *read.event, tables, {}, findings);
}

// The ids of patient and visit: no overlay changes them.
std::set<std::string> own_ids(const fhir::Document& bundle) {
  std::set<std::string> ids;
  for (const fhir::Element& entry : bundle.root().children("entry")) {
    const std::string_view url = entry.value_of("fullUrl");
    if (url.find("/Patient/") != url.npos || url.find("/Encounter/") != url.npos) {
      ids.emplace(url);
    }
  }
  return ids;
}

}  // namespace

/// Whatever a site writes: it is refused with a reason, or messages can be mapped by it, patient
/// and visit keep their ids, and where a shielded child is does not show.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json{reinterpret_cast<const char*>(data), size};
  fhir_r4::v2::Tables tables = published();
  Findings findings;
  const bool taken = add_overlay(tables, json, fhir::Definitions::r4().types(), findings);
  require(taken == findings.empty());
  for (const Finding& finding : findings) require(!finding.text.empty());
  if (!taken) return 0;
  const fhir::Document bundle = converted(tables);
  require(fhir::json::write(bundle.root()).find("HIDDENPLACE") == std::string::npos);
  for (const std::string& id : own_ids(bundle))
    require(own_ids(converted(published())).contains(id));
  return 0;
}
