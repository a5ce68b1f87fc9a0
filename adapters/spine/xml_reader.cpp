#include "adapters/spine/xml_reader.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "adapters/spine/plain_xml.h"
#include "adapters/spine/xml_tree.h"

namespace cpis::spine {
namespace {

using detail::none;
using detail::trim;
using detail::XmlNode;
using detail::XmlTree;

std::string_view view_of(const xmlChar* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

// A split element that is being built: what to go back to when it ends.
struct OpenSplit {
  std::uint32_t node = none;
  std::uint32_t previous_sibling = none;
  std::size_t attributes = 0;
  detail::ArenaMark arena;
};

// Builds the tree from libxml2's SAX2 events. The parser never sees a callback that could load or
// define anything.
class Builder {
 public:
  Builder(const XmlLimits& limits, std::vector<std::string> split, XmlStream::OnElement on_element)
      : limits_{limits}, split_{std::move(split)}, on_element_{std::move(on_element)} {}

  XmlTree& tree() { return *tree_; }
  std::unique_ptr<XmlTree> take_tree() { return std::move(tree_); }
  void attach(xmlParserCtxtPtr context) {
    context_ = context;
    xmlDictReference(context->dict);
    tree_->names = {context->dict, xmlDictFree};
  }
  bool refused() const { return !rule_.empty(); }
  void refuse(std::string_view rule, std::string text) {
    if (refused()) return;
    rule_ = rule;
    text_ = std::move(text);
    line_ = line();
    xmlStopParser(context_);
  }
  Finding finding() const {
    if (refused()) return {Severity::fatal, rule_, "", line_, "", text_};
    return {Severity::fatal, "XML-SYNTAX", "", line(), "", "not well-formed XML"};
  }

  void start(const xmlChar* name, const xmlChar* uri, int count, const xmlChar** attributes);
  void end();
  void text(std::string_view piece) {
    if (!open_.empty()) pending_ += piece;
  }

 private:
  std::size_t line() const {
    const bool known = context_ != nullptr && context_->input != nullptr;
    return known ? static_cast<std::size_t>(std::max(context_->input->line, 0)) : 0;
  }
  void add_attributes(XmlNode& node, int count, const xmlChar** attributes);
  std::uint32_t link(XmlNode node);
  void flush_text();
  bool is_split(std::string_view name) const {
    return std::find(split_.begin(), split_.end(), name) != split_.end();
  }

  const XmlLimits limits_;
  std::vector<std::string> split_;
  XmlStream::OnElement on_element_;
  std::unique_ptr<XmlTree> tree_ = std::make_unique<XmlTree>();
  xmlParserCtxtPtr context_ = nullptr;
  std::vector<std::uint32_t> open_;
  std::string pending_;  // text of the innermost open element since the last tag
  std::optional<OpenSplit> splitting_;
  std::string rule_, text_;
  std::size_t line_ = 0;
};

void Builder::flush_text() {
  if (!open_.empty() && !trim(pending_).empty()) {
    XmlNode& node = tree_->nodes[open_.back()];
    if (!node.text.empty()) pending_.insert(0, node.text);
    node.text = tree_->arena.keep(pending_);
  }
  pending_.clear();
}

void Builder::add_attributes(XmlNode& node, int count, const xmlChar** attributes) {
  node.first_attribute = static_cast<std::uint32_t>(tree_->attributes.size());
  node.attributes = static_cast<std::uint32_t>(count);
  for (int i = 0; i < count; ++i, attributes += 5) {
    const auto* from = reinterpret_cast<const char*>(attributes[3]);
    const auto length = static_cast<std::size_t>(attributes[4] - attributes[3]);
    tree_->attributes.push_back(
        {view_of(attributes[0]), view_of(attributes[2]), tree_->arena.keep({from, length})});
  }
}

std::uint32_t Builder::link(XmlNode node) {
  const auto index = static_cast<std::uint32_t>(tree_->nodes.size());
  if (!open_.empty()) {
    node.parent = open_.back();
    XmlNode& parent = tree_->nodes[node.parent];
    if (parent.last_child == none) {
      parent.first_child = index;
    } else {
      tree_->nodes[parent.last_child].next = index;
    }
    parent.last_child = index;
  }
  tree_->nodes.push_back(node);
  return index;
}

void Builder::start(const xmlChar* name, const xmlChar* uri, int count,
                    const xmlChar** attributes) {
  if (refused()) return;
  if (open_.size() >= limits_.depth_max) return refuse("XML-LIMIT", "nested too deeply");
  if (tree_->nodes.size() >= limits_.elements_max) return refuse("XML-LIMIT", "too many elements");
  if (static_cast<std::size_t>(count) > limits_.attributes_max) {
    return refuse("XML-LIMIT", "too many attributes");
  }
  flush_text();
  const std::string_view local = view_of(name);
  if (!splitting_ && !open_.empty() && is_split(local)) {
    splitting_ = OpenSplit{static_cast<std::uint32_t>(tree_->nodes.size()),
                           tree_->nodes[open_.back()].last_child, tree_->attributes.size(),
                           tree_->arena.mark()};
  }
  XmlNode node;
  node.name = local;
  node.name_space = view_of(uri);
  node.line = static_cast<std::uint32_t>(line());
  add_attributes(node, count, attributes);
  open_.push_back(link(node));
}

void Builder::end() {
  if (refused() || open_.empty()) return;
  flush_text();
  const std::uint32_t index = open_.back();
  open_.pop_back();
  if (!splitting_ || splitting_->node != index) return;

  on_element_(XmlView{tree_.get(), index});
  XmlNode& parent = tree_->nodes[open_.back()];
  parent.last_child = splitting_->previous_sibling;
  if (parent.last_child == none) {
    parent.first_child = none;
  } else {
    tree_->nodes[parent.last_child].next = none;
  }
  tree_->nodes.resize(index);
  tree_->attributes.resize(splitting_->attributes);
  tree_->arena.back_to(splitting_->arena);
  splitting_.reset();
}

Builder& builder_of(void* context) { return *static_cast<Builder*>(context); }

void on_start(void* context, const xmlChar* name, const xmlChar*, const xmlChar* uri,
              int name_spaces, const xmlChar**, int count, int, const xmlChar** attributes) {
  if (name_spaces > 64) return builder_of(context).refuse("XML-LIMIT", "too many namespaces");
  builder_of(context).start(name, uri, count, attributes);
}
void on_end(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  builder_of(context).end();
}
void on_text(void* context, const xmlChar* text, int length) {
  builder_of(context).text({reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)});
}
void on_doctype(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  builder_of(context).refuse("XML-DTD", "a DOCTYPE is not accepted");
}

xmlSAXHandler handlers() {
  xmlSAXHandler sax{};
  sax.initialized = XML_SAX2_MAGIC;
  sax.startElementNs = on_start;
  sax.endElementNs = on_end;
  sax.characters = on_text;
  sax.ignorableWhitespace = on_text;
  sax.cdataBlock = on_text;
  sax.internalSubset = on_doctype;
  return sax;
}

// NOENT makes `&amp;` in an attribute arrive as `&`. It opens no door: a document that could
// declare an entity has a DOCTYPE, and is refused before that is read.
constexpr int parse_options =
    XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;

void prepare_library() {
  static std::once_flag once;
  std::call_once(once, xmlInitParser);
}

struct FreeContext {
  void operator()(xmlParserCtxtPtr context) const {
    // libxml2 keeps the entities of a DOCTYPE that it gave up on in a document of its own.
    if (context->myDoc != nullptr) xmlFreeDoc(context->myDoc);
    xmlFreeParserCtxt(context);
  }
};
using Context = std::unique_ptr<xmlParserCtxt, FreeContext>;

// Takes over the parser: our callbacks, our tree.
void connect(xmlParserCtxtPtr context, Builder& builder) {
  xmlCtxtUseOptions(context, parse_options);
  *context->sax = handlers();
  context->userData = &builder;
  builder.attach(context);
}

// The document, when all of it was read and none of it refused.
std::optional<XmlDocument> outcome(Builder& builder, xmlParserCtxtPtr context, Findings& findings) {
  if (builder.refused() || context->wellFormed == 0 || builder.tree().nodes.empty()) {
    findings.push_back(builder.finding());
    return std::nullopt;
  }
  return XmlDocument{builder.take_tree()};
}

}  // namespace

XmlDocument::XmlDocument(std::unique_ptr<detail::XmlTree> tree) : tree_{std::move(tree)} {}
XmlDocument::XmlDocument(XmlDocument&&) noexcept = default;
XmlDocument& XmlDocument::operator=(XmlDocument&&) noexcept = default;
XmlDocument::~XmlDocument() = default;
XmlView XmlDocument::root() const { return {tree_.get(), 0}; }

std::optional<XmlDocument> parse_xml(std::string_view bytes, Findings& findings,
                                     const XmlLimits& limits) {
  if (bytes.empty()) {
    findings.push_back({Severity::fatal, "XML-SYNTAX", "", 0, "", "there is no document"});
    return std::nullopt;
  }
  if (bytes.size() > limits.bytes_max) {
    findings.push_back({Severity::fatal, "XML-LIMIT", "", 0, "", "the document is too large"});
    return std::nullopt;
  }
  // Peers begin with an empty line, where XML wants its declaration to be the very first thing.
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && bytes.substr(first, 5) == "<?xml") {
    bytes.remove_prefix(first);
  }
  if (auto plain = detail::read_plain_xml(bytes, limits)) return XmlDocument{std::move(plain)};
  return detail::parse_by_library(bytes, findings, limits);
}

std::optional<XmlDocument> detail::parse_by_library(std::string_view bytes, Findings& findings,
                                                    const XmlLimits& limits) {
  prepare_library();
  Builder builder{limits, {}, {}};
  builder.tree().expect(bytes.size());
  const Context context{xmlCreateMemoryParserCtxt(bytes.data(), static_cast<int>(bytes.size()))};
  if (!context) {
    findings.push_back({Severity::fatal, "XML-SYNTAX", "", 0, "", "the document cannot be read"});
    return std::nullopt;
  }
  connect(context.get(), builder);
  xmlParseDocument(context.get());
  return outcome(builder, context.get(), findings);
}

struct XmlStream::State {
  Builder builder;
  Context context;
  std::size_t bytes_left;
  bool failed = false;
};

XmlStream::XmlStream(std::vector<std::string> split, OnElement on_element,
                     const XmlLimits& limits) {
  prepare_library();
  state_ = std::make_unique<State>(State{
      Builder{limits, std::move(split), std::move(on_element)},
      Context{xmlCreatePushParserCtxt(nullptr, nullptr, nullptr, 0, nullptr)}, limits.bytes_max});
  if (state_->context) {
    connect(state_->context.get(), state_->builder);
  } else {
    state_->failed = true;
  }
}
XmlStream::~XmlStream() = default;

bool XmlStream::push(std::string_view bytes) {
  if (state_->failed) return false;
  if (bytes.size() > state_->bytes_left) {
    state_->builder.refuse("XML-LIMIT", "the document is too large");
    state_->failed = true;
    return false;
  }
  state_->bytes_left -= bytes.size();
  constexpr std::size_t piece_bytes = 64 * 1024;
  for (std::size_t at = 0; at < bytes.size() && !state_->failed; at += piece_bytes) {
    const std::string_view piece = bytes.substr(at, piece_bytes);
    const int wrong =
        xmlParseChunk(state_->context.get(), piece.data(), static_cast<int>(piece.size()), 0);
    state_->failed = state_->builder.refused() || (wrong != 0 && state_->context->wellFormed == 0);
  }
  return !state_->failed;
}

std::optional<XmlDocument> XmlStream::finish(Findings& findings) {
  if (!state_->context) {
    findings.push_back({Severity::fatal, "XML-SYNTAX", "", 0, "", "the document cannot be read"});
    return std::nullopt;
  }
  if (!state_->failed) xmlParseChunk(state_->context.get(), nullptr, 0, 1);
  return outcome(state_->builder, state_->context.get(), findings);
}

XmlView XmlStream::root() const { return {&state_->builder.tree(), 0}; }

std::string_view XmlView::name() const { return tree_ ? tree_->nodes[index_].name : ""; }
std::string_view XmlView::name_space() const {
  return tree_ ? tree_->nodes[index_].name_space : "";
}
std::string_view XmlView::text() const { return tree_ ? trim(tree_->nodes[index_].text) : ""; }
std::size_t XmlView::line() const { return tree_ ? tree_->nodes[index_].line : 0; }

std::string_view XmlView::attr(std::string_view name) const {
  if (tree_ == nullptr) return {};
  const XmlNode& node = tree_->nodes[index_];
  for (std::uint32_t i = 0; i < node.attributes; ++i) {
    const auto& attribute = tree_->attributes[node.first_attribute + i];
    if (attribute.name == name) return trim(attribute.value);
  }
  return {};
}

std::optional<std::string_view> XmlView::attr(std::string_view name_space,
                                              std::string_view name) const {
  if (tree_ == nullptr) return std::nullopt;
  const XmlNode& node = tree_->nodes[index_];
  for (std::uint32_t i = 0; i < node.attributes; ++i) {
    const auto& attribute = tree_->attributes[node.first_attribute + i];
    if (attribute.name == name && attribute.name_space == name_space) return attribute.value;
  }
  return std::nullopt;
}

XmlView XmlView::first_child() const {
  if (tree_ == nullptr || tree_->nodes[index_].first_child == none) return {};
  return {tree_, tree_->nodes[index_].first_child};
}
XmlView XmlView::next() const {
  if (tree_ == nullptr || tree_->nodes[index_].next == none) return {};
  return {tree_, tree_->nodes[index_].next};
}
XmlView XmlView::parent() const {
  if (tree_ == nullptr || tree_->nodes[index_].parent == none) return {};
  return {tree_, tree_->nodes[index_].parent};
}

XmlView XmlView::child(std::string_view name) const {
  XmlView at = first_child();
  while (at && at.name() != name) at = at.next();
  return at;
}
XmlView XmlView::next_same() const {
  XmlView at = next();
  while (at && at.name() != name()) at = at.next();
  return at;
}
std::size_t XmlView::count(std::string_view name) const {
  std::size_t found = 0;
  for (XmlView at = first_child(); at; at = at.next()) found += at.name() == name ? 1U : 0U;
  return found;
}

XmlView XmlView::find(std::string_view name, int depth) const {
  if (!*this || this->name() == name) return *this;
  if (depth <= 0) return {};
  for (XmlView at = first_child(); at; at = at.next()) {
    if (const XmlView found = at.find(name, depth - 1)) return found;
  }
  return {};
}

std::string XmlView::path() const {
  std::string out;
  for (XmlView at = *this; at; at = at.parent()) {
    std::size_t before = 0;
    std::size_t all = 0;
    for (XmlView sibling = at.parent().first_child(); sibling; sibling = sibling.next()) {
      if (sibling.name() != at.name()) continue;
      ++all;
      if (sibling.index_ < at.index_) ++before;
    }
    std::string step = "/" + std::string{at.name()};
    if (all > 1) step += '[' + std::to_string(before + 1) + ']';
    out.insert(0, step);
  }
  return out;
}

}  // namespace cpis::spine
