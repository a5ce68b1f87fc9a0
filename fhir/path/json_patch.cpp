#include "fhir/path/json_patch.h"

#include <charconv>
#include <utility>

#include "fhir/path/json_value.h"

namespace cpis::fhir::path {
namespace {

constexpr std::size_t operations_max = 1000;
constexpr std::size_t copied_bytes_max = std::size_t{4} * 1024 * 1024;

using Kind = JsonValue::Kind;

/// Where a path leads: the container and the place in it. No container: the whole document.
struct Place {
  JsonValue* container = nullptr;
  std::string name;
  std::size_t index = 0;  ///< in items; its size when there is nothing yet
  bool whole = false;
};

class Patcher {
 public:
  Patcher(JsonValue& document, Issues& issues) : document_{document}, issues_{issues} {}

  bool run(const JsonValue& patch) {
    if (patch.kind != Kind::array) return fail("a patch is an array of operations");
    if (patch.items.size() > operations_max) return fail("too many operations");
    for (const JsonValue& operation : patch.items) {
      at_ = "patch[" + std::to_string(&operation - patch.items.data()) + ']';
      if (!apply(operation)) return false;
    }
    return true;
  }

  bool fail(std::string why) {
    issues_.add({Severity::error, IssueCode::processing, at_, 0, 0, "json-patch", std::move(why)});
    return false;
  }

 private:
  const std::string* text(const JsonValue& operation, std::string_view name) {
    const JsonValue* const value = operation.member(name);
    if (value != nullptr && value->kind == Kind::string) return &value->text;
    fail("an operation needs the string " + std::string{name});
    return nullptr;
  }

  bool apply(const JsonValue& operation) {
    if (operation.kind != Kind::object) return fail("an operation is an object");
    const std::string* const op = text(operation, "op");
    const std::string* const path = op != nullptr ? text(operation, "path") : nullptr;
    if (path == nullptr) return false;
    if (*op == "remove") return remove(*path, nullptr);
    if (*op == "move" || *op == "copy") {
      const std::string* const from = text(operation, "from");
      return from != nullptr && transfer(*op == "move", *from, *path);
    }
    if (*op != "add" && *op != "replace" && *op != "test")
      return fail("there is no such operation");
    const JsonValue* const value = operation.member("value");
    if (value == nullptr) return fail("the operation needs a value");
    if (*op == "add") return add(*path, *value);
    Place place;
    if (!find(*path, place, true)) return false;
    JsonValue& target = value_at(place);
    if (*op == "replace") {
      target = *value;
      return true;
    }
    return same_json(target, *value) || fail("the test failed");
  }

  JsonValue& value_at(const Place& place) const {
    return place.whole ? document_ : place.container->items[place.index];
  }

  // ~1 stands for a slash, ~0 for a tilde, in this order. RFC 6901, 4.
  static std::optional<std::string> token(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '~') {
        out += text[i];
        continue;
      }
      if (++i == text.size() || (text[i] != '0' && text[i] != '1')) return std::nullopt;
      out += text[i] == '0' ? '~' : '/';
    }
    return out;
  }

  static std::optional<std::size_t> array_index(std::string_view text) {
    std::size_t index = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), index);
    const bool all = end.ec == std::errc{} && end.ptr == text.data() + text.size();
    if (text.empty() || !all || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    return index;
  }

  bool find(std::string_view path, Place& place, bool existing) {
    place.whole = path.empty();
    if (place.whole) return true;
    if (path.front() != '/') return fail("a path starts with a slash");
    JsonValue* at = &document_;
    while (true) {
      path.remove_prefix(1);
      const auto slash = path.find('/');
      const bool last = slash == std::string_view::npos;
      auto name = token(path.substr(0, slash));
      if (!name) return fail("a tilde in the path must be ~0 or ~1");
      place.container = at;
      place.name = std::move(*name);
      if (!step(*at, place, existing || !last)) return false;
      if (last) return true;
      at = &at->items[place.index];
      path.remove_prefix(slash);
    }
  }

  bool step(JsonValue& at, Place& place, bool existing) {
    place.index = at.items.size();
    if (at.kind == Kind::object) {
      if (const JsonValue* const known = at.member(place.name)) {
        place.index = static_cast<std::size_t>(known - at.items.data());
      }
    } else if (at.kind == Kind::array) {
      const auto index = array_index(place.name);
      if (index) place.index = *index;
      const bool end = place.name == "-";
      if (!index && !end) return fail("an array is indexed by numbers");
      if (place.index > at.items.size()) return fail("the index is behind the end");
    } else {
      return fail("the path leads into a value that has no parts");
    }
    return !existing || place.index < at.items.size() || fail("the path leads to nothing");
  }

  bool add(std::string_view path, JsonValue value) {
    Place place;
    if (!find(path, place, false)) return false;
    if (place.whole) {
      document_ = std::move(value);
      return true;
    }
    JsonValue& container = *place.container;
    if (container.kind == Kind::object) {
      if (place.index < container.items.size()) {
        container.items[place.index] = std::move(value);
        return true;
      }
      container.names.push_back(place.name);
    }
    container.items.insert(container.items.begin() + static_cast<std::ptrdiff_t>(place.index),
                           std::move(value));
    return true;
  }

  bool remove(std::string_view path, JsonValue* taken) {
    Place place;
    if (!find(path, place, true)) return false;
    if (place.whole) return fail("the document itself cannot be removed");
    JsonValue& container = *place.container;
    const auto offset = static_cast<std::ptrdiff_t>(place.index);
    if (taken != nullptr) *taken = std::move(container.items[place.index]);
    container.items.erase(container.items.begin() + offset);
    if (container.kind == Kind::object) container.names.erase(container.names.begin() + offset);
    return true;
  }

  bool transfer(bool move, std::string_view from, std::string_view path) {
    const bool inside =
        path.size() > from.size() && path.starts_with(from) && path[from.size()] == '/';
    if (move && inside) return fail("a value cannot be moved into itself");
    Place place;
    if (!find(from, place, true)) return false;
    JsonValue value;
    if (!move || place.whole) {
      value = value_at(place);
      // Copies of copies grow without bound.
      copied_ += value.write().size();
      if (copied_ > copied_bytes_max) return fail("the copies are too large");
    } else if (!remove(from, &value)) {
      return false;
    }
    return add(path, std::move(value));
  }

  JsonValue& document_;
  Issues& issues_;
  std::string at_ = "patch";
  std::size_t copied_ = 0;
};

}  // namespace

std::optional<std::string> apply_json_patch(std::string_view document, std::string_view patch,
                                            Issues& issues) {
  std::string problem;
  const auto refuse = [&](std::string_view what) {
    issues.add({Severity::error, IssueCode::invalid, std::string{what}, 0, 0, "json-patch",
                "this is no JSON: " + problem});
    return std::nullopt;
  };
  auto target = JsonValue::parse(document, problem);
  if (!target) return refuse("document");
  const auto operations = JsonValue::parse(patch, problem);
  if (!operations) return refuse("patch");
  if (!Patcher{*target, issues}.run(*operations)) return std::nullopt;
  return target->write();
}

}  // namespace cpis::fhir::path
