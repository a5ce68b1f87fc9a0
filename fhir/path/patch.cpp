#include "fhir/path/patch.h"

#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "fhir/path/environment.h"
#include "fhir/path/evaluator.h"
#include "fhir/path/program.h"

namespace cpis::fhir::path {
namespace {

/// One `operation` of the patch, its parts by name.
struct Operation {
  const Element* at = nullptr;
  std::string_view type;
  std::string_view path;
  std::string_view name;
  const Element* value = nullptr;  ///< the part `value`
  std::optional<std::uint32_t> index;
  std::optional<std::uint32_t> source;
  std::optional<std::uint32_t> destination;
};

std::optional<std::uint32_t> number_of(const Element& part) {
  const std::string_view text = part.value_of("valueInteger");
  std::uint32_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end.ec != std::errc{} || end.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

std::string_view text_of(const Element& part) {
  const Element* const value = part.choice("value");
  return value == nullptr ? std::string_view{} : value->value();
}

class Patcher {
 public:
  Patcher(Document& document, const Model* model, Issues& issues)
      : document_{document}, issues_{issues} {
    environment_.model = model;
  }

  bool run(const Element& patch) {
    std::size_t count = 0;
    for (const Element& parameter : patch.children("parameter")) {
      if (++count > patch_operations_max) {
        return fail(parameter, IssueCode::too_costly, "patch-limit", "too many operations");
      }
      if (parameter.value_of("name") != "operation") {
        return fail(parameter, IssueCode::invalid, "patch-parameter",
                    "every parameter of a patch is named operation");
      }
      Operation operation;
      if (!read(parameter, operation) || !apply(operation)) return false;
    }
    return true;
  }

 private:
  bool fail(const Element& at, IssueCode code, std::string rule, std::string diagnostics) {
    issues_.add({Severity::error, code, path_of(at), at.line(), at.column(), std::move(rule),
                 std::move(diagnostics)});
    return false;
  }
  bool fail(const Operation& operation, std::string rule, std::string diagnostics) {
    return fail(*operation.at, IssueCode::processing, std::move(rule), std::move(diagnostics));
  }

  bool read(const Element& parameter, Operation& operation) {
    operation.at = &parameter;
    for (const Element& part : parameter.children("part")) {
      const std::string_view name = part.value_of("name");
      if (name == "type") {
        operation.type = text_of(part);
      } else if (name == "path") {
        operation.path = text_of(part);
      } else if (name == "name") {
        operation.name = text_of(part);
      } else if (name == "value") {
        operation.value = &part;
      } else if (name == "index") {
        operation.index = number_of(part);
      } else if (name == "source") {
        operation.source = number_of(part);
      } else if (name == "destination") {
        operation.destination = number_of(part);
      } else {
        return fail(part, IssueCode::invalid, "patch-part", "no such part of an operation");
      }
    }
    if (!operation.path.empty()) return true;
    return fail(parameter, IssueCode::required, "patch-path", "an operation needs a path");
  }

  bool apply(const Operation& operation) {
    // What the definitions said of the old tree does not hold for the new one.
    if (operation.type == "add") return add(operation);
    if (operation.type == "insert") return insert(operation);
    if (operation.type == "delete") return remove(operation);
    if (operation.type == "replace") return replace(operation);
    if (operation.type == "move") return move(operation);
    return fail(operation, "patch-type", "the type is add, insert, delete, replace or move");
  }

  // All elements the path leads to; false when it cannot be evaluated.
  bool find(const Operation& operation, std::vector<const Element*>& found) {
    Error error;
    const auto expression = Expression::compile(operation.path, error);
    if (!expression) {
      return fail(operation, "patch-path", "the path is no FHIRPath: " + error.message);
    }
    Evaluator evaluator{environment_};
    const auto result = evaluator.evaluate(*expression, {&document_.root(), nullptr, nullptr});
    if (!result) {
      return fail(operation, "patch-path", "the path fails: " + evaluator.error().message);
    }
    for (const Value& value : *result) {
      if (!value.is_element()) {
        return fail(operation, "patch-path", "the path does not lead to elements");
      }
      found.push_back(&value.element());
    }
    return true;
  }

  const Element* find_one(const Operation& operation) {
    std::vector<const Element*> found;
    if (!find(operation, found)) return nullptr;
    if (found.size() == 1) return found.front();
    fail(operation, "patch-path", "the path must lead to one element");
    return nullptr;
  }

  std::optional<Model::Field> field(const Element& parent, std::string_view name) const {
    if (environment_.model == nullptr) return std::nullopt;
    const auto type = environment_.model->type_of(parent);
    if (type == Model::no_type) return std::nullopt;
    return environment_.model->field(type, name);
  }

  // `value` with valueQuantity becomes `valueQuantity`; other names stay.
  std::string wire_name(const Element& parent, std::string_view name, const Operation& op) const {
    const Element* const value = op.value->choice("value");
    const auto known = field(parent, name);
    if (value == nullptr || !known || !known->choice || known->asked_by_type) {
      return std::string{name};
    }
    return std::string{name} + std::string{value->name().substr(std::string_view{"value"}.size())};
  }

  // The new content: value[x], a resource, or parts that build a nested element.
  Element* place(Element& parent, std::string_view name, const Operation& operation) {
    Element* made = nullptr;
    if (const Element* const value = operation.value->choice("value")) {
      made = &document_.clone(parent, *value, wire_name(parent, name, operation));
      made = &document_.edit(*made);
    } else if (const Element* const resource = operation.value->first("resource")) {
      made = &document_.clone(parent, *resource, name);
    } else if (operation.value->first("part") != nullptr) {
      made = &document_.append(parent, name);
      build(*made, *operation.value);
    } else {
      fail(operation, "patch-value", "the value is empty");
      return nullptr;
    }
    const auto known = field(parent, name);
    document_.set_listed(*made, known ? known->list : false);
    return made;
  }

  void build(Element& element, const Element& part) {
    for (const Element& child : part.children("part")) {
      const std::string_view name = child.value_of("name");
      if (const Element* const value = child.choice("value")) {
        const auto known = field(element, name);
        std::string wire{name};
        if (known && known->choice && !known->asked_by_type) wire += value->name().substr(5);
        Element& made = document_.clone(element, *value, wire);
        document_.set_listed(made, known && known->list);
      } else {
        build(document_.append(element, name), child);
      }
    }
  }

  bool add(const Operation& operation) {
    if (operation.name.empty() || operation.value == nullptr) {
      return fail(operation, "patch-part", "add needs a name and a value");
    }
    const Element* const parent = find_one(operation);
    if (parent == nullptr) return false;
    const auto known = field(*parent, operation.name);
    if (known && !known->known) {
      return fail(operation, "patch-name", "there is no such element to add");
    }
    const bool single = known && !known->list;
    const bool present = parent->first(operation.name) != nullptr ||
                         (known && known->choice && parent->choice(operation.name) != nullptr);
    if (single && present) return fail(operation, "patch-name", "the element is already there");
    return place(document_.edit(*parent), operation.name, operation) != nullptr;
  }

  // The siblings that one path names are one list, and the path must name all of it.
  Element* list_of(const Operation& operation, std::vector<const Element*>& items) {
    if (!find(operation, items)) return nullptr;
    if (items.empty() || items.front()->parent() == nullptr) {
      fail(operation, "patch-path", "the path leads to no list");
      return nullptr;
    }
    const Element* const parent = items.front()->parent();
    for (const Element* const item : items) {
      if (item->parent() == parent && item->name() == items.front()->name()) continue;
      fail(operation, "patch-path", "the path leads to more than one list");
      return nullptr;
    }
    return &document_.edit(*parent);
  }

  bool insert(const Operation& operation) {
    if (!operation.index || operation.value == nullptr) {
      return fail(operation, "patch-part", "insert needs an index and a value");
    }
    std::vector<const Element*> items;
    Element* const parent = list_of(operation, items);
    if (parent == nullptr) return false;
    if (*operation.index > items.size()) {
      return fail(operation, "patch-index", "the index is behind the end of the list");
    }
    const std::string name{items.front()->name()};
    Element* const made = place(*parent, name, operation);
    if (made == nullptr) return false;
    document_.move(*made, *operation.index);
    return true;
  }

  bool remove(const Operation& operation) {
    std::vector<const Element*> found;
    if (!find(operation, found)) return false;
    if (found.size() > 1) return fail(operation, "patch-path", "delete takes one element");
    if (found.empty()) return true;
    if (found.front()->parent() == nullptr) {
      return fail(operation, "patch-path", "the resource itself cannot be deleted");
    }
    remove_with_empty_parents(*found.front());
    return true;
  }

  // FHIR knows no empty elements: what held only the deleted one goes with it.
  void remove_with_empty_parents(const Element& element) {
    const Element* gone = &element;
    const Element* parent = gone->parent();
    while (parent != nullptr && parent->parent() != nullptr && !parent->resource() &&
           !parent->has_value() && parent->first_child() == gone && gone->next() == nullptr) {
      gone = parent;
      parent = gone->parent();
    }
    document_.remove(document_.edit(*gone));
  }

  bool replace(const Operation& operation) {
    if (operation.value == nullptr) return fail(operation, "patch-part", "replace needs a value");
    const Element* const old = find_one(operation);
    if (old == nullptr) return false;
    if (old->parent() == nullptr) {
      return fail(operation, "patch-path", "the resource itself cannot be replaced");
    }
    Element& parent = document_.edit(*old->parent());
    std::string name{old->name()};
    const auto suffix = choice_suffix(name);
    const auto known = field(parent, name);
    if (suffix != std::string::npos && (!known || known->asked_by_type)) name.resize(suffix);
    const std::uint32_t index = old->index();
    const bool listed = old->listed();
    Element* const made = place(parent, name, operation);
    if (made == nullptr) return false;
    document_.remove(document_.edit(*old));
    document_.set_listed(*made, listed);
    document_.move(*made, index);
    return true;
  }

  bool move(const Operation& operation) {
    if (!operation.source || !operation.destination) {
      return fail(operation, "patch-part", "move needs a source and a destination");
    }
    std::vector<const Element*> items;
    if (list_of(operation, items) == nullptr) return false;
    if (*operation.source >= items.size() || *operation.destination >= items.size()) {
      return fail(operation, "patch-index", "the index is behind the end of the list");
    }
    document_.move(document_.edit(*items[*operation.source]), *operation.destination);
    return true;
  }

  Document& document_;
  Issues& issues_;
  Environment environment_;
};

void forget_annotations(Document& document, const Element& element) {
  document.annotate(element, no_annotation, no_annotation);
  for (const Element& child : element.children()) forget_annotations(document, child);
}

}  // namespace

bool apply_patch(const Element& patch, Document& target, const Model* model, Issues& issues) {
  Document copy;
  copy.clone_root(target.root());
  forget_annotations(copy, copy.root());
  if (!Patcher{copy, model, issues}.run(patch)) return false;
  target = std::move(copy);
  return true;
}

}  // namespace cpis::fhir::path
