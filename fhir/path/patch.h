#pragma once

#include "fhir/issues.h"
#include "fhir/path/model.h"
#include "fhir/tree/document.h"

namespace cpis::fhir::path {

/// Most operations of one patch; more are refused.
inline constexpr std::size_t patch_operations_max = 1000;

/// Applies a FHIRPath Patch (FHIR R4 3.1.0.2.2; the Parameters resource `patch`) to the resource in
/// `target`: add, insert, delete, replace and move, each in the order given and on what the ones
/// before left. All or nothing: with any error in `issues`, whose paths lead into the Parameters
/// resource, the function returns false and `target` is as it was.
///
/// `delete` of nothing is no error; every other path must lead to exactly one element. The model
/// says which names are choices and which elements repeat; null is the spelling only. Annotations
/// of the target are dropped: annotate again.
bool apply_patch(const Element& patch, Document& target, const Model* model, Issues& issues);

}  // namespace cpis::fhir::path
