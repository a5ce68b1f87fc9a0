#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "fhir/tree/arena.h"
#include "fhir/tree/same_name.h"

namespace cpis::fhir {

/// What an element carries besides its children.
enum class Kind : std::uint8_t {
  complex,   ///< children only
  resource,  ///< children and a resourceType
  string,    ///< a literal that JSON writes in quotes (also xhtml, dates, codes)
  number,    ///< a literal that JSON writes bare, kept to the digit
  boolean,   ///< `true` or `false`
  null,      ///< a primitive without a value; its `id` or `extension` children say why
};

constexpr bool is_primitive(Kind kind) { return kind >= Kind::string; }

/// No annotation yet.
inline constexpr std::uint32_t no_annotation = 0xFFFFFFFFU;

class Element;

/// Children in document order, all of them or those of one name. Invalidated by a change below the
/// same parent.
class ElementRange {
 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Element;
    using difference_type = std::ptrdiff_t;
    using pointer = const Element*;
    using reference = const Element&;

    Iterator() = default;
    Iterator(const Element* at, std::string_view name) : at_{at}, name_{name} {}
    const Element& operator*() const { return *at_; }
    const Element* operator->() const { return at_; }
    inline Iterator& operator++();
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

   private:
    const Element* at_ = nullptr;
    std::string_view name_;
  };

  ElementRange(const Element* first, std::string_view name) : first_{first}, name_{name} {}
  Iterator begin() const { return {first_, name_}; }
  Iterator end() const { return {}; }
  bool empty() const { return first_ == nullptr; }

 private:
  const Element* first_;
  std::string_view name_;
};

/// One node of a FHIR instance, 80 bytes, owned by a Document. JSON and XML give the same tree:
/// - a repeating element is one Element per item, adjacent, in order;
/// - a primitive has its literal as `value()` and its `id` and `extension` as children (JSON `_x`);
/// - a choice keeps its wire name (`valueQuantity`), so the type is never guessed;
/// - a resource, also inside `contained` or `entry.resource`, has the kind `resource`; the
///   `resourceType` property is not a child;
/// - `div` is a string whose value is the XHTML markup, byte for byte.
/// Reading a tree from many threads is safe while nobody changes it.
class Element {
 public:
  Element() = default;  // for Document
  Element(const Element&) = delete;
  Element& operator=(const Element&) = delete;

  std::string_view name() const { return {name_, name_size_}; }
  Kind kind() const { return kind_; }
  bool primitive() const { return is_primitive(kind_); }
  bool resource() const { return kind_ == Kind::resource; }

  /// A primitive with a literal. `""` is a value (which FHIR forbids), `null` is none.
  bool has_value() const { return kind_ == Kind::string || is_bare_literal(); }
  /// The literal as written, unescaped for strings. Empty for everything that is no primitive.
  std::string_view value() const { return kind_ == Kind::resource ? std::string_view{} : text(); }
  /// `Patient`; empty for everything that is no resource.
  std::string_view resource_type() const {
    return kind_ == Kind::resource ? text() : std::string_view{};
  }

  /// Null for the root.
  const Element* parent() const { return parent_; }
  const Element* next() const { return next_; }
  const Element* first_child() const { return first_; }
  const Element* last_child() const { return last_; }
  bool has_children() const { return first_ != nullptr; }

  ElementRange children() const { return {first_, {}}; }
  ElementRange children(std::string_view name) const { return {first(name), name}; }
  /// The first child of this wire name, or null.
  const Element* first(std::string_view name) const;
  /// The first child that is a choice of `base`: `choice("value")` finds `valueQuantity`.
  const Element* choice(std::string_view base) const;
  /// The value of the first child of this name; empty when there is none.
  std::string_view value_of(std::string_view name) const;
  std::size_t count(std::string_view name) const;

  /// Position among the adjacent siblings of the same name, from 0.
  std::uint32_t index() const { return index_; }
  /// Was an item of a JSON array, or is to be written as one even when it is alone.
  bool listed() const { return listed_; }

  /// Where the element starts in its source, from 1; columns count bytes. 0 when it was built.
  std::uint32_t line() const { return line_; }
  std::uint32_t column() const { return column_; }

  /// Indexes into fhir/definitions, `no_annotation` until that module has been over the tree: which
  /// element definition this is, and which type it has (for a choice the one its name chose).
  std::uint32_t definition() const { return definition_; }
  std::uint32_t type() const { return type_; }

  /// The nearest resource at or above this element; null in a fragment.
  const Element* enclosing_resource() const;
  const Element& root() const;

 private:
  friend class Document;

  bool is_bare_literal() const { return kind_ == Kind::number || kind_ == Kind::boolean; }
  std::string_view text() const { return {text_, text_size_}; }

  const char* name_ = nullptr;
  const char* text_ = nullptr;
  Element* parent_ = nullptr;
  Element* next_ = nullptr;
  Element* first_ = nullptr;
  Element* last_ = nullptr;
  std::uint32_t text_size_ = 0;
  std::uint32_t index_ = 0;
  std::uint32_t line_ = 0;
  std::uint32_t column_ = 0;
  std::uint32_t definition_ = no_annotation;
  std::uint32_t type_ = no_annotation;
  std::uint16_t name_size_ = 0;
  Kind kind_ = Kind::complex;
  bool listed_ = false;
};

inline ElementRange::Iterator& ElementRange::Iterator::operator++() {
  at_ = at_->next();
  while (at_ != nullptr && name_.data() != nullptr && !same_name(at_->name(), name_)) {
    at_ = at_->next();
  }
  return *this;
}

/// `Patient.name[0].given[1]`: names as on the wire, an index wherever the element is listed or
/// repeated. A resource inside another is addressed through its element:
/// `Bundle.entry[0].resource.id`.
std::string path_of(const Element& element);

/// Same names, kinds, values and children in the same order; positions and annotations do not
/// count.
bool same_content(const Element& a, const Element& b);

}  // namespace cpis::fhir
