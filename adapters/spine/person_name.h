#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/spine/xml_reader.h"
#include "adapters/spine/xml_writer.h"

namespace cpis::spine {

/// A name as HL7 V3 carries it, in parts. Spine reads up to `given_max` given names.
struct NameParts {
  static constexpr std::size_t given_max = 5;

  std::string prefix;
  std::vector<std::string> given;
  std::string family;
  std::string suffix;

  friend bool operator==(const NameParts&, const NameParts&) = default;
};

/// Cuts a display name (`Dr Pat Clinician`) into parts: a known title, given names, the last word
/// as the family name. Joining the parts gives the same words again, so nothing is lost by a wrong
/// cut.
NameParts split_name(std::string_view display);
std::string join_name(const NameParts& parts);

/// `<name use="L">` with the parts of a display name.
void write_name(XmlWriter& xml, std::string_view display);
/// The display form of a `name` element: its parts in order, or its text when it has none.
std::string read_name(XmlView name);

}  // namespace cpis::spine
