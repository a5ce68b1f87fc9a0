#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// FHIR definitions as plain values. All text and lists are views into the Definitions (or Package)
/// that handed the value out and live as long as it does; nothing here is ever changed after that.
/// FHIR R4: StructureDefinition, ElementDefinition, ValueSet, CodeSystem, SearchParameter.
namespace cpis::fhir {

enum class PublicationStatus : std::uint8_t { draft, active, retired, unknown };
enum class StructureKind : std::uint8_t { primitive_type, complex_type, resource, logical };
enum class Derivation : std::uint8_t { none, specialization, constraint };
enum class BindingStrength : std::uint8_t { required, extensible, preferred, example };
enum class DiscriminatorType : std::uint8_t { value, exists, pattern, type, profile };
enum class SlicingRules : std::uint8_t { closed, open, open_at_end };
enum class ReferenceVersioning : std::uint8_t { unsaid, either, independent, specific };
enum class ContextType : std::uint8_t { fhirpath, element, extension };

/// `max` of an element that is written `*`.
inline constexpr std::uint32_t unbounded = 0xFFFFFFFFU;
/// Bits of ElementType::aggregation and of ElementDefinition::representation.
inline constexpr std::uint8_t aggregation_contained = 1, aggregation_referenced = 2,
                              aggregation_bundled = 4;
inline constexpr std::uint8_t representation_xml_attribute = 1, representation_xhtml = 16;

/// One allowed type of an element.
struct ElementType {
  std::string_view code;  ///< `Quantity`, or `http://hl7.org/fhirpath/System.String`
  std::span<const std::string_view> profiles;         ///< the value conforms to one of them
  std::span<const std::string_view> target_profiles;  ///< of references and canonicals
  std::uint8_t aggregation = 0;                       ///< 0: any
  ReferenceVersioning versioning = ReferenceVersioning::unsaid;
  std::string_view fhir_type;  ///< what a System type is called in FHIR: `string`, `uri`, `id`
  std::string_view regex;      ///< the pattern of a primitive's literal; on its `value` only
};

struct ElementBinding {
  BindingStrength strength = BindingStrength::example;
  std::string_view value_set;      ///< canonical, perhaps with `|version`; may be empty
  std::string_view max_value_set;  ///< extension elementdefinition-maxValueSet; mostly empty
};

struct Discriminator {
  DiscriminatorType type = DiscriminatorType::value;
  std::string_view path;  ///< restricted FHIRPath; `$this` for the element itself
};

struct ElementSlicing {
  std::span<const Discriminator> discriminators;
  bool ordered = false;
  SlicingRules rules = SlicingRules::open;
};

/// An invariant. Elements that share one point to the same object, so a compiled expression can be
/// kept by address.
struct ElementConstraint {
  std::string_view key;  ///< `pat-1`
  bool error = true;     ///< otherwise a warning
  std::string_view human;
  std::string_view expression;  ///< FHIRPath; empty when the profile gives only XPath
  std::string_view source;      ///< canonical of the structure that said it first; may be empty
  bool best_practice = false;
};

/// A fixed, pattern, minimum or maximum value.
struct ElementValue {
  std::string_view type;  ///< `CodeableConcept`, `code`; empty: there is none
  std::string_view json;  ///< as a JSON value: `"final"`, `{"coding":[...]}`, `12.0`
  explicit operator bool() const { return !type.empty(); }
};

struct ElementDefinition {
  std::string_view id;          ///< `Patient.identifier:nhsNumber.value`
  std::string_view path;        ///< `Patient.identifier.value`
  std::string_view slice_name;  ///< empty when this is no slice
  std::string_view short_text;
  std::uint32_t min = 0;
  std::uint32_t max = unbounded;
  std::string_view base_path;  ///< where the element was first defined: `DomainResource.contained`
  std::uint32_t base_min = 0;
  std::uint32_t base_max = unbounded;
  std::span<const ElementType> types;
  std::span<const ElementConstraint* const> constraints;
  const ElementBinding* binding = nullptr;
  const ElementSlicing* slicing = nullptr;
  std::string_view content_reference;  ///< `#Questionnaire.item`
  ElementValue fixed;
  ElementValue pattern;
  ElementValue min_value;
  ElementValue max_value;
  std::uint32_t max_length = 0;  ///< 0: none
  bool is_modifier = false;
  bool must_support = false;
  bool is_summary = false;
  std::uint8_t representation = 0;
  /// A slice whose own minimum nobody stated: `min` is that of the whole list, and no demand on the
  /// slice.
  bool min_inherited = false;

  /// How many there must be of this element, or of this slice.
  std::uint32_t required_min() const { return min_inherited ? 0 : min; }
  bool prohibited() const { return max == 0; }
  bool list() const { return max > 1; }
  bool choice() const { return path.ends_with("[x]"); }
  /// The last step of the path, without `[x]`.
  std::string_view name() const {
    const std::size_t dot = path.rfind('.');
    const std::string_view last = dot == std::string_view::npos ? path : path.substr(dot + 1);
    return last.ends_with("[x]") ? last.substr(0, last.size() - 3) : last;
  }
};

struct StructureContext {
  ContextType type = ContextType::element;
  std::string_view expression;
};

/// A type, a resource or a profile, with its snapshot in document order (elements[0] is the root).
struct StructureDefinition {
  std::string_view url;
  std::string_view id;
  std::string_view name;
  std::string_view title;
  std::string_view version;
  PublicationStatus status = PublicationStatus::unknown;
  StructureKind kind = StructureKind::complex_type;
  bool abstract = false;
  std::string_view type;  ///< `Patient`
  std::string_view base;  ///< canonical of the base definition; empty for Element and Resource
  Derivation derivation = Derivation::none;
  std::span<const StructureContext> contexts;  ///< where an extension may be used
  std::span<const std::string_view> context_invariants;
  std::span<const ElementDefinition> elements;

  bool profile() const { return derivation == Derivation::constraint; }
};

enum class CodeSystemContent : std::uint8_t {
  not_present,
  example,
  fragment,
  complete,
  supplement,
};
enum class HierarchyMeaning : std::uint8_t { unsaid, grouped_by, is_a, part_of, classified_with };

struct ConceptProperty {
  std::string_view code;
  std::string_view value;
};

struct CodeSystemConcept {
  std::string_view code;
  std::string_view display;
  bool abstract = false;  ///< not selectable
  bool inactive = false;
  std::span<const std::uint32_t> parents;  ///< positions in CodeSystem::concepts
  std::span<const ConceptProperty> properties;
};

struct CodeSystem {
  std::string_view url;
  std::string_view version;
  std::string_view name;
  std::string_view title;
  PublicationStatus status = PublicationStatus::unknown;
  CodeSystemContent content = CodeSystemContent::complete;
  bool case_sensitive = true;
  bool compositional = false;
  HierarchyMeaning hierarchy = HierarchyMeaning::unsaid;
  std::string_view value_set;    ///< canonical of the value set of all its codes; may be empty
  std::string_view supplements;  ///< canonical of the system it adds to
  std::span<const CodeSystemConcept> concepts;  ///< in document order
};

enum class FilterOperator : std::uint8_t {
  equals,
  is_a,
  descendent_of,
  is_not_a,
  regex,
  in,
  not_in,
  generalizes,
  exists,
};

struct ValueSetFilter {
  std::string_view property;
  FilterOperator op = FilterOperator::equals;
  std::string_view value;
};

struct ValueSetConcept {
  std::string_view code;
  std::string_view display;
};

/// One include or exclude: codes of `system` that are among `concepts` (all, when empty), pass all
/// `filters` and are in all `value_sets`.
struct ValueSetInclude {
  std::string_view system;
  std::string_view version;
  std::span<const ValueSetConcept> concepts;
  std::span<const ValueSetFilter> filters;
  std::span<const std::string_view> value_sets;
};

struct ExpandedConcept {
  std::string_view system;
  std::string_view code;
  std::string_view display;
  bool abstract = false;
  bool inactive = false;
};

struct ValueSet {
  std::string_view url;
  std::string_view version;
  std::string_view name;
  std::string_view title;
  PublicationStatus status = PublicationStatus::unknown;
  bool inactive = true;  ///< compose.inactive: are inactive codes included?
  std::span<const ValueSetInclude> includes;
  std::span<const ValueSetInclude> excludes;
  std::span<const ExpandedConcept> expansion;  ///< as stored by the author; mostly empty
  bool expansion_complete = false;             ///< the stored expansion says it holds everything
};

enum class SearchType : std::uint8_t {
  number,
  date,
  string,
  token,
  reference,
  composite,
  quantity,
  uri,
  special,
};
/// Bits of SearchParameterDefinition::comparators, in this order.
enum class SearchComparator : std::uint8_t { eq, ne, gt, lt, ge, le, sa, eb, ap };
/// Bits of SearchParameterDefinition::modifiers, in this order.
enum class SearchModifier : std::uint8_t {
  missing,
  exact,
  contains,
  not_,
  text,
  in,
  not_in,
  below,
  above,
  type,
  identifier,
  of_type,
};

struct SearchComponent {
  std::string_view definition;  ///< canonical of the part
  std::string_view expression;  ///< relative to the elements of the composite's own expression
};

struct SearchParameterDefinition {
  std::string_view url;
  std::string_view version;
  std::string_view code;  ///< as it stands in a query
  std::string_view name;
  SearchType type = SearchType::string;
  std::span<const std::string_view> bases;  ///< resource types; `Resource` for all
  std::string_view expression;              ///< FHIRPath; empty for `_content`, `_text`, `_query`
  std::span<const std::string_view> targets;
  std::uint16_t comparators = 0;  ///< 0: not said
  std::uint16_t modifiers = 0;    ///< 0: not said
  bool multiple_or = true;
  bool multiple_and = true;
  std::span<const SearchComponent> components;

  bool allows(SearchComparator one) const {
    return (comparators >> static_cast<unsigned>(one) & 1U) != 0;
  }
  bool allows(SearchModifier one) const {
    return (modifiers >> static_cast<unsigned>(one) & 1U) != 0;
  }
};

struct CompartmentResource {
  std::string_view type;
  std::span<const std::string_view> parameters;  ///< search codes that link; empty: not inside
};

struct CompartmentDefinition {
  std::string_view url;
  std::string_view code;  ///< `Patient`
  std::span<const CompartmentResource> resources;
};

}  // namespace cpis::fhir
