#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cpis::spine {

/// Appends `text` with the five XML escapes. What XML 1.0 cannot carry (control characters, broken
/// UTF-8) becomes U+FFFD, so the result is always well formed. In an attribute, tabs and line ends
/// are written as character references, because a reader would turn them into spaces.
void append_escaped(std::string& out, std::string_view text, bool in_attribute);

/// Writes XML into a string: elements nest, values are escaped here and nowhere else.
///
/// Names are literals of the caller and must outlive the writer; they are not checked. The string
/// may be emptied between calls (that is how uploads are streamed).
class XmlWriter {
 public:
  explicit XmlWriter(std::string& out) : out_{out} {}

  /// Begins an element. Attributes follow directly.
  XmlWriter& open(std::string_view name);
  XmlWriter& attr(std::string_view name, std::string_view value);
  XmlWriter& text(std::string_view value);
  /// Ends the innermost element.
  XmlWriter& close();
  XmlWriter& close(int count);

  /// `<name>text</name>`.
  XmlWriter& leaf(std::string_view name, std::string_view value);
  /// `<name value="..."/>`, the commonest shape of HL7 V3.
  XmlWriter& value(std::string_view name, std::string_view value);
  /// Well-formed XML that was made by another XmlWriter.
  XmlWriter& raw(std::string_view xml);

 private:
  void end_start_tag();

  std::string& out_;
  std::vector<std::string_view> names_;
  bool in_start_tag_ = false;
};

}  // namespace cpis::spine
