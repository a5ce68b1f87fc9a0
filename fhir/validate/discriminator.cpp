#include "fhir/validate/discriminator.h"

#include <algorithm>
#include <utility>

namespace cpis::fhir {
namespace {

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() > 1 && (text.front() == '\'' || text.front() == '"');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

bool named(const Element& child, std::string_view name, const TypeTable& types) {
  if (child.name() == name) return true;
  if (child.definition() == no_annotation) return false;
  const Field& field = types.field(child.definition());
  return field.choice && field.name == name;
}

const Element* value_of(const Node& node) {
  return node.fixed != nullptr ? node.fixed : node.pattern;
}

/// Roots of the profiles that an element of this node conforms to.
std::vector<const Profile*> profiles_of(const Node& node, bool resolved, ProfileCache& profiles) {
  std::vector<const Profile*> found;
  for (const ElementType& type : node.definition->types) {
    for (const std::string_view canonical : resolved ? type.target_profiles : type.profiles) {
      if (const Profile* const profile = profiles.find(canonical)) found.push_back(profile);
    }
  }
  return found;
}

void add_child(const Node& child, const Profile& profile, std::vector<Said>& next) {
  next.push_back({&child, value_of(child), &profile, false});
}

void follow_name(const Said& said, std::string_view name, ProfileCache& profiles,
                 std::vector<Said>& next) {
  if (said.value != nullptr) {
    for (const Element& part : said.value->children()) {
      if (part.name() == name) next.push_back({nullptr, &part, said.profile, false});
    }
  }
  if (said.node == nullptr) return;
  if (const Node* const child = said.resolved ? nullptr : said.node->child(name)) {
    add_child(*child, *said.profile, next);
    for (const Node* slice : child->slices) add_child(*slice, *said.profile, next);
    return;
  }
  for (const Profile* profile : profiles_of(*said.node, said.resolved, profiles)) {
    if (const Node* const child = profile->root->child(name)) add_child(*child, *profile, next);
  }
}

void follow_extension(const Said& said, std::string_view url, ProfileCache& profiles,
                      std::vector<Said>& next) {
  if (said.node == nullptr) return;
  std::vector<std::pair<const Node*, const Profile*>> places;
  if (const Node* const child = said.node->child("extension")) {
    places.emplace_back(child, said.profile);
  } else {
    for (const Profile* profile : profiles_of(*said.node, said.resolved, profiles)) {
      if (const Node* const inner = profile->root->child("extension")) {
        places.emplace_back(inner, profile);
      }
    }
  }
  for (const auto& [extension, profile] : places) {
    for (const Node* slice : extension->slices) {
      if (extension_url(*slice) == url) next.push_back({slice, value_of(*slice), profile, false});
    }
  }
}

}  // namespace

std::vector<Step> steps_of(std::string_view path) {
  std::vector<Step> steps;
  while (!path.empty()) {
    const std::size_t open = path.find('(');
    const std::size_t end = std::min(path.find('.'), path.size());
    if (open < end) {
      const std::size_t close = std::min(path.find(')', open), path.size() - 1);
      const std::string_view function = path.substr(0, open);
      const Step::Kind kind = function == "extension" ? Step::Kind::extension
                              : function == "resolve" ? Step::Kind::resolve
                                                      : Step::Kind::of_type;
      steps.push_back({kind, unquoted(path.substr(open + 1, close - open - 1))});
      path.remove_prefix(close + 1);
    } else {
      const std::string_view name = path.substr(0, end);
      if (name != "$this") steps.push_back({Step::Kind::name, name});
      path.remove_prefix(end);
    }
    if (path.starts_with('.')) path.remove_prefix(1);
  }
  return steps;
}

std::string_view extension_url(const Node& slice) {
  for (const ElementType& type : slice.definition->types) {
    if (!type.profiles.empty()) {
      return type.profiles.front().substr(0, type.profiles.front().find('|'));
    }
  }
  const Node* const url = slice.child("url");
  return url != nullptr && url->fixed != nullptr ? url->fixed->value() : std::string_view{};
}

std::vector<Said> said_at(const Node& slice, const Profile& profile, std::string_view path,
                          ProfileCache& profiles) {
  std::vector<Said> here{{&slice, value_of(slice), &profile, false}};
  for (const Step& step : steps_of(path)) {
    std::vector<Said> next;
    for (Said& one : here) {
      switch (step.kind) {
        case Step::Kind::name:
          follow_name(one, step.text, profiles, next);
          break;
        case Step::Kind::extension:
          follow_extension(one, step.text, profiles, next);
          break;
        case Step::Kind::resolve:
          one.resolved = true;
          [[fallthrough]];
        case Step::Kind::of_type:
          next.push_back(one);
          break;
      }
    }
    here = std::move(next);
  }
  return here;
}

std::vector<const Element*> found_at(const Element& item, std::string_view path,
                                     const TypeTable& types, const ResolveText& resolve,
                                     std::vector<const Element*>& unresolved) {
  std::vector<const Element*> here{&item};
  for (const Step& step : steps_of(path)) {
    std::vector<const Element*> next;
    for (const Element* one : here) {
      if (step.kind == Step::Kind::resolve) {
        const std::string_view text = one->primitive() ? one->value() : one->value_of("reference");
        const Element* const target = resolve(text, *one);
        (target == nullptr ? unresolved : next).push_back(target == nullptr ? one : target);
      } else if (step.kind == Step::Kind::of_type) {
        const bool fits =
            one->type() != Schema::no_type && types.is_a(one->type(), types.find(step.text));
        if (fits) next.push_back(one);
      } else {
        for (const Element& child : one->children()) {
          const bool wanted =
              step.kind == Step::Kind::name
                  ? named(child, step.text, types)
                  : child.name() == "extension" && child.value_of("url") == step.text;
          if (wanted) next.push_back(&child);
        }
      }
    }
    here = std::move(next);
  }
  return here;
}

}  // namespace cpis::fhir
