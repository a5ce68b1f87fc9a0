#include "fhir/definitions/snapshot.h"

#include <algorithm>
#include <array>
#include <list>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fhir/definitions/decode.h"

namespace cpis::fhir {

namespace {

constexpr std::string_view definition_prefix = "http://hl7.org/fhir/StructureDefinition/";
constexpr std::size_t id_steps_max = 64;

std::string_view parent_of(std::string_view id) {
  const std::size_t dot = id.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : id.substr(0, dot);
}

std::string_view last_step(std::string_view id) { return id.substr(id.rfind('.') + 1); }

bool is_below(std::string_view id, std::string_view parent) {
  return id.size() > parent.size() && id.starts_with(parent) && id[parent.size()] == '.';
}

/// `a.b:slice` and `a.b:slice/again` belong to `a.b`; so does what is below each of them.
bool belongs_to(std::string_view id, std::string_view owner) {
  if (id.size() <= owner.size() || !id.starts_with(owner)) return false;
  const char next = id[owner.size()];
  return next == '.' || next == ':' || next == '/';
}

/// Of `a.b:slice` the element that is sliced, `a.b`; of `a.b:s/t` the slice `a.b:s`.
std::string_view sliced_id(std::string_view id) {
  const std::size_t step = id.rfind('.') + 1;
  const std::size_t cut = id.find_last_of(":/");
  return cut == std::string_view::npos || cut < step ? std::string_view{} : id.substr(0, cut);
}

const ElementSlicing* make_slicing(Arena& arena, DiscriminatorType type, std::string_view path) {
  ElementSlicing slicing;
  slicing.discriminators = keep(arena, std::vector<Discriminator>{{type, path}});
  return keep_one(arena, slicing);
}

class SnapshotBuilder {
 public:
  SnapshotBuilder(const StructureSource& source, const StructureDefinition& base,
                  const StructureResolver& resolve, Arena& arena, Issues& issues)
      : source_{source}, base_{base}, resolve_{resolve}, arena_{arena}, issues_{issues} {}

  std::span<const ElementDefinition> build() {
    for (const ElementDefinition& element : base_.elements) inherit(elements_.end(), element);
    for (const DifferentialElement& change : source_.differential) apply(change);
    return keep(arena_, std::vector<ElementDefinition>(elements_.begin(), elements_.end()));
  }

 private:
  using Elements = std::list<ElementDefinition>;
  using Place = Elements::iterator;

  Place add(Place before, const ElementDefinition& element) {
    const Place place = elements_.insert(before, element);
    places_.emplace(place->id, place);
    return place;
  }

  /// An element of the base or of a type.
  void inherit(Place before, const ElementDefinition& element) {
    const Place place = add(before, element);
    if (place->slicing != nullptr) sliced_before_.insert(place->id);
    cardinality_before_.emplace(place->id, std::pair{place->min, place->max});
  }

  Place find(std::string_view id) {
    const auto known = places_.find(id);
    return known == places_.end() ? elements_.end() : known->second;
  }

  void complain(std::string_view id, std::string_view why) {
    Issue issue;
    issue.severity = Severity::error;
    issue.code = IssueCode::processing;
    issue.path = std::string{id};
    issue.rule = "snapshot-differential";
    issue.diagnostics = std::string{source_.structure.url} + ": " + std::string{why};
    issues_.add(std::move(issue));
  }

  void apply(const DifferentialElement& change) {
    const std::string id = id_of(change.element);
    if (elements_.size() > snapshot_elements_max) return complain(id, "too many elements");
    const Place place = ensure(id, 0);
    if (place == elements_.end()) {
      return complain(id, "the element does not exist in the base definition");
    }
    merge(change, *place);
    if (!change.element.types.empty() && has_children(place)) take_profile(place);
  }

  /// The id the differential gives, when it fits its path; else made from path, slice name and the
  /// slices the elements before it were in.
  std::string id_of(const ElementDefinition& said) {
    const std::string_view path = said.path;
    const auto dots = [](std::string_view text) { return std::ranges::count(text, '.'); };
    std::string id;
    if (!said.id.empty() && dots(said.id) == dots(path)) {
      id = renamed(said);
    } else if (path.find('.') == std::string_view::npos) {
      id = path;
    } else {
      const auto known = context_.find(parent_of(path));
      id = known == context_.end() ? std::string{parent_of(path)} : known->second;
      id += '.';
      id += last_step(path);
      if (!said.slice_name.empty()) (id += ':') += said.slice_name;
    }
    remember(path, id);
    return id;
  }

  /// The slice name counts where it and the id disagree, also for what is below.
  std::string renamed(const ElementDefinition& said) {
    std::string id{said.id};
    for (const auto& [written, real] : aliases_) {
      if (is_below(id, written)) id.replace(0, written.size(), real);
    }
    const std::size_t step = id.rfind('.') + 1;
    const std::size_t colon = id.find(':', step);
    if (said.slice_name.empty() || colon == std::string::npos) return id;
    std::string real = id.substr(0, colon + 1) + std::string{said.slice_name};
    if (real != id && id.find('/', colon) == std::string::npos) aliases_.emplace_back(id, real);
    return real;
  }

  void remember(std::string_view path, const std::string& id) {
    for (auto at = context_.upper_bound(path); at != context_.end() && is_below(at->first, path);) {
      at = context_.erase(at);
    }
    context_.insert_or_assign(std::string{path}, id);
  }

  Place ensure(std::string_view id, std::size_t steps) {
    if (const Place known = find(id); known != elements_.end()) return known;
    if (steps > id_steps_max || parent_of(id).empty()) return elements_.end();
    if (elements_.size() > snapshot_elements_max) return elements_.end();
    const Place parent = ensure(parent_of(id), steps + 1);
    if (parent == elements_.end()) return parent;
    // The parent may have been a shortcut (`valueQuantity`) that has another id now.
    const std::string_view own =
        arena_.copy(std::string{parent->id} + '.' + std::string{last_step(id)});
    if (const Place known = find(own); known != elements_.end()) return known;
    if (!sliced_id(own).empty()) return ensure_slice(own, steps);
    if (!has_children(parent)) open(parent);
    if (const Place known = find(own); known != elements_.end()) return known;
    return ensure_choice(parent, last_step(own));
  }

  Place ensure_slice(std::string_view id, std::size_t steps) {
    Place sliced = ensure(sliced_id(id), steps + 1);
    if (sliced == elements_.end()) return sliced;
    // Opening the parent's profile may have brought the slice.
    if (const Place known = find(id); known != elements_.end()) return known;
    const std::string_view name = id.substr(sliced->id.size() + 1);
    const std::size_t step = last_step(sliced->id).find(':');
    if (step == std::string_view::npos) return add_slice(sliced, id, name);
    // Slicing a slice again: the whole name is the slice name.
    return add_slice(sliced, id, arena_.copy(last_step(id).substr(step + 1)));
  }

  /// `a.valueQuantity` where `a.value[x]` exists.
  Place ensure_choice(Place parent, std::string_view step) {
    for (Place at = std::next(parent); at != elements_.end() && belongs_to(at->id, parent->id);
         ++at) {
      const std::string_view name = last_step(at->id);
      if (parent_of(at->id) != parent->id || !name.ends_with("[x]")) continue;
      if (!step.starts_with(name.substr(0, name.size() - 3))) continue;
      const std::string id = std::string{at->id} + ':' + std::string{step};
      if (const Place known = find(id); known != elements_.end()) return known;
      const Place slice = add_slice(at, arena_.copy(id), arena_.copy(step));
      narrow(*slice, step.substr(name.size() - 3));
      return slice;
    }
    return elements_.end();
  }

  /// Leaves the one type that the wire name of a choice ends with.
  void narrow(ElementDefinition& element, std::string_view suffix) {
    for (const ElementType& type : element.types) {
      if (type.code.size() != suffix.size() || type.code.substr(1) != suffix.substr(1)) continue;
      if ((type.code[0] | 0x20) != (suffix[0] | 0x20)) continue;
      element.types = keep(arena_, std::vector<ElementType>{type});
      return;
    }
  }

  bool has_children(Place place) {
    const Place next = std::next(place);
    return next != elements_.end() && is_below(next->id, place->id);
  }

  Place behind(Place place) {
    Place at = std::next(place);
    while (at != elements_.end() && belongs_to(at->id, place->id)) ++at;
    return at;
  }

  Place add_slice(Place sliced, std::string_view id, std::string_view name) {
    if (sliced->slicing == nullptr) sliced->slicing = default_slicing(*sliced);
    std::vector<ElementDefinition> copies;
    for (Place at = sliced; at == sliced || is_below(at->id, sliced->id);) {
      copies.push_back(*at);
      if (++at == elements_.end()) break;
    }
    const Place before = behind(sliced);
    const std::size_t prefix = sliced->id.size();
    copies.front().slicing = nullptr;
    copies.front().slice_name = name;
    copies.front().min_inherited = true;
    // What this differential says about the whole list it does not say about each slice.
    const auto before_change = cardinality_before_.find(sliced->id);
    if (before_change != cardinality_before_.end()) {
      std::tie(copies.front().min, copies.front().max) = before_change->second;
    }
    Place first = elements_.end();
    for (ElementDefinition& copy : copies) {
      copy.id = arena_.copy(std::string{id} + std::string{copy.id.substr(prefix)});
      const Place place = add(before, copy);
      if (first == elements_.end()) first = place;
    }
    return first;
  }

  const ElementSlicing* default_slicing(const ElementDefinition& element) {
    if (element.choice()) return make_slicing(arena_, DiscriminatorType::type, "$this");
    const std::string_view name = element.name();
    if (name == "extension" || name == "modifierExtension") {
      return make_slicing(arena_, DiscriminatorType::value, "url");
    }
    return nullptr;
  }

  /// Puts the children of the element's type below it.
  void open(Place parent) {
    std::span<const ElementDefinition> children;
    std::size_t prefix = 0;
    if (!parent->content_reference.empty()) {
      const std::string_view target = parent->content_reference.substr(1);
      const StructureDefinition* const type = resolve_type(target.substr(0, target.find('.')));
      if (type == nullptr) return;
      children = below(type->elements, target);
      prefix = target.size();
    } else if (const StructureDefinition* const type = type_of(*parent)) {
      if (type->elements.empty()) return;
      children = type->elements.subspan(1);
      prefix = type->elements.front().path.size();
    }
    const Place before = std::next(parent);
    for (ElementDefinition child : children) {
      // Ids of a profile of a type begin with the type, as paths do.
      child.id = arena_.copy(std::string{parent->id} + std::string{child.id.substr(prefix)});
      child.path = arena_.copy(std::string{parent->path} + std::string{child.path.substr(prefix)});
      inherit(before, child);
    }
    open_part(parent);
  }

  /// The profile of an element's type, when elements below it were there before it: a slice of a
  /// list of which something was said. Both hold.
  void take_profile(Place parent) {
    if (parent->types.size() != 1 || parent->types.front().profiles.size() != 1) return;
    if (parent->types.front().code == "Extension") return;
    const StructureDefinition* const profile = resolve_(parent->types.front().profiles.front());
    if (profile == nullptr || profile->elements.empty()) return;
    const std::size_t prefix = profile->elements.front().path.size();
    Place last = parent;
    for (ElementDefinition child : profile->elements.subspan(1)) {
      child.id = arena_.copy(std::string{parent->id} + std::string{child.id.substr(prefix)});
      if (const Place known = find(child.id); known != elements_.end()) {
        tighten(*known, child);
        last = known;
        continue;
      }
      child.path = arena_.copy(std::string{parent->path} + std::string{child.path.substr(prefix)});
      const Place before = is_below(child.id, last->id) ? std::next(last) : behind(last);
      inherit(before, child);
      last = std::prev(before);
    }
  }

  /// What a second definition of the same element demands besides.
  void tighten(ElementDefinition& element, const ElementDefinition& also) {
    element.min = std::max(element.min, also.min);
    element.max = std::min(element.max, also.max);
    if (!also.types.empty()) element.types = also.types;
    if (also.binding != nullptr) element.binding = also.binding;
    if (also.fixed) element.fixed = also.fixed;
    if (also.pattern) element.pattern = also.pattern;
    if (element.slicing == nullptr) element.slicing = also.slicing;
    add_constraints(also, element);
  }

  /// HL7's generator opens the parts of a complex extension one level further down. It changes
  /// nothing for an instance; we do the same so that snapshots can be compared line by line.
  void open_part(Place parent) {
    if (source_.structure.type != "Extension" || parent->path != "Extension.extension") return;
    const std::string id = std::string{parent->id} + ".extension";
    const bool said = std::ranges::any_of(
        source_.differential, [&](const DifferentialElement& one) { return one.element.id == id; });
    if (said) return;
    const Place nested = find(id);
    if (nested != elements_.end() && !has_children(nested)) open(nested);
  }

  static std::span<const ElementDefinition> below(std::span<const ElementDefinition> all,
                                                  std::string_view id) {
    const auto first = std::ranges::find_if(
        all, [&](const ElementDefinition& one) { return is_below(one.id, id); });
    const auto last = std::find_if_not(
        first, all.end(), [&](const ElementDefinition& one) { return is_below(one.id, id); });
    return {first, last};
  }

  const StructureDefinition* resolve_type(std::string_view code) {
    return resolve_(std::string{definition_prefix} + std::string{code});
  }

  const StructureDefinition* type_of(const ElementDefinition& element) {
    if (element.types.size() != 1) return resolve_type("Element");
    const ElementType& type = element.types.front();
    if (type.profiles.size() == 1) {
      const StructureDefinition* const profile = resolve_(type.profiles.front());
      if (profile != nullptr && !profile->elements.empty()) return profile;
    }
    const bool system = type.code.find('/') != std::string_view::npos;
    return resolve_type(system && !type.fhir_type.empty() ? type.fhir_type : type.code);
  }

  void merge(const DifferentialElement& change, ElementDefinition& into) {
    const ElementDefinition& said = change.element;
    take_extension_root(said, into);
    if (change.says_min) into.min = said.min;
    if (change.says_min) into.min_inherited = false;
    if (change.says_max) into.max = said.max;
    if (change.says_must_support) into.must_support = said.must_support;
    if (change.says_modifier) into.is_modifier = said.is_modifier;
    if (change.says_summary) into.is_summary = said.is_summary;
    if (!said.short_text.empty()) into.short_text = said.short_text;
    if (!said.slice_name.empty()) into.slice_name = said.slice_name;
    if (!said.types.empty()) into.types = said.types;
    if (!said.content_reference.empty()) into.content_reference = said.content_reference;
    if (said.fixed) into.fixed = said.fixed;
    if (said.pattern) into.pattern = said.pattern;
    if (said.min_value) into.min_value = said.min_value;
    if (said.max_value) into.max_value = said.max_value;
    if (said.max_length != 0) into.max_length = said.max_length;
    merge_slicing(said, into);
    merge_binding(said, into);
    add_constraints(said, into);
  }

  /// An extension slice has the cardinality its extension gives itself, unless the profile says
  /// more.
  void take_extension_root(const ElementDefinition& said, ElementDefinition& into) {
    if (said.types.size() != 1 || said.types.front().code != "Extension") return;
    if (said.types.front().profiles.size() != 1) return;
    if (sliced_before_.contains(sliced_id(into.id))) return;
    const StructureDefinition* const profile = resolve_(said.types.front().profiles.front());
    if (profile == nullptr || profile->elements.empty()) return;
    const ElementDefinition& root = profile->elements.front();
    into.min = root.min;
    into.max = std::min(into.max, root.max);
    into.is_modifier = into.is_modifier || root.is_modifier;
  }

  void merge_slicing(const ElementDefinition& said, ElementDefinition& into) {
    if (said.slicing == nullptr) return;
    ElementSlicing slicing = *said.slicing;
    if (slicing.discriminators.empty() && into.slicing != nullptr) {
      slicing.discriminators = into.slicing->discriminators;
    }
    into.slicing = keep_one(arena_, slicing);
  }

  /// What cannot be bound (an extension, a reference) keeps no binding.
  static void merge_binding(const ElementDefinition& said, ElementDefinition& into) {
    constexpr std::array bindable{std::string_view{"code"},
                                  std::string_view{"Coding"},
                                  std::string_view{"CodeableConcept"},
                                  std::string_view{"string"},
                                  std::string_view{"Quantity"},
                                  std::string_view{"uri"},
                                  std::string_view{"url"},
                                  std::string_view{"markdown"},
                                  std::string_view{"canonical"}};
    if (said.binding == nullptr) return;
    const bool can = std::ranges::any_of(into.types, [&](const ElementType& type) {
      return std::ranges::find(bindable, type.code) != bindable.end();
    });
    into.binding = can || into.types.empty() ? said.binding : nullptr;
  }

  void add_constraints(const ElementDefinition& said, ElementDefinition& into) {
    if (said.constraints.empty()) return;
    std::vector<const ElementConstraint*> all(into.constraints.begin(), into.constraints.end());
    for (const ElementConstraint* one : said.constraints) {
      const auto same = std::ranges::find_if(
          all, [&](const ElementConstraint* known) { return known->key == one->key; });
      if (same == all.end()) {
        all.push_back(one);
      } else {
        *same = one;
      }
    }
    into.constraints = keep(arena_, all);
  }

  const StructureSource& source_;
  const StructureDefinition& base_;
  const StructureResolver& resolve_;
  Arena& arena_;
  Issues& issues_;
  Elements elements_;
  std::unordered_map<std::string_view, Place> places_;
  std::map<std::string, std::string, std::less<>> context_;
  std::vector<std::pair<std::string, std::string>> aliases_;
  std::unordered_set<std::string_view> sliced_before_;
  std::unordered_map<std::string_view, std::pair<std::uint32_t, std::uint32_t>> cardinality_before_;
};

}  // namespace

std::span<const ElementDefinition> generate_snapshot(const StructureSource& source,
                                                     const StructureDefinition& base,
                                                     const StructureResolver& resolve, Arena& arena,
                                                     Issues& issues) {
  if (base.elements.empty()) return {};
  return SnapshotBuilder{source, base, resolve, arena, issues}.build();
}

}  // namespace cpis::fhir
