#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fhir/path/decimal.h"
#include "fhir/path/error.h"
#include "fhir/path/functions.h"
#include "fhir/path/temporal.h"

/// The compiled form of an expression: nodes in one array, children before their parents.
/// Internal to fhir/path; users hold an `Expression` (expression.h).
namespace cpis::fhir::path {

using NodeId = std::uint32_t;

enum class Op : std::uint8_t {
  nothing,      ///< {}
  literal,      ///< literals[text]
  this_,        ///< $this
  index,        ///< $index
  total,        ///< $total
  external,     ///< %name
  root_member,  ///< name at the start of a path: the type of the context or one of its children
  member,       ///< first.name
  item,         ///< first[second]
  call,         ///< function on the context
  call_on,      ///< function on the result of first
  negative,
  positive,
  is,
  as,  ///< first is names[text]
  // binary, first and second
  multiply,
  divide,
  div,
  mod,
  add,
  subtract,
  concatenate,
  union_,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  equivalent,
  not_equal,
  not_equivalent,
  in,
  contains,
  and_,
  or_,
  xor_,
  implies,
};

/// The type named by `is`, `as` and `ofType`.
struct TypeName {
  std::string space;  ///< `FHIR`, `System` or empty
  std::string name;
};

/// The name of a member, prepared for choices.
struct MemberName {
  std::string name;
  bool upper = false;        ///< may be the name of a type
  bool choice_wire = false;  ///< ends like a choice with its type (`valueQuantity`)
};

struct QuantityLiteral {
  Decimal value;
  std::string unit;                  ///< UCUM code
  std::optional<TimeUnit> calendar;  ///< written as a keyword (`1 year`)
  std::string written;               ///< the keyword as written
};

struct LongLiteral {
  std::int64_t value = 0;
};

using Literal =
    std::variant<bool, std::int64_t, LongLiteral, Decimal, std::string, Temporal, QuantityLiteral>;

struct Node {
  Op op = Op::nothing;
  Function function = Function::empty_;
  std::uint16_t argument_count = 0;
  std::uint32_t arguments = 0;  ///< position of the first in Program::arguments
  NodeId first = 0;
  NodeId second = 0;
  std::uint32_t text = 0;  ///< index into literals, members, types or names, as `op` says
  std::uint32_t position = 0;
};

struct Program {
  /// Limits of one expression; beyond them it is refused.
  static constexpr std::size_t bytes_max = std::size_t{64} * 1024;
  static constexpr std::size_t nodes_max = 20'000;
  static constexpr int depth_max = 256;

  std::string text;
  std::vector<Node> nodes;
  std::vector<NodeId> arguments;
  std::vector<Literal> literals;
  std::vector<MemberName> members;
  std::vector<TypeName> types;
  std::vector<std::string> names;
  NodeId root = 0;

  const Node& node(NodeId id) const { return nodes[id]; }
  NodeId argument(const Node& node, std::size_t index) const {
    return arguments[node.arguments + index];
  }
};

/// Parses and compiles; none, with `error` set, when the text is no expression.
std::optional<Program> compile_program(std::string_view text, Error& error);

/// Where the type suffix of a choice starts in a wire name: `valueQuantity` gives 5; npos for none.
std::size_t choice_suffix(std::string_view wire_name);
/// `name` is the wire name of a choice of `base`, by the spelling of FHIR's datatypes.
bool is_choice_of(std::string_view wire_name, std::string_view base);
/// `Quantity` and `quantity` give `Quantity`; empty for what is no datatype that a choice may have.
std::string_view datatype_of_suffix(std::string_view suffix);

}  // namespace cpis::fhir::path
