#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "fhir/definitions/type_table.h"
#include "fhir/issues.h"
#include "fhir/terminology/terminology.h"
#include "fhir/tree/element.h"

namespace cpis::fhir {

/// Gets each finding of `check_answers`.
using AnswerReport =
    std::function<void(IssueCode code, const Element& at, std::string_view rule, std::string text)>;

/// Holds a QuestionnaireResponse against its Questionnaire (FHIR R4 5.23): links, groups and
/// questions, required and repeated answers, enableWhen, types, options, limits. Required answers
/// are asked for only when the response says it is complete. `codes` may be null.
void check_answers(const Element& response, const Element& questionnaire, const TypeTable& types,
                   const Terminology* codes, const AnswerReport& report);

}  // namespace cpis::fhir
