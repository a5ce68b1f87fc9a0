#include <algorithm>

#include "fhir/path/machine.h"

/// Functions whose arguments are expressions for each item. FHIRPath N1 5.1, 5.2, 5.10, 7.
namespace cpis::fhir::path {
namespace {

constexpr std::string_view own_variables[] = {"context", "resource", "rootResource",
                                              "sct",     "loinc",    "ucum"};

}  // namespace

bool Machine::eval_for(NodeId id, const Frame& frame, Range self, std::int64_t index) {
  Frame inner = frame;
  inner.self = self;
  inner.index = index;
  const std::size_t scope = variables_.size();
  if (!eval(id, inner)) return false;
  variables_.resize(scope);
  return true;
}

bool Machine::where(NodeId criterion, const Frame& frame, Range focus) {
  for (std::uint32_t i = focus.begin; i < focus.end; ++i) {
    const std::uint32_t base = top();
    Tri holds = Tri::unknown;
    if (!eval_for(criterion, frame, {i, i + 1}, i - focus.begin) ||
        !condition(since(base), holds)) {
      return false;
    }
    drop(base);
    const Value value = stack_[i];
    if (holds == Tri::yes && !push(value)) return false;
  }
  return true;
}

bool Machine::select(NodeId projection, const Frame& frame, Range focus) {
  for (std::uint32_t i = focus.begin; i < focus.end; ++i) {
    if (!eval_for(projection, frame, {i, i + 1}, i - focus.begin)) return false;
  }
  return true;
}

// Breadth first; an item that is already in the result is not looked at again.
bool Machine::repeat(NodeId projection, const Frame& frame, Range focus, bool every) {
  const std::uint32_t base = top();
  Range open = focus;
  while (!open.empty()) {
    const std::uint32_t start = top();
    for (std::uint32_t i = open.begin; i < open.end; ++i) {
      const std::uint32_t from = top();
      if (!eval_for(projection, frame, {i, i + 1}, i - open.begin)) return false;
      if (every) continue;
      std::uint32_t kept = from;
      for (std::uint32_t j = from; j < top(); ++j) {
        steps_ += 1;
        if (contains({base, kept}, stack_[j])) continue;
        stack_[kept] = Value{stack_[j]};
        ++kept;
      }
      drop(kept);
    }
    open = since(start);
    if (++steps_ > environment_.limits.steps_max) {
      return fail(Error::Kind::limit, "the evaluation takes too many steps");
    }
  }
  return true;
}

bool Machine::all(NodeId criterion, const Frame& frame, Range focus) {
  for (std::uint32_t i = focus.begin; i < focus.end; ++i) {
    const std::uint32_t base = top();
    Tri holds = Tri::unknown;
    if (!eval_for(criterion, frame, {i, i + 1}, i - focus.begin) ||
        !condition(since(base), holds)) {
      return false;
    }
    drop(base);
    if (holds != Tri::yes) return push(Value{false});
  }
  return push(Value{true});
}

bool Machine::iif(const Node& node, const Frame& frame, Range focus) {
  if (focus.size() > 1) return fail("iif() of several items");
  const std::uint32_t base = top();
  Frame inner = frame;
  inner.self = focus;
  const auto branch = [&](std::size_t index) {
    const std::size_t scope = variables_.size();
    const bool good = eval(program_->argument(node, index), inner);
    if (good) variables_.resize(scope);
    return good;
  };
  if (!branch(0)) return false;
  if (top() - base > 1) return fail("several items where a condition is needed");
  const Value criterion = top() == base ? Value{} : system(stack_[base]);
  const bool boolean =
      criterion.kind() == ValueKind::boolean || criterion.kind() == ValueKind::none;
  if (!boolean) return fail(Error::Kind::semantic, "the criterion of iif() must be a boolean");
  drop(base);
  if (criterion.kind() == ValueKind::boolean && criterion.boolean()) return branch(1);
  return node.argument_count < 3 || branch(2);
}

bool Machine::aggregate(const Node& node, const Frame& frame, Range focus) {
  const std::uint32_t base = top();
  if (node.argument_count == 2 &&
      !eval_for(program_->argument(node, 1), frame, frame.self, frame.index)) {
    return false;
  }
  Frame inner = frame;
  inner.has_total = true;
  for (std::uint32_t i = focus.begin; i < focus.end; ++i) {
    inner.total = since(base);
    const std::uint32_t from = top();
    if (!eval_for(program_->argument(node, 0), inner, {i, i + 1}, i - focus.begin)) return false;
    collapse(base, from);
  }
  return true;
}

bool Machine::trace(const Node& node, const Frame& frame, Range focus) {
  const std::uint32_t base = top();
  if (!eval_for(program_->argument(node, 0), frame, frame.self, frame.index)) return false;
  const Value name = top() == base ? Value{} : system(stack_[base]);
  if (name.kind() != ValueKind::string) return fail("trace() needs a name");
  const std::uint32_t from = top();
  const bool projected = node.argument_count == 2;
  if (projected && !select(program_->argument(node, 1), frame, focus)) return false;
  if (environment_.callbacks.trace) {
    const Range shown = projected ? since(from) : focus;
    environment_.callbacks.trace(name.text(), {stack_.data() + shown.begin, shown.size()});
  }
  drop(base);
  return push_all(focus);
}

bool Machine::define_variable(const Node& node, const Frame& frame, Range focus) {
  const std::uint32_t base = top();
  if (!eval_for(program_->argument(node, 0), frame, frame.self, frame.index)) return false;
  const Value name = top() == base ? Value{} : system(stack_[base]);
  if (name.kind() != ValueKind::string) return fail("defineVariable() needs a name");
  const std::string_view text = name.text();
  const auto same = [&](const Variable& variable) { return variable.name == text; };
  if (std::ranges::find(own_variables, text) != std::end(own_variables) ||
      std::ranges::any_of(variables_, same) || environment_.variables.contains(text)) {
    return fail(Error::Kind::semantic, "the variable is already defined");
  }
  drop(base);
  std::span<const Value> values = keep_values(focus);
  if (node.argument_count == 2) {
    Frame inner = frame;
    inner.self = focus;
    const std::size_t scope = variables_.size();
    if (!eval(program_->argument(node, 1), inner)) return false;
    variables_.resize(scope);
    values = keep_values(since(base));
    drop(base);
  }
  variables_.push_back({arena_.copy(text), values});
  return push_all(focus);
}

bool Machine::coalesce(const Node& node, const Frame& frame) {
  const std::uint32_t base = top();
  for (std::size_t i = 0; i < node.argument_count && top() == base; ++i) {
    if (!eval_for(program_->argument(node, i), frame, frame.self, frame.index)) return false;
  }
  return true;
}

namespace {

struct SortKey {
  Value value;
  bool descending = false;
};

}  // namespace

// sort(): by the items, or by keys; `-key` and `key desc` turn the order around. Missing keys
// first.
bool Machine::sort(const Node& node, const Frame& frame, Range focus) {
  const std::size_t width = std::max<std::size_t>(node.argument_count, 1);
  std::vector<SortKey> keys(width * focus.size());
  for (std::uint32_t i = 0; i < focus.size(); ++i) {
    if (node.argument_count == 0) keys[i].value = system(at(focus, i));
    for (std::size_t k = 0; k < node.argument_count; ++k) {
      NodeId id = program_->argument(node, k);
      bool descending = false;
      for (; program_->nodes[id].op == Op::negative || program_->nodes[id].op == Op::positive;
           id = program_->nodes[id].first) {
        descending = descending != (program_->nodes[id].op == Op::negative);
      }
      const std::uint32_t base = top();
      Value key;
      if (!eval_for(id, frame, {focus.begin + i, focus.begin + i + 1}, i) ||
          !singleton(since(base), key, "a sort key")) {
        return false;
      }
      keys[i * width + k] = {system(key), descending};
      drop(base);
    }
  }
  std::vector<std::uint32_t> order(focus.size());
  for (std::uint32_t i = 0; i < focus.size(); ++i) order[i] = i;
  bool good = true;
  std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) {
    for (std::size_t k = 0; k < width && good; ++k) {
      const SortKey& left = keys[a * width + k];
      const SortKey& right = keys[b * width + k];
      const bool no_left = left.value.kind() == ValueKind::none;
      const bool no_right = right.value.kind() == ValueKind::none;
      if (no_left && no_right) continue;
      if (no_left || no_right) return no_left;
      Order result;
      good = compare(left.value, right.value, result);
      if (result && *result != 0) return (*result < 0) != left.descending;
    }
    return false;
  });
  if (!good) return false;
  for (const std::uint32_t i : order) {
    if (!push(at(focus, i))) return false;
  }
  return true;
}

}  // namespace cpis::fhir::path
