#include "fhir/path/json_value.h"

#include <algorithm>

#include "fhir/json/scanner.h"
#include "fhir/json/writer.h"
#include "fhir/path/decimal.h"

namespace cpis::fhir::path {
namespace {

class Parser {
 public:
  Parser(std::string_view text, std::string& problem) : in_{text, 1, 1}, problem_{problem} {}

  bool run(JsonValue& value) {
    if (!read(value, 0)) return false;
    in_.skip_blanks();
    return in_.at_end() || fail("something stands behind the end");
  }

 private:
  bool fail(std::string_view why) {
    problem_ = "line " + std::to_string(in_.line()) + ", column " + std::to_string(in_.column()) +
               ": " + std::string{why};
    return false;
  }
  bool take(char c) {
    in_.skip_blanks();
    if (in_.peek() != c) return false;
    in_.advance();
    return true;
  }

  bool read(JsonValue& value, int depth) {
    if (depth > JsonValue::depth_max) return fail("nested too deeply");
    in_.skip_blanks();
    switch (in_.peek()) {
      case '{':
        return object(value, depth);
      case '[':
        return array(value, depth);
      case '"':
        value.kind = JsonValue::Kind::string;
        return string(value.text);
      case 't':
        return word(value, JsonValue::Kind::boolean, "true");
      case 'f':
        return word(value, JsonValue::Kind::boolean, "false");
      case 'n':
        return word(value, JsonValue::Kind::null, "null");
      default:
        break;
    }
    std::string_view literal;
    value.kind = JsonValue::Kind::number;
    if (!in_.number(literal)) return fail(in_.error());
    value.text = literal;
    return true;
  }

  bool word(JsonValue& value, JsonValue::Kind kind, std::string_view expected) {
    value.kind = kind;
    value.text = expected;
    return in_.word(expected) || fail(in_.error());
  }

  bool string(std::string& text) {
    std::string_view view;
    if (!in_.string(view, scratch_)) return fail(in_.error());
    text = view;
    return true;
  }

  bool array(JsonValue& value, int depth) {
    value.kind = JsonValue::Kind::array;
    in_.advance();
    if (take(']')) return true;
    do {
      if (!read(value.items.emplace_back(), depth + 1)) return false;
    } while (take(','));
    return take(']') || fail("a comma or ] is missing");
  }

  bool object(JsonValue& value, int depth) {
    value.kind = JsonValue::Kind::object;
    in_.advance();
    if (take('}')) return true;
    do {
      in_.skip_blanks();
      std::string name;
      if (in_.peek() != '"' || !string(name)) return fail("a name is missing");
      if (value.member(name) != nullptr) return fail("a name is repeated");
      if (!take(':')) return fail("a colon is missing");
      value.names.push_back(std::move(name));
      if (!read(value.items.emplace_back(), depth + 1)) return false;
    } while (take(','));
    return take('}') || fail("a comma or } is missing");
  }

  json::Scanner in_;
  Document scratch_;
  std::string& problem_;
};

void write_to(std::string& out, const JsonValue& value) {
  switch (value.kind) {
    case JsonValue::Kind::null:
      out += "null";
      return;
    case JsonValue::Kind::string:
      json::write_string(out, value.text);
      return;
    case JsonValue::Kind::boolean:
    case JsonValue::Kind::number:
      out += value.text;
      return;
    case JsonValue::Kind::array:
    case JsonValue::Kind::object:
      break;
  }
  const bool object = value.kind == JsonValue::Kind::object;
  out += object ? '{' : '[';
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) out += ',';
    if (object) {
      json::write_string(out, value.names[i]);
      out += ':';
    }
    write_to(out, value.items[i]);
  }
  out += object ? '}' : ']';
}

}  // namespace

const JsonValue* JsonValue::member(std::string_view name) const {
  const auto at = std::ranges::find(names, name);
  return at == names.end() ? nullptr : &items[static_cast<std::size_t>(at - names.begin())];
}

JsonValue* JsonValue::member(std::string_view name) {
  return const_cast<JsonValue*>(std::as_const(*this).member(name));
}

std::optional<JsonValue> JsonValue::parse(std::string_view text, std::string& problem) {
  JsonValue value;
  if (!Parser{text, problem}.run(value)) return std::nullopt;
  return value;
}

std::string JsonValue::write() const {
  std::string out;
  write_to(out, *this);
  return out;
}

bool same_json(const JsonValue& a, const JsonValue& b) {
  if (a.kind != b.kind || a.items.size() != b.items.size()) return false;
  if (a.kind == JsonValue::Kind::number) {
    const auto left = Decimal::parse(a.text);
    const auto right = Decimal::parse(b.text);
    return left && right ? *left == *right : a.text == b.text;
  }
  if (a.kind == JsonValue::Kind::object) {
    for (std::size_t i = 0; i < a.items.size(); ++i) {
      const JsonValue* const other = b.member(a.names[i]);
      if (other == nullptr || !same_json(a.items[i], *other)) return false;
    }
    return true;
  }
  return a.text == b.text && std::ranges::equal(a.items, b.items, same_json);
}

}  // namespace cpis::fhir::path
