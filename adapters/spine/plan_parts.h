#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "adapters/core/council.h"
#include "adapters/core/person.h"
#include "adapters/core/plan.h"
#include "adapters/core/upload.h"
#include "adapters/spine/reading.h"
#include "adapters/spine/xml_writer.h"

namespace cpis::spine {

/// Uploads and answers say the same things with different template ids, and only uploads carry a
/// delete date (cpis.md 5.1, 8.1).
enum class PlanForm { upload, answer };

/// contentId and plan element: the content of `pertinentInformation` (`pertinentInformation15`).
void write_plan(XmlWriter& xml, const Plan& plan, PlanForm form);
/// Reads the plan below `pertinentInformation`, in either form. Nothing, and an error, when the
/// kind is unknown or the start cannot be read. An end that is there but cannot be read is an error
/// as well: a plan must not look open because its end was misspelt.
std::optional<Plan> read_plan(XmlView information, Findings& findings);

/// contentId and the Child or UnbornChild element: the content of `subject`.
void write_subject(XmlWriter& xml, const PlanSubject& subject);
/// Reads it. Nothing, and an error of rule CPR04, when there is no valid NHS number.
std::optional<PlanSubject> read_subject(XmlView subject, Findings& findings);

/// Plans and subjects of one CP-ISRecord put together. A record about a child and a mother (two
/// subjects) gives two, the unborn plans with the mother.
std::vector<UploadRecord> read_record(XmlView record, std::string_view plan_element,
                                      Findings& findings);

/// id, name and telecoms of a council below `organisation`.
void write_council(XmlWriter& xml, const Council& council);
Council read_council(XmlView organisation, Findings& findings);

/// The number of a telephone: digits with an optional leading `+`, without its extension. Empty for
/// anything but a telephone: the digits of a mail address would be somebody else's number.
std::string phone_digits(std::string_view text);
/// The same with ` ext 12` behind it when there is an extension, for people to read.
std::string read_phone(std::string_view text);

}  // namespace cpis::spine
