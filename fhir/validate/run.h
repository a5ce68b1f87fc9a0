#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fhir/path/evaluator.h"
#include "fhir/terminology/terminology.h"
#include "fhir/validate/discriminator.h"
#include "fhir/validate/profile.h"
#include "fhir/validate/rules.h"
#include "fhir/validate/validator.h"

/// One validation while it runs. Internal to fhir/validate; its parts stand in structure.cpp,
/// invariants.cpp, coded.cpp, references.cpp, bundle.cpp, extensions.cpp and profile_*.cpp.
namespace cpis::fhir {

/// Deeper instances are reported and not looked into.
inline constexpr std::size_t validate_depth_max = 200;

/// Whether a discriminator puts an element into a slice; `silent` when the slice does not say.
enum class Fit : std::uint8_t { no, yes, silent };

/// The resources of a Bundle by fullUrl, and by `Type/id`.
struct BundleIndex {
  const Element* bundle = nullptr;
  std::unordered_multimap<std::string, const Element*> by_url;
  std::unordered_map<std::string, const Element*> by_id;
};

class Run {
 public:
  Run(const Rules& rules, ProfileCache& profiles, const Terminology* codes,
      path::Evaluator& evaluator, const Resolver& resolver, const ValidateOptions& options,
      Document& document, Issues& issues)
      : rules_{rules},
        profiles_{profiles},
        codes_{codes},
        evaluator_{evaluator},
        resolver_{resolver},
        options_{options},
        document_{document},
        issues_{&issues} {}

  void all();

  /// Where a reference leads: a contained resource, an entry of the Bundle, the resolver's answer.
  const Element* resolve(std::string_view reference, const Element& from);
  /// For FHIRPath: none when the profile or the value set is not known.
  std::optional<bool> conforms_to(const Element& resource, std::string_view canonical);
  std::optional<bool> member_of(const Element& item, std::string_view value_set);

 private:
  // structure.cpp: the base definitions
  void resource(const Element& element);
  void element(const Element& element, Schema::TypeId type);
  void children(const Element& element, const TypeRule& rule);
  void missing(const Element& element, const TypeRule& rule, FieldSet seen);
  void repeated(const Element& parent, const Element& child, const Field& field);
  bool in_required_set(const Element& element, const FieldRule& rule) const;
  void child(const Element& one, ChildShape shape);
  void wrong_array(const Element& child, bool list);
  void unknown(const Element& parent, const Element& child, const TypeRule& rule);
  bool primitive(const Element& element, const TypeRule& rule);
  void special(const Element& element, const TypeRule& rule);
  void narrative(const Element& element);
  void attachment(const Element& element);

  // invariants.cpp
  void invariants(const Element& element, const std::vector<Invariant>& list,
                  std::string_view profile = {});
  void invariant(const Element& element, const Invariant& invariant, std::string_view profile);
  bool native(const Element& element, const ElementConstraint& constraint, Native native);
  void contained_rules(const Element& element, const ElementConstraint& constraint, Native native);

  // coded.cpp
  void binding(const Element& element, const ElementBinding& binding, std::string_view profile);
  void check_set(const Element& element, std::string_view value_set, BindingStrength strength,
                 std::string_view profile, bool max_set);
  Membership membership(const Element& element, const ValueSetMembers* set) const;
  void coding(const Element& element);
  void display(const Element& coding, const CodeAnswer& known);

  // references.cpp
  void reference(const Element& element);
  bool reference_form(const Element& element);
  void target_type(const Element& element, std::string_view type, const Element* target,
                   std::span<const std::string_view> targets, std::string_view profile);
  void reference_profiles(const Element& element, std::span<const std::string_view> targets,
                          std::uint8_t aggregation, std::string_view profile);
  void identifier_system(const Element& element);

  // identity.cpp
  void ids(const Element& resource);
  void profile_names(const Element& resource);

  // special_resources.cpp
  void special_resource(const Element& resource, std::string_view type);
  void answers(const Element& response);
  void vital_signs(const Element& observation);

  // bundle.cpp
  void bundle(const Element& element);
  void full_url(const Element& entry, bool vital);
  void page_links(const Element& bundle);
  void search_entries(const Element& bundle);
  const BundleIndex& index_of(const Element& bundle);
  std::vector<const Element*> matches_in_bundle(const Element& bundle, std::string_view reference,
                                                const Element& from);
  const Element* find_in_bundle(const Element& bundle, std::string_view reference,
                                const Element& from);

  // bundle_document.cpp
  void document_links(const Element& bundle);
  void bundle_link(const Element& bundle, const Element& reference);
  void document_reach(const Element& bundle);

  // extensions.cpp
  void extension(const Element& element);
  void extension_context(const Element& element, const StructureDefinition& definition);
  bool context_matches(const Element& parent, const StructureContext& context);
  void sub_extension(const Element& element, std::string_view url);

  // profile_walk.cpp, profile_slices.cpp: profiles
  void declared(const Element& resource);
  bool profile(const Element& element, std::string_view canonical, bool required);
  void walk(const Element& element, const Node& node, const Profile& profile);
  void walk_children(const Element& element, const Node& node, const Profile& profile);
  void walk_child(const Element& element, const Node& node, const Profile& profile);
  void walk_types(const Element& element, const Node& node, const Profile& profile);
  void walk_values(const Element& element, const Node& node, const Profile& profile);
  void slices(const Element& parent, std::span<const Element* const> items, const Node& node,
              const Profile& profile);
  bool in_slice(const Element& item, const Node& slice, const ElementSlicing& slicing,
                const Profile& profile);
  Fit discriminated(const Element& item, const Node& slice, const Discriminator& discriminator,
                    const Profile& profile);
  void slice_cardinality(const Element& parent, const Node& slice, std::uint32_t count,
                         const Profile& profile);
  bool of_type(std::span<const Element* const> found, std::span<const Element* const> unresolved,
               std::span<const Said> said) const;
  Fit of_profile(std::span<const Element* const> found, std::span<const Said> said);
  Fit of_value(std::span<const Element* const> found, std::span<const Said> said);
  bool decides(const Said& said) const;
  bool says_value(const Element& element, const Said& said);
  bool fits(const Element& element, const Node& node, const Profile& profile);
  bool conforms(const Element& element, std::string_view canonical);
  bool conforms_any(const Element& element, std::span<const std::string_view> profiles);

  // run.cpp
  void report(Severity severity, IssueCode code, const Element& at, std::string_view rule,
              std::string text, std::string_view child = {}, const Subject& subject = {});
  void add(Issue issue, std::string_view rule, const Subject& subject);
  const TypeTable& types() const { return rules_.types(); }

  const Rules& rules_;
  ProfileCache& profiles_;
  const Terminology* codes_;
  path::Evaluator& evaluator_;
  const Resolver& resolver_;
  const ValidateOptions& options_;
  Document& document_;
  Issues* issues_;
  const Element* resource_ = nullptr;       // %resource
  const Element* root_resource_ = nullptr;  // %rootResource
  std::size_t depth_ = 0;
  BundleIndex index_;
  bool codes_missing_ = false;                                              // already reported
  std::vector<std::pair<const Element*, std::string_view>> open_profiles_;  // against circles
};

}  // namespace cpis::fhir
