#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "adapters/core/result.h"
#include "fhir/definitions/definitions.h"
#include "fhir/issues.h"

namespace cpis::app {

/// What `validate.packages` brings.
struct ValidationPackages {
  /// FHIR R4, this product's artefacts and the packages; null when no package is named.
  std::shared_ptr<const fhir::Definitions> definitions;
  /// What could not be made of them, a profile without its base for instance. Such a profile is
  /// known but nothing is valid against it.
  fhir::Issues findings;
};

/// Loads the packages of `validate.packages`, each a FHIR package (.tgz) or a folder of
/// definitions. An error names the path that cannot be read, or that holds no definition at all.
/// Reads files and makes snapshots: at start, never on a loop.
Result<ValidationPackages> load_validation_packages(std::span<const std::string> paths);

}  // namespace cpis::app
