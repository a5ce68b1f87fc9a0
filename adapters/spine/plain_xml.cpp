#include "adapters/spine/plain_xml.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace cpis::spine::detail {
namespace {

constexpr std::size_t name_bytes_max = 200;  // longer names are not plain
constexpr std::size_t bindings_max = 64;

// What a byte may be: one bit each, so that a run of bytes is judged by what was seen in it.
// Everything that needs a decision is `special`.
using Kinds = std::uint8_t;
constexpr Kinds name_kind = 1;   // in names and in text
constexpr Kinds other_kind = 2;  // in text only, and to be seen
constexpr Kinds blank_kind = 4;  // a space
constexpr Kinds tab_kind = 8;
constexpr Kinds line_kind = 16;
constexpr Kinds high_kind = 32;
constexpr Kinds quote_kind = 64;  // text, but for the value that it ends
constexpr Kinds special_kind = 128;

constexpr std::array<Kinds, 256> make_kinds() {
  std::array<Kinds, 256> kinds{};
  for (std::size_t c = 0; c < 256; ++c) {
    kinds[c] = c < 0x20 || c == 0x7F ? special_kind : c >= 0x80 ? high_kind : other_kind;
  }
  kinds[' '] = blank_kind;
  kinds['\t'] = tab_kind;
  kinds['\n'] = line_kind;
  for (const char c : {'"', '\''}) kinds[static_cast<unsigned char>(c)] = quote_kind;
  for (const char c : {'<', '&', ']'}) kinds[static_cast<unsigned char>(c)] = special_kind;
  for (char c = 'a'; c <= 'z'; ++c) kinds[static_cast<unsigned char>(c)] = name_kind;
  for (char c = 'A'; c <= 'Z'; ++c) kinds[static_cast<unsigned char>(c)] = name_kind;
  for (char c = '0'; c <= '9'; ++c) kinds[static_cast<unsigned char>(c)] = name_kind;
  for (const char c : {'-', '_', '.'}) kinds[static_cast<unsigned char>(c)] = name_kind;
  return kinds;
}
constexpr std::array<Kinds, 256> kinds = make_kinds();

Kinds kind_of(char c) { return kinds[static_cast<unsigned char>(c)]; }

bool starts_name(char c) {
  return kind_of(c) == name_kind && c != '-' && c != '.' && (c < '0' || c > '9');
}

struct QName {
  std::string_view prefix;
  std::string_view local;
  std::string_view whole;
};

struct Binding {
  std::string_view prefix;
  std::string_view uri;
};

struct Open {
  std::uint32_t node;
  std::string_view name;
  std::size_t bindings;  // how many there were before it
};

struct RawAttribute {
  QName name;
  std::string_view value;
};

// Each step is false at the first thing that is not plain.
class PlainReader {
 public:
  PlainReader(std::string_view bytes, const XmlLimits& limits, XmlTree& tree)
      : limits_{limits}, tree_{tree} {
    tree.expect(bytes.size());
    const std::string_view kept = tree.arena.keep_ended(bytes);
    at_ = kept.data();
    end_ = at_ + kept.size();
  }

  bool read() {
    if (!declaration()) return false;
    skip_blanks();
    if (!opens_element() || !start_tag()) return false;
    while (!open_.empty()) {
      if (!text()) return false;
      const bool ends = end_ - at_ > 1 && at_[1] == '/';
      if (ends ? !end_tag() : !opens_element() || !start_tag()) return false;
    }
    skip_blanks();
    return at_ == end_;
  }

 private:
  bool declaration();
  bool opens_element() const { return end_ - at_ > 1 && *at_ == '<' && starts_name(at_[1]); }
  bool start_tag();
  bool end_tag();
  bool text();
  bool name(QName& out);
  bool attribute(RawAttribute& out);
  bool bind(const RawAttribute& attribute);
  bool keep_attributes(XmlNode& node);
  bool resolve(std::string_view prefix, std::string_view& uri) const;
  bool run(char stop, std::string_view& out, Kinds& seen);
  bool entity(std::string& decoded);
  bool multi_byte();
  std::uint32_t link(XmlNode node);
  void skip_blanks() {
    for (; at_ != end_ && is_blank(*at_); ++at_) line_ += *at_ == '\n' ? 1U : 0U;
  }

  const XmlLimits& limits_;
  XmlTree& tree_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;  // where a zero byte stands, which is special: no run goes beyond
  std::uint32_t line_ = 1;
  std::vector<Open> open_;
  std::vector<Binding> bindings_;
  std::vector<RawAttribute> pending_;
};

// As machines write it, or not at all.
bool PlainReader::declaration() {
  constexpr std::array<std::string_view, 9> plain{
      R"(<?xml version="1.0" encoding="UTF-8"?>)",
      R"(<?xml version="1.0" encoding="utf-8"?>)",
      R"(<?xml version="1.0" encoding="UTF-8" ?>)",
      R"(<?xml version='1.0' encoding='UTF-8'?>)",
      R"(<?xml version='1.0' encoding='utf-8'?>)",
      R"(<?xml version="1.0"?>)",
      R"(<?xml version="1.0" encoding="UTF-8" standalone="no"?>)",
      R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)",
      R"(<?xml version='1.0'?>)"};
  const std::string_view rest{at_, static_cast<std::size_t>(end_ - at_)};
  if (!rest.starts_with("<?")) return true;
  for (const std::string_view one : plain) {
    if (!rest.starts_with(one)) continue;
    at_ += one.size();
    return true;
  }
  return false;
}

bool PlainReader::name(QName& out) {
  const char* const begin = at_;
  if (!starts_name(*begin)) return false;
  const char* at = begin + 1;
  while (kind_of(*at) == name_kind) ++at;
  const char* const colon = *at == ':' ? at : nullptr;
  if (colon != nullptr) {
    if (!starts_name(*++at)) return false;
    while (kind_of(*at) == name_kind) ++at;
    if (*at == ':') return false;
  }
  at_ = at;
  const auto length = static_cast<std::size_t>(at - begin);
  if (length > name_bytes_max || at == end_ || kind_of(*at) == high_kind) return false;
  out.whole = {begin, length};
  const auto before = colon == nullptr ? 0 : static_cast<std::size_t>(colon - begin);
  out.prefix = out.whole.substr(0, before);
  out.local = colon == nullptr ? out.whole : out.whole.substr(before + 1);
  return true;
}

// One character of two to four bytes, as XML allows it.
bool PlainReader::multi_byte() {
  const auto byte = [&](int i) { return static_cast<unsigned char>(at_[i]); };
  const unsigned lead = byte(0);
  const int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || end_ - at_ < length) return false;
  std::uint32_t code = lead & (0xFFU >> (length + 1));
  for (int i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return false;
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < least[static_cast<std::size_t>(length)] || code > 0x10FFFF) return false;
  if (surrogate || code == 0xFFFE || code == 0xFFFF) return false;
  at_ += length;
  return true;
}

bool PlainReader::entity(std::string& decoded) {
  struct Known {
    std::string_view name;
    char means;
  };
  constexpr std::array<Known, 5> known{Known{"&amp;", '&'}, Known{"&lt;", '<'}, Known{"&gt;", '>'},
                                       Known{"&quot;", '"'}, Known{"&apos;", '\''}};
  const std::string_view rest{at_,
                              static_cast<std::size_t>(std::min<std::ptrdiff_t>(end_ - at_, 6))};
  for (const Known& one : known) {
    if (rest.substr(0, one.name.size()) != one.name) continue;
    decoded += one.means;
    at_ += one.name.size();
    return true;
  }
  return false;
}

// Characters up to `stop` (`<` or a quote), which stays, and what kinds there were. A view of the
// document, or of the arena when an entity had to be decoded.
bool PlainReader::run(char stop, std::string_view& out, Kinds& seen) {
  const char* begin = at_;
  std::string decoded;
  seen = 0;
  for (;;) {
    const char* at = at_;
    Kinds kind = kind_of(*at);
    for (; (kind & (name_kind | other_kind | blank_kind)) != 0; kind = kind_of(*++at)) seen |= kind;
    at_ = at;
    if (*at == stop) break;
    seen |= kind;
    if (kind == high_kind) {
      if (!multi_byte()) return false;
    } else if (kind != special_kind) {
      line_ += kind == line_kind ? 1U : 0U;
      ++at_;
    } else {
      if (*at != '&') return false;
      decoded.append(begin, at);
      if (!entity(decoded)) return false;
      begin = at_;
    }
  }
  out = {begin, static_cast<std::size_t>(at_ - begin)};
  if (decoded.empty()) return true;
  decoded += out;
  out = tree_.arena.keep(decoded);
  return true;
}

bool PlainReader::text() {
  // Blanks between elements, also with carriage returns, are nobody's text.
  const char* const begin = at_;
  const std::uint32_t line = line_;
  skip_blanks();
  if (at_ == end_) return false;
  if (*at_ == '<') return true;
  at_ = begin;
  line_ = line;
  std::string_view found;
  Kinds seen = 0;
  if (!run('<', found, seen)) return false;
  if ((seen & ~(blank_kind | tab_kind | line_kind)) == 0) return true;
  XmlNode& node = tree_.nodes[open_.back().node];
  node.text =
      node.text.empty() ? found : tree_.arena.keep(std::string{node.text} + std::string{found});
  return true;
}

bool PlainReader::attribute(RawAttribute& out) {
  if (!name(out.name) || *at_ != '=') return false;
  ++at_;
  if (at_ == end_ || (*at_ != '"' && *at_ != '\'')) return false;
  const char quote = *at_++;
  Kinds seen = 0;
  if (!run(quote, out.value, seen)) return false;
  // Tabs and line ends in a value become blanks: not plain.
  if ((seen & (tab_kind | line_kind)) != 0) return false;
  ++at_;
  return true;
}

bool PlainReader::bind(const RawAttribute& attribute) {
  const std::string_view prefix =
      attribute.name.prefix.empty() ? std::string_view{} : attribute.name.local;
  const bool reserved = prefix.starts_with("xml") ||
                        attribute.value.starts_with("http://www.w3.org/XML/1998") ||
                        attribute.value.starts_with("http://www.w3.org/2000/xmlns");
  if (reserved || attribute.value.empty() || bindings_.size() >= bindings_max) return false;
  bindings_.push_back({prefix, attribute.value});
  return true;
}

bool PlainReader::resolve(std::string_view prefix, std::string_view& uri) const {
  for (auto at = bindings_.rbegin(); at != bindings_.rend(); ++at) {
    if (at->prefix != prefix) continue;
    uri = at->uri;
    return true;
  }
  return prefix.empty();  // no default namespace is fine, an unknown prefix is not
}

bool PlainReader::keep_attributes(XmlNode& node) {
  node.first_attribute = static_cast<std::uint32_t>(tree_.attributes.size());
  for (const RawAttribute& raw : pending_) {
    XmlAttribute kept{raw.name.local, {}, raw.value};
    if (raw.name.whole == "xml:lang") {
      kept.name_space = "http://www.w3.org/XML/1998/namespace";  // bound without being declared
    } else if (!raw.name.prefix.empty() && !resolve(raw.name.prefix, kept.name_space)) {
      return false;
    }
    for (std::size_t i = node.first_attribute; i < tree_.attributes.size(); ++i) {
      if (tree_.attributes[i].name == kept.name) return false;  // perhaps the same twice
    }
    tree_.attributes.push_back(kept);
  }
  node.attributes = static_cast<std::uint32_t>(pending_.size());
  return true;
}

std::uint32_t PlainReader::link(XmlNode node) {
  const auto index = static_cast<std::uint32_t>(tree_.nodes.size());
  if (!open_.empty()) {
    node.parent = open_.back().node;
    XmlNode& parent = tree_.nodes[node.parent];
    (parent.last_child == none ? parent.first_child : tree_.nodes[parent.last_child].next) = index;
    parent.last_child = index;
  }
  tree_.nodes.push_back(node);
  return index;
}

bool PlainReader::start_tag() {
  if (open_.size() >= limits_.depth_max || tree_.nodes.size() >= limits_.elements_max) return false;
  ++at_;
  QName element;
  if (!name(element)) return false;
  const std::size_t bindings = bindings_.size();
  pending_.clear();
  for (;;) {
    const char* const before = at_;
    skip_blanks();
    if (at_ == end_) return false;
    if (*at_ == '>' || *at_ == '/') break;
    RawAttribute raw;
    if (at_ == before || !attribute(raw)) return false;
    const bool declares = raw.name.whole == "xmlns" || raw.name.prefix == "xmlns";
    if (declares ? !bind(raw) : pending_.size() >= limits_.attributes_max) return false;
    for (std::size_t i = bindings; declares && i + 1 < bindings_.size(); ++i) {
      if (bindings_[i].prefix == bindings_.back().prefix) return false;
    }
    if (!declares) pending_.push_back(raw);
  }
  XmlNode node;
  node.name = element.local;
  node.line = line_;
  if (!resolve(element.prefix, node.name_space) || !keep_attributes(node)) return false;
  const std::uint32_t index = link(node);
  const bool empty = *at_ == '/';
  if (empty && (end_ - at_ < 2 || at_[1] != '>')) return false;
  at_ += empty ? 2 : 1;
  if (!empty) {
    open_.push_back({index, element.whole, bindings});
  } else {
    bindings_.resize(bindings);
  }
  return true;
}

bool PlainReader::end_tag() {
  const Open& open = open_.back();
  const std::string_view rest{at_ + 2, static_cast<std::size_t>(end_ - at_ - 2)};
  if (!rest.starts_with(open.name)) return false;
  at_ += 2 + open.name.size();
  skip_blanks();
  if (at_ == end_ || *at_ != '>') return false;
  ++at_;
  bindings_.resize(open.bindings);
  open_.pop_back();
  return true;
}

}  // namespace

std::unique_ptr<XmlTree> read_plain_xml(std::string_view bytes, const XmlLimits& limits) {
  auto tree = std::make_unique<XmlTree>();
  if (!PlainReader{bytes, limits, *tree}.read()) return nullptr;
  return tree;
}

}  // namespace cpis::spine::detail
