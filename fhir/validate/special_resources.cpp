#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "fhir/validate/questionnaire.h"
#include "fhir/validate/run.h"

namespace cpis::fhir {
namespace {

/// LOINC codes that make an Observation a vital sign, and the profile it must then conform to
/// (FHIR R4, observation-vitalsigns.html).
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> vital_codes{{
    {"85353-1", "vitalspanel"},
    {"9279-1", "resprate"},
    {"8867-4", "heartrate"},
    {"2708-6", "oxygensat"},
    {"8310-5", "bodytemp"},
    {"8302-2", "bodyheight"},
    {"9843-4", "headcircum"},
    {"29463-7", "bodyweight"},
    {"39156-5", "bmi"},
    {"85354-9", "bp"},
    {"55284-4", "bp"},
}};

}  // namespace

void Run::special_resource(const Element& resource, std::string_view type) {
  if (type == "Bundle") return bundle(resource);
  if (type == "Observation") return vital_signs(resource);
  if (type == "QuestionnaireResponse") return answers(resource);
}

void Run::vital_signs(const Element& observation) {
  const Element* const code = observation.first("code");
  if (code == nullptr) return;
  for (const Element& coding : code->children("coding")) {
    if (coding.value_of("system") != "http://loinc.org") continue;
    const auto* const found =
        std::ranges::find(vital_codes, coding.value_of("code"),
                          &std::pair<std::string_view, std::string_view>::first);
    if (found == vital_codes.end()) continue;
    const std::string url = "http://hl7.org/fhir/StructureDefinition/";
    profile(observation, url + std::string{found->second}, true);
    return;
  }
}

void Run::answers(const Element& response) {
  const std::string_view canonical = response.value_of("questionnaire");
  if (canonical.empty()) return;
  const Element* const questionnaire = resolve(canonical, response);
  if (questionnaire == nullptr || questionnaire->resource_type() != "Questionnaire") {
    report(Severity::information, IssueCode::incomplete, response, "answer-unchecked",
           "the questionnaire is not known here: the answers were not checked");
    return;
  }
  const auto tell = [this](IssueCode code, const Element& at, std::string_view rule,
                           std::string text) {
    report(Severity::error, code, at, rule, std::move(text));
  };
  check_answers(response, *questionnaire, types(), codes_, tell);
}

}  // namespace cpis::fhir
