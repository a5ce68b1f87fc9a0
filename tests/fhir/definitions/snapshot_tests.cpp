#include "fhir/definitions/snapshot.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "fhir/definitions/definitions.h"

using namespace cpis::fhir;

namespace {

/// A profile of `type` with this differential, and its neighbours.
struct Profiles {
  Issues issues;
  std::vector<Package> packages{1};

  void add(std::string_view id, std::string_view type, std::string_view differential,
           std::string_view base = {}) {
    const std::string base_url =
        base.empty() ? "http://hl7.org/fhir/StructureDefinition/" + std::string{type}
                     : "http://example.org/" + std::string{base};
    packages[0].add_file(
        "p.json",
        R"({"resourceType":"StructureDefinition","url":"http://example.org/)" + std::string{id} +
            R"(","status":"draft","kind":"resource","derivation":"constraint",)" + R"("type":")" +
            std::string{type} + R"(","baseDefinition":")" + base_url +
            R"(","differential":{"element":[)" + std::string{differential} + "]}}",
        issues);
  }

  Definitions open() { return Definitions{std::move(packages), issues}; }
};

const ElementDefinition* element(const Definitions& definitions, std::string_view profile,
                                 std::string_view id) {
  const auto* structure = definitions.structure("http://example.org/" + std::string{profile});
  if (structure == nullptr) return nullptr;
  const auto found = std::ranges::find(structure->elements, id, &ElementDefinition::id);
  return found == structure->elements.end() ? nullptr : &*found;
}

std::size_t position(const Definitions& definitions, std::string_view profile,
                     std::string_view id) {
  const auto* structure = definitions.structure("http://example.org/" + std::string{profile});
  const auto found = std::ranges::find(structure->elements, id, &ElementDefinition::id);
  return static_cast<std::size_t>(found - structure->elements.begin());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(snapshot_tests)

BOOST_AUTO_TEST_CASE(what_the_differential_says_replaces_the_rest_is_inherited) {
  Profiles profiles;
  profiles.add("f", "Flag", R"({"path":"Flag"},
    {"path":"Flag.period","min":1,"mustSupport":true},
    {"path":"Flag.encounter","max":"0"},
    {"path":"Flag.category","min":2,"binding":{"strength":"required","valueSet":"http://v"}},
    {"path":"Flag.author","type":[{"code":"Reference","targetProfile":["http://t"]}]})");
  const Definitions definitions = profiles.open();
  BOOST_TEST(profiles.issues.empty());
  const auto* period = element(definitions, "f", "Flag.period");
  BOOST_REQUIRE(period != nullptr);
  BOOST_TEST(period->min == 1U);
  BOOST_TEST(period->max == 1U);
  BOOST_TEST(period->must_support);
  BOOST_TEST(period->base_min == 0U);
  BOOST_TEST(element(definitions, "f", "Flag.encounter")->prohibited());
  const auto* category = element(definitions, "f", "Flag.category");
  BOOST_TEST(category->min == 2U);
  BOOST_TEST(category->max == unbounded);
  BOOST_TEST((category->binding->strength == BindingStrength::required));
  BOOST_TEST(category->binding->value_set == "http://v");
  BOOST_TEST(element(definitions, "f", "Flag.author")->types.front().target_profiles.front() ==
             "http://t");
  BOOST_TEST(element(definitions, "f", "Flag.status")->is_modifier);
}

BOOST_AUTO_TEST_CASE(a_slice_copies_what_is_sliced_and_stands_behind_it) {
  Profiles profiles;
  profiles.add("p", "Patient", R"({"path":"Patient.identifier","slicing":{"discriminator":
      [{"type":"value","path":"system"}],"rules":"open"}},
    {"path":"Patient.identifier.use","min":1},
    {"path":"Patient.identifier","sliceName":"nhs","max":"1"},
    {"path":"Patient.identifier.system","min":1,"fixedUri":"https://fhir.nhs.uk/Id/nhs-number"},
    {"path":"Patient.identifier","sliceName":"local"})");
  const Definitions definitions = profiles.open();
  BOOST_TEST(profiles.issues.empty());
  const auto* slice = element(definitions, "p", "Patient.identifier:nhs");
  BOOST_REQUIRE(slice != nullptr);
  BOOST_TEST(slice->slice_name == "nhs");
  BOOST_TEST(slice->max == 1U);
  BOOST_TEST(slice->slicing == nullptr);
  const auto* system = element(definitions, "p", "Patient.identifier:nhs.system");
  BOOST_REQUIRE(system != nullptr);
  BOOST_TEST(system->path == "Patient.identifier.system");
  BOOST_TEST(system->fixed.type == "uri");
  BOOST_TEST(system->fixed.json == "\"https://fhir.nhs.uk/Id/nhs-number\"");
  BOOST_TEST(element(definitions, "p", "Patient.identifier:nhs.use")->min == 1U);
  BOOST_TEST(element(definitions, "p", "Patient.identifier:local.system")->min == 0U);
  BOOST_TEST(position(definitions, "p", "Patient.identifier.use") <
             position(definitions, "p", "Patient.identifier:nhs"));
  BOOST_TEST(position(definitions, "p", "Patient.identifier:nhs.system") <
             position(definitions, "p", "Patient.identifier:local"));
  BOOST_TEST(position(definitions, "p", "Patient.identifier:local") <
             position(definitions, "p", "Patient.active"));
}

// AuditEvent.agent must be there once; that is no demand on each kind of agent.
BOOST_AUTO_TEST_CASE(a_minimum_of_the_whole_list_is_no_demand_on_a_slice) {
  Profiles profiles;
  profiles.add("a", "AuditEvent", R"({"path":"AuditEvent.agent","min":2,"slicing":{"discriminator":
      [{"type":"value","path":"requestor"}],"rules":"open"}},
    {"path":"AuditEvent.agent","sliceName":"user","max":"1"},
    {"path":"AuditEvent.agent","sliceName":"system","min":1})");
  const Definitions definitions = profiles.open();
  BOOST_TEST(element(definitions, "a", "AuditEvent.agent")->required_min() == 2U);
  const auto* user = element(definitions, "a", "AuditEvent.agent:user");
  BOOST_REQUIRE(user != nullptr);
  BOOST_TEST(user->min == 1U);
  BOOST_TEST(user->min_inherited);
  BOOST_TEST(user->required_min() == 0U);
  BOOST_TEST(element(definitions, "a", "AuditEvent.agent:system")->required_min() == 1U);
}

BOOST_AUTO_TEST_CASE(a_slice_with_a_profiled_type_has_what_the_list_and_the_profile_say) {
  Profiles profiles;
  profiles.add("number", "Identifier", R"({"path":"Identifier"},
    {"path":"Identifier.type","min":1},
    {"path":"Identifier.type.coding","min":1,"max":"1"},
    {"path":"Identifier.period","max":"0"})");
  profiles.add("p", "Practitioner", R"({"path":"Practitioner"},
    {"path":"Practitioner.identifier","slicing":{"discriminator":[{"type":"value","path":"system"}],
     "rules":"open"}},
    {"path":"Practitioner.identifier.system","min":1},
    {"path":"Practitioner.identifier","sliceName":"number","type":[{"code":"Identifier",
     "profile":["http://example.org/number"]}]},
    {"path":"Practitioner.identifier.system","fixedUri":"http://example.org/system"})");
  const Definitions definitions = profiles.open();
  BOOST_TEST(profiles.issues.empty());
  const auto in_slice = [&](std::string_view rest) {
    return element(definitions, "p", "Practitioner.identifier:number." + std::string{rest});
  };
  BOOST_REQUIRE(in_slice("type.coding") != nullptr);
  BOOST_TEST(in_slice("type")->min == 1U);
  BOOST_TEST(in_slice("type.coding")->min == 1U);
  BOOST_TEST(in_slice("type.coding")->max == 1U);
  BOOST_TEST(in_slice("period")->prohibited());
  BOOST_TEST(in_slice("system")->min == 1U);  // of the list
  BOOST_TEST(static_cast<bool>(in_slice("system")->fixed));
  // Depth first, as every snapshot is.
  const auto place = [&](std::string_view rest) {
    return position(definitions, "p", "Practitioner.identifier:number." + std::string{rest});
  };
  BOOST_TEST(place("type") < place("type.coding"));
  BOOST_TEST(place("type.coding") < place("type.coding.system"));
  BOOST_TEST(place("type.text") < place("system"));
  BOOST_TEST(element(definitions, "p", "Practitioner.identifier.type")->min == 0U);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_bound_keeps_no_binding) {
  Profiles profiles;
  profiles.add("x", "Extension", R"({"path":"Extension.extension","sliceName":"kind",
    "binding":{"strength":"required","valueSet":"http://v"}},
    {"path":"Extension.value[x]","type":[{"code":"Coding"}],
    "binding":{"strength":"required","valueSet":"http://w"}})");
  const Definitions definitions = profiles.open();
  BOOST_TEST(element(definitions, "x", "Extension.extension:kind")->binding == nullptr);
  BOOST_TEST(element(definitions, "x", "Extension.value[x]")->binding->value_set == "http://w");
}

BOOST_AUTO_TEST_CASE(the_slice_name_counts_where_the_id_says_otherwise) {
  Profiles profiles;
  profiles.add("p", "Patient", R"({"id":"Patient.identifier","path":"Patient.identifier",
    "slicing":{"rules":"open"}},
    {"id":"Patient.identifier:Nhs","path":"Patient.identifier","sliceName":"nhs"},
    {"id":"Patient.identifier:Nhs.value","path":"Patient.identifier.value","min":1})");
  const Definitions definitions = profiles.open();
  BOOST_TEST(profiles.issues.empty());
  BOOST_TEST(element(definitions, "p", "Patient.identifier:Nhs") == nullptr);
  BOOST_REQUIRE(element(definitions, "p", "Patient.identifier:nhs.value") != nullptr);
  BOOST_TEST(element(definitions, "p", "Patient.identifier:nhs.value")->min == 1U);
}

BOOST_AUTO_TEST_CASE(a_profile_of_a_profile_changes_its_slices) {
  Profiles profiles;
  profiles.add("derived", "Patient", R"({"id":"Patient.identifier:nhs","path":"Patient.identifier",
    "sliceName":"nhs","min":1})",
               "p");
  profiles.add("p", "Patient", R"({"path":"Patient.identifier","slicing":{"rules":"closed"}},
    {"path":"Patient.identifier","sliceName":"nhs","max":"1"})");
  const Definitions definitions = profiles.open();
  BOOST_TEST(profiles.issues.empty());
  const auto* slice = element(definitions, "derived", "Patient.identifier:nhs");
  BOOST_REQUIRE(slice != nullptr);
  BOOST_TEST(slice->min == 1U);
  BOOST_TEST(slice->max == 1U);
  BOOST_TEST((element(definitions, "derived", "Patient.identifier")->slicing->rules ==
              SlicingRules::closed));
}

BOOST_AUTO_TEST_CASE(an_extension_slice_has_the_cardinality_of_its_extension) {
  Profiles profiles;
  profiles.add("one", "Extension", R"({"path":"Extension","max":"1"},
    {"path":"Extension.url","fixedUri":"http://example.org/one"})");
  profiles.add("f", "Flag", R"({"id":"Flag.extension:one","path":"Flag.extension",
    "sliceName":"one","type":[{"code":"Extension","profile":["http://example.org/one"]}]},
    {"id":"Flag.extension:one.value[x]","path":"Flag.extension.value[x]","min":1})");
  const Definitions definitions = profiles.open();
  BOOST_TEST(profiles.issues.empty());
  const auto* slice = element(definitions, "f", "Flag.extension:one");
  BOOST_REQUIRE(slice != nullptr);
  BOOST_TEST(slice->max == 1U);
  const auto* url = element(definitions, "f", "Flag.extension:one.url");
  BOOST_REQUIRE(url != nullptr);
  BOOST_TEST(url->fixed.json == "\"http://example.org/one\"");
  BOOST_TEST(element(definitions, "f", "Flag.extension:one.value[x]")->min == 1U);
  const auto* sliced = element(definitions, "f", "Flag.extension");
  BOOST_REQUIRE(sliced->slicing != nullptr);
  BOOST_TEST(sliced->slicing->discriminators.front().path == "url");
}

BOOST_AUTO_TEST_CASE(a_choice_by_wire_name_is_a_slice_by_type) {
  Profiles profiles;
  profiles.add("o", "Observation", R"({"path":"Observation.valueQuantity","min":1},
    {"path":"Observation.valueQuantity.unit","min":1})");
  const Definitions definitions = profiles.open();
  BOOST_TEST(profiles.issues.empty());
  const auto* slice = element(definitions, "o", "Observation.value[x]:valueQuantity");
  BOOST_REQUIRE(slice != nullptr);
  BOOST_REQUIRE_EQUAL(slice->types.size(), 1U);
  BOOST_TEST(slice->types.front().code == "Quantity");
  BOOST_TEST(element(definitions, "o", "Observation.value[x]:valueQuantity.unit")->min == 1U);
  const auto* choice = element(definitions, "o", "Observation.value[x]");
  BOOST_REQUIRE(choice->slicing != nullptr);
  BOOST_TEST((choice->slicing->discriminators.front().type == DiscriminatorType::type));
}

BOOST_AUTO_TEST_CASE(children_of_a_content_reference_come_from_the_element_referred_to) {
  Profiles profiles;
  profiles.add("q", "Questionnaire", R"({"path":"Questionnaire.item.item.linkId","max":"1"})");
  const Definitions definitions = profiles.open();
  BOOST_TEST(profiles.issues.empty());
  BOOST_TEST(element(definitions, "q", "Questionnaire.item.item.linkId") != nullptr);
  BOOST_TEST(element(definitions, "q", "Questionnaire.item.item.answerOption") != nullptr);
}

BOOST_AUTO_TEST_CASE(constraints_are_added_and_name_their_profile) {
  Profiles profiles;
  profiles.add("f", "Flag",
               R"j({"path":"Flag","constraint":[{"key":"own-1","severity":"warning",
    "human":"has a period","expression":"period.exists()"}]})j");
  const Definitions definitions = profiles.open();
  const auto* root = element(definitions, "f", "Flag");
  const auto own = std::ranges::find(root->constraints, "own-1",
                                     [](const ElementConstraint* one) { return one->key; });
  BOOST_REQUIRE(own != root->constraints.end());
  BOOST_TEST(!(*own)->error);
  BOOST_TEST((*own)->source == "http://example.org/f");
  const auto inherited = Definitions::r4().type("Flag")->elements.front().constraints.size();
  BOOST_TEST(root->constraints.size() == inherited + 1);
}

BOOST_AUTO_TEST_CASE(an_element_that_does_not_exist_is_reported) {
  Profiles profiles;
  profiles.add("f", "Flag", R"({"path":"Flag.colour","min":1},{"path":"Flag.status.colour"})");
  const Definitions definitions = profiles.open();
  BOOST_REQUIRE_EQUAL(profiles.issues.size(), 2U);
  BOOST_TEST(profiles.issues.list().front().rule == "snapshot-differential");
  BOOST_TEST(profiles.issues.list().front().path == "Flag.colour");
}

BOOST_AUTO_TEST_CASE(a_profile_without_a_usable_base_is_reported_and_has_no_elements) {
  Profiles profiles;
  profiles.add("lost", "Flag", R"({"path":"Flag"})", "nowhere");
  profiles.add("a", "Flag", R"({"path":"Flag"})", "b");
  profiles.add("b", "Flag", R"({"path":"Flag"})", "a");
  const Definitions definitions = profiles.open();
  BOOST_TEST(profiles.issues.errors() == 3U);
  BOOST_TEST(definitions.structure("http://example.org/lost")->elements.empty());
  BOOST_TEST(definitions.structure("http://example.org/a")->elements.empty());
}

BOOST_AUTO_TEST_SUITE_END()
