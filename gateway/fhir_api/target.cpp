#include "gateway/fhir_api/target.h"

#include <array>
#include <span>
#include <utility>
#include <vector>

#include "gateway/fhir_api/routes.h"
#include "gateway/http/query_string.h"

// Paths of the RESTful API (http://hl7.org/fhir/R4/http.html, 3.1.0) to rows of the table.

namespace cpis::fhir_api {
namespace {

constexpr std::size_t parts_max = 5;

struct Choice {
  std::string_view method;
  std::string_view interaction;
};

// Empty when a part cannot be decoded or the path is too deep.
std::vector<std::string> parts_of(std::string_view below) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t slash = below.find('/');
    auto part = http::percent_decode(below.substr(0, slash));
    if (!part || parts.size() == parts_max) return {};
    parts.push_back(*std::move(part));
    if (slash == below.npos) break;
    below.remove_prefix(slash + 1);
  }
  // A slash at the end does no harm (3.1.0.1.2).
  if (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  return parts;
}

void allow(Target& target, std::string_view method) {
  if (target.allowed.find(method) != std::string::npos) return;
  target.allowed += (target.allowed.empty() ? "" : ", ") + std::string{method};
}

bool is(std::string_view method, std::string_view wanted) {
  return method == wanted || (method == "HEAD" && wanted == "GET");
}

void choose(Target& target, std::string_view method, std::span<const Choice> choices) {
  for (const Choice& choice : choices) {
    const Route* route = find_route(target.type, choice.interaction);
    if (route == nullptr) continue;
    allow(target, choice.method);
    if (choice.method == "GET" && !route->look) allow(target, "HEAD");
    if (!is(method, choice.method) || (method == "HEAD" && route->look)) continue;
    target.route = route;
    target.interaction = choice.interaction;
  }
}

void choose_operation(Target& target, std::string_view method, Level level, std::string_view name) {
  target.level = level;
  target.operation = name;
  const Route* route = find_operation(target.type, level, name);
  if (route == nullptr) return;
  std::string_view methods = route->methods;
  while (!methods.empty()) {
    const std::size_t space = methods.find(' ');
    const std::string_view one = methods.substr(0, space);
    allow(target, one);
    if (is(method, one) && !(method == "HEAD" && route->look)) {
      target.route = route;
      target.interaction = "operation";
    }
    methods.remove_prefix(space == methods.npos ? methods.size() : space + 1);
  }
}

constexpr std::array system_choices{Choice{"POST", "transaction"}};
constexpr std::array history_system{Choice{"GET", "history-system"}};
constexpr std::array type_choices{Choice{"GET", "search-type"}, Choice{"POST", "create"},
                                  Choice{"PUT", "update"}, Choice{"PATCH", "patch"},
                                  Choice{"DELETE", "delete"}};
constexpr std::array search_by_post{Choice{"POST", "search-type"}};
constexpr std::array history_type{Choice{"GET", "history-type"}};
constexpr std::array instance_choices{Choice{"GET", "read"}, Choice{"PUT", "update"},
                                      Choice{"PATCH", "patch"}, Choice{"DELETE", "delete"}};
constexpr std::array history_instance{Choice{"GET", "history-instance"}};
constexpr std::array vread{Choice{"GET", "vread"}};
constexpr std::array search_by_get{Choice{"GET", "search-type"}};

void below_type(Target& target, std::string_view method, const std::vector<std::string>& parts) {
  const std::string& last = parts.back();
  if (last == "_search") {
    target.search_by_post = true;
    return choose(target, method, search_by_post);
  }
  if (last == "_history") return choose(target, method, history_type);
  if (last.starts_with('$')) {
    return choose_operation(target, method, Level::type, std::string_view{last}.substr(1));
  }
  target.id = last;
  choose(target, method, instance_choices);
}

// TYPE/ID/_history, TYPE/ID/$operation, and another type in the compartment of TYPE/ID.
void below_instance(Target& target, std::string_view method,
                    const std::vector<std::string>& parts) {
  target.id = parts[1];
  const std::string& third = parts[2];
  if (third == "_history") {
    if (parts.size() == 3) return choose(target, method, history_instance);
    target.version = parts[3];
    if (parts.size() == 4) choose(target, method, vread);
    return;
  }
  if (third.starts_with('$')) {
    if (parts.size() != 3) return;
    return choose_operation(target, method, Level::instance, std::string_view{third}.substr(1));
  }
  if (find_route(target.type, "search-compartment") == nullptr) return;
  target.compartment = std::exchange(target.type, third);
  target.search_by_post = parts.size() == 4 && parts[3] == "_search";
  if (parts.size() == 3) return choose(target, method, search_by_get);
  if (target.search_by_post) choose(target, method, search_by_post);
}

}  // namespace

Target target_of(std::string_view method, std::string_view below) {
  Target target;
  const std::vector<std::string> parts = parts_of(below);
  if (parts.empty()) return target;
  const std::string& first = parts[0];
  if (first.empty() && parts.size() == 1) {
    choose(target, method, system_choices);
  } else if (first == "_history" && parts.size() == 1) {
    choose(target, method, history_system);
  } else if (first.starts_with('$') && parts.size() == 1) {
    choose_operation(target, method, Level::system, std::string_view{first}.substr(1));
  } else if (serves(first)) {
    target.type = first;
    if (parts.size() == 1) choose(target, method, type_choices);
    if (parts.size() == 2) below_type(target, method, parts);
    if (parts.size() > 2) below_instance(target, method, parts);
  }
  return target;
}

}  // namespace cpis::fhir_api
