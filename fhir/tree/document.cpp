#include "fhir/tree/document.h"

#include <cassert>
#include <limits>
#include <memory>
#include <utility>

#include "fhir/tree/same_name.h"

namespace cpis::fhir {
namespace {

// The last child of this name, otherwise null. Who adds several of one name mostly does so in a
// row.
const Element* last_of(const Element& parent, std::string_view name) {
  const Element* const last = parent.last_child();
  if (last == nullptr || same_name(last->name(), name)) return last;
  const Element* found = nullptr;
  for (const Element* child = parent.first_child(); child != last; child = child->next()) {
    if (same_name(child->name(), name)) found = child;
  }
  return found;
}

}  // namespace

Document::Document(Document&& other) noexcept
    : arena_{std::move(other.arena_)},
      sources_{std::move(other.sources_)},
      root_{std::exchange(other.root_, nullptr)},
      format_{other.format_} {}

Document& Document::operator=(Document&& other) noexcept {
  arena_ = std::move(other.arena_);
  sources_ = std::move(other.sources_);
  root_ = std::exchange(other.root_, nullptr);
  format_ = other.format_;
  return *this;
}

void Document::attach_behind(Element& parent, Element* before, Element& element) {
  element.parent_ = &parent;
  Element*& slot = before == nullptr ? parent.first_ : before->next_;
  element.next_ = slot;
  slot = &element;
  if (element.next_ == nullptr) parent.last_ = &element;
}

void Document::renumber(Element& parent, std::string_view name) {
  std::uint32_t index = 0;
  for (Element* child = parent.first_; child != nullptr; child = child->next_) {
    if (child->name() == name) child->index_ = index++;
  }
}

Element& Document::set_root(std::string_view resource_type) {
  root_ = &make({}, store(resource_type), Kind::resource);
  return *root_;
}

Element& Document::set_fragment(std::string_view name, Kind kind, std::string_view value) {
  root_ = &make(store(name), store(value), kind);
  return *root_;
}

Element& Document::clone_root(const Element& source) {
  Element& copy = make(store(source.name()), store(source.text()), source.kind());
  copy_children(copy, source, [this](std::string_view text) { return store(text); });
  root_ = &copy;
  return copy;
}

Element& Document::append(Element& parent, std::string_view name) {
  return append(parent, name, {}, Kind::complex);
}

Element& Document::append(Element& parent, std::string_view name, std::string_view value,
                          Kind kind) {
  const Element* const twin = last_of(parent, name);
  // A sibling's name already lives here.
  return append_behind(parent, twin, twin == nullptr ? store(name) : twin->name(), store(value),
                       kind);
}

Element& Document::append_behind(Element& parent, const Element* twin, std::string_view name,
                                 std::string_view value, Kind kind) {
  Element& child = make(name, value, kind);
  child.index_ = twin == nullptr ? 0 : twin->index_ + 1;
  attach_behind(parent, twin == nullptr ? parent.last_ : &edit(*twin), child);
  return child;
}

Element& Document::append_resource(Element& parent, std::string_view name, std::string_view type) {
  return append(parent, name, type, Kind::resource);
}

Element& Document::append_item(Element& parent, std::string_view name) {
  return append_item(parent, name, {}, Kind::complex);
}

Element& Document::append_item(Element& parent, std::string_view name, std::string_view value,
                               Kind kind) {
  Element& child = append(parent, name, value, kind);
  child.listed_ = true;
  return child;
}

Element& Document::insert(Element& parent, std::string_view name, std::uint32_t index) {
  Element& child = append(parent, name);
  move(child, index);
  return child;
}

Element& Document::set(Element& parent, std::string_view name, std::string_view value, Kind kind) {
  const Element* const found = parent.first(name);
  if (found == nullptr) return append_behind(parent, nullptr, store(name), store(value), kind);
  set_value(edit(*found), value, kind);
  return edit(*found);
}

Element& Document::get_or_append(Element& parent, std::string_view name) {
  const Element* const found = parent.first(name);
  if (found != nullptr) return edit(*found);
  return append_behind(parent, nullptr, store(name), {}, Kind::complex);
}

void Document::set_value(Element& element, std::string_view value, Kind kind) {
  view_value(element, store(value), kind);
}

void Document::set_resource_type(Element& element, std::string_view type) {
  view_value(element, store(type), Kind::resource);
}

void Document::rename(Element& element, std::string_view name) {
  assert(name.size() <= std::numeric_limits<std::uint16_t>::max());
  const std::string_view stored = store(name);
  const std::string_view before = element.name();
  element.name_ = stored.data();
  element.name_size_ = static_cast<std::uint16_t>(stored.size());
  if (element.parent_ == nullptr) return;
  renumber(*element.parent_, before);
  renumber(*element.parent_, stored);
}

void Document::remove(Element& element) {
  Element& parent = *element.parent_;
  Element* before = nullptr;
  for (Element* at = parent.first_; at != &element; at = at->next_) before = at;
  (before == nullptr ? parent.first_ : before->next_) = element.next_;
  if (parent.last_ == &element) parent.last_ = before;
  element.parent_ = nullptr;
  element.next_ = nullptr;
  renumber(parent, element.name());
}

void Document::remove_all(Element& parent, std::string_view name) {
  while (const Element* found = parent.first(name)) remove(edit(*found));
}

void Document::clear_children(Element& element) {
  element.first_ = nullptr;
  element.last_ = nullptr;
}

template <class Store>
void Document::copy_children(Element& to, const Element& from, const Store& keep) {
  const Element* source = &from;
  Element* target = &to;
  const Element* next = from.first_;
  while (true) {
    if (next != nullptr) {
      Element& copy =
          link(*target, keep(next->name()), keep(next->text()), next->kind(), next->index());
      copy.listed_ = next->listed_;
      source = next;
      target = &copy;
      next = source->first_;
      continue;
    }
    if (source == &from) return;
    next = source->next_;
    source = source->parent_;
    target = target->parent_;
  }
}

Element& Document::clone(Element& parent, const Element& source, std::string_view name) {
  // Copied aside first: `source` may lie above or beside the place it is copied to.
  Element& aside = make({}, {}, Kind::complex);
  copy_children(aside, source, [this](std::string_view text) { return store(text); });
  Element& copy = append(parent, name.empty() ? source.name() : name, source.text(), source.kind());
  attach_copy(copy, aside, source);
  return copy;
}

Element& Document::clone_view(Element& parent, const Element& source) {
  Element& aside = make({}, {}, Kind::complex);
  copy_children(aside, source, [](std::string_view text) { return text; });
  Element& copy = append_behind(parent, last_of(parent, source.name()), source.name(),
                                source.text(), source.kind());
  attach_copy(copy, aside, source);
  return copy;
}

void Document::attach_copy(Element& copy, Element& aside, const Element& source) {
  copy.listed_ = source.listed_;
  copy.first_ = aside.first_;
  copy.last_ = aside.last_;
  for (Element* child = copy.first_; child != nullptr; child = child->next_) child->parent_ = &copy;
}

void Document::move(Element& element, std::uint32_t index) {
  Element& parent = *element.parent_;
  const std::string_view name = element.name();
  remove(element);
  Element* before = nullptr;
  Element* last_twin = nullptr;
  for (Element* at = parent.first_; at != nullptr; at = at->next_) {
    if (at->name() != name) {
      if (last_twin == nullptr) before = at;
      continue;
    }
    if (at->index_ == index) break;
    before = last_twin = at;
  }
  attach_behind(parent, before, element);
  renumber(parent, name);
}

std::string_view Document::adopt(std::string source) {
  return *sources_.emplace_back(std::make_unique<const std::string>(std::move(source)));
}

void Document::clear() {
  root_ = nullptr;
  format_ = Format::built;
  sources_.clear();
  arena_.clear();
}

std::size_t Document::memory() const {
  std::size_t bytes = arena_.capacity();
  for (const auto& source : sources_) bytes += source->capacity();
  return bytes;
}

}  // namespace cpis::fhir
