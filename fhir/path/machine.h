#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/path/environment.h"
#include "fhir/path/error.h"
#include "fhir/path/evaluator.h"
#include "fhir/path/program.h"
#include "fhir/path/regex.h"
#include "fhir/path/value.h"
#include "fhir/path/value_stack.h"
#include "fhir/tree/arena.h"

/// The evaluator's engine: a tree walk over a Program with one stack of values. A collection is a
/// range of the stack; evaluating a node pushes its result on top. Internal to fhir/path.
namespace cpis::fhir::path {

/// Positions in the stack, so that growth moves nothing that is held.
struct Range {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t size() const { return end - begin; }
  bool empty() const { return begin == end; }
};

struct Frame {
  Range self;  ///< $this
  std::int64_t index = -1;
  Range total;
  bool has_total = false;
};

enum class Tri : std::uint8_t { no, yes, unknown };
constexpr Tri tri(bool value) { return value ? Tri::yes : Tri::no; }

class Machine {
 public:
  explicit Machine(const Environment& environment) : environment_{environment} {}

  bool run(const Program& program, const Context& context);
  Collection result() const { return {stack_.data() + result_, top() - result_}; }
  /// The result as a condition; false, with `error` set, when there are several items.
  bool result_condition(std::optional<bool>& answer);
  const Error& error() const { return error_; }
  TypeNames type_names(const Value& value) const;

 private:
  using Order = std::optional<std::strong_ordering>;

  // machine.cpp: the walk
  bool eval(NodeId id, const Frame& frame);
  bool eval_operand(NodeId id, const Frame& frame, Range& result);
  bool eval_binary(const Node& node, const Frame& frame, std::uint32_t base);
  bool literal(const Node& node);
  bool root_member(const Node& node, const Frame& frame);
  bool path(const Node& last, const Frame& frame);
  bool step(const MemberName& name, std::uint32_t base);
  bool members_of(const Value& value, const MemberName& member);
  bool members_of_system(const Value& value, std::string_view name);
  bool is_choice(const Element& parent, std::string_view wire, std::string_view name) const;
  bool is_hidden(const Element& parent, std::string_view name) const;
  bool is_named_type(const Element& element, std::string_view name) const;
  bool item(const Node& node, const Frame& frame, std::uint32_t base);
  bool external(const Node& node);
  const Element* resource_of(bool root) const;
  bool call(const Node& node, const Frame& frame, Range focus);
  bool call_values(const Node& node, const Frame& frame, Range focus);
  bool call_lambda(const Node& node, const Frame& frame, Range focus);
  bool dispatch(Function function, Range focus, std::span<const Range> arguments);

  // Shared small things
  std::uint32_t top() const { return stack_.size(); }
  Range since(std::uint32_t base) const { return {base, top()}; }
  bool push(Value value) { return stack_.push(value) || too_many_items(); }
  bool too_many_items();
  bool too_many_steps();
  bool push_all(Range range);
  void collapse(std::uint32_t base, std::uint32_t from) {
    if (base != from) stack_.close(base, from);
  }
  void drop(std::uint32_t base) { stack_.shrink(base); }
  Value at(Range range, std::uint32_t index = 0) const { return stack_[range.begin + index]; }
  bool fail(Error::Kind kind, std::string message);
  bool fail(std::string message) { return fail(Error::Kind::execution, std::move(message)); }
  bool fail(const char* message);  // makes no string where it is called: that costs even unused
  bool push_text(std::string_view text);
  bool push_tri(Tri value);
  bool push_decimal(const std::optional<Decimal>& value);
  bool push_temporal(const Temporal& value);
  bool push_quantity(const Quantity& value);
  template <class T>
  const T* keep(const T& value);

  // values.cpp: FHIR elements as System values; equality and order
  Value system(const Value& value);
  Value system_of(const Element& element, SystemType type);
  Value untyped_value(const Element& element);
  std::optional<Quantity> quantity_of(const Value& value);
  std::optional<Quantity> quantity_of_element(const Element& element) const;
  SystemType system_type_of(const Element& element) const;
  bool singleton(Range range, Value& value, std::string_view what);
  bool condition(Range range, Tri& value);
  Tri equal(const Value& a, const Value& b);
  Tri equal_systems(Value a, Value b);
  Tri equal_elements(const Element& a, const Element& b);
  bool align_untyped(Value& a, Value& b);
  Tri equal_collections(Range a, Range b);
  bool equivalent(const Value& a, const Value& b);
  bool equivalent_elements(const Element& a, const Element& b);
  bool equivalent_collections(Range a, Range b);
  Tri equal_quantities(const Quantity& a, const Quantity& b) const;
  bool equivalent_quantities(const Quantity& a, const Quantity& b) const;
  bool compare(const Value& a, const Value& b, Order& order);
  std::size_t hash(const Value& value);
  std::size_t hash_element(const Element& element) const;
  bool contains(Range range, const Value& value);
  /// The items of the range, each once, on top.
  bool push_distinct(Range range);

  // operators.cpp
  bool arithmetic(Op op, Range a, Range b);
  bool add_or_subtract(Op op, const Value& a, const Value& b);
  bool number_operation(Op op, const Value& a, const Value& b);
  bool quantity_operation(Op op, const Quantity& a, const Quantity& b);
  bool shift_temporal(const Temporal& moment, const Quantity& by, bool forward);
  bool concatenate(Range a, Range b);
  bool comparison(Op op, Range a, Range b);
  bool logic(const Node& node, const Frame& frame, std::uint32_t base);
  bool membership(Range item, Range in);
  bool negate(Range operand, bool negative);

  // types.cpp
  std::optional<bool> matches_type(const Value& value, const TypeName& type, bool exact);
  std::optional<bool> matches_system_type(const Value& value, const TypeName& type) const;
  std::optional<bool> matches_element_type(const Element& element, const TypeName& type,
                                           bool exact);
  bool matches_untyped(const Element& element, const TypeName& type, bool& known) const;
  bool type_filter(Range focus, const TypeName& type, Op op);
  bool of_type(Range focus, const TypeName& type);

  // lambdas.cpp
  bool where(NodeId criterion, const Frame& frame, Range focus);
  bool select(NodeId projection, const Frame& frame, Range focus);
  bool repeat(NodeId projection, const Frame& frame, Range focus, bool all);
  bool all(NodeId criterion, const Frame& frame, Range focus);
  bool iif(const Node& node, const Frame& frame, Range focus);
  bool aggregate(const Node& node, const Frame& frame, Range focus);
  bool sort(const Node& node, const Frame& frame, Range focus);
  bool trace(const Node& node, const Frame& frame, Range focus);
  bool define_variable(const Node& node, const Frame& frame, Range focus);
  bool coalesce(const Node& node, const Frame& frame);
  bool eval_for(NodeId id, const Frame& frame, Range self, std::int64_t index);

  // collections.cpp
  bool collection_function(Function function, Range focus, std::span<const Range> arguments);
  bool boolean_aggregate(Range focus, bool wanted, bool any);
  bool subset(Range small, Range large);
  bool take_part(Function function, Range focus, Range count);
  bool filter_by(Function function, Range focus, Range other);
  bool combine(Range focus, std::span<const Range> arguments);
  bool numeric_aggregate(Function function, Range focus);
  bool push_children(const Value& value);
  bool descend(const Element& element);
  bool push_clock(Function function);

  // convert.cpp
  bool conversion(Function function, Range focus, std::span<const Range> arguments);
  std::optional<Value> converted(Function target, const Value& value);
  std::optional<Value> to_boolean(const Value& value);
  std::optional<Value> to_whole(const Value& value, bool long_integer);
  std::optional<Value> to_decimal(const Value& value);
  std::optional<Value> to_temporal(const Value& value, Temporal::Kind kind);
  std::optional<Value> to_quantity(const Value& value);
  std::optional<Value> parse_quantity(std::string_view text);

  // strings.cpp
  bool string_function(Function function, Range focus, std::span<const Range> arguments);
  bool string_query(Function function, std::string_view text, std::span<const Value> arguments);
  bool string_change(Function function, std::string_view text, std::span<const Value> arguments);
  bool substring(std::string_view text, std::span<const Value> arguments);
  bool replace(std::string_view text, std::string_view pattern, std::string_view with);
  bool regular_expression(Function function, std::string_view text,
                          std::span<const Value> arguments);
  bool split(std::string_view text, std::string_view separator);
  bool join(Range focus, std::span<const Range> arguments);
  bool code_text(Function function, std::string_view text, std::string_view format);

  // mathematics.cpp
  bool math_function(Function function, Range focus, std::span<const Range> arguments);
  bool round_like(Function function, const Value& value);
  bool negate_whole(const Value& value);
  bool round_to(const Value& value, std::span<const Range> arguments);
  bool real_function(Function function, const Decimal& value, const std::optional<Decimal>& other);
  bool power(const Decimal& base, const Decimal& exponent);

  // boundaries.cpp
  bool boundary_function(Function function, Range focus, std::span<const Range> arguments);
  bool boundary(Function function, const Value& value, std::optional<std::int64_t> digits);
  bool precision_of(const Value& value);
  bool moment_part(Function function, const Temporal& moment);
  bool comparable(const Value& a, Range b);

  // fhir_functions.cpp
  bool fhir_function(Function function, Range focus, std::span<const Range> arguments);
  bool extensions(Range focus, Range url);
  bool resolve(Range focus);
  bool resolve_one(std::string_view reference, const Element& from);
  const Element* find_contained(std::string_view id, const Element& from) const;
  const Element* find_in_bundle(std::string_view reference, const Element& from) const;
  bool conforms_to(Range focus, Range profile);
  bool member_of(Range focus, Range value_set);
  bool subsumption(Function function, Range focus, Range other);

  struct Variable {
    std::string_view name;
    std::span<const Value> values;
  };
  std::span<const Value> keep_values(Range range);

  const Environment& environment_;
  const Program* program_ = nullptr;
  Context context_;
  ValueStack stack_;
  std::uint32_t result_ = 0;  ///< where the result begins, behind the focus
  std::vector<Variable> variables_;
  std::vector<std::uint32_t> slots_;  ///< hash table of push_distinct
  std::vector<std::size_t> hashes_;
  Arena arena_;
  std::size_t steps_ = 0;
  std::size_t text_bytes_ = 0;
  std::uint32_t position_ = 0;  ///< of the node that is being evaluated
  RegexCache regexes_;
  Error error_;
};

template <class T>
const T* Machine::keep(const T& value) {
  text_bytes_ += sizeof(T);
  return std::construct_at(static_cast<T*>(arena_.allocate(sizeof(T), alignof(T))), value);
}

}  // namespace cpis::fhir::path
