#include "fhir/validate/narrative.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <system_error>

namespace cpis::fhir {
namespace {

using namespace std::string_view_literals;

/// Names that begin with a small letter, told apart by it first: narratives have many.
template <std::size_t Count>
class NameSet {
 public:
  constexpr explicit NameSet(std::array<std::string_view, Count> names) : names_{names} {
    std::ranges::sort(names_);
    for (std::size_t letter = 0; letter < begins_.size(); ++letter) {
      const auto before = [letter](std::string_view name) {
        return static_cast<std::size_t>(name.front() - 'a') < letter;
      };
      begins_[letter] = static_cast<std::size_t>(std::ranges::count_if(names_, before));
    }
  }
  static constexpr std::size_t size() { return Count; }
  bool contains(std::string_view name) const {
    if (name.empty() || name.front() < 'a' || name.front() > 'z') return false;
    const auto letter = static_cast<std::size_t>(name.front() - 'a');
    const std::span of_letter{names_.data() + begins_[letter], names_.data() + begins_[letter + 1]};
    return std::ranges::find(of_letter, name) != of_letter.end();
  }

 private:
  std::array<std::string_view, Count> names_;
  std::array<std::size_t, 'z' - 'a' + 2> begins_{};
};

// Chapters 7 to 11 and 15 of HTML 4.0 without scripts, forms, frames and objects, plus `a` and
// `img`.
constexpr NameSet elements{std::array{
    "a"sv,          "abbr"sv,   "acronym"sv, "address"sv, "b"sv,     "bdo"sv,   "big"sv,
    "blockquote"sv, "br"sv,     "caption"sv, "cite"sv,    "code"sv,  "col"sv,   "colgroup"sv,
    "dd"sv,         "del"sv,    "dfn"sv,     "div"sv,     "dl"sv,    "dt"sv,    "em"sv,
    "h1"sv,         "h2"sv,     "h3"sv,      "h4"sv,      "h5"sv,    "h6"sv,    "hr"sv,
    "i"sv,          "img"sv,    "ins"sv,     "kbd"sv,     "li"sv,    "map"sv,   "area"sv,
    "ol"sv,         "p"sv,      "pre"sv,     "q"sv,       "samp"sv,  "small"sv, "span"sv,
    "strong"sv,     "sub"sv,    "sup"sv,     "table"sv,   "tbody"sv, "td"sv,    "tfoot"sv,
    "th"sv,         "thead"sv,  "tr"sv,      "tt"sv,      "ul"sv,    "var"sv,   "strike"sv,
    "u"sv,          "center"sv, "font"sv,    "bdi"sv}};
constexpr NameSet attributes{std::array{
    "abbr"sv,     "accesskey"sv,  "align"sv,       "alt"sv,         "axis"sv,       "bgcolor"sv,
    "border"sv,   "cellhalign"sv, "cellpadding"sv, "cellspacing"sv, "cellvalign"sv, "char"sv,
    "charoff"sv,  "charset"sv,    "cite"sv,        "class"sv,       "clear"sv,      "color"sv,
    "cols"sv,     "colspan"sv,    "compact"sv,     "coords"sv,      "dir"sv,        "face"sv,
    "frame"sv,    "headers"sv,    "height"sv,      "href"sv,        "hreflang"sv,   "hspace"sv,
    "id"sv,       "idref"sv,      "ismap"sv,       "label"sv,       "lang"sv,       "language"sv,
    "longdesc"sv, "name"sv,       "noshade"sv,     "nowrap"sv,      "rel"sv,        "rev"sv,
    "rows"sv,     "rowspan"sv,    "rules"sv,       "scope"sv,       "shape"sv,      "size"sv,
    "span"sv,     "src"sv,        "start"sv,       "style"sv,       "summary"sv,    "tabindex"sv,
    "target"sv,   "title"sv,      "type"sv,        "usemap"sv,      "valign"sv,     "value"sv,
    "vspace"sv,   "width"sv}};

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool name_end(char c) { return blank(c) || c == '>' || c == '/' || c == '=' || c == '<'; }

/// The number of a character that XML may have (XML 1.0, production Char).
bool is_character(std::string_view digits, std::uint32_t base) {
  std::uint32_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, static_cast<int>(base));
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return false;
  if (value < 0x20) return value == 0x9 || value == 0xA || value == 0xD;
  return value <= 0xD7FF || (value >= 0xE000 && value <= 0xFFFD) ||
         (value >= 0x10000 && value <= 0x10FFFF);
}

bool is_entity(std::string_view name) {
  constexpr std::array known{"lt"sv, "gt"sv, "amp"sv, "quot"sv, "apos"sv};
  if (std::ranges::find(known, name) != known.end()) return true;
  if (name.size() < 2 || name.front() != '#') return false;
  const bool hex = name[1] == 'x';
  return is_character(name.substr(hex ? 2 : 1), hex ? 16 : 10);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// `javascript:` and its like; browsers pass over blanks before it and the case of its letters.
bool is_script(std::string_view address) {
  while (!address.empty() && (blank(address.front()) || address.front() < ' ')) {
    address.remove_prefix(1);
  }
  return std::ranges::any_of(std::array{"javascript:"sv, "vbscript:"sv}, [&](auto scheme) {
    return std::ranges::equal(address.substr(0, scheme.size()), scheme, {}, lower);
  });
}

class Checker {
 public:
  explicit Checker(std::string_view text) : text_{text} {}

  NarrativeFaults run() {
    skip_blanks();
    if (!rest().starts_with("<div")) fail("does not start with <div");
    while (faults_.markup == nullptr && at_ < text_.size()) {
      if (text_[at_] == '<') {
        tag();
      } else {
        characters();
      }
    }
    if (faults_.markup == nullptr && depth_ > 0) fail("ends inside an element");
    if (faults_.markup == nullptr && !content_) {
      faults_.empty = "has neither text nor an image";
    }
    return faults_;
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }
  void fail(const char* why) {
    if (faults_.markup == nullptr) faults_.markup = why;
  }
  void forbid(const char* why) {
    if (faults_.content == nullptr) faults_.content = why;
  }
  void skip_blanks() {
    while (at_ < text_.size() && blank(text_[at_])) ++at_;
  }
  std::string_view name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !name_end(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  void tag() {
    if (rest().starts_with("<!--")) return skip_to("-->", 4);
    if (rest().starts_with("<![CDATA[")) {
      content_ = true;
      return skip_to("]]>", 9);
    }
    if (rest().starts_with("<!")) return fail("has a document type");
    if (rest().starts_with("<?")) return forbid_instruction();
    if (rest().starts_with("</")) return end_tag();
    start_tag();
  }

  void forbid_instruction() {
    forbid("has a processing instruction");
    skip_to("?>", 2);
  }

  void skip_to(std::string_view end, std::size_t from) {
    const std::size_t found = text_.find(end, at_ + from);
    if (found == std::string_view::npos) return fail("ends inside a comment");
    at_ = found + end.size();
  }

  void end_tag() {
    at_ += 2;
    const std::string_view found = name();
    skip_blanks();
    if (depth_ == 0 || found != open_[depth_ - 1]) return fail("has an end tag without its start");
    if (at_ >= text_.size() || text_[at_] != '>') return fail("has a broken end tag");
    ++at_;
    if (--depth_ == 0) {
      closed_ = true;
      skip_blanks();
      if (at_ < text_.size()) fail("goes on behind its div");
    }
  }

  void start_tag() {
    if (closed_) return fail("goes on behind its div");
    ++at_;
    const std::string_view found = name();
    if (found.empty()) return fail("has a < that starts no tag");
    if (depth_ == 0 && found != "div") return fail("does not start with <div");
    if (!elements.contains(found)) {
      forbid("has an element that is not allowed in a narrative");
    }
    if (found == "img") content_ = true;
    bool xmlns = false;
    seen_count_ = 0;
    skip_blanks();
    while (faults_.markup == nullptr && at_ < text_.size() && text_[at_] != '>' &&
           text_[at_] != '/') {
      attribute(found, xmlns);
      skip_blanks();
    }
    if (depth_ == 0 && !xmlns) fail("is not in the XHTML namespace");
    if (faults_.markup != nullptr) return;
    if (rest().starts_with("/>")) {
      at_ += 2;
      if (depth_ == 0) closed_ = true;
      return;
    }
    if (at_ >= text_.size() || text_[at_] != '>') return fail("has a broken start tag");
    ++at_;
    if (depth_ == open_.size()) return fail("is nested too deep");
    open_[depth_++] = found;
  }

  void attribute(std::string_view element, bool& xmlns) {
    const std::string_view found = name();
    skip_blanks();
    if (found.empty() || at_ >= text_.size() || text_[at_] != '=') {
      return fail("has an attribute without a value");
    }
    if (seen_before(found)) return fail("has an attribute twice");
    ++at_;
    skip_blanks();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    const std::size_t close =
        quote == '"' || quote == '\'' ? text_.find(quote, at_ + 1) : std::string_view::npos;
    if (close == std::string_view::npos) return fail("has an attribute without quotes");
    const std::string_view value = text_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    if (value.find('<') != std::string_view::npos) return fail("has a < in an attribute");
    if (found == "xmlns") {
      xmlns = value == "http://www.w3.org/1999/xhtml";
      if (!xmlns && depth_ > 0) fail("has an element that is not in the XHTML namespace");
      return;
    }
    check_attribute(element, found, value);
  }

  bool seen_before(std::string_view found) {
    const auto end = seen_.begin() + static_cast<std::ptrdiff_t>(seen_count_);
    if (std::find(seen_.begin(), end, found) != end) return true;
    if (seen_count_ < seen_.size()) seen_[seen_count_++] = found;
    return false;
  }

  void check_attribute(std::string_view element, std::string_view found, std::string_view value) {
    const bool known =
        attributes.contains(found) || found.starts_with("xml:") || found.starts_with("xmlns:");
    if (!known) forbid("has an attribute that is not allowed in a narrative");
    if (found == "href" && element != "a" && element != "area") {
      forbid("has an href where none is allowed");
    }
    if (found == "value" && element != "li") {
      forbid("has a value where none is allowed");
    }
    if ((found == "href" || found == "src" || found == "cite") && is_script(value)) {
      forbid("has a script as an address");
    }
    entities(value);
  }

  void characters() {
    const std::size_t end = std::min(text_.find('<', at_), text_.size());
    const std::string_view run = text_.substr(at_, end - at_);
    at_ = end;
    if (closed_ && !std::ranges::all_of(run, blank)) return fail("goes on behind its div");
    content_ = content_ || !std::ranges::all_of(run, blank);
    if (run.find("]]>") != std::string_view::npos) return fail("has a ]]> in its text");
    entities(run);
  }

  void entities(std::string_view run) {
    for (std::size_t at = run.find('&'); at != std::string_view::npos; at = run.find('&', at + 1)) {
      const std::size_t end = run.find(';', at);
      if (end == std::string_view::npos || !is_entity(run.substr(at + 1, end - at - 1))) {
        return fail("has an entity that XML does not know");
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::array<std::string_view, narrative_depth_max> open_;
  std::array<std::string_view, attributes.size()> seen_;  // of the tag that is read
  std::size_t seen_count_ = 0;
  std::size_t depth_ = 0;
  bool closed_ = false;
  bool content_ = false;
  NarrativeFaults faults_;
};

}  // namespace

NarrativeFaults check_narrative(std::string_view xhtml) { return Checker{xhtml}.run(); }

}  // namespace cpis::fhir
