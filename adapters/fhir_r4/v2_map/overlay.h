#pragma once

#include <string_view>

#include "adapters/core/finding.h"
#include "adapters/fhir_r4/v2_map/tables.h"
#include "fhir/tree/schema.h"

namespace cpis::fhir_r4::v2 {

/// Lays what a site wrote for one feed over the published tables. False, with faults in `findings`
/// (line, place, reason), when it cannot be used; `tables` is then not to be used either. All
/// faults of its format are told at once, and all of its meaning once the format is right.
///
/// Beyond the format (table_reader.h) it is refused when
/// - a rule's target is not an element of FHIR, or is of another kind than `as` makes;
/// - it names a datatype, concept map, template, resource or fact that is not there, or brings one
///   that no rule uses;
/// - a resource is of a type that messages do not leave here;
/// - a resource or template would get other ids than before and does not say `newIds`; those of
///   Patient and Encounter are the gateway's own and cannot be changed;
/// - what tells where somebody lives or is does not say `locates`: it would be shown of people
/// whose
///   place must stay hidden.
bool add_overlay(Tables& tables, std::string_view json, const fhir::Schema& schema,
                 Findings& findings);

}  // namespace cpis::fhir_r4::v2
