#include "fhir/path/machine.h"

/// FHIR R4 2.9.1.4: functions that FHIR adds.
namespace cpis::fhir::path {
namespace {

bool is_absolute(std::string_view reference) {
  return reference.starts_with("http://") || reference.starts_with("https://") ||
         reference.starts_with("urn:");
}

std::string_view without_version(std::string_view reference) {
  return reference.substr(0, reference.find("/_history/"));
}

// `Patient/1` at the end of a fullUrl, on a step of its own.
bool ends_with_reference(std::string_view url, std::string_view reference) {
  return url.size() > reference.size() && url.ends_with(reference) &&
         url[url.size() - reference.size() - 1] == '/';
}

const Element* resource_in(const Element& entry) {
  const Element* const resource = entry.first("resource");
  return resource != nullptr && resource->resource() ? resource : nullptr;
}

}  // namespace

bool Machine::fhir_function(Function function, Range focus, std::span<const Range> arguments) {
  switch (function) {
    case Function::extension:
      return extensions(focus, arguments[0]);
    case Function::has_extension: {
      const std::uint32_t base = top();
      if (!extensions(focus, arguments[0])) return false;
      const bool any = top() > base;
      drop(base);
      return push(Value{any});
    }
    case Function::has_value: {
      if (focus.size() != 1) return push(Value{false});
      const Value value = at(focus);
      return push(Value{!value.is_element() || value.element().has_value()});
    }
    case Function::get_value: {
      if (focus.size() != 1) return true;
      const Value value = system(at(focus));
      return value.is_element() || value.kind() == ValueKind::none || push(value);
    }
    case Function::resolve:
      return resolve(focus);
    case Function::conforms_to:
      return conforms_to(focus, arguments[0]);
    case Function::member_of:
      return member_of(focus, arguments[0]);
    case Function::subsumes:
    case Function::subsumed_by:
      return subsumption(function, focus, arguments[0]);
    case Function::html_checks: {
      Value value;
      if (!singleton(focus, value, "a narrative")) return false;
      if (!value.is_element()) return true;
      const auto& check = environment_.callbacks.html_checks;
      return push(Value{check ? check(value.element()) : value.element().has_value()});
    }
    default:
      return fail("this function needs a profile, which is not at hand here");
  }
}

bool Machine::extensions(Range focus, Range url) {
  Value single;
  if (!singleton(url, single, "a url")) return false;
  single = system(single);
  if (single.kind() == ValueKind::none) return true;
  if (single.kind() != ValueKind::string) return fail("extension() takes a url");
  for (std::uint32_t i = focus.begin; i < focus.end; ++i) {
    const Value value = stack_[i];
    if (!value.is_element()) continue;
    for (const Element& extension : value.element().children("extension")) {
      if (extension.value_of("url") == single.text() && !push(Value{&extension})) return false;
    }
  }
  return true;
}

// References, canonicals and urls; what cannot be found is left out. FHIR R4 2.9.1.4.
bool Machine::resolve(Range focus) {
  for (std::uint32_t i = focus.begin; i < focus.end; ++i) {
    const Value value = stack_[i];
    if (value.kind() == ValueKind::reference && !push(value)) return false;
    if (!value.is_element()) {
      const Element* const from = context_.focus;
      if (value.kind() == ValueKind::string && from != nullptr &&
          !resolve_one(value.text(), *from)) {
        return false;
      }
      continue;
    }
    const Element& element = value.element();
    const std::string_view reference =
        element.primitive() ? element.value() : element.value_of("reference");
    if (!reference.empty() && !resolve_one(reference, element)) return false;
  }
  return true;
}

bool Machine::resolve_one(std::string_view reference, const Element& from) {
  if (++steps_ > environment_.limits.steps_max) {
    return fail(Error::Kind::limit, "the evaluation takes too many steps");
  }
  const Element* found = nullptr;
  if (reference.starts_with('#')) {
    found = find_contained(reference.substr(1), from);
    return found == nullptr || push(Value{found});
  }
  found = find_in_bundle(reference, from);
  if (found == nullptr && environment_.callbacks.resolve) {
    found = environment_.callbacks.resolve(reference, from);
  }
  if (found != nullptr) return push(Value{found});
  if (!environment_.resolve_by_text) return true;
  return push(Value{arena_.copy(reference), ValueKind::reference});
}

const Element* Machine::find_contained(std::string_view id, const Element& from) const {
  const Element* resource = from.enclosing_resource();
  if (resource != nullptr && resource->name() == "contained" && resource->parent() != nullptr) {
    resource = resource->parent()->enclosing_resource();
  }
  if (resource == nullptr) return nullptr;
  if (id.empty()) return resource;
  for (const Element& contained : resource->children("contained")) {
    if (contained.value_of("id") == id) return &contained;
  }
  return nullptr;
}

const Element* Machine::find_in_bundle(std::string_view reference, const Element& from) const {
  const Element& root = from.root();
  if (root.resource_type() != "Bundle") return nullptr;
  const std::string_view wanted = without_version(reference);
  for (const Element& entry : root.children("entry")) {
    const std::string_view url = entry.value_of("fullUrl");
    const bool same = is_absolute(wanted) ? url == wanted : ends_with_reference(url, wanted);
    if (same) return resource_in(entry);
  }
  return nullptr;
}

bool Machine::conforms_to(Range focus, Range profile) {
  Value item;
  Value url;
  if (!singleton(focus, item, "one item") || !singleton(profile, url, "a profile")) return false;
  url = system(url);
  if (!item.is_element() || url.kind() != ValueKind::string) return true;
  const auto& callback = environment_.callbacks.conforms_to;
  if (!callback) return fail("conformsTo() needs a validator, which is not at hand here");
  const auto answer = callback(item.element(), url.text());
  if (!answer) return fail("the profile is not known");
  return push(Value{*answer});
}

bool Machine::member_of(Range focus, Range value_set) {
  Value item;
  Value url;
  if (!singleton(focus, item, "one item") || !singleton(value_set, url, "a value set"))
    return false;
  url = system(url);
  if (item.kind() == ValueKind::none || url.kind() != ValueKind::string) return true;
  if (!item.is_element()) return fail("memberOf() takes a coded element");
  const auto& callback = environment_.callbacks.member_of;
  if (!callback) return fail("memberOf() needs terminology, which is not at hand here");
  const auto answer = callback(item.element(), url.text());
  // An unknown value set is no answer, FHIR R4 2.9.1.4.
  return !answer || push(Value{*answer});
}

bool Machine::subsumption(Function function, Range focus, Range other) {
  Value a;
  Value b;
  if (!singleton(focus, a, "one item") || !singleton(other, b, "one item")) return false;
  if (!a.is_element() || !b.is_element()) return true;
  const auto& callback = environment_.callbacks.subsumes;
  if (!callback) return fail("subsumes() needs terminology, which is not at hand here");
  const bool forward = function == Function::subsumes;
  const auto answer =
      callback(forward ? a.element() : b.element(), forward ? b.element() : a.element());
  return !answer || push(Value{*answer});
}

}  // namespace cpis::fhir::path
