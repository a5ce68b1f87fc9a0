#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/field_source.h"
#include "adapters/fhir_r4/v2_map/tables.h"
#include "fhir/tree/document.h"

// Values of single FHIR elements, made from text that a message holds.

namespace cpis::fhir_r4::v2 {

/// FHIR dateTime in England's time with its offset, `2026-07-05T10:15:00+01:00`.
std::string date_time_text(Time time);
/// The day when only that was sent.
std::string date_time_text(const SentTime& time);

/// The text as one of FHIR's primitive types, or nothing when it cannot be one: blanks around it
/// removed, codes without inner blanks, booleans from Y and N, numbers only when they are.
struct Primitive {
  std::string_view text;  ///< of what it was made from, or a word that lasts
  fhir::Kind kind = fhir::Kind::string;
};
std::optional<Primitive> as_primitive(std::string_view type, std::string_view text);

/// 32 hexadecimal digits that depend on every part and its place (two mixed hashes of 64 bits): an
/// id that is the same whenever the parts are. It hides nothing from who can try all inputs.
class IdParts {
 public:
  void add(std::string_view part);
  std::string id() const;

 private:
  void mix(std::string_view bytes);

  std::uint64_t first_ = 0xCBF29CE484222325ULL;
  std::uint64_t second_ = 0x6C62272E07BB0142ULL;
};
std::string stable_id(std::initializer_list<std::string_view> parts);

/// `[A-Za-z0-9\-.]{1,64}`.
bool is_fhir_id(std::string_view text);

/// A number that is built like a SNOMED CT concept id: length, partition, check digit.
bool looks_like_snomed(std::string_view code);

std::string in_capitals(std::string_view text);

/// A Coding whose texts live elsewhere.
struct CodingView {
  std::string_view system, code, display;
};

/// The element at the end of the path below `parent`, made where it is missing; a last step with
/// `many` adds a new item.
fhir::Element& target(fhir::Document& doc, fhir::Element& parent, const std::vector<Step>& path);
/// The same for a primitive value.
void put(fhir::Document& doc, fhir::Element& parent, const std::vector<Step>& path,
         const Primitive& value);
/// Removes the child of that name when it has neither value nor children: a step of a path that was
/// made for what then was not there.
void remove_empty(fhir::Document& doc, fhir::Element& parent, std::string_view name);
void add_coded(fhir::Document& doc, fhir::Element& codeable_concept, const CodingView& coding);

}  // namespace cpis::fhir_r4::v2
