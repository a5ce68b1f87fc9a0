#include "profiles/fhir/artefacts.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <map>
#include <set>

#include "fhir/json/reader.h"
#include "fhir/path/checker.h"
#include "fhir/path/expression.h"
#include "fhir/terminology/terminology.h"
#include "profiles/fhir/product_package.h"

using namespace cpis;
using namespace cpis::fhir;

namespace {

Document read(const profiles::Artefact& artefact) {
  Document document;
  Issues issues;
  BOOST_REQUIRE(json::read_view(artefact.json, document, issues));
  BOOST_TEST(issues.empty());
  Definitions::r4().types().annotate(document);
  return document;
}

/// Every element below, in document order.
template <class Visit>
void walk(const Element& element, Visit visit) {
  visit(element);
  for (const Element& child : element.children()) walk(child, visit);
}

const StructureDefinition& profile(std::string_view id) {
  const auto* found = profiles::product_definitions().structure(
      std::string{profiles::canonical_base} + "/StructureDefinition/" + std::string{id});
  BOOST_REQUIRE(found != nullptr);
  return *found;
}

const ElementDefinition& element(const StructureDefinition& structure, std::string_view id) {
  const auto found = std::ranges::find(structure.elements, id, &ElementDefinition::id);
  BOOST_REQUIRE(found != structure.elements.end());
  return *found;
}

std::string canonical(const profiles::Artefact& one) {
  return std::string{profiles::canonical_base} + '/' + std::string{one.type} + '/' +
         std::string{one.id};
}

bool is_published(std::string_view url) {
  return std::ranges::any_of(profiles::artefacts(),
                             [&](const profiles::Artefact& one) { return canonical(one) == url; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(artefacts_tests)

BOOST_AUTO_TEST_CASE(every_artefact_is_a_resource_with_its_own_url) {
  BOOST_TEST(profiles::artefacts().size() >= 28U);
  for (const profiles::Artefact& one : profiles::artefacts()) {
    BOOST_TEST_CONTEXT(canonical(one)) {
      const Document document = read(one);
      BOOST_TEST(document.root().resource_type() == one.type);
      BOOST_TEST(document.root().value_of("id") == one.id);
      BOOST_TEST(document.root().value_of("url") == canonical(one));
      BOOST_TEST(document.root().value_of("version") == CPIS_VERSION);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_file_in_the_folder_is_compiled_in) {
  std::set<std::string> names;
  for (const profiles::Artefact& one : profiles::artefacts()) {
    names.insert(std::string{one.type} + '-' + std::string{one.id} + ".json");
  }
  const auto folder = std::filesystem::path{CPIS_SOURCE} / "profiles" / "fhir" / "resources";
  std::size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator{folder}) {
    BOOST_TEST(names.contains(file.path().filename().string()));
    ++files;
  }
  BOOST_TEST(files == names.size());
}

// The base type decides here, not a validator: no unknown element, no missing one, no literal where
// children belong.
BOOST_AUTO_TEST_CASE(artefacts_have_only_elements_of_fhir_and_all_that_are_required) {
  const TypeTable& types = Definitions::r4().types();
  for (const profiles::Artefact& one : profiles::artefacts()) {
    const Document document = read(one);
    walk(document.root(), [&](const Element& here) {
      BOOST_TEST_CONTEXT(canonical(one) << ' ' << path_of(here)) {
        BOOST_REQUIRE(here.type() != no_annotation);
        if (here.primitive()) return;
        for (const Field& field : types.info(here.type()).fields) {
          const bool there =
              field.choice ? here.choice(field.name) != nullptr : here.first(field.name) != nullptr;
          BOOST_TEST((there || field.element->min == 0), field.element->path << " is missing");
        }
      }
    });
  }
}

BOOST_AUTO_TEST_CASE(every_code_in_an_artefact_is_one_that_fhir_knows) {
  const Terminology terminology{Definitions::r4()};
  const TypeTable& types = Definitions::r4().types();
  std::size_t codes = 0;
  for (const profiles::Artefact& one : profiles::artefacts()) {
    const Document document = read(one);
    walk(document.root(), [&](const Element& here) {
      if (here.definition() == no_annotation || !here.has_value()) return;
      const ElementBinding* const binding = types.field(here.definition()).element->binding;
      if (binding == nullptr || binding->strength != BindingStrength::required) return;
      const CodeAnswer answer = terminology.validate(binding->value_set, {}, here.value());
      BOOST_TEST((answer.membership == Membership::yes),
                 canonical(one) << ' ' << path_of(here) << ": " << here.value());
      ++codes;
    });
  }
  BOOST_TEST(codes > 100U);
}

BOOST_AUTO_TEST_CASE(every_profile_has_a_snapshot_and_every_binding_a_value_set) {
  const Definitions& all = profiles::product_definitions();
  const Terminology terminology{all};
  std::size_t bindings = 0;
  for (const StructureDefinition* structure : all.package_structures()) {
    BOOST_TEST_CONTEXT(structure->url) {
      BOOST_TEST(!structure->elements.empty());
      for (const ElementDefinition& one : structure->elements) {
        if (one.binding == nullptr || one.binding->strength != BindingStrength::required) continue;
        const ValueSetMembers* const set = terminology.members(one.binding->value_set);
        BOOST_REQUIRE(set != nullptr);
        const bool ours = one.binding->value_set.starts_with(profiles::canonical_base);
        if (ours) BOOST_TEST(set->open_systems().empty());
        ++bindings;
      }
    }
  }
  BOOST_TEST(bindings > 10U);
}

BOOST_AUTO_TEST_CASE(every_expression_compiles) {
  std::size_t compiled = 0;
  const auto check = [&](std::string_view text) {
    path::Error error;
    BOOST_TEST(path::Expression::compile(text, error).has_value(), text);
    ++compiled;
  };
  for (const StructureDefinition* one : profiles::product_definitions().package_structures()) {
    for (const ElementDefinition& here : one->elements) {
      for (const ElementConstraint* constraint : here.constraints) check(constraint->expression);
    }
  }
  for (const profiles::Artefact& one : profiles::artefacts()) {
    const Document document = read(one);
    walk(document.root(), [&](const Element& here) {
      if (here.name() == "expression" && one.type != "StructureDefinition") check(here.value());
    });
  }
  BOOST_TEST(compiled > 100U);
}

BOOST_AUTO_TEST_CASE(a_flag_promises_what_the_design_says) {
  const StructureDefinition& flag = profile("cpis-flag");
  BOOST_TEST(element(flag, "Flag.code.coding:plan").min == 1U);
  BOOST_TEST(element(flag, "Flag.code.coding:plan.system").fixed.json ==
             "\"http://snomed.info/sct\"");
  BOOST_TEST(element(flag, "Flag.contained:provenance").min == 1U);
  BOOST_TEST(element(flag, "Flag.extension:detail").min == 1U);
  BOOST_TEST(element(flag, "Flag.extension:detail").max == 1U);
  BOOST_TEST(element(flag, "Flag.subject").types.front().target_profiles.size() == 1U);
  BOOST_TEST(element(flag, "Flag.period.start").min == 1U);
  const Terminology terminology{profiles::product_definitions()};
  const auto plan = [&](std::string_view code) {
    return terminology
        .validate(element(flag, "Flag.code.coding:plan").binding->value_set,
                  "http://snomed.info/sct", code)
        .membership;
  };
  BOOST_TEST((plan("342191000000101") == Membership::yes));
  BOOST_TEST((plan("764841000000100") == Membership::yes));
  BOOST_TEST((plan("818901000000100") == Membership::yes));
  BOOST_TEST((plan("22298006") == Membership::no));
}

BOOST_AUTO_TEST_CASE(the_capability_statement_names_only_what_exists) {
  const Definitions& all = profiles::product_definitions();
  for (const profiles::Artefact& one : profiles::artefacts()) {
    if (one.type != "CapabilityStatement") continue;
    const Document document = read(one);
    const Element* const rest = document.root().first("rest");
    BOOST_REQUIRE(rest != nullptr);
    std::size_t parameters = 0;
    for (const Element& resource : rest->children("resource")) {
      const std::string_view type = resource.value_of("type");
      for (const Element& supported : resource.children("supportedProfile")) {
        const auto* structure = all.structure(supported.value());
        BOOST_REQUIRE(structure != nullptr);
        BOOST_TEST(structure->type == type);
      }
      for (const Element& parameter : resource.children("searchParam")) {
        const auto* defined = all.search_parameter(parameter.value_of("definition"));
        BOOST_TEST_CONTEXT(type << ' ' << parameter.value_of("name")) {
          BOOST_REQUIRE(defined != nullptr);
          BOOST_TEST(defined->code == parameter.value_of("name"));
          BOOST_TEST(all.search_parameter(type, parameter.value_of("name")) != nullptr);
        }
        ++parameters;
      }
    }
    BOOST_TEST(parameters > 15U);
    BOOST_TEST(is_published(document.root().value_of("implementationGuide")));
  }
}

BOOST_AUTO_TEST_CASE(the_guide_lists_every_other_artefact) {
  for (const profiles::Artefact& one : profiles::artefacts()) {
    if (one.type != "ImplementationGuide") continue;
    const Document document = read(one);
    std::set<std::string> listed;
    for (const Element& resource : document.root().first("definition")->children("resource")) {
      listed.insert(std::string{resource.first("reference")->value_of("reference")});
    }
    BOOST_TEST(listed.size() == profiles::artefacts().size() - 1);
    for (const std::string& reference : listed) {
      BOOST_TEST(is_published(std::string{profiles::canonical_base} + '/' + reference));
    }
  }
}

// That they are what admission feeds are read by: published_maps_tests.
BOOST_AUTO_TEST_CASE(concept_maps_lead_into_their_value_sets) {
  const Terminology terminology{profiles::product_definitions()};
  std::size_t rows = 0;
  for (const profiles::Artefact& one : profiles::artefacts()) {
    if (one.type != "ConceptMap") continue;
    const Document map = read(one);
    const std::string_view into = map.root().value_of("targetUri");
    for (const Element& group : map.root().children("group")) {
      for (const Element& row : group.children("element")) {
        const std::string_view to = row.first("target")->value_of("code");
        BOOST_TEST_CONTEXT(one.id << ' ' << row.value_of("code")) {
          BOOST_TEST((terminology.validate(into, group.value_of("target"), to).membership ==
                      Membership::yes));
        }
        ++rows;
      }
    }
  }
  BOOST_TEST(rows == 25U);
}

BOOST_AUTO_TEST_CASE(artefacts_are_found_by_type_and_id) {
  BOOST_TEST(profiles::artefact("CapabilityStatement", "cpis-gateway").find("\"Flag\"") !=
             std::string_view::npos);
  BOOST_TEST(profiles::artefact("StructureDefinition", "none").empty());
}

BOOST_AUTO_TEST_SUITE_END()
