#include "adapters/spine/xml_writer.h"

#include <cstddef>
#include <cstdint>

namespace cpis::spine {
namespace {

constexpr std::string_view replacement{"\xEF\xBF\xBD"};  // U+FFFD

unsigned byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

// Length of the XML character that begins at `at`; 0 when there is none that XML may carry.
std::size_t character_length(std::string_view text, std::size_t at) {
  const unsigned lead = byte_at(text, at);
  if (lead < 0x80) return lead >= 0x20 || lead == 0x09 || lead == 0x0A || lead == 0x0D ? 1 : 0;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  std::uint32_t code = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned next = byte_at(text, at + i);
    if ((next & 0xC0U) != 0x80U) return 0;
    code = (code << 6U) | (next & 0x3FU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (overlong || surrogate || code == 0xFFFE || code == 0xFFFF || code > 0x10FFFF) return 0;
  return length;
}

// ASCII that is written as it is, in text and in attributes.
bool is_plain(char c) {
  return c >= ' ' && static_cast<unsigned char>(c) < 0x80 && c != '&' && c != '<' && c != '>' &&
         c != '"';
}

// Empty: the character is written as it is.
std::string_view escape_of(char c, bool in_attribute) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return in_attribute ? "&quot;" : "";
    case '\r':
      return "&#13;";
    case '\n':
      return in_attribute ? "&#10;" : "";
    case '\t':
      return in_attribute ? "&#9;" : "";
    default:
      return "";
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text, bool in_attribute) {
  std::size_t copied = 0;
  std::size_t at = 0;
  const auto replace = [&](std::size_t length, std::string_view with) {
    out.append(text.substr(copied, at - copied));
    out.append(with);
    at += length;
    copied = at;
  };
  while (at < text.size()) {
    if (is_plain(text[at])) {
      ++at;
      continue;
    }
    const std::size_t length = character_length(text, at);
    if (length == 0) {
      replace(1, replacement);
      continue;
    }
    const std::string_view escape = length == 1 ? escape_of(text[at], in_attribute) : "";
    if (escape.empty()) {
      at += length;
    } else {
      replace(1, escape);
    }
  }
  out.append(text.substr(copied));
}

void XmlWriter::end_start_tag() {
  if (in_start_tag_) out_ += '>';
  in_start_tag_ = false;
}

XmlWriter& XmlWriter::open(std::string_view name) {
  end_start_tag();
  out_ += '<';
  out_ += name;
  names_.push_back(name);
  in_start_tag_ = true;
  return *this;
}

XmlWriter& XmlWriter::attr(std::string_view name, std::string_view value) {
  out_ += ' ';
  out_ += name;
  out_ += "=\"";
  append_escaped(out_, value, true);
  out_ += '"';
  return *this;
}

XmlWriter& XmlWriter::text(std::string_view value) {
  end_start_tag();
  append_escaped(out_, value, false);
  return *this;
}

XmlWriter& XmlWriter::close() {
  if (names_.empty()) return *this;
  if (in_start_tag_) {
    out_ += "/>";
  } else {
    out_ += "</";
    out_ += names_.back();
    out_ += '>';
  }
  in_start_tag_ = false;
  names_.pop_back();
  return *this;
}

XmlWriter& XmlWriter::close(int count) {
  for (int i = 0; i < count; ++i) close();
  return *this;
}

XmlWriter& XmlWriter::leaf(std::string_view name, std::string_view value) {
  return open(name).text(value).close();
}

XmlWriter& XmlWriter::value(std::string_view name, std::string_view value) {
  return open(name).attr("value", value).close();
}

XmlWriter& XmlWriter::raw(std::string_view xml) {
  end_start_tag();
  out_ += xml;
  return *this;
}

}  // namespace cpis::spine
