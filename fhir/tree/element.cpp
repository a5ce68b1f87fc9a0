#include "fhir/tree/element.h"

#include <algorithm>
#include <vector>

#include "fhir/tree/same_name.h"

namespace cpis::fhir {
namespace {

bool repeats(const Element& element) {
  return element.listed() || element.index() > 0 ||
         (element.next() != nullptr && element.next()->name() == element.name());
}

bool same_node(const Element& a, const Element& b) {
  return a.name() == b.name() && a.kind() == b.kind() && a.value() == b.value() &&
         a.resource_type() == b.resource_type();
}

}  // namespace

const Element* Element::first(std::string_view name) const {
  for (const Element* child = first_; child != nullptr; child = child->next_) {
    if (same_name(child->name(), name)) return child;
  }
  return nullptr;
}

const Element* Element::choice(std::string_view base) const {
  for (const Element* child = first_; child != nullptr; child = child->next_) {
    const std::string_view name = child->name();
    if (name.size() <= base.size() || !name.starts_with(base)) continue;
    if (const char letter = name[base.size()]; letter >= 'A' && letter <= 'Z') return child;
  }
  return nullptr;
}

std::string_view Element::value_of(std::string_view name) const {
  const Element* child = first(name);
  return child == nullptr ? std::string_view{} : child->value();
}

std::size_t Element::count(std::string_view name) const {
  std::size_t found = 0;
  for (const Element* child = first_; child != nullptr; child = child->next_) {
    if (child->name() == name) ++found;
  }
  return found;
}

const Element* Element::enclosing_resource() const {
  const Element* at = this;
  while (at != nullptr && !at->resource()) at = at->parent_;
  return at;
}

const Element& Element::root() const {
  const Element* at = this;
  while (at->parent_ != nullptr) at = at->parent_;
  return *at;
}

std::string path_of(const Element& element) {
  std::vector<const Element*> chain;
  for (const Element* at = &element; at != nullptr; at = at->parent()) chain.push_back(at);
  const Element& top = *chain.back();
  std::string path{top.resource() ? top.resource_type() : top.name()};
  for (auto at = chain.rbegin() + 1; at != chain.rend(); ++at) {
    if (!path.empty()) path += '.';
    path += (*at)->name();
    if (repeats(**at)) path += '[' + std::to_string((*at)->index()) + ']';
  }
  return path;
}

bool same_content(const Element& a, const Element& b) {
  // Iterative: a tree may be as deep as a reader's limit allows.
  const Element* left = &a;
  const Element* right = &b;
  while (true) {
    if (!same_node(*left, *right)) return false;
    if (left->has_children() != right->has_children()) return false;
    if (left->has_children()) {
      left = left->first_child();
      right = right->first_child();
      continue;
    }
    while (left != &a) {
      if ((left->next() == nullptr) != (right->next() == nullptr)) return false;
      if (left->next() != nullptr) break;
      left = left->parent();
      right = right->parent();
    }
    if (left == &a) return true;
    left = left->next();
    right = right->next();
  }
}

}  // namespace cpis::fhir
