#include "fhir/validate/profile.h"

#include <algorithm>
#include <string>
#include <utility>

#include "fhir/json/reader.h"

namespace cpis::fhir {
namespace {

std::size_t steps(std::string_view path) {
  return static_cast<std::size_t>(std::ranges::count(path, '.'));
}

std::string_view last_step(std::string_view path) { return path.substr(path.rfind('.') + 1); }

std::string_view above(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}

/// The node that `node` is a slice of: the latest unsliced one of the same path, or below it the
/// slice that `name` says it divides further (`a/b` divides `a`).
Node* sliced(Node& parent, const ElementDefinition& definition) {
  Node* base = nullptr;
  for (Node* child : parent.children) {
    if (child->definition->path == definition.path) base = child;
  }
  if (base == nullptr) return nullptr;
  for (Node* slice : base->slices) {
    const std::string_view name = slice->definition->slice_name;
    if (definition.slice_name.size() > name.size() && definition.slice_name.starts_with(name) &&
        definition.slice_name[name.size()] == '/') {
      return slice;
    }
  }
  return base;
}

bool same_binding(const ElementBinding* a, const ElementBinding* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->strength == b->strength && a->value_set == b->value_set &&
         a->max_value_set == b->max_value_set;
}

bool has_key(const std::vector<Invariant>& list, std::string_view key) {
  return std::ranges::any_of(list,
                             [key](const Invariant& one) { return one.constraint->key == key; });
}

}  // namespace

const Node* Node::child(std::string_view wanted) const {
  const auto found = std::ranges::find(children, wanted, &Node::name);
  return found == children.end() ? nullptr : *found;
}

std::unique_ptr<Document> parse_value(const ElementValue& value, const TypeTable& types) {
  auto document = std::make_unique<Document>();
  Issues ignored;
  json::ReadOptions options;
  options.strict = false;
  options.fragment = true;
  std::string text{"{\"value\":"};
  text.append(value.json).append("}");
  if (!json::read(std::move(text), *document, ignored, options)) return nullptr;
  if (!document->root().has_children()) return nullptr;
  const Schema::TypeId type = types.find(value.type);
  Document alone;
  const Element& inner = *document->root().first_child();
  alone.clone_root(inner);
  if (type != Schema::no_type) types.annotate(alone, type);
  return std::make_unique<Document>(std::move(alone));
}

const Profile* ProfileCache::find(std::string_view canonical) {
  const StructureDefinition* definition = rules_.definitions().structure(canonical);
  if (definition == nullptr || definition->elements.empty()) return nullptr;
  const std::lock_guard lock{mutex_};
  auto& slot = built_[definition];
  if (!slot) slot = build(*definition);
  return slot.get();
}

std::unique_ptr<Profile> ProfileCache::build(const StructureDefinition& definition) const {
  auto profile = std::make_unique<Profile>();
  profile->definition = &definition;
  std::vector<Node*> open;  // by depth
  for (const ElementDefinition& element : definition.elements) {
    const std::size_t depth = steps(element.path);
    if (depth > open.size()) continue;  // an element without its parent
    open.resize(depth);
    Node& node = profile->nodes.emplace_back();
    node.definition = &element;
    node.name = element.name();
    node.choice = element.choice();
    open.push_back(&node);
    if (depth == 0) {
      profile->root = &node;
    } else {
      Node& parent = *open[depth - 1];
      Node* const base = element.slice_name.empty() ? nullptr : sliced(parent, element);
      node.parent = &parent;
      (base == nullptr ? parent.children : base->slices).push_back(&node);
    }
    fill(*profile, node);
  }
  return profile;
}

void ProfileCache::fill(Profile& profile, Node& node) const {
  const ElementDefinition& element = *node.definition;
  const TypeTable& types = rules_.types();
  for (const auto& [value, place] :
       {std::pair{&element.fixed, &node.fixed}, std::pair{&element.pattern, &node.pattern}}) {
    if (!*value) continue;
    if (auto document = parse_value(*value, types)) {
      *place = &document->root();
      profile.values.push_back(std::move(document));
    }
  }
  const std::string_view base_path = element.base_path.empty() ? element.path : element.base_path;
  const Field* const field = types.field(types.find(above(base_path)), element.name());
  const std::string_view own = last_step(base_path);
  const Schema::TypeId type = node.parent == nullptr      ? types.find(profile.definition->type)
                              : element.types.size() == 1 ? types.find(element.types.front().code)
                                                          : Schema::no_type;
  node.binding = same_binding(element.binding, field == nullptr ? nullptr : field->element->binding)
                     ? nullptr
                     : element.binding;
  for (const ElementConstraint* constraint : element.constraints) {
    const bool known =
        (field != nullptr &&
         has_key(rules_.field(field->definition).invariants, constraint->key)) ||
        (type != Schema::no_type && has_key(rules_.type(type).invariants, constraint->key)) ||
        constraint->key == "ele-1" || constraint->key == "ext-1";
    if (!known && !own.empty()) node.invariants.push_back(Rules::prepare(*constraint));
  }
}

bool equals_fixed(const Element& element, const Element& fixed) {
  if (element.value() != fixed.value() || element.has_value() != fixed.has_value()) return false;
  std::size_t wanted = 0;
  for (const Element& part : fixed.children()) {
    const Element* twin = element.first(part.name());
    for (std::uint32_t i = 0; i < part.index() && twin != nullptr; ++i) {
      twin =
          twin->next() != nullptr && twin->next()->name() == part.name() ? twin->next() : nullptr;
    }
    if (twin == nullptr || !equals_fixed(*twin, part)) return false;
    ++wanted;
  }
  std::size_t found = 0;
  for (const Element& part : element.children()) found += part.name() == "id" ? 0U : 1U;
  return found <= wanted;
}

bool matches_pattern(const Element& element, const Element& pattern) {
  if (pattern.has_value() && element.value() != pattern.value()) return false;
  return std::ranges::all_of(pattern.children(), [&](const Element& part) {
    const ElementRange twins = element.children(part.name());
    return std::ranges::any_of(twins,
                               [&](const Element& twin) { return matches_pattern(twin, part); });
  });
}

}  // namespace cpis::fhir
