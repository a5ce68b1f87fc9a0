#include <algorithm>
#include <array>

#include "fhir/path/machine.h"
#include "fhir/path/text.h"

/// FHIRPath N1 5.6: string manipulation, and the additions of later drafts.
namespace cpis::fhir::path {
namespace {

constexpr std::size_t arguments_max = 3;

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_text(const Value& value) { return value.kind() == ValueKind::string; }

}  // namespace

bool Machine::string_function(Function function, Range focus, std::span<const Range> arguments) {
  if (function == Function::join) return join(focus, arguments);
  Value single;
  if (!singleton(focus, single, "a string")) return false;
  Value input = system(single);
  if (input.kind() == ValueKind::none) {
    const bool query = function == Function::starts_with || function == Function::ends_with ||
                       function == Function::contains;
    return !query || !environment_.definitions_dialect || push(Value{false});
  }
  if (input.is_element()) return fail(Error::Kind::semantic, "this function takes a string");
  if (!is_text(input)) {
    // A date, number or boolean of a resource is read as its literal.
    if (!single.is_element()) return fail(Error::Kind::semantic, "this function takes a string");
    input = Value{single.element().value()};
  }
  std::array<Value, arguments_max> values;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!singleton(arguments[i], values[i], "one argument")) return false;
    values[i] = system(values[i]);
    const bool optional = function == Function::substring && i == 1;
    if (values[i].kind() == ValueKind::none && !optional) return true;
    const bool number = function == Function::substring;
    if (values[i].kind() != ValueKind::none &&
        (number ? values[i].kind() != ValueKind::integer : !is_text(values[i]))) {
      return fail(Error::Kind::semantic, "an argument of this function has the wrong type");
    }
  }
  const std::span<const Value> given{values.data(), arguments.size()};
  const bool query = function <= Function::contains || function == Function::matches ||
                     function == Function::matches_full || function == Function::length;
  if (query && function != Function::substring) return string_query(function, input.text(), given);
  return string_change(function, input.text(), given);
}

bool Machine::string_query(Function function, std::string_view text,
                           std::span<const Value> arguments) {
  const std::string_view other = arguments.empty() ? std::string_view{} : arguments[0].text();
  const auto position = [&](std::size_t found) {
    const bool none = found == std::string_view::npos;
    return push(Value{none ? std::int64_t{-1}
                           : static_cast<std::int64_t>(character_count(text.substr(0, found)))});
  };
  switch (function) {
    case Function::index_of:
      return position(text.find(other));
    case Function::last_index_of:
      return position(text.rfind(other));
    case Function::starts_with:
      return push(Value{text.starts_with(other)});
    case Function::ends_with:
      return push(Value{text.ends_with(other)});
    case Function::contains:
      return push(Value{text.find(other) != std::string_view::npos});
    case Function::length:
      return push(Value{static_cast<std::int64_t>(character_count(text))});
    default:
      return regular_expression(function, text, arguments);
  }
}

bool Machine::string_change(Function function, std::string_view text,
                            std::span<const Value> arguments) {
  switch (function) {
    case Function::substring:
      return substring(text, arguments);
    case Function::upper_:
      return push_text(upper(text));
    case Function::lower_:
      return push_text(lower(text));
    case Function::replace:
      return replace(text, arguments[0].text(), arguments[1].text());
    case Function::replace_matches:
      return regular_expression(function, text, arguments);
    case Function::split:
      return split(text, arguments[0].text());
    case Function::trim:
      return push_text(trimmed(text));
    case Function::to_chars:
      while (!text.empty()) {
        const std::size_t size = character_bytes(text);
        if (!push_text(text.substr(0, size))) return false;
        text.remove_prefix(size);
      }
      return true;
    default:
      return code_text(function, text, arguments[0].text());
  }
}

bool Machine::substring(std::string_view text, std::span<const Value> arguments) {
  const auto characters = static_cast<std::int64_t>(character_count(text));
  const std::int64_t start = arguments[0].integer();
  if (start < 0 || start >= characters) return true;
  std::int64_t length = characters - start;
  if (arguments.size() > 1 && arguments[1].kind() != ValueKind::none) {
    length = std::min(length, std::max<std::int64_t>(arguments[1].integer(), 0));
  }
  const auto rest = text.substr(byte_offset(text, static_cast<std::size_t>(start)));
  return push_text(rest.substr(0, byte_offset(rest, static_cast<std::size_t>(length))));
}

// An empty pattern stands between all characters.
bool Machine::replace(std::string_view text, std::string_view pattern, std::string_view with) {
  std::string out;
  const std::size_t room = environment_.limits.text_bytes_max;
  while (!text.empty()) {
    const std::size_t found = pattern.empty() ? 0 : text.find(pattern);
    if (found == std::string_view::npos) break;
    out.append(text.substr(0, found)).append(with);
    text.remove_prefix(found + pattern.size());
    if (pattern.empty()) {
      const std::size_t size = character_bytes(text);
      out.append(text.substr(0, size));
      text.remove_prefix(size);
    }
    if (out.size() > room) return fail(Error::Kind::limit, "too much text");
  }
  out.append(text);
  if (pattern.empty()) out.append(with);
  return push_text(out);
}

bool Machine::regular_expression(Function function, std::string_view text,
                                 std::span<const Value> arguments) {
  const std::string_view pattern = arguments[0].text();
  const std::size_t flag_index = function == Function::replace_matches ? 2 : 1;
  const std::string_view flags =
      arguments.size() > flag_index ? arguments[flag_index].text() : std::string_view{};
  // Going through the text costs about its length.
  steps_ += 1 + text.size() / 64;
  RegexCache::Answer answer = RegexCache::Answer::no;
  std::string result;
  if (function == Function::matches) {
    answer = regexes_.search(pattern, flags, text);
  } else if (function == Function::matches_full) {
    answer = regexes_.match_whole(pattern, flags, text);
  } else if (pattern.empty()) {
    return push_text(text);
  } else {
    answer = regexes_.replace(pattern, flags, text, arguments[1].text(),
                              environment_.limits.text_bytes_max, result);
  }
  switch (answer) {
    case RegexCache::Answer::bad_pattern:
      return fail("the regular expression is not valid");
    case RegexCache::Answer::too_costly:
      return fail(Error::Kind::limit, "the regular expression takes too long");
    case RegexCache::Answer::bad_text:
      return fail("the text is not valid UTF-8");
    default:
      break;
  }
  if (function == Function::replace_matches) return push_text(result);
  return push(Value{answer == RegexCache::Answer::yes});
}

bool Machine::split(std::string_view text, std::string_view separator) {
  if (separator.empty()) return push_text(text);
  while (true) {
    const std::size_t found = text.find(separator);
    if (!push_text(text.substr(0, found))) return false;
    if (found == std::string_view::npos) return true;
    text.remove_prefix(found + separator.size());
  }
}

bool Machine::join(Range focus, std::span<const Range> arguments) {
  Value separator;
  if (!arguments.empty() && !singleton(arguments[0], separator, "a separator")) return false;
  separator = system(separator);
  if (focus.empty()) return true;
  std::string out;
  bool first = true;
  for (std::uint32_t i = focus.begin; i < focus.end; ++i) {
    const Value value = system(Value{stack_[i]});
    if (value.kind() == ValueKind::none) continue;
    if (value.kind() != ValueKind::string) return fail("join() takes strings");
    if (!first && is_text(separator)) out += separator.text();
    first = false;
    out += value.text();
    if (out.size() > environment_.limits.text_bytes_max) {
      return fail(Error::Kind::limit, "too much text");
    }
  }
  return push_text(out);
}

bool Machine::code_text(Function function, std::string_view text, std::string_view format) {
  const bool url = format == "urlbase64";
  std::optional<std::string> result;
  switch (function) {
    case Function::encode:
      if (format == "hex") result = hex(text);
      if (format == "base64" || url) result = base64(text, url);
      break;
    case Function::decode:
      if (format == "hex") result = from_hex(text);
      if (format == "base64" || url) result = from_base64(text, url);
      break;
    case Function::escape:
      if (format == "html") result = escape_html(text);
      if (format == "json") result = escape_json(text);
      break;
    default:
      if (format == "html") result = unescape_html(text);
      if (format == "json") result = unescape_json(text);
      break;
  }
  return !result || push_text(*result);
}

}  // namespace cpis::fhir::path
