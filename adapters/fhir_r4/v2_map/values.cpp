#include "adapters/fhir_r4/v2_map/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace cpis::fhir_r4::v2 {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
// A lambda, so that it is looked into where it is passed on.
constexpr auto is_blank = [](char c) {
  return c <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

bool is_number(std::string_view text, bool whole) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t dot = text.find('.');
  const std::string_view front = text.substr(0, dot);
  const std::string_view back = dot == std::string_view::npos ? "0" : text.substr(dot + 1);
  const bool leading_zero = front.size() > 1 && front[0] == '0';
  return !front.empty() && !back.empty() && !leading_zero && front.size() <= 9 &&
         std::all_of(front.begin(), front.end(), is_digit) &&
         std::all_of(back.begin(), back.end(), is_digit) &&
         (!whole || dot == std::string_view::npos);
}

// Mixes every byte into all bits at once (multiply and shift as in SplitMix64); each step can be
// undone, so inputs of the same length only meet by chance.
std::uint64_t mixed_in(char c, std::uint64_t hash, std::uint64_t factor) {
  hash = (hash ^ static_cast<unsigned char>(c)) * factor;
  return hash ^ (hash >> 29U);
}

std::uint64_t finished(std::uint64_t hash) {
  hash = (hash ^ (hash >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  hash = (hash ^ (hash >> 27U)) * 0x94D049BB133111EBULL;
  return hash ^ (hash >> 31U);
}

void put_hex(char* to, std::uint64_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (unsigned shift = 64; shift != 0;) {
    shift -= 4;
    *to++ = digits[static_cast<std::size_t>((value >> shift) & 0xFU)];
  }
}

// Verhoeff's dihedral check: multiplication of D5 and the permutation of each place.
constexpr std::array<std::string_view, 10> d5{
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"};
constexpr std::array<std::string_view, 8> places{"0123456789", "1576283094", "5803796142",
                                                 "8916043527", "9453126870", "4286573901",
                                                 "2793806415", "7046913258"};

bool verhoeff_holds(std::string_view digits) {
  std::size_t check = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto digit = static_cast<std::size_t>(digits[digits.size() - 1 - i] - '0');
    check = static_cast<std::size_t>(
        d5[check][static_cast<std::size_t>(places[i % 8][digit] - '0')] - '0');
  }
  return check == 0;
}

}  // namespace

std::string date_time_text(Time time) {
  const int minutes = london_offset_minutes(time);
  const std::string local = to_iso(time + std::chrono::minutes{minutes});
  return local.substr(0, 19) + (minutes == 0 ? "+00:00" : "+01:00");
}

std::string date_time_text(const SentTime& time) {
  return time.instant ? date_time_text(*time.instant) : to_iso(time.day);
}

std::optional<Primitive> as_primitive(std::string_view type, std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return std::nullopt;
  if (type == "boolean") {
    const std::string word = in_capitals(text);
    const bool yes = word == "Y" || word == "1" || word == "TRUE" || word == "YES";
    const bool no = word == "N" || word == "0" || word == "FALSE" || word == "NO";
    if (!yes && !no) return std::nullopt;
    return Primitive{yes ? "true" : "false", fhir::Kind::boolean};
  }
  if (type == "integer" || type == "decimal") {
    if (!is_number(text, type == "integer")) return std::nullopt;
    return Primitive{text, fhir::Kind::number};
  }
  const bool one_word = type == "uri" || type == "id";
  if (one_word && std::any_of(text.begin(), text.end(), is_blank)) return std::nullopt;
  return Primitive{text, fhir::Kind::string};
}

void IdParts::add(std::string_view part) {
  std::array<char, 20> size{};
  char* const end = std::to_chars(size.data(), size.data() + size.size(), part.size()).ptr;
  mix({size.data(), end});
  mix(":");
  mix(part);
}

void IdParts::mix(std::string_view bytes) {
  std::uint64_t first = first_;
  std::uint64_t second = second_;
  for (const char c : bytes) {
    first = mixed_in(c, first, 0x9E3779B97F4A7C15ULL);
    second = mixed_in(c, second, 0xD1342543DE82EF95ULL);
  }
  first_ = first;
  second_ = second;
}

std::string IdParts::id() const {
  std::string id(32, '0');
  put_hex(id.data(), finished(first_));
  put_hex(id.data() + 16, finished(second_));
  return id;
}

std::string stable_id(std::initializer_list<std::string_view> parts) {
  IdParts all;
  for (const std::string_view part : parts) all.add(part);
  return all.id();
}

bool is_fhir_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
  });
}

bool looks_like_snomed(std::string_view code) {
  if (code.size() < 8 || code.size() > 18 || !std::all_of(code.begin(), code.end(), is_digit)) {
    return false;
  }
  const std::string_view partition = code.substr(code.size() - 3, 2);
  return code[0] != '0' && (partition == "00" || partition == "10") && verhoeff_holds(code);
}

std::string in_capitals(std::string_view text) {
  std::string capitals{trimmed(text)};
  for (char& c : capitals) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return capitals;
}

namespace {

// All steps but the last: the last item there is, or a first one.
fhir::Element& walk(fhir::Document& doc, fhir::Element& parent, const std::vector<Step>& path) {
  fhir::Element* at = &parent;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    fhir::Element* last = nullptr;
    for (const fhir::Element& child : at->children(path[i].name)) last = &doc.edit(child);
    if (last == nullptr) {
      last = path[i].many ? &doc.append_item(*at, path[i].name) : &doc.append(*at, path[i].name);
    }
    at = last;
  }
  return *at;
}

}  // namespace

fhir::Element& target(fhir::Document& doc, fhir::Element& parent, const std::vector<Step>& path) {
  fhir::Element& owner = walk(doc, parent, path);
  const Step& last = path.back();
  return last.many ? doc.append_item(owner, last.name) : doc.get_or_append(owner, last.name);
}

void remove_empty(fhir::Document& doc, fhir::Element& parent, std::string_view name) {
  const fhir::Element* child = parent.first(name);
  if (child != nullptr && child->value().empty() && !child->has_children()) {
    doc.remove(doc.edit(*child));
  }
}

void put(fhir::Document& doc, fhir::Element& parent, const std::vector<Step>& path,
         const Primitive& value) {
  fhir::Element& owner = walk(doc, parent, path);
  const Step& last = path.back();
  if (last.many) {
    doc.append_item(owner, last.name, value.text, value.kind);
  } else {
    doc.set(owner, last.name, value.text, value.kind);
  }
}

void add_coded(fhir::Document& doc, fhir::Element& codeable_concept, const CodingView& coding) {
  fhir::Element& item = doc.append_item(codeable_concept, "coding");
  if (!coding.system.empty()) doc.append(item, "system", coding.system);
  doc.append(item, "code", coding.code);
  if (!coding.display.empty()) doc.append(item, "display", coding.display);
}

}  // namespace cpis::fhir_r4::v2
