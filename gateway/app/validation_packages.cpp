#include "gateway/app/validation_packages.h"

#include <utility>

#include "fhir/definitions/package.h"
#include "profiles/fhir/product_package.h"

namespace cpis::app {
namespace {

bool has_definitions(const fhir::Package& package) {
  return !package.structures().empty() || !package.value_sets().empty() ||
         !package.code_systems().empty() || !package.search_parameters().empty();
}

Error refused(const std::string& path, const std::string& why) {
  return {ErrorKind::bad_input, "validate.packages: " + path + ' ' + why};
}

}  // namespace

Result<ValidationPackages> load_validation_packages(std::span<const std::string> paths) {
  ValidationPackages loaded;
  if (paths.empty()) return loaded;
  std::vector<fhir::Package> packages;
  packages.push_back(profiles::product_package());
  for (const std::string& path : paths) {
    fhir::Issues reading;
    auto package = fhir::Package::load(path, reading);
    if (!package) {
      std::string why = "cannot be read as a FHIR package";
      for (const fhir::Issue& issue : reading) why += "\n  " + issue.diagnostics;
      return refused(path, why);
    }
    if (!has_definitions(*package)) {
      return refused(path, "holds no profile, value set, code system or search parameter");
    }
    for (const fhir::Issue& issue : reading) loaded.findings.add(issue);
    packages.push_back(*std::move(package));
  }
  loaded.definitions =
      std::make_shared<const fhir::Definitions>(std::move(packages), loaded.findings);
  return loaded;
}

}  // namespace cpis::app
