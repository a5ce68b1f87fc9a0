#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "fhir/definitions/model.h"
#include "fhir/definitions/resource_reader.h"
#include "fhir/issues.h"
#include "fhir/tree/arena.h"

namespace cpis::fhir {

/// Finds a structure, with its snapshot, by canonical; null when nobody knows it.
using StructureResolver = std::function<const StructureDefinition*(std::string_view canonical)>;

/// Elements a snapshot may have; a differential that needs more is refused.
inline constexpr std::size_t snapshot_elements_max = 20'000;

/// Applies a differential to its base (FHIR R4 profiling.html 5.1.0.10,
/// elementdefinition.html 2.26.3):
/// - elements are found by id; an id that is missing is derived from path and slice name;
/// - a slice starts as a copy of the sliced element with all that is below it, its minimum the one
///   of the base; a minimum that nobody stated for the slice is marked (`min_inherited`);
/// - an element below a datatype is opened from the profile of that type, or the type itself, or,
///   for a content reference, from the element referred to;
/// - `valueQuantity` is the slice `value[x]:valueQuantity`; `extension` is sliced by url unless
/// said
///   otherwise;
/// - constraints are added, everything else that the differential says replaces what was there.
/// The result lives in the arena, and refers to text of source and base. An element that cannot be
/// placed is reported and left out. Empty when the base has no snapshot.
std::span<const ElementDefinition> generate_snapshot(const StructureSource& source,
                                                     const StructureDefinition& base,
                                                     const StructureResolver& resolve, Arena& arena,
                                                     Issues& issues);

}  // namespace cpis::fhir
