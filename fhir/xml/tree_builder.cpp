#include "fhir/xml/tree_builder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "fhir/xml/xhtml.h"

namespace cpis::fhir::xml {
namespace {

constexpr std::size_t bytes_limit = std::size_t{2} * 1024 * 1024 * 1024 - 1;
constexpr std::size_t name_bytes_max = 256;

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool upper(std::string_view name) { return name.front() >= 'A' && name.front() <= 'Z'; }

bool holds_resource(std::string_view name) {
  return name == "resource" || name == "contained" || name == "outcome";
}

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [lower](char x, char y) { return lower(x) == lower(y); });
}

// The encoding that the XML declaration names; UTF-8 when it names none.
std::string_view declared_encoding(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!text.starts_with("<?xml")) return "UTF-8";
  const std::string_view declaration = text.substr(0, text.find("?>"));
  const std::size_t at = declaration.find("encoding");
  if (at == std::string_view::npos) return "UTF-8";
  const std::size_t open = declaration.find_first_of("\"'", at);
  if (open == std::string_view::npos) return {};
  const std::size_t close = declaration.find(declaration[open], open + 1);
  return declaration.substr(open + 1, close - open - 1);
}

}  // namespace

bool TreeBuilder::run() {
  if (text_.size() > std::min(options_.bytes_max, bytes_limit)) {
    return fatal(IssueCode::too_costly, "xml-bytes-max", "the text is longer than the limit", 0);
  }
  const std::string_view encoding = declared_encoding(text_);
  if (!same_letters(encoding, "UTF-8") && !same_letters(encoding, "US-ASCII")) {
    return fatal(IssueCode::not_supported, "xml-encoding", "only UTF-8 is read", 0);
  }
  const SaxFault fault = parse(text_, *this);
  if (fault.why != nullptr && !fault.stopped) {
    fatal(IssueCode::invalid, fault.document_type ? "xml-document-type" : "xml-syntax", fault.why,
          fault.offset);
  }
  if (fault.why != nullptr || fault.stopped) {
    document_.clear();
    return false;
  }
  document_.set_format(Format::xml);
  return true;
}

bool TreeBuilder::start(const StartTag& tag) {
  if (frames_.size() + div_depth_ >= options_.depth_max) {
    return fatal(IssueCode::too_costly, "xml-depth-max", "the text is nested too deep", tag.begin);
  }
  if (++elements_ > options_.elements_max) {
    return fatal(IssueCode::too_costly, "xml-elements-max", "there are too many elements",
                 tag.begin);
  }
  if (tag.name.size() > name_bytes_max) {
    return fatal(IssueCode::too_costly, "xml-name-max", "an element name is too long", tag.begin);
  }
  if (div_depth_ > 0) {
    start_nested(tag);
    return true;
  }
  return frames_.empty() ? start_root(tag) : start_child(tag);
}

bool TreeBuilder::start_root(const StartTag& tag) {
  Frame frame;
  const bool resource = upper(tag.name) || !options_.fragment;
  Element& root = resource ? document_.set_root(tag.name) : document_.set_fragment(tag.name);
  frame.element = &root;
  place(root, tag.begin);
  check_namespace(tag, root);
  if (options_.schema != nullptr && resource) frame.type = options_.schema->resource(tag.name);
  if (resource && !upper(tag.name)) {
    finding(root, "xml-resource", "the root element is no resource", true);
  }
  read_attributes(tag, root, nullptr);
  frames_.push_back(frame);
  return true;
}

bool TreeBuilder::start_child(const StartTag& tag) {
  Frame& frame = frames_.back();
  if (!frame.transparent && upper(tag.name) && holds_resource(frame.element->name())) {
    return start_resource(tag, frame);
  }
  if (tag.name == "div" && tag.name_space == xhtml_namespace) return start_div(tag, frame);

  const std::string_view name = name_of(tag);
  std::optional<Schema::Member> member;
  if (options_.schema != nullptr && frame.type != Schema::no_type) {
    member = options_.schema->member(frame.type, name);
  }
  const Kind kind = member && is_primitive(member->kind) ? Kind::null : Kind::complex;
  Element& child = add(*frame.element, name, {}, kind);
  place(child, tag.begin);
  check_namespace(tag, child);
  if (name == "div" && tag.name_space == fhir_namespace) {
    finding(child, "xml-narrative", "a narrative must be in the XHTML namespace", true);
  }
  if (member) {
    document_.annotate(child, member->definition, member->type);
    document_.set_listed(child, member->list);
    check_order(frame, child, member->order);
    if (member->attribute) {
      finding(child, "xml-attribute", "this must be an attribute, not an element");
    }
  }
  read_attributes(tag, child, member ? &*member : nullptr);
  Frame inner;
  inner.element = &child;
  inner.type = member ? member->type : Schema::no_type;
  frames_.push_back(inner);
  return true;
}

// <contained><Patient>: one element of the tree, which is both.
bool TreeBuilder::start_resource(const StartTag& tag, Frame& frame) {
  Element& element = *frame.element;
  if (element.resource()) {
    finding(element, "xml-resource", "only one resource may stand here", true);
  } else {
    if (element.has_children()) {
      finding(element, "xml-resource", "a resource must stand alone here", true);
    }
    document_.set_resource_type(element, tag.name);
  }
  check_namespace(tag, element);
  Frame inner;
  inner.element = &element;
  inner.transparent = true;
  if (options_.schema != nullptr) inner.type = options_.schema->resource(tag.name);
  read_attributes(tag, element, nullptr);
  frames_.push_back(inner);
  return true;
}

bool TreeBuilder::start_div(const StartTag& tag, Frame& frame) {
  std::optional<Schema::Member> member;
  if (options_.schema != nullptr && frame.type != Schema::no_type) {
    member = options_.schema->member(frame.type, "div");
  }
  Element& div = add(*frame.element, "div", {}, Kind::string);
  place(div, tag.begin);
  if (member) {
    document_.annotate(div, member->definition, member->type);
    check_order(frame, div, member->order);
  }
  div_depth_ = 1;
  div_begin_ = tag.begin;
  div_rewritten_ = !tag.prefix.empty() || !tag.declares_default;
  div_text_.clear();
  div_names_.clear();
  if (div_rewritten_) {
    append_start(div_text_, tag, true);
    div_names_.emplace_back(tag.name);
  }
  return true;
}

void TreeBuilder::start_nested(const StartTag& tag) {
  ++div_depth_;
  if (!div_rewritten_) return;
  append_start(div_text_, tag, false);
  div_names_.emplace_back(tag.name);
}

void TreeBuilder::read_attributes(const StartTag& tag, Element& element,
                                  const Schema::Member* member) {
  const bool extension = element.name() == "extension" || element.name() == "modifierExtension";
  for (const Attribute& attribute : tag.attributes) {
    const bool plain = attribute.name_space.empty();
    if (plain && attribute.name == "value" && !element.resource()) {
      const Kind kind =
          member != nullptr && is_primitive(member->kind) ? member->kind : Kind::string;
      document_.set_value(element, attribute.value, kind);
    } else if (plain && !element.resource() &&
               (attribute.name == "id" || (attribute.name == "url" && extension))) {
      Element& child = add(element, attribute.name == "id" ? "id" : "url",
                           document_.store(attribute.value), Kind::string);
      document_.place(child, element.line(), element.column());
    } else if (attribute.name_space != "http://www.w3.org/2001/XMLSchema-instance") {
      finding(element, "xml-attribute", "an attribute that FHIR does not know");
    }
  }
}

bool TreeBuilder::end(std::size_t end) {
  if (div_depth_ == 0) {
    frames_.pop_back();
    return true;
  }
  if (div_rewritten_) {
    div_text_ += "</" + div_names_.back() + ">";
    div_names_.pop_back();
  }
  if (--div_depth_ > 0) return true;
  Element& div = document_.edit(*frames_.back().element->last_child());
  document_.view_value(
      div, div_rewritten_ ? document_.store(div_text_) : text_.substr(div_begin_, end - div_begin_),
      Kind::string);
  return true;
}

bool TreeBuilder::text(std::string_view text) {
  if (div_depth_ > 0) {
    if (div_rewritten_) append_escaped(div_text_, text, false);
    return true;
  }
  if (!blank(text) && !frames_.empty()) {
    finding(*frames_.back().element, "xml-text", "text must not stand between elements");
  }
  return true;
}

bool TreeBuilder::comment(std::string_view text) {
  if (div_depth_ > 0 && div_rewritten_) {
    div_text_ += "<!--";
    div_text_ += text;
    div_text_ += "-->";
  }
  return true;
}

void TreeBuilder::check_order(Frame& frame, const Element& child, std::uint16_t order) {
  const bool behind = child.next() != nullptr;  // its siblings were separated
  if (order < frame.order || behind) {
    finding(child, "xml-order", "this element is out of order");
  }
  frame.order = std::max(frame.order, order);
}

void TreeBuilder::check_namespace(const StartTag& tag, const Element& element) {
  if (tag.name_space == fhir_namespace) return;
  finding(element, "xml-namespace",
          tag.name_space.empty() ? "the FHIR namespace is missing"
                                 : "an element of a foreign namespace");
}

// The name as a view of the source, which lives as long as the tree.
std::string_view TreeBuilder::name_of(const StartTag& tag) const {
  const std::size_t prefix = tag.prefix.empty() ? 0 : tag.prefix.size() + 1;
  return text_.substr(tag.begin + 1 + prefix, tag.name.size());
}

// As the last child, or beside the siblings of the same name. `name` must outlive the tree.
Element& TreeBuilder::add(Element& parent, std::string_view name, std::string_view value,
                          Kind kind) {
  const Element* const last = parent.last_child();
  if (last != nullptr && last->name() == name) {
    return document_.link(parent, name, value, kind, last->index() + 1);
  }
  if (parent.first(name) == nullptr) return document_.link(parent, name, value, kind, 0);
  Element& child = document_.append(parent, name, {}, kind);
  document_.view_value(child, value, kind);
  return child;
}

void TreeBuilder::place(Element& element, std::size_t offset) {
  move_to(offset);
  document_.place(element, line_, static_cast<std::uint32_t>(offset - line_begin_) + 1);
}

void TreeBuilder::move_to(std::size_t offset) {
  while (counted_ < offset) {
    const std::size_t feed = text_.substr(0, offset).find('\n', counted_);
    if (feed == std::string_view::npos) break;
    ++line_;
    counted_ = line_begin_ = feed + 1;
  }
  counted_ = std::max(counted_, offset);
}

bool TreeBuilder::fatal(IssueCode code, std::string_view rule, std::string_view why,
                        std::size_t offset) {
  move_to(offset);
  Issue issue;
  issue.severity = Severity::fatal;
  issue.code = code;
  issue.rule = rule;
  issue.line = line_;
  issue.column = offset >= line_begin_ ? static_cast<std::uint32_t>(offset - line_begin_) + 1 : 1;
  issue.diagnostics = why;
  if (!frames_.empty()) issue.path = path_of(*frames_.back().element);
  issues_.add(std::move(issue));
  return false;
}

void TreeBuilder::finding(const Element& element, std::string_view rule, std::string_view why,
                          bool always_error) {
  Issue issue;
  issue.severity = options_.strict || always_error ? Severity::error : Severity::warning;
  issue.code = IssueCode::structure;
  issue.rule = rule;
  issue.line = element.line();
  issue.column = element.column();
  issue.path = path_of(element);
  issue.diagnostics = why;
  issues_.add(std::move(issue));
}

}  // namespace cpis::fhir::xml
