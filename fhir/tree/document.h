#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/tree/arena.h"
#include "fhir/tree/element.h"

namespace cpis::fhir {

/// Where a tree came from. It decides what can be wrong with it: JSON says which elements are
/// arrays, XML says in which order they came.
enum class Format : std::uint8_t { built, json, xml };

/// Owns one tree: its elements, the bytes their views point into, and every change to it. Elements
/// are never freed one by one; removing one only unlinks it. Movable (elements keep their
/// addresses), not copyable, and for one thread at a time while it changes.
///
/// Text given to the building functions is copied unless the function says otherwise. All names and
/// values are UTF-8; names are at most 65535 bytes, values less than 4 GiB. An `Element&` passed in
/// must belong to this document.
class Document {
 public:
  Document() = default;
  Document(Document&& other) noexcept;
  Document& operator=(Document&& other) noexcept;
  ~Document() = default;

  bool empty() const { return root_ == nullptr; }
  /// Precondition: not empty.
  const Element& root() const { return *root_; }
  Element& root() { return *root_; }

  Format format() const { return format_; }
  void set_format(Format format) { format_ = format; }

  /// Starts a new tree of one resource; what was there before is unlinked.
  Element& set_root(std::string_view resource_type);
  /// Starts a new tree with a copy of `source`, which may belong to any document.
  Element& clone_root(const Element& source);
  /// Starts a new tree whose root is no resource, for instance one datatype; `name` may be empty.
  Element& set_fragment(std::string_view name, Kind kind = Kind::complex,
                        std::string_view value = {});

  /// Adds a child behind the last sibling of the same name, otherwise as the last child.
  Element& append(Element& parent, std::string_view name);
  Element& append(Element& parent, std::string_view name, std::string_view value,
                  Kind kind = Kind::string);
  Element& append_resource(Element& parent, std::string_view name, std::string_view type);
  /// As `append`, and written as an array in JSON even while it is the only one.
  Element& append_item(Element& parent, std::string_view name);
  Element& append_item(Element& parent, std::string_view name, std::string_view value,
                       Kind kind = Kind::string);
  /// Adds a child before the item at `index` of the same name; behind the last when there are
  /// fewer.
  Element& insert(Element& parent, std::string_view name, std::uint32_t index);

  /// Gives the first child of this name the value, adding it when there is none.
  Element& set(Element& parent, std::string_view name, std::string_view value,
               Kind kind = Kind::string);
  /// The first child of this name, added when there is none.
  Element& get_or_append(Element& parent, std::string_view name);
  void set_value(Element& element, std::string_view value, Kind kind = Kind::string);
  void set_resource_type(Element& element, std::string_view type);
  void set_listed(Element& element, bool listed) { element.listed_ = listed; }
  void rename(Element& element, std::string_view name);

  /// Takes the element and all below it out of the tree. Not for the root.
  void remove(Element& element);
  void remove_all(Element& parent, std::string_view name);
  void clear_children(Element& element);
  /// Adds a deep copy of `source` (of any document) as `append` does, under `name` or its own name.
  Element& clone(Element& parent, const Element& source, std::string_view name = {});
  /// The same without copying names and values: the document of `source` must outlive this one.
  Element& clone_view(Element& parent, const Element& source);
  /// Moves an item to `index` among its siblings of the same name.
  void move(Element& element, std::uint32_t index);

  /// The same element for changing. Precondition: it belongs to this document.
  Element& edit(const Element& element) { return const_cast<Element&>(element); }

  /// Annotation of one element; see Element::definition and Element::type. Not a change of content.
  void annotate(const Element& element, std::uint32_t definition, std::uint32_t type) {
    Element& target = edit(element);
    target.definition_ = definition;
    target.type_ = type;
  }

  // For readers: cheap building over the source bytes.

  /// Keeps `source` for as long as the document lives and returns the view of it to build upon.
  std::string_view adopt(std::string source);
  /// A copy of `text` in the arena.
  std::string_view store(std::string_view text) { return arena_.copy(text); }
  /// A new last child with views that the caller made sure outlive the document (see `adopt`,
  /// `store`). No search for siblings of the same name: `index` is the caller's.
  Element& link(Element& parent, std::string_view name, std::string_view value, Kind kind,
                std::uint32_t index) {
    Element& child = make(name, value, kind);
    child.index_ = index;
    child.parent_ = &parent;
    (parent.last_ == nullptr ? parent.first_ : parent.last_->next_) = &child;
    parent.last_ = &child;
    return child;
  }
  /// Makes an element of the tree its root; what was around it is unlinked.
  void reroot(Element& element) {
    element.parent_ = nullptr;
    element.next_ = nullptr;
    root_ = &element;
  }
  /// A new element outside the tree.
  Element& detached() { return make({}, {}, Kind::complex); }
  void place(Element& element, std::uint32_t line, std::uint32_t column) {
    element.line_ = line;
    element.column_ = column;
  }
  void view_value(Element& element, std::string_view value, Kind kind) {
    assert(value.size() <= std::numeric_limits<std::uint32_t>::max());
    element.text_ = value.data();
    element.text_size_ = static_cast<std::uint32_t>(value.size());
    element.kind_ = kind;
  }

  /// Forgets the tree and the source; keeps memory for the next one.
  void clear();
  /// Bytes held, sources included.
  std::size_t memory() const;

 private:
  Element& make(std::string_view name, std::string_view value, Kind kind) {
    assert(name.size() <= std::numeric_limits<std::uint16_t>::max());
    assert(value.size() <= std::numeric_limits<std::uint32_t>::max());
    void* const place = arena_.allocate(sizeof(Element), alignof(Element));
    Element* const element = std::construct_at(static_cast<Element*>(place));
    element->name_ = name.data();
    element->name_size_ = static_cast<std::uint16_t>(name.size());
    element->text_ = value.data();
    element->text_size_ = static_cast<std::uint32_t>(value.size());
    element->kind_ = kind;
    return *element;
  }
  void attach_behind(Element& parent, Element* before, Element& element);
  void renumber(Element& parent, std::string_view name);
  Element& append_behind(Element& parent, const Element* twin, std::string_view name,
                         std::string_view value, Kind kind);
  void attach_copy(Element& copy, Element& aside, const Element& source);
  template <class Store>
  void copy_children(Element& to, const Element& from, const Store& keep);

  Arena arena_;
  // Behind pointers: views into a short string must survive a move of the document.
  std::vector<std::unique_ptr<const std::string>> sources_;
  Element* root_ = nullptr;
  Format format_ = Format::built;
};

}  // namespace cpis::fhir
