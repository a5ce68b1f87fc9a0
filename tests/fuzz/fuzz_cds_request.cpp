#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gateway/fhir_api/cds_request.h"

/// What is read has everything a look needs, and nothing that could not go into an audit row.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  if (const auto call = cpis::fhir_api::read_cds_request(text)) {
    if (call->hook.empty() || call->user_id.empty() || call->patient_id.empty()) std::abort();
    if (call->hook_instance.size() != 36) std::abort();
    if (call->hook == "encounter-start" && call->encounter_id.empty()) std::abort();
  }
  if (const auto feedback = cpis::fhir_api::read_cds_feedback(text)) {
    if (feedback->empty() || feedback->size() > 100) std::abort();
    for (const auto& one : *feedback) {
      if (one.card.size() != 36) std::abort();
      if (one.outcome != "accepted" && one.outcome != "overridden") std::abort();
    }
  }
  return 0;
}
