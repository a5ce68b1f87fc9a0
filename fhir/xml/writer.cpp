#include "fhir/xml/writer.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/xml/sax.h"
#include "fhir/xml/xhtml.h"

namespace cpis::fhir::xml {
namespace {

// XML 1.0 knows tab, line feed and return below the blank, and nothing else; and neither of the
// two noncharacters U+FFFE and U+FFFF.
bool allowed_in_xml(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') return false;
    if (c == '\xEF' && (text.substr(i, 3) == "\xEF\xBF\xBE" || text.substr(i, 3) == "\xEF\xBF\xBF"))
      return false;
  }
  return true;
}

bool is_extension(const Element& element) {
  return element.name() == "extension" || element.name() == "modifierExtension" ||
         element.name() == "Extension";
}

struct Child {
  const Element* element = nullptr;
  std::optional<Schema::Member> member;
  std::uint32_t order = 0;
};

class Writer {
 public:
  Writer(std::string& out, Issues& issues, const WriteOptions& options)
      : out_{out}, issues_{issues}, options_{options} {}

  void root(const Element& element) {
    const std::string_view name = element.resource()       ? element.resource_type()
                                  : element.name().empty() ? std::string_view{"element"}
                                                           : element.name();
    write(element, name, type_of(element, Schema::no_type), true);
  }

 private:
  void write(const Element& element, std::string_view name, Schema::TypeId type, bool root) {
    if (++depth_ > write_depth_max) throw std::length_error{"a tree too deep to be FHIR"};
    out_ += '<';
    out_ += name;
    if (root) attribute("xmlns", fhir_namespace);
    if (!element.resource()) attributes(element);
    std::vector<Child> inside = children(element, type);
    if (inside.empty()) {
      out_ += "/>";
    } else {
      out_ += '>';
      for (const Child& child : inside) write_child(child);
      --depth_;
      line();
      ++depth_;
      out_ += "</";
      out_ += name;
      out_ += '>';
    }
    --depth_;
  }

  void write_child(const Child& child) {
    const Element& element = *child.element;
    line();
    if (element.name() == "div" && element.kind() == Kind::string) return narrative(element);
    const Schema::TypeId type = child.member ? child.member->type : Schema::no_type;
    if (!element.resource()) return write(element, element.name(), type, false);
    out_ += '<';
    out_ += element.name();
    out_ += '>';
    ++depth_;
    line();
    write(element, element.resource_type(), type_of(element, type), false);
    --depth_;
    line();
    out_ += "</";
    out_ += element.name();
    out_ += '>';
  }

  // The order of the attributes is that of the XML chapter: id, url, value.
  void attributes(const Element& element) {
    for (const Element& child : element.children()) {
      if (!is_attribute(element, child) || !child.has_value()) continue;
      checked_attribute(child, child.name());
      if (child.has_children()) finding(child, "xml-attribute", "XML cannot extend an attribute");
    }
    if (element.has_value()) checked_attribute(element, "value");
  }

  static bool is_attribute(const Element& parent, const Element& child) {
    if (parent.resource() || !child.primitive()) return false;
    return child.name() == "id" || (child.name() == "url" && is_extension(parent));
  }

  std::vector<Child> children(const Element& element, Schema::TypeId type) const {
    std::vector<Child> inside;
    bool sorted = true;
    for (const Element& child : element.children()) {
      if (is_attribute(element, child)) continue;
      Child entry{&child, std::nullopt, std::numeric_limits<std::uint32_t>::max()};
      if (options_.schema != nullptr && type != Schema::no_type) {
        entry.member = options_.schema->member(type, child.name());
        if (entry.member) entry.order = entry.member->order;
      }
      sorted = sorted && (inside.empty() || inside.back().order <= entry.order);
      inside.push_back(std::move(entry));
    }
    if (!sorted) {
      std::stable_sort(inside.begin(), inside.end(),
                       [](const Child& a, const Child& b) { return a.order < b.order; });
    }
    return inside;
  }

  Schema::TypeId type_of(const Element& element, Schema::TypeId otherwise) const {
    if (options_.schema == nullptr || !element.resource()) return otherwise;
    return options_.schema->resource(element.resource_type());
  }

  void narrative(const Element& element) {
    const std::string xhtml =
        allowed_in_xml(element.value()) ? embeddable(element.value()) : std::string{};
    if (xhtml.empty()) {
      finding(element, "xml-narrative", "the narrative is no well-formed XHTML and was left out");
    }
    out_ += xhtml;
  }

  void checked_attribute(const Element& element, std::string_view name) {
    if (allowed_in_xml(element.value())) return attribute(name, element.value());
    finding(element, "xml-character", "the value has a character that XML cannot carry");
  }

  void attribute(std::string_view name, std::string_view value) {
    out_ += ' ';
    out_ += name;
    out_ += "=\"";
    append_escaped(out_, value, true);
    out_ += '"';
  }

  void line() {
    if (!options_.pretty) return;
    out_ += '\n';
    out_.append(depth_ * 2, ' ');
  }

  void finding(const Element& element, std::string_view rule, std::string_view why) {
    Issue issue;
    issue.code = IssueCode::structure;
    issue.rule = rule;
    issue.line = element.line();
    issue.column = element.column();
    issue.path = path_of(element);
    issue.diagnostics = why;
    issues_.add(std::move(issue));
  }

  std::string& out_;
  Issues& issues_;
  const WriteOptions& options_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string write(const Element& element, Issues& issues, const WriteOptions& options) {
  std::string out;
  Writer{out, issues, options}.root(element);
  return out;
}

}  // namespace cpis::fhir::xml
