#include "fhir/xml/xhtml.h"

namespace cpis::fhir::xml {
namespace {

// Only asks whether the root is a div, and in which namespace.
class RootOnly final : public SaxEvents {
 public:
  bool start(const StartTag& tag) override {
    if (depth_++ > 0) return depth_ <= depth_max;
    is_div_ = tag.name == "div" && tag.prefix.empty();
    in_xhtml_ = tag.name_space == xhtml_namespace;
    bare_ = tag.name_space.empty();
    begin_ = tag.begin;
    return is_div_ && (in_xhtml_ || bare_);
  }
  bool end(std::size_t) override {
    --depth_;
    return true;
  }
  bool text(std::string_view) override { return true; }
  bool comment(std::string_view) override { return true; }

  bool in_xhtml() const { return in_xhtml_; }
  std::size_t begin() const { return begin_; }

 private:
  static constexpr int depth_max = 128;
  int depth_ = 0;
  bool is_div_ = false;
  bool in_xhtml_ = false;
  bool bare_ = false;
  std::size_t begin_ = 0;
};

}  // namespace

void append_escaped(std::string& out, std::string_view text, bool attribute) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\r':
        out += "&#13;";
        break;
      case '"':
        out += attribute ? "&quot;" : "\"";
        break;
      case '\n':
        out += attribute ? "&#10;" : "\n";
        break;
      case '\t':
        out += attribute ? "&#9;" : "\t";
        break;
      default:
        out += c;
    }
  }
}

void append_start(std::string& out, const StartTag& tag, bool root) {
  out += '<';
  out += tag.name;
  if (root) {
    out += " xmlns=\"";
    out += xhtml_namespace;
    out += '"';
  }
  for (const Attribute& attribute : tag.attributes) {
    out += ' ';
    if (!attribute.prefix.empty()) {
      out += attribute.prefix;
      out += ':';
    }
    out += attribute.name;
    out += "=\"";
    append_escaped(out, attribute.value, true);
    out += '"';
  }
  out += '>';
}

std::string embeddable(std::string_view xhtml) {
  RootOnly root;
  const SaxFault fault = parse(xhtml, root);
  if (fault.why != nullptr || fault.stopped) return {};
  // What stands around the element (a declaration, blanks, comments) cannot come along.
  const std::size_t close = xhtml.rfind('>');
  std::string out{xhtml.substr(root.begin(), close + 1 - root.begin())};
  if (!root.in_xhtml()) {
    out.insert(4, std::string{" xmlns=\""} + std::string{xhtml_namespace} + "\"");
  }
  return out;
}

}  // namespace cpis::fhir::xml
