#include "fhir/definitions/type_table.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <vector>

#include "fhir/definitions/definitions.h"

using namespace cpis::fhir;
namespace data = boost::unit_test::data;

namespace {

const TypeTable& types() { return Definitions::r4().types(); }

struct MemberCase {
  std::string_view type;
  std::string_view wire_name;
  std::string_view wanted;  // name of the member's type; empty: no such member
  Kind kind;
  bool list;
  bool attribute;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const MemberCase& c) { return out << c.why; }

constexpr MemberCase member_cases[] = {
    {"Patient", "birthDate", "date", Kind::string, false, false, "a plain primitive"},
    {"Patient", "active", "boolean", Kind::boolean, false, false, "a boolean is bare in JSON"},
    {"Patient", "multipleBirthInteger", "integer", Kind::number, false, false, "a choice by name"},
    {"Patient", "multipleBirthBoolean", "boolean", Kind::boolean, false, false, "the other choice"},
    {"Patient", "multipleBirthString", "", Kind::complex, false, false, "not one of the choices"},
    {"Patient", "multipleBirth", "", Kind::complex, false, false, "no wire name"},
    {"Patient", "name", "HumanName", Kind::complex, true, false, "repeats"},
    {"Patient", "contact", "Patient.contact", Kind::complex, true, false, "a backbone"},
    {"Patient", "contained", "Resource", Kind::resource, true, false, "any resource"},
    {"Patient", "id", "id", Kind::string, false, false, "a resource's id is an element"},
    {"Patient", "modifierExtension", "Extension", Kind::complex, true, false, "inherited"},
    {"Patient.contact", "modifierExtension", "Extension", Kind::complex, true, false,
     "of backbones"},
    {"Patient.contact", "name", "HumanName", Kind::complex, false, false, "once in a contact"},
    {"HumanName", "id", "string", Kind::string, false, true, "an element's id is an attribute"},
    {"Extension", "url", "uri", Kind::string, false, true, "so is the url of an extension"},
    {"Extension", "valueMarkdown", "markdown", Kind::string, false, false, "an open choice"},
    {"string", "extension", "Extension", Kind::complex, true, false, "primitives have extensions"},
    {"string", "value", "", Kind::complex, false, false, "the literal is no child"},
    {"Narrative", "div", "xhtml", Kind::string, false, false, "narrative"},
    {"Questionnaire.item", "item", "Questionnaire.item", Kind::complex, true, false,
     "by reference"},
    {"Bundle.entry", "link", "Bundle.link", Kind::complex, true, false, "reference to a sibling"},
    {"Bundle.entry", "resource", "Resource", Kind::resource, false, false, "in a bundle"},
    {"Timing", "repeat", "Timing.repeat", Kind::complex, false, false, "children in a datatype"},
    {"Timing.repeat", "count", "positiveInt", Kind::number, false, false, "positiveInt is bare"},
    {"Quantity", "value", "decimal", Kind::number, false, false, "decimal is bare"},
    {"Observation", "valueQuantity", "Quantity", Kind::complex, false, false, "a complex choice"},
    {"Parameters.parameter", "part", "Parameters.parameter", Kind::complex, true, false,
     "recursive"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(type_table_tests)

BOOST_DATA_TEST_CASE(members_by_wire_name, data::make(member_cases), c) {
  BOOST_TEST_CONTEXT(c.why) {
    const auto type = types().find(c.type);
    BOOST_REQUIRE(type != Schema::no_type);
    const auto member = types().member(type, c.wire_name);
    BOOST_REQUIRE_EQUAL(member.has_value(), !c.wanted.empty());
    if (!member) return;
    BOOST_TEST(types().info(member->type).name == c.wanted);
    BOOST_TEST((member->kind == c.kind));
    BOOST_TEST(member->list == c.list);
    BOOST_TEST(member->attribute == c.attribute);
    BOOST_TEST(member->xhtml == (c.wanted == "xhtml"));
  }
}

BOOST_AUTO_TEST_CASE(choices_share_one_definition_and_one_place) {
  const auto patient = types().find("Patient");
  const auto a = types().member(patient, "deceasedBoolean");
  const auto b = types().member(patient, "deceasedDateTime");
  BOOST_REQUIRE((a && b));
  BOOST_TEST(a->definition == b->definition);
  BOOST_TEST(a->order == b->order);
  BOOST_TEST(types().field(a->definition).name == "deceased");
  BOOST_TEST(types().field(a->definition).element->path == "Patient.deceased[x]");
}

BOOST_AUTO_TEST_CASE(members_come_in_the_order_of_the_specification) {
  const auto patient = types().find("Patient");
  std::string_view before = "id";
  for (const std::string_view name : {"meta", "text", "identifier", "name", "gender", "link"}) {
    BOOST_TEST(types().member(patient, before)->order < types().member(patient, name)->order);
    before = name;
  }
}

BOOST_AUTO_TEST_CASE(every_field_knows_the_type_of_its_children) {
  std::size_t backbones = 0;
  for (Schema::TypeId type = 0; type < types().size(); ++type) {
    const TypeInfo& info = types().info(type);
    if (info.kind == TypeKind::backbone) ++backbones;
    for (const Field& field : info.fields) {
      BOOST_TEST_CONTEXT(field.element->path) {
        BOOST_TEST(!field.types.empty());
        for (const FieldType& one : field.types) BOOST_TEST(one.type != Schema::no_type);
        BOOST_TEST(&types().field(field.definition) == &field);
        BOOST_TEST(field.owner == type);
      }
    }
  }
  BOOST_TEST(backbones > 400U);
}

BOOST_AUTO_TEST_CASE(types_know_their_ancestors) {
  const auto is_a = [](std::string_view type, std::string_view ancestor) {
    return types().is_a(types().find(type), types().find(ancestor));
  };
  BOOST_TEST(is_a("Patient", "DomainResource"));
  BOOST_TEST(is_a("Patient", "Resource"));
  BOOST_TEST(!is_a("Bundle", "DomainResource"));
  BOOST_TEST(is_a("Age", "Quantity"));
  BOOST_TEST(is_a("code", "string"));
  BOOST_TEST(is_a("positiveInt", "integer"));
  BOOST_TEST(is_a("Patient.contact", "BackboneElement"));
  BOOST_TEST(is_a("Patient.contact", "Element"));
  BOOST_TEST(is_a("Timing.repeat", "Element"));
  BOOST_TEST(!is_a("Patient", "Element"));
  BOOST_TEST(!is_a("nothing", "Element"));
}

BOOST_AUTO_TEST_CASE(only_resources_are_resources) {
  BOOST_TEST(types().resource("Flag") != Schema::no_type);
  BOOST_TEST(types().resource("HumanName") == Schema::no_type);
  BOOST_TEST(types().resource("flag") == Schema::no_type);
  BOOST_TEST(types().resource("") == Schema::no_type);
}

BOOST_AUTO_TEST_CASE(primitives_carry_the_pattern_of_their_literal) {
  const TypeInfo& info = types().info(types().find("id"));
  BOOST_REQUIRE(info.literal != nullptr);
  BOOST_TEST(info.literal->types.front().regex == "[A-Za-z0-9\\-\\.]{1,64}");
}

BOOST_AUTO_TEST_CASE(a_tree_is_annotated_down_to_contained_resources) {
  Document document;
  Element& bundle = document.set_root("Bundle");
  Element& entry = document.append_item(bundle, "entry");
  Element& flag = document.append_resource(entry, "resource", "Flag");
  Element& code = document.append(flag, "code");
  Element& text = document.append(code, "text", "at risk");
  Element& odd = document.append(flag, "colour", "red");
  types().annotate(document);
  const auto name_of = [](const Element& element) { return types().info(element.type()).name; };
  BOOST_TEST(name_of(bundle) == "Bundle");
  BOOST_TEST(name_of(entry) == "Bundle.entry");
  BOOST_TEST(name_of(flag) == "Flag");
  BOOST_TEST(types().field(flag.definition()).element->path == "Bundle.entry.resource");
  BOOST_TEST(name_of(code) == "CodeableConcept");
  BOOST_TEST(name_of(text) == "string");
  BOOST_TEST(types().field(text.definition()).element->path == "CodeableConcept.text");
  BOOST_TEST(odd.definition() == no_annotation);
  BOOST_TEST(odd.type() == no_annotation);
}

// In the order of the definitions, against it, and with most of them left out.
BOOST_AUTO_TEST_CASE(the_order_of_children_does_not_change_what_they_are) {
  for (const std::string_view type : {"Patient", "Observation", "Extension", "HumanName"}) {
    std::vector<std::string_view> names;
    for (const Field& field : types().info(types().find(type)).fields) {
      for (const FieldType& one : field.types) names.push_back(one.wire_name);
    }
    Document document;
    Element& root = document.set_fragment("value");
    const auto add = [&](std::string_view name) {
      document.link(root, document.store(name), "x", Kind::string, 0);
    };
    for (const auto name : names) add(name);
    for (auto name = names.rbegin(); name != names.rend(); ++name) add(*name);
    for (std::size_t i = 0; i < names.size(); i += 7) add(names[i]);
    for (const std::string_view name : {names[0], std::string_view{"colour"}, names[3]}) add(name);
    types().annotate(document, types().find(type));
    for (const Element& child : document.root().children()) {
      const auto member = types().member(types().find(type), child.name());
      BOOST_TEST(child.definition() == (member ? member->definition : no_annotation));
      BOOST_TEST(child.type() == (member ? member->type : no_annotation));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
