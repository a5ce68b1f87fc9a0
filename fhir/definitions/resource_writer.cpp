#include "fhir/definitions/resource_writer.h"

#include <array>
#include <string>

#include "fhir/definitions/names.h"
#include "fhir/json/reader.h"

namespace cpis::fhir {

namespace {

constexpr std::string_view extension_base = "http://hl7.org/fhir/StructureDefinition/";
constexpr std::string_view best_practice_url =
    "http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice";

class StructureWriter {
 public:
  StructureWriter(const StructureDefinition& structure, Document& document)
      : structure_{structure}, document_{document} {}

  void write() {
    Element& root = document_.set_root("StructureDefinition");
    text(root, "id", structure_.id);
    text(root, "url", structure_.url);
    text(root, "version", structure_.version);
    text(root, "name", structure_.name);
    text(root, "title", structure_.title);
    text(root, "status", code_of(structure_.status));
    text(root, "fhirVersion", "4.0.1");
    text(root, "kind", code_of(structure_.kind));
    flag(root, "abstract", structure_.abstract);
    for (const StructureContext& one : structure_.contexts) {
      Element& context = document_.append_item(root, "context");
      text(context, "type", code_of(one.type));
      text(context, "expression", one.expression);
    }
    texts(root, "contextInvariant", structure_.context_invariants);
    text(root, "type", structure_.type);
    text(root, "baseDefinition", structure_.base);
    text(root, "derivation", code_of(structure_.derivation));
    if (structure_.elements.empty()) return;
    Element& snapshot = document_.append(root, "snapshot");
    for (const ElementDefinition& one : structure_.elements) {
      element(document_.append_item(snapshot, "element"), one);
    }
  }

 private:
  void text(Element& parent, std::string_view name, std::string_view value) {
    if (!value.empty()) document_.append(parent, name, value);
  }
  void flag(Element& parent, std::string_view name, bool value) {
    document_.append(parent, name, value ? "true" : "false", Kind::boolean);
  }
  void number(Element& parent, std::string_view name, std::uint32_t value) {
    document_.append(parent, name, std::to_string(value), Kind::number);
  }
  void maximum(Element& parent, std::uint32_t value) {
    text(parent, "max", value == unbounded ? "*" : std::to_string(value));
  }
  void texts(Element& parent, std::string_view name, std::span<const std::string_view> values) {
    for (const std::string_view one : values) document_.append_item(parent, name, one);
  }

  void extension(Element& parent, std::string_view url, std::string_view value_name,
                 std::string_view value) {
    if (value.empty()) return;
    Element& made = document_.append_item(parent, "extension");
    text(made, "url", std::string{extension_base} + std::string{url});
    text(made, value_name, value);
  }

  void element(Element& into, const ElementDefinition& one) {
    text(into, "id", one.id);
    text(into, "path", one.path);
    if ((one.representation & representation_xml_attribute) != 0) {
      document_.append_item(into, "representation", "xmlAttr");
    }
    if ((one.representation & representation_xhtml) != 0) {
      document_.append_item(into, "representation", "xhtml");
    }
    text(into, "sliceName", one.slice_name);
    if (one.slicing != nullptr) slicing(into, *one.slicing);
    text(into, "short", one.short_text);
    number(into, "min", one.min);
    maximum(into, one.max);
    Element& base = document_.append(into, "base");
    text(base, "path", one.base_path);
    number(base, "min", one.base_min);
    maximum(base, one.base_max);
    text(into, "contentReference", one.content_reference);
    for (const ElementType& type : one.types) write_type(into, type);
    value(into, "fixed", one.fixed);
    value(into, "pattern", one.pattern);
    value(into, "minValue", one.min_value);
    value(into, "maxValue", one.max_value);
    if (one.max_length != 0) number(into, "maxLength", one.max_length);
    for (const ElementConstraint* constraint : one.constraints) write_constraint(into, *constraint);
    if (one.must_support) flag(into, "mustSupport", true);
    flag(into, "isModifier", one.is_modifier);
    flag(into, "isSummary", one.is_summary);
    if (one.binding != nullptr) write_binding(into, *one.binding);
  }

  void slicing(Element& parent, const ElementSlicing& slicing) {
    Element& into = document_.append(parent, "slicing");
    for (const Discriminator& one : slicing.discriminators) {
      Element& discriminator = document_.append_item(into, "discriminator");
      text(discriminator, "type", code_of(one.type));
      text(discriminator, "path", one.path);
    }
    flag(into, "ordered", slicing.ordered);
    text(into, "rules", code_of(slicing.rules));
  }

  void write_type(Element& parent, const ElementType& type) {
    Element& into = document_.append_item(parent, "type");
    extension(into, "structuredefinition-fhir-type", "valueUrl", type.fhir_type);
    extension(into, "regex", "valueString", type.regex);
    text(into, "code", type.code);
    texts(into, "profile", type.profiles);
    texts(into, "targetProfile", type.target_profiles);
    constexpr std::array<std::string_view, 3> aggregations{"contained", "referenced", "bundled"};
    for (std::size_t bit = 0; bit < aggregations.size(); ++bit) {
      if ((type.aggregation >> bit & 1U) != 0) {
        document_.append_item(into, "aggregation", aggregations[bit]);
      }
    }
    text(into, "versioning", code_of(type.versioning));
  }

  /// Primitives are literals, everything else is JSON of its own.
  void value(Element& parent, std::string_view prefix, const ElementValue& value) {
    if (!value) return;
    std::string name{prefix};
    name += value.type[0] >= 'a' ? static_cast<char>(value.type[0] - 'a' + 'A') : value.type[0];
    name += value.type.substr(1);
    Document parsed;
    Issues issues;
    json::ReadOptions options;
    options.fragment = true;
    const std::string wrapped = "{\"v\":" + std::string{value.json} + "}";
    if (!json::read(wrapped, parsed, issues, options)) return;
    const Element* const found = parsed.root().first("v");
    if (found != nullptr) document_.clone(parent, *found, name);
  }

  void write_constraint(Element& parent, const ElementConstraint& constraint) {
    Element& into = document_.append_item(parent, "constraint");
    if (constraint.best_practice) {
      Element& made = document_.append_item(into, "extension");
      text(made, "url", best_practice_url);
      flag(made, "valueBoolean", true);
    }
    text(into, "key", constraint.key);
    text(into, "severity", constraint.error ? "error" : "warning");
    text(into, "human", constraint.human);
    text(into, "expression", constraint.expression);
    text(into, "source", constraint.source);
  }

  void write_binding(Element& parent, const ElementBinding& binding) {
    Element& into = document_.append(parent, "binding");
    extension(into, "elementdefinition-maxValueSet", "valueCanonical", binding.max_value_set);
    text(into, "strength", code_of(binding.strength));
    text(into, "valueSet", binding.value_set);
  }

  const StructureDefinition& structure_;
  Document& document_;
};

}  // namespace

void write_structure(const StructureDefinition& structure, Document& document) {
  StructureWriter{structure, document}.write();
}

}  // namespace cpis::fhir
