#include "conformance/runner/tree_path.h"

#include <algorithm>
#include <charconv>

namespace cpis::conformance {

namespace {

using fhir::Element;

/// An element, or the name of its resource type, which is no element.
struct Node {
  const Element* element = nullptr;
  bool type_name = false;
};
using Nodes = std::vector<Node>;

constexpr std::size_t path_bytes_max = 4096;
constexpr int nesting_max = 16;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string value_of(const Node& node) {
  return std::string{node.type_name ? node.element->resource_type() : node.element->value()};
}

void add_descendants(const Element& element, Nodes& nodes) {
  nodes.push_back({&element});
  for (const Element& child : element.children()) add_descendants(child, nodes);
}

/// Where the bracket at `open` closes, quotes respected.
std::size_t closing(std::string_view text, std::size_t open, char begin, char end) {
  int depth = 0;
  char quote = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == begin) {
      ++depth;
    } else if (c == end && --depth == 0) {
      return at;
    }
  }
  return std::string_view::npos;
}

/// Finds `word` outside quotes and brackets.
std::size_t find_outside(std::string_view text, std::string_view word) {
  int depth = 0;
  char quote = 0;
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (depth == 0 && text.substr(at, word.size()) == word) return at;
    if (c == '\'' || c == '"') quote = c;
    if (c == '[' || c == '(') ++depth;
    if (c == ']' || c == ')') --depth;
  }
  return std::string_view::npos;
}

std::optional<std::string_view> quoted(std::string_view text) {
  text = trimmed(text);
  if (text.size() < 2 || (text[0] != '\'' && text[0] != '"') || text.back() != text[0]) {
    return std::nullopt;
  }
  return text.substr(1, text.size() - 2);
}

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The argument list of `name(...)` when the whole text is that call.
std::optional<std::string_view> call(std::string_view text, std::string_view name) {
  if (!text.starts_with(name) || text.size() <= name.size() || text[name.size()] != '(') {
    return std::nullopt;
  }
  if (closing(text, name.size(), '(', ')') != text.size() - 1) return std::nullopt;
  return text.substr(name.size() + 1, text.size() - name.size() - 2);
}

class XPath {
 public:
  bool understood() const { return understood_; }

  Nodes select(Nodes from, std::string_view path, int depth) {
    path = trimmed(path);
    if (depth > nesting_max || path.empty()) return refuse();
    while (!path.empty() && understood_) {
      const bool deep = path.starts_with("//");
      if (deep) {
        path.remove_prefix(2);
      } else if (path.starts_with('/')) {
        path.remove_prefix(1);
      }
      const std::size_t end = find_outside(path, "/");
      const std::string_view step = path.substr(0, end);
      path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
      from = take(from, step, deep, depth);
    }
    return from;
  }

  bool test(const Node& node, std::string_view condition, int depth) {
    condition = trimmed(condition);
    if (depth > nesting_max || condition.empty()) return !refuse().empty();
    if (const std::size_t at = find_outside(condition, " or "); at != std::string_view::npos) {
      const bool left = test(node, condition.substr(0, at), depth + 1);
      return test(node, condition.substr(at + 4), depth + 1) || left;
    }
    if (const std::size_t at = find_outside(condition, " and "); at != std::string_view::npos) {
      const bool left = test(node, condition.substr(0, at), depth + 1);
      return test(node, condition.substr(at + 5), depth + 1) && left;
    }
    if (const auto inner = call(condition, "not")) return !test(node, *inner, depth + 1);
    if (const auto inner = call(condition, "contains"))
      return test_text(node, *inner, false, depth);
    if (const auto inner = call(condition, "starts-with")) {
      return test_text(node, *inner, true, depth);
    }
    return compare(node, condition, depth);
  }

 private:
  Nodes refuse() {
    understood_ = false;
    return {};
  }

  bool compare(const Node& node, std::string_view condition, int depth) {
    std::size_t at = find_outside(condition, "!=");
    const bool differs = at != std::string_view::npos;
    if (!differs) at = find_outside(condition, "=");
    if (at == std::string_view::npos) return !select({node}, condition, depth + 1).empty();
    const auto literal = quoted(condition.substr(at + (differs ? 2 : 1)));
    if (!literal) return !refuse().empty();
    const Nodes found = select({node}, condition.substr(0, at), depth + 1);
    return std::ranges::any_of(
        found, [&](const Node& one) { return (value_of(one) == *literal) != differs; });
  }

  bool test_text(const Node& node, std::string_view arguments, bool at_start, int depth) {
    const std::size_t comma = find_outside(arguments, ",");
    if (comma == std::string_view::npos) return !refuse().empty();
    const auto literal = quoted(arguments.substr(comma + 1));
    if (!literal) return !refuse().empty();
    const Nodes found = select({node}, arguments.substr(0, comma), depth + 1);
    return std::ranges::any_of(found, [&](const Node& one) {
      const std::string value = value_of(one);
      return at_start ? value.starts_with(*literal) : value.find(*literal) != std::string::npos;
    });
  }

  Nodes take(const Nodes& from, std::string_view step, bool deep, int depth) {
    const std::size_t bracket = step.find('[');
    std::string_view name = trimmed(step.substr(0, bracket));
    const std::string_view predicates =
        bracket == std::string_view::npos ? std::string_view{} : step.substr(bracket);
    const bool attribute = name.starts_with('@');
    if (attribute) name.remove_prefix(1);
    if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
      name.remove_prefix(colon + 1);
    }
    const bool is_name = !name.empty() && std::ranges::all_of(name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '-' || c == '.' || c == '*';
    });
    if (!is_name) return refuse();
    Nodes context;
    for (const Node& node : from) {
      if (deep) {
        add_descendants(*node.element, context);
      } else {
        context.push_back(node);
      }
    }
    Nodes found;
    for (const Node& node : context) {
      Nodes here = children(node, name, attribute);
      filter(here, predicates, depth);
      found.insert(found.end(), here.begin(), here.end());
    }
    return found;
  }

  static Nodes children(const Node& node, std::string_view name, bool attribute) {
    const Element& element = *node.element;
    Nodes here;
    if (name == ".") return {node};
    if (attribute && name == "value") {
      if (element.has_value()) here.push_back(node);
      return here;
    }
    // In XML the resource type is an element of its own, also around the root.
    if (element.resource() && element.resource_type() == name) return {node};
    if (name == "*") {
      for (const Element& child : element.children()) here.push_back({&child});
      return here;
    }
    for (const Element& child : element.children(name)) here.push_back({&child});
    return here;
  }

  void filter(Nodes& nodes, std::string_view predicates, int depth) {
    while (!predicates.empty() && understood_) {
      const std::size_t end = closing(predicates, 0, '[', ']');
      if (predicates[0] != '[' || end == std::string_view::npos) {
        refuse();
        return;
      }
      const std::string_view condition = trimmed(predicates.substr(1, end - 1));
      predicates.remove_prefix(end + 1);
      if (condition == "last()") {
        if (nodes.size() > 1) nodes.erase(nodes.begin(), nodes.end() - 1);
      } else if (const auto place = number(condition)) {
        const bool there = *place >= 1 && *place <= nodes.size();
        nodes = there ? Nodes{nodes[*place - 1]} : Nodes{};
      } else {
        std::erase_if(nodes, [&](const Node& one) { return !test(one, condition, depth + 1); });
      }
    }
  }

  bool understood_ = true;
};

class JsonPath {
 public:
  bool understood() const { return understood_; }

  Nodes select(Nodes from, std::string_view path, int depth) {
    while (!path.empty() && understood_) {
      if (path.starts_with("..")) {
        path.remove_prefix(2);
        Nodes all;
        for (const Node& node : from) add_descendants(*node.element, all);
        from = named(all, word(path));
      } else if (path.starts_with('.')) {
        path.remove_prefix(1);
        from = named(from, word(path));
      } else if (path.starts_with('[')) {
        const std::size_t end = closing(path, 0, '[', ']');
        if (end == std::string_view::npos || depth > nesting_max) return refuse();
        from = bracket(from, trimmed(path.substr(1, end - 1)), depth);
        path.remove_prefix(end + 1);
      } else {
        return refuse();
      }
    }
    return from;
  }

 private:
  Nodes refuse() {
    understood_ = false;
    return {};
  }

  std::string_view word(std::string_view& path) {
    const std::string_view name = path.substr(0, path.find_first_of(".["));
    path.remove_prefix(name.size());
    if (name.empty()) refuse();
    return name;
  }

  static Nodes named(const Nodes& from, std::string_view name) {
    Nodes found;
    for (const Node& node : from) {
      if (node.type_name) continue;
      if (name == "resourceType" && node.element->resource()) {
        found.push_back({node.element, true});
      } else if (name == "*") {
        for (const Element& child : node.element->children()) found.push_back({&child});
      } else {
        for (const Element& child : node.element->children(name)) found.push_back({&child});
      }
    }
    return found;
  }

  Nodes bracket(const Nodes& from, std::string_view inside, int depth) {
    if (inside == "*") return from;
    if (const auto name = quoted(inside)) return named(from, *name);
    Nodes found;
    if (const auto place = number(inside)) {
      for (const Node& node : from) {
        if (node.element->index() == *place) found.push_back(node);
      }
      return found;
    }
    if (!inside.starts_with("?(") || !inside.ends_with(')')) return refuse();
    const std::string_view condition = trimmed(inside.substr(2, inside.size() - 3));
    const std::size_t equals = find_outside(condition, "==");
    if (!condition.starts_with('@')) return refuse();
    for (const Node& node : from) {
      const Nodes here = select({node}, trimmed(condition.substr(1, equals - 1)), depth + 1);
      if (equals == std::string_view::npos) {
        if (!here.empty()) found.push_back(node);
        continue;
      }
      const std::string_view right = trimmed(condition.substr(equals + 2));
      const std::string_view literal = quoted(right).value_or(right);
      if (std::ranges::any_of(here, [&](const Node& one) { return value_of(one) == literal; })) {
        found.push_back(node);
      }
    }
    return found;
  }

  bool understood_ = true;
};

/// Brackets inside brackets, quotes not looked at: an upper bound.
int nesting(std::string_view path) {
  int depth = 0;
  int deepest = 0;
  for (const char c : path) {
    if (c == '[' || c == '(') deepest = std::max(deepest, ++depth);
    if (c == ']' || c == ')') --depth;
  }
  return deepest;
}

using Values = std::vector<std::string>;

std::optional<Values> values_of(const Nodes& nodes, bool understood) {
  if (!understood) return std::nullopt;
  Values values;
  for (const Node& node : nodes) values.push_back(value_of(node));
  return values;
}

}  // namespace

std::optional<Values> select_path(const Element& root, std::string_view path) {
  path = trimmed(path);
  if (path.size() > path_bytes_max || path.empty()) return std::nullopt;
  if (nesting(path) > nesting_max) return std::nullopt;
  if (path.starts_with('$') || path.starts_with('.')) {
    JsonPath json;
    if (path.starts_with('$')) path.remove_prefix(1);
    const Nodes found = json.select({{&root}}, path, 0);
    return values_of(found, json.understood());
  }
  XPath xpath;
  if (const auto inner = call(path, "count")) {
    const Nodes found = xpath.select({{&root}}, *inner, 0);
    return xpath.understood() ? std::optional{Values{std::to_string(found.size())}} : std::nullopt;
  }
  const auto truth = call(path, "boolean");
  const auto denial = call(path, "not");
  if (truth || denial) {
    const bool is = xpath.test({&root}, truth ? *truth : *denial, 0) == truth.has_value();
    return xpath.understood() ? std::optional{Values{is ? "true" : "false"}} : std::nullopt;
  }
  Nodes found = xpath.select({{&root}}, path, 0);
  // `Patient/id` asked of a Bundle means the Patient somewhere in it.
  const bool names_type = path[0] >= 'A' && path[0] <= 'Z';
  if (found.empty() && names_type && xpath.understood()) {
    found = xpath.select({{&root}}, "//" + std::string{path}, 0);
  }
  return values_of(found, xpath.understood());
}

}  // namespace cpis::conformance
