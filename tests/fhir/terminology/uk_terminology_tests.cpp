#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "fhir/terminology/terminology.h"

using namespace cpis::fhir;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(uk_terminology_tests)

// The published value sets of CP-IS and UK Core, when they are beside the project.
BOOST_AUTO_TEST_CASE(published_uk_value_sets_are_decided) {
  const fs::path folder =
      fs::path{CPIS_SOURCE} / ".." / "shared" / "corpora" / "fhir" / "uk" / "defs";
  if (!fs::exists(folder)) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  Issues issues;
  std::vector<Package> packages;
  packages.push_back(*Package::load(folder, issues));
  const Definitions definitions{std::move(packages), issues};
  const Terminology terminology{definitions};

  constexpr std::string_view plans =
      "https://fhir.nhs.uk/England/ValueSet/England-ChildProtectionPlan";
  const CodeAnswer plan = terminology.validate(plans, "http://snomed.info/sct", "342191000000101");
  BOOST_TEST((plan.membership == Membership::yes));
  BOOST_TEST(plan.display.find("child protection plan") != std::string_view::npos);
  BOOST_TEST((terminology.validate(plans, "http://snomed.info/sct", "22298006").membership ==
              Membership::no));

  constexpr std::string_view verified =
      "https://fhir.hl7.org.uk/ValueSet/UKCore-NHSNumberVerificationStatus";
  constexpr std::string_view england =
      "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland";
  constexpr std::string_view old =
      "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus";
  BOOST_TEST((terminology.validate(verified, england, "01").membership == Membership::yes));
  BOOST_TEST((terminology.validate(verified, old, "number-present-and-verified").membership ==
              Membership::no));
}

BOOST_AUTO_TEST_SUITE_END()
