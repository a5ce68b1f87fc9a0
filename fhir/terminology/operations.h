#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fhir/definitions/definitions.h"
#include "fhir/terminology/terminology.h"
#include "fhir/tree/document.h"

/// The operations of a terminology service (FHIR R4, terminology-service.html 4.9) as resources.
namespace cpis::fhir {

/// What became of a question. `unknown` is no "no": what would decide it is not loaded.
enum class AnswerState : std::uint8_t { answered, not_found, unknown };

struct TerminologyAnswer {
  AnswerState state = AnswerState::answered;
  Document document;  ///< Parameters or ValueSet; an OperationOutcome unless answered
};

/// Codes as bytes of the caller; everything may be empty but `code`.
struct CodeQuestion {
  std::string_view value_set;  ///< canonical; empty: is it a code of `system`?
  std::string_view system;     ///< empty: any system of the value set
  std::string_view code;
  std::string_view display;  ///< when given it must be the one known, letter case ignored
};

/// $validate-code: Parameters with `result`, `message`, `display`. Never `false` for a code that
/// cannot be decided here.
TerminologyAnswer validate_code(const Terminology& terminology, const CodeQuestion& question);

/// $expand: the ValueSet with its expansion, one page. A list that is not whole is not given out:
/// the answer is then `unknown` and names the systems that are missing. `timestamp` is a FHIR
/// dateTime.
TerminologyAnswer expand_value_set(const Terminology& terminology, std::string_view canonical,
                                   const ExpansionRequest& request, std::string_view timestamp);

/// The canonical of the ValueSet or CodeSystem (`type`) that a server would offer under `id`; empty
/// when there is none. `home` is the base of the caller's own artefacts.
std::string canonical_of(const Definitions& definitions, std::string_view type, std::string_view id,
                         std::string_view home);

}  // namespace cpis::fhir
