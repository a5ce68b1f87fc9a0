#include "adapters/hl7v2/path.h"

namespace cpis::hl7v2 {
namespace {

constexpr std::size_t number_max = 9999;

// Reads a path from its front; every step either takes what it wants or leaves `ok` false.
struct PathReader {
  std::string_view rest;
  bool ok = true;

  bool take(char c) {
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
  }

  std::size_t number() {
    std::size_t value = 0;
    std::size_t digits = 0;
    while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9' &&
           value <= number_max) {
      value = value * 10 + static_cast<std::size_t>(rest[digits++] - '0');
    }
    rest.remove_prefix(digits);
    ok = ok && value != 0 && value <= number_max;
    return value;
  }

  std::optional<std::size_t> in_parentheses() {
    if (!take('(')) return std::nullopt;
    const std::size_t value = number();
    ok = take(')') && ok;
    return value;
  }
};

std::string in_one_repetition(const Repetition& repetition, const Path& path) {
  return repetition.component(path.component.value_or(1)).sub(path.subcomponent.value_or(1));
}

// Paths without a component mean the whole field for MSH-2, which has no components.
void collect(const Segment& segment, const Path& path, std::vector<std::string>& found) {
  const Field field = segment.field(path.field);
  const std::size_t first = path.repetition.value_or(1);
  const std::size_t last = path.repetition.value_or(field.size());
  for (std::size_t n = first; n <= last; ++n) {
    std::string text = in_one_repetition(field.repetition(n), path);
    if (!text.empty()) found.push_back(std::move(text));
  }
}

}  // namespace

std::optional<Path> Path::parse(std::string_view text) {
  if (text.size() < 5 || !starts_segment(text.substr(0, 3), '|')) return std::nullopt;
  Path path;
  path.segment = text.substr(0, 3);
  PathReader reader{text.substr(3)};
  path.occurrence = reader.in_parentheses();
  reader.ok = reader.take('-') && reader.ok;
  path.field = reader.number();
  path.repetition = reader.in_parentheses();
  if (reader.take('.')) path.component = reader.number();
  if (path.component && reader.take('.')) path.subcomponent = reader.number();
  if (!reader.ok || !reader.rest.empty()) return std::nullopt;
  return path;
}

std::string to_text(const Path& path) {
  const auto bracketed = [](std::optional<std::size_t> n) {
    return n ? "(" + std::to_string(*n) + ")" : std::string{};
  };
  std::string text = path.segment + bracketed(path.occurrence) + "-" + std::to_string(path.field) +
                     bracketed(path.repetition);
  if (path.component) text += "." + std::to_string(*path.component);
  if (path.subcomponent) text += "." + std::to_string(*path.subcomponent);
  return text;
}

std::string value(const Message& message, const Path& path) {
  const auto segment = message.find(path.segment, path.occurrence.value_or(1));
  if (!segment) return {};
  return in_one_repetition(segment->field(path.field).repetition(path.repetition.value_or(1)),
                           path);
}

std::vector<std::string> values(const Message& message, const Path& path) {
  std::vector<std::string> found;
  for (std::size_t i = 0, n = 0; i < message.segment_count(); ++i) {
    const Segment segment = message.segment(i);
    if (segment.name() != path.segment) continue;
    if (path.occurrence && ++n != *path.occurrence) continue;
    collect(segment, path, found);
  }
  return found;
}

}  // namespace cpis::hl7v2
