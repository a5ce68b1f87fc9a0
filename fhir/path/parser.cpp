#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "fhir/path/program.h"
#include "fhir/path/token.h"

namespace cpis::fhir::path {
namespace {

struct Operator {
  std::string_view symbol;
  Op op;
  int level;  ///< higher binds tighter
};
// FHIRPath N1, section 6.8 and the grammar's `expression` alternatives.
constexpr std::array operators{
    Operator{"implies", Op::implies, 1}, Operator{"or", Op::or_, 2},
    Operator{"xor", Op::xor_, 2},        Operator{"and", Op::and_, 3},
    Operator{"in", Op::in, 4},           Operator{"contains", Op::contains, 4},
    Operator{"=", Op::equal, 5},         Operator{"~", Op::equivalent, 5},
    Operator{"!=", Op::not_equal, 5},    Operator{"!~", Op::not_equivalent, 5},
    Operator{"<", Op::less, 6},          Operator{"<=", Op::less_equal, 6},
    Operator{">", Op::greater, 6},       Operator{">=", Op::greater_equal, 6},
    Operator{"|", Op::union_, 7},        Operator{"is", Op::is, 8},
    Operator{"as", Op::as, 8},           Operator{"+", Op::add, 9},
    Operator{"-", Op::subtract, 9},      Operator{"&", Op::concatenate, 9},
    Operator{"*", Op::multiply, 10},     Operator{"/", Op::divide, 10},
    Operator{"div", Op::div, 10},        Operator{"mod", Op::mod, 10},
};
constexpr int unary_level = 11;

// Words that cannot start a term; the grammar allows as, is, contains and in as identifiers.
constexpr std::array<std::string_view, 6> reserved{"and", "or", "xor", "implies", "div", "mod"};

const Operator* operator_at(const Token& token) {
  if (token.kind != TokenKind::symbol && token.kind != TokenKind::identifier) return nullptr;
  const auto row = std::ranges::find(operators, std::string_view{token.text}, &Operator::symbol);
  return row == operators.end() ? nullptr : &*row;
}

class Parser {
 public:
  Parser(std::vector<Token> tokens, Program& program, Error& error)
      : tokens_{std::move(tokens)}, program_{program}, error_{error} {}

  bool run() {
    if (!expression(0, program_.root)) return false;
    if (peek().kind != TokenKind::end) return fail("the expression should end here");
    return true;
  }

 private:
  const Token& peek() const { return tokens_[at_]; }
  const Token& next() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  bool symbol(std::string_view text) const {
    return peek().kind == TokenKind::symbol && peek().text == text;
  }
  bool take(std::string_view text) {
    if (!symbol(text)) return false;
    ++at_;
    return true;
  }
  bool fail(std::string message) {
    return fail_at(peek().position, Error::Kind::syntax, std::move(message));
  }
  bool fail_at(std::uint32_t position, Error::Kind kind, std::string message) {
    error_ = {kind, std::move(message), position};
    return false;
  }
  bool expect(std::string_view text) {
    return take(text) || fail("'" + std::string{text} + "' is missing");
  }

  // Both directions of growth are bounded: nesting here, chains by the depth of the tree.
  bool add(const Node& node, NodeId& id) {
    int depth = 0;
    if (node.op >= Op::member && node.op != Op::call) depth = depths_[node.first];
    if (node.op >= Op::multiply || node.op == Op::item) {
      depth = std::max(depth, depths_[node.second]);
    }
    for (std::size_t i = 0; i < node.argument_count; ++i) {
      depth = std::max(depth, depths_[program_.argument(node, i)]);
    }
    if (program_.nodes.size() >= Program::nodes_max || depth >= Program::depth_max) {
      return fail_at(node.position, Error::Kind::limit, "the expression is too large");
    }
    id = static_cast<NodeId>(program_.nodes.size());
    program_.nodes.push_back(node);
    depths_.push_back(depth + 1);
    return true;
  }

  Node make(Op op, std::uint32_t position) const {
    Node node;
    node.op = op;
    node.position = position;
    return node;
  }

  bool expression(int level, NodeId& id) {
    if (++nesting_ > Program::depth_max) {
      return fail_at(peek().position, Error::Kind::limit, "the expression is nested too deeply");
    }
    if (!unary(id)) return false;
    while (const Operator* row = operator_at(peek())) {
      if (row->level <= level) break;
      Node node = make(row->op, peek().position);
      ++at_;
      node.first = id;
      const bool typed = row->op == Op::is || row->op == Op::as;
      if (typed ? !type_name(node.text) : !expression(row->level, node.second)) return false;
      if (!add(node, id)) return false;
    }
    --nesting_;
    return true;
  }

  bool unary(NodeId& id) {
    if (!symbol("-") && !symbol("+")) return postfix(id);
    Node node = make(symbol("-") ? Op::negative : Op::positive, peek().position);
    ++at_;
    return expression(unary_level, node.first) && add(node, id);
  }

  bool postfix(NodeId& id) {
    if (!term(id)) return false;
    while (true) {
      Node node = make(Op::member, peek().position);
      node.first = id;
      if (take(".")) {
        // $this, $index and $total do not depend on what stands before the dot.
        if (peek().kind == TokenKind::dollar) {
          if (!dollar(id)) return false;
          continue;
        }
        if (!invocation(node)) return false;
      } else if (take("[")) {
        node.op = Op::item;
        if (!expression(0, node.second) || !expect("]")) return false;
      } else {
        return true;
      }
      if (!add(node, id)) return false;
    }
  }

  // What stands behind a dot; `node.first` is set.
  bool invocation(Node& node) {
    node.position = peek().position;
    if (peek().kind != TokenKind::identifier && peek().kind != TokenKind::delimited) {
      return fail("a name is missing after '.'");
    }
    if (peek().kind == TokenKind::identifier && is_reserved(peek().text)) {
      return fail("a keyword where a name should be");
    }
    if (next().kind == TokenKind::symbol && next().text == "(") {
      node.op = Op::call_on;
      return call(node);
    }
    node.text = member(peek().text);
    ++at_;
    return true;
  }

  static bool is_reserved(std::string_view word) {
    return std::ranges::find(reserved, word) != reserved.end();
  }

  bool call(Node& node) {
    const Token name = peek();
    const FunctionRow* row = find_function(name.text);
    if (row == nullptr) {
      return fail_at(name.position, Error::Kind::semantic, "there is no function " + name.text);
    }
    node.function = row->id;
    at_ += 2;
    std::vector<NodeId> arguments;
    if (row->arguments == Arguments::type_name) {
      if (!type_name(node.text) || !expect(")")) return false;
      return true;
    }
    while (!symbol(")")) {
      if (!arguments.empty() && !expect(",")) return false;
      NodeId argument = 0;
      if (!expression(0, argument) || !skip_direction(row->id, argument)) return false;
      arguments.push_back(argument);
      if (arguments.size() > row->most) break;
    }
    if (arguments.size() < row->least || arguments.size() > row->most) {
      return fail_at(name.position, Error::Kind::semantic,
                     "wrong number of arguments for " + name.text);
    }
    ++at_;
    node.arguments = static_cast<std::uint32_t>(program_.arguments.size());
    node.argument_count = static_cast<std::uint16_t>(arguments.size());
    program_.arguments.insert(program_.arguments.end(), arguments.begin(), arguments.end());
    return true;
  }

  // sort(key asc, key desc): a descending key is kept as its negative.
  bool skip_direction(Function function, NodeId& key) {
    if (function != Function::sort || peek().kind != TokenKind::identifier) return true;
    if (peek().text != "asc" && peek().text != "desc") return true;
    Node node = make(peek().text == "desc" ? Op::negative : Op::positive, peek().position);
    ++at_;
    node.first = key;
    return add(node, key);
  }

  bool type_name(std::uint32_t& index) {
    TypeName type;
    if (!type_part(type.name)) return false;
    if (take(".")) {
      type.space = std::exchange(type.name, {});
      if (!type_part(type.name)) return false;
    }
    index = static_cast<std::uint32_t>(program_.types.size());
    program_.types.push_back(std::move(type));
    return true;
  }

  bool type_part(std::string& name) {
    const bool good = peek().kind == TokenKind::identifier || peek().kind == TokenKind::delimited;
    if (!good) return fail("the name of a type is missing");
    name = peek().text;
    ++at_;
    return true;
  }

  std::uint32_t member(const std::string& name) {
    const auto known = std::ranges::find(program_.members, name, &MemberName::name);
    if (known == program_.members.end()) {
      MemberName entry{name, !name.empty() && name.front() >= 'A' && name.front() <= 'Z', false};
      entry.choice_wire = choice_suffix(name) != std::string_view::npos;
      program_.members.push_back(std::move(entry));
      return static_cast<std::uint32_t>(program_.members.size() - 1);
    }
    return static_cast<std::uint32_t>(known - program_.members.begin());
  }

  bool term(NodeId& id) {
    const Token& token = peek();
    switch (token.kind) {
      case TokenKind::identifier:
        return word(id);
      case TokenKind::delimited:
        return name(id);
      case TokenKind::dollar:
        return dollar(id);
      case TokenKind::symbol:
        return bracket(id);
      case TokenKind::end:
        return fail("the expression is not complete");
      default:
        return literal(id);
    }
  }

  bool word(NodeId& id) {
    const Token& token = peek();
    if (is_reserved(token.text)) return fail("a keyword where a value should be");
    if (token.text == "true" || token.text == "false") {
      const bool value = token.text == "true";
      return literal_node(Literal{value}, id);
    }
    return name(id);
  }

  bool name(NodeId& id) {
    Node node = make(Op::root_member, peek().position);
    if (next().kind == TokenKind::symbol && next().text == "(") {
      node.op = Op::call;
      return call(node) && add(node, id);
    }
    node.text = member(peek().text);
    ++at_;
    return add(node, id);
  }

  bool dollar(NodeId& id) {
    Node node = make(Op::this_, peek().position);
    if (peek().text == "index") {
      node.op = Op::index;
    } else if (peek().text == "total") {
      node.op = Op::total;
    } else if (peek().text != "this") {
      return fail("there is no $" + peek().text);
    }
    ++at_;
    return add(node, id);
  }

  bool bracket(NodeId& id) {
    Node node = make(Op::nothing, peek().position);
    if (take("(")) return expression(0, id) && expect(")");
    if (take("{")) return expect("}") && add(node, id);
    if (!take("%")) return fail("a value is missing");
    const auto kind = peek().kind;
    if (kind != TokenKind::identifier && kind != TokenKind::delimited &&
        kind != TokenKind::string) {
      return fail("the name of a variable is missing");
    }
    node.op = Op::external;
    node.text = static_cast<std::uint32_t>(program_.names.size());
    std::string name = peek().text;
    ++at_;
    // %vs-name and %ext-name were written without quotes before N1.
    while ((name == "vs" || name == "ext") && symbol("-") && next().kind == TokenKind::identifier) {
      name += '-' + next().text;
      at_ += 2;
    }
    program_.names.push_back(std::move(name));
    return add(node, id);
  }

  bool literal_node(Literal value, NodeId& id) {
    Node node = make(Op::literal, peek().position);
    node.text = static_cast<std::uint32_t>(program_.literals.size());
    program_.literals.push_back(std::move(value));
    ++at_;
    return add(node, id);
  }

  bool literal(NodeId& id) {
    const Token& token = peek();
    switch (token.kind) {
      case TokenKind::string:
        return literal_node(Literal{token.text}, id);
      case TokenKind::number:
        return number(id);
      case TokenKind::long_number:
        return long_number(id);
      case TokenKind::date:
        return moment(Temporal::parse_date(token.text), id);
      case TokenKind::date_time:
        return moment(Temporal::parse_date_time(token.text), id);
      case TokenKind::time:
        return moment(Temporal::parse_time(token.text), id);
      default:
        return fail("a value is missing");
    }
  }

  bool moment(const std::optional<Temporal>& value, NodeId& id) {
    if (!value) return fail("there is no such date or time");
    return literal_node(Literal{*value}, id);
  }

  bool long_number(NodeId& id) {
    const auto value = Decimal::parse(peek().text);
    const auto whole = value ? value->to_integer() : std::nullopt;
    if (!whole) return fail("the number is too large");
    return literal_node(Literal{LongLiteral{*whole}}, id);
  }

  bool number(NodeId& id) {
    const Token& token = peek();
    const auto value = Decimal::parse(token.text);
    if (!value) return fail("the number has too many digits");
    QuantityLiteral quantity{*value, {}, {}, {}};
    if (next().kind == TokenKind::string) {
      quantity.unit = next().text;
    } else if (next().kind == TokenKind::identifier) {
      quantity.calendar = time_unit_of_keyword(next().text);
      if (quantity.calendar) {
        quantity.unit = ucum_of(*quantity.calendar);
        quantity.written = next().text;
      }
    }
    if (next().kind == TokenKind::string || quantity.calendar) {
      ++at_;
      return literal_node(Literal{std::move(quantity)}, id);
    }
    const bool decimal = token.text.find('.') != std::string::npos;
    const auto whole = value->to_integer();
    if (decimal || !whole) return literal_node(Literal{*value}, id);
    return literal_node(Literal{*whole}, id);
  }

  std::vector<Token> tokens_;
  Program& program_;
  Error& error_;
  std::vector<int> depths_;
  std::size_t at_ = 0;
  int nesting_ = 0;
};

// The datatypes that may stand behind the name of a choice. FHIR R4 2.24, 2.1.0.1 (open types).
constexpr std::array<std::string_view, 50> datatypes{"Base64Binary",
                                                     "Boolean",
                                                     "Canonical",
                                                     "Code",
                                                     "Date",
                                                     "DateTime",
                                                     "Decimal",
                                                     "Id",
                                                     "Instant",
                                                     "Integer",
                                                     "Markdown",
                                                     "Oid",
                                                     "PositiveInt",
                                                     "String",
                                                     "Time",
                                                     "UnsignedInt",
                                                     "Uri",
                                                     "Url",
                                                     "Uuid",
                                                     "Address",
                                                     "Age",
                                                     "Annotation",
                                                     "Attachment",
                                                     "CodeableConcept",
                                                     "Coding",
                                                     "ContactPoint",
                                                     "Count",
                                                     "Distance",
                                                     "Duration",
                                                     "HumanName",
                                                     "Identifier",
                                                     "Money",
                                                     "Period",
                                                     "Quantity",
                                                     "Range",
                                                     "Ratio",
                                                     "Reference",
                                                     "SampledData",
                                                     "Signature",
                                                     "Timing",
                                                     "ContactDetail",
                                                     "Contributor",
                                                     "DataRequirement",
                                                     "Expression",
                                                     "ParameterDefinition",
                                                     "RelatedArtifact",
                                                     "TriggerDefinition",
                                                     "UsageContext",
                                                     "Dosage",
                                                     "Meta"};

}  // namespace

std::optional<Program> compile_program(std::string_view text, Error& error) {
  if (text.size() > Program::bytes_max) {
    error = {Error::Kind::limit, "the expression is too long", 0};
    return std::nullopt;
  }
  auto tokens = tokenize(text, error);
  if (!tokens) return std::nullopt;
  Program program;
  program.text = text;
  if (!Parser{std::move(*tokens), program, error}.run()) return std::nullopt;
  return program;
}

std::string_view datatype_of_suffix(std::string_view suffix) {
  const auto row = std::ranges::find(datatypes, suffix);
  return row == datatypes.end() ? std::string_view{} : *row;
}

std::size_t choice_suffix(std::string_view wire_name) {
  for (std::size_t i = 1; i < wire_name.size(); ++i) {
    const char c = wire_name[i];
    if (c < 'A' || c > 'Z') continue;
    if (!datatype_of_suffix(wire_name.substr(i)).empty()) return i;
  }
  return std::string_view::npos;
}

bool is_choice_of(std::string_view wire_name, std::string_view base) {
  return wire_name.size() > base.size() && wire_name.starts_with(base) &&
         !datatype_of_suffix(wire_name.substr(base.size())).empty();
}

}  // namespace cpis::fhir::path
