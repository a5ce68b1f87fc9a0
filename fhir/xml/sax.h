#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace cpis::fhir::xml {

inline constexpr std::string_view fhir_namespace = "http://hl7.org/fhir";
inline constexpr std::string_view xhtml_namespace = "http://www.w3.org/1999/xhtml";

struct Attribute {
  std::string_view name;    // local
  std::string_view prefix;  // as written
  std::string_view name_space;
  std::string_view value;  // entities and blanks resolved
};

struct StartTag {
  std::string_view name;  // local
  std::string_view prefix;
  std::string_view name_space;
  std::span<const Attribute> attributes;
  bool declares_default = false;  // has xmlns="..."
  std::size_t begin = 0;          // offset of `<` in the text
};

/// What a parse tells. Views are valid during the call only. Answering false stops the parse.
class SaxEvents {
 public:
  virtual ~SaxEvents() = default;
  virtual bool start(const StartTag& tag) = 0;
  /// `end`: the offset behind the tag.
  virtual bool end(std::size_t end) = 0;
  virtual bool text(std::string_view text) = 0;
  virtual bool comment(std::string_view text) = 0;
};

struct SaxFault {
  bool stopped = false;        // by the events
  bool document_type = false;  // refused
  std::size_t offset = 0;
  const char* why = nullptr;  // null when all is well
};

/// Parses well-formed, namespace-aware XML 1.0 in UTF-8 with libxml2. A document type is refused,
/// so there are no entities to expand and nothing to fetch. The text is at most 2 GiB.
SaxFault parse(std::string_view text, SaxEvents& events);

}  // namespace cpis::fhir::xml
