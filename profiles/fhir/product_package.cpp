#include "profiles/fhir/product_package.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "profiles/fhir/artefacts.h"

namespace cpis::profiles {

namespace {

/// Our own artefacts are part of the program: a finding about them is a bug, and the tests look.
void expect_none(const fhir::Issues& issues) {
  if (!issues.empty()) {
    throw std::logic_error("a published FHIR artefact: " + issues.list().front().diagnostics);
  }
}

fhir::Definitions make_definitions() {
  fhir::Issues issues;
  std::vector<fhir::Package> packages;
  packages.push_back(product_package());
  fhir::Definitions definitions{std::move(packages), issues};
  expect_none(issues);
  return definitions;
}

}  // namespace

fhir::Package product_package() {
  fhir::Issues issues;
  fhir::Package package;
  for (const Artefact& one : artefacts()) {
    package.add_file("artefact.json", std::string{one.json}, issues);
  }
  expect_none(issues);
  return package;
}

const fhir::Definitions& product_definitions() {
  static const fhir::Definitions definitions = make_definitions();
  return definitions;
}

}  // namespace cpis::profiles
