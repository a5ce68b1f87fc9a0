#include "fhir/validate/reference_text.h"

#include <algorithm>
#include <array>

#include "fhir/validate/primitives.h"

namespace cpis::fhir {
namespace {

bool upper(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

ReferenceText split_reference(std::string_view reference) {
  ReferenceText parts;
  std::string_view text = reference.substr(0, reference.find('#'));
  text = text.substr(0, text.find('?'));
  constexpr std::string_view history = "/_history/";
  if (const std::size_t at = text.find(history); at != std::string_view::npos) {
    parts.version = text.substr(at + history.size());
    text = text.substr(0, at);
  }
  parts.plain = text;
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return parts;
  const std::size_t before = text.rfind('/', slash - 1);
  const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
  const std::string_view type = text.substr(start, slash - start);
  const std::string_view base = text.substr(0, start);
  const bool web = base.starts_with("http://") || base.starts_with("https://");
  if (type.empty() || !upper(type.front()) || (!base.empty() && !web)) return parts;
  parts.base = base;
  parts.type = type;
  parts.id = text.substr(slash + 1);
  return parts;
}

ReferenceForm form_of(std::string_view reference) {
  using enum ReferenceForm;
  if (reference.starts_with('#')) return local;
  const std::size_t mark = reference.find_first_of(":/?#");
  if (mark == 0) return broken;
  if (mark == std::string_view::npos) return bare;
  if (reference[mark] == ':') return absolute;
  if (reference[mark] == '?') return conditional;
  if (reference[mark] == '#') return bare;
  const std::string_view plain = reference.substr(0, reference.find('#'));
  std::array<std::string_view, 4> parts;
  std::size_t count = 0;
  for (std::size_t from = 0; from <= plain.size();) {
    const std::size_t slash = std::min(plain.find('/', from), plain.size());
    if (count == parts.size()) return broken;
    parts[count++] = plain.substr(from, slash - from);
    from = slash + 1;
  }
  if (!id_literal(parts[1])) return broken;
  if (count == 2) return relative;
  return count == 4 && parts[2] == "_history" && id_literal(parts[3]) ? relative : broken;
}

std::string_view type_in_reference(std::string_view reference) {
  return split_reference(reference).type;
}

}  // namespace cpis::fhir
