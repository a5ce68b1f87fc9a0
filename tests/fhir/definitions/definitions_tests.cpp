#include "fhir/definitions/definitions.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

using namespace cpis::fhir;

namespace {

const ElementDefinition* element(const StructureDefinition& structure, std::string_view id) {
  const auto found = std::ranges::find(structure.elements, id, &ElementDefinition::id);
  return found == structure.elements.end() ? nullptr : &*found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(definitions_tests)

BOOST_AUTO_TEST_CASE(a_type_has_its_snapshot) {
  const StructureDefinition* flag = Definitions::r4().type("Flag");
  BOOST_REQUIRE(flag != nullptr);
  BOOST_TEST(flag->url == "http://hl7.org/fhir/StructureDefinition/Flag");
  BOOST_TEST(flag->version == "4.0.1");
  BOOST_TEST(!flag->profile());
  BOOST_TEST(flag->base == "http://hl7.org/fhir/StructureDefinition/DomainResource");

  const ElementDefinition* status = element(*flag, "Flag.status");
  BOOST_REQUIRE(status != nullptr);
  BOOST_TEST(status->min == 1U);
  BOOST_TEST(status->max == 1U);
  BOOST_TEST(status->is_modifier);
  BOOST_TEST(status->is_summary);
  BOOST_REQUIRE(status->binding != nullptr);
  BOOST_TEST((status->binding->strength == BindingStrength::required));
  BOOST_TEST(status->binding->value_set == "http://hl7.org/fhir/ValueSet/flag-status|4.0.1");

  const ElementDefinition* category = element(*flag, "Flag.category");
  BOOST_REQUIRE(category != nullptr);
  BOOST_TEST(category->max == unbounded);
  const ElementDefinition* subject = element(*flag, "Flag.subject");
  BOOST_REQUIRE(subject != nullptr);
  BOOST_TEST(subject->types.front().target_profiles.size() == 8U);
}

BOOST_AUTO_TEST_CASE(equal_constraints_are_one_object) {
  const auto ele_1 = [](std::string_view type, std::string_view id) -> const ElementConstraint* {
    for (const ElementConstraint* one : element(*Definitions::r4().type(type), id)->constraints) {
      if (one->key == "ele-1") return one;
    }
    return nullptr;
  };
  const ElementConstraint* const one = ele_1("Patient", "Patient.name");
  BOOST_REQUIRE(one != nullptr);
  BOOST_TEST(one->expression == "hasValue() or (children().count() > id.count())");
  BOOST_TEST(one->error);
  BOOST_TEST(one == ele_1("Flag", "Flag.code"));
}

BOOST_AUTO_TEST_CASE(profiles_and_extensions_of_r4_are_there) {
  const auto* vital =
      Definitions::r4().structure("http://hl7.org/fhir/StructureDefinition/vitalsigns");
  BOOST_REQUIRE(vital != nullptr);
  BOOST_TEST(vital->profile());
  BOOST_TEST(vital->type == "Observation");
  const ElementDefinition* slice = element(*vital, "Observation.category:VSCat");
  BOOST_REQUIRE(slice != nullptr);
  BOOST_TEST(slice->slice_name == "VSCat");
  const ElementDefinition* sliced = element(*vital, "Observation.category");
  BOOST_REQUIRE((sliced != nullptr && sliced->slicing != nullptr));
  BOOST_TEST(sliced->slicing->discriminators.size() == 2U);

  const auto* place = Definitions::r4().structure(
      "http://hl7.org/fhir/StructureDefinition/patient-birthPlace|4.0.1");
  BOOST_REQUIRE(place != nullptr);
  BOOST_REQUIRE(place->contexts.size() == 1U);
  BOOST_TEST(place->contexts.front().expression == "Patient");
  const ElementDefinition* url = element(*place, "Extension.url");
  BOOST_REQUIRE(url != nullptr);
  BOOST_TEST(url->fixed.type == "uri");
  BOOST_TEST(url->fixed.json == "\"http://hl7.org/fhir/StructureDefinition/patient-birthPlace\"");
}

BOOST_AUTO_TEST_CASE(unknown_definitions_are_null) {
  BOOST_TEST(Definitions::r4().structure("http://example.org/none") == nullptr);
  BOOST_TEST(Definitions::r4().structure("") == nullptr);
  BOOST_TEST(Definitions::r4().type("Patient.contact") == nullptr);
  BOOST_TEST(Definitions::r4().value_set("http://example.org/none") == nullptr);
  BOOST_TEST(Definitions::r4().code_system("http://example.org/none") == nullptr);
  BOOST_TEST(Definitions::r4().search_parameters("None").empty());
}

BOOST_AUTO_TEST_CASE(code_systems_keep_their_hierarchy) {
  const CodeSystem* system =
      Definitions::r4().code_system("http://terminology.hl7.org/CodeSystem/v3-ActMood");
  BOOST_REQUIRE(system != nullptr);
  const auto found =
      std::ranges::find(system->concepts, "_ActMoodPredicate", &CodeSystemConcept::code);
  BOOST_REQUIRE(found != system->concepts.end());
  BOOST_TEST(found->abstract);
  const auto index = static_cast<std::uint32_t>(found - system->concepts.begin());
  BOOST_TEST(std::ranges::any_of(system->concepts, [&](const CodeSystemConcept& one) {
    return std::ranges::find(one.parents, index) != one.parents.end();
  }));
}

BOOST_AUTO_TEST_CASE(search_parameters_of_a_type_include_those_of_all_resources) {
  const Definitions& r4 = Definitions::r4();
  const auto* subject = r4.search_parameter("Flag", "subject");
  BOOST_REQUIRE(subject != nullptr);
  BOOST_TEST((subject->type == SearchType::reference));
  const auto* patient = r4.search_parameter("Flag", "patient");
  BOOST_REQUIRE(patient != nullptr);
  BOOST_TEST(patient->expression.find("Flag.subject.where(resolve() is Patient)") !=
             std::string_view::npos);
  BOOST_TEST(r4.search_parameter("Flag", "_lastUpdated") != nullptr);
  BOOST_TEST(r4.search_parameter("Flag", "_text") != nullptr);
  BOOST_TEST(r4.search_parameter("Bundle", "_text") == nullptr);
  BOOST_TEST(r4.search_parameter("Flag", "status") == nullptr);
  BOOST_TEST(r4.search_parameter("DetectedIssue", "status") == nullptr);
}

BOOST_AUTO_TEST_CASE(the_patient_compartment_is_there) {
  const CompartmentDefinition* patient = Definitions::r4().compartment("Patient");
  BOOST_REQUIRE(patient != nullptr);
  const auto flag = std::ranges::find(patient->resources, "Flag", &CompartmentResource::type);
  BOOST_REQUIRE(flag != patient->resources.end());
  BOOST_TEST(flag->parameters.front() == "patient");
}

BOOST_AUTO_TEST_SUITE_END()
