#include "fhir/json/writer.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "fhir/json/scanner.h"
#include "fhir/tree/same_name.h"

namespace cpis::fhir::json {
namespace {

constexpr std::uint64_t ones = 0x0101010101010101ULL;

template <class Word>
Word load(const char* at) {
  Word word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// What is inlined by force in this file is shorter than the call that -O2 would make of it.

/// Zero when none of the eight bytes needs an escape. May be wrong only by not being zero.
[[gnu::always_inline]] inline std::uint64_t escapes_in(std::uint64_t word) {
  const std::uint64_t quote = word ^ (ones * '"');
  const std::uint64_t backslash = word ^ (ones * '\\');
  // A byte below the bound borrows; one above 0x7F is let through by `~word`.
  return ((word - ones * 0x20) | (quote - ones) | (backslash - ones)) & ~word & (ones * 0x80);
}

/// Copies the text to where there is room for it. False when it needs an escape; then what is there
/// means nothing.
[[gnu::always_inline]] inline bool copy_plain(char* to, std::string_view text) {
  const char* const from = text.data();
  const std::size_t size = text.size();
  if (size >= 8) {
    const auto last = load<std::uint64_t>(from + size - 8);
    std::uint64_t escapes = escapes_in(last);
    for (std::size_t at = 0; at + 8 < size; at += 8) {
      const auto word = load<std::uint64_t>(from + at);
      escapes |= escapes_in(word);
      std::memcpy(to + at, &word, sizeof word);
    }
    std::memcpy(to + size - 8, &last, sizeof last);
    return escapes == 0;
  }
  if (size >= 4) {
    const auto front = load<std::uint32_t>(from);
    const auto back = load<std::uint32_t>(from + size - 4);
    std::memcpy(to, &front, sizeof front);
    std::memcpy(to + size - 4, &back, sizeof back);
    return escapes_in(front | std::uint64_t{back} << 32U) == 0;
  }
  bool plain = true;
  for (std::size_t at = 0; at < size; ++at) {
    to[at] = from[at];
    plain = plain && !needs_escape(from[at]);
  }
  return plain;
}

std::string_view escape_of(char c, char (&room)[6]) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    default:
      std::memcpy(room, "\\u00", 4);
      room[4] = digits[static_cast<unsigned char>(c) >> 4U];
      room[5] = digits[static_cast<unsigned char>(c) & 0xFU];
      return {room, sizeof room};
  }
}

/// The end of a string that is written to, a little longer than what is written so that most of
/// what follows needs no call. Cut to length by the destructor.
class Sink {
 public:
  Sink(std::string& out, std::size_t expected)
      : out_{out}, at_{out.size()}, step_{expected}, data_{out.data()}, end_{out.size()} {}
  ~Sink() { out_.resize(at_); }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  [[gnu::always_inline]] void put(char c) {
    need(1);
    data_[at_++] = c;
  }
  void put(std::string_view text) {
    need(text.size());
    std::memcpy(data_ + at_, text.data(), text.size());
    at_ += text.size();
  }
  void fill(std::size_t count, char c) {
    need(count);
    std::memset(data_ + at_, c, count);
    at_ += count;
  }

  /// In quotes, escaped.
  void quoted(std::string_view text) {
    need(text.size() + 2);
    char* const to = data_ + at_;
    *to = '"';
    if (!copy_plain(to + 1, text)) return quoted_slow(text);
    to[text.size() + 1] = '"';
    at_ += text.size() + 2;
  }

  /// `"name":`, behind a comma if need be.
  void name(std::string_view name, bool comma) {
    need(name.size() + 4);
    char* to = data_ + at_;
    if (comma) *to++ = ',';
    *to = '"';
    if (!copy_plain(to + 1, name)) return name_slow(name, comma);
    to += name.size() + 1;
    *to = '"';
    to[1] = ':';
    at_ = static_cast<std::size_t>(to - data_) + 2;
  }

 private:
  [[gnu::always_inline]] void need(std::size_t count) {
    if (end_ - at_ < count) [[unlikely]]
      grow(count);
  }

  // The bytes that are made room for are zeroed first, so never many more than are written.
  [[gnu::noinline]] void grow(std::size_t count) {
    end_ = at_ + std::max(count, step_);
    step_ = std::min(step_ * 2, largest_step);
    out_.resize(end_);
    data_ = out_.data();
  }

  void name_slow(std::string_view name, bool comma) {
    if (comma) put(',');
    quoted_slow(name);
    put(':');
  }

  void quoted_slow(std::string_view text) {
    put('"');
    while (!text.empty()) {
      const auto plain = static_cast<std::size_t>(
          std::find_if(text.begin(), text.end(), needs_escape) - text.begin());
      put(text.substr(0, plain));
      if (plain == text.size()) break;
      char room[6];
      put(escape_of(text[plain], room));
      text.remove_prefix(plain + 1);
    }
    put('"');
  }

  static constexpr std::size_t largest_step = std::size_t{64} * 1024;

  std::string& out_;
  std::size_t at_;    // what is written ends here
  std::size_t step_;  // how much room to make next
  char* data_;
  std::size_t end_;  // size of out_
};

// Most resources are shorter.
constexpr std::size_t usual_bytes = 1024;

using Member = std::optional<Schema::Member>;

class Writer {
 public:
  Writer(std::string& out, const WriteOptions& options)
      : out_{out, usual_bytes}, options_{options} {}

  void root(const Element& element) { plain(element); }

 private:
  // Adjacent siblings of one name.
  struct Group {
    const Element* first = nullptr;
    const Element* end = nullptr;
    Member member;
    bool list = false;
    bool values = false;   // at least one is no bare null
    bool shadows = false;  // at least one primitive has children
  };

  void object(const Element& element, Schema::TypeId type) {
    out_.put('{');
    ++depth_;
    if (depth_ > write_depth_max) throw std::length_error{"a tree too deep to be FHIR"};
    bool first = true;
    if (element.resource()) {
      property("resourceType", first);
      out_.quoted(element.resource_type());
      if (options_.schema != nullptr) type = options_.schema->resource(element.resource_type());
    }
    for (const Element* at = element.first_child(); at != nullptr;) {
      if (is_plain(*at)) {
        property(at->name(), first);
        plain(*at);
        at = at->next();
        continue;
      }
      const Group group = group_at(*at, type);
      if (group.values) {
        property(at->name(), first);
        values(group);
      }
      if (group.shadows) {
        property(at->name(), first, true);
        shadows(group);
      }
      at = group.end;
    }
    --depth_;
    if (!first) line();
    out_.put('}');
  }

  // Most are so: one alone, no array, with a value or children that say all.
  bool is_plain(const Element& element) const {
    if (options_.schema != nullptr || element.listed()) return false;
    if (element.primitive() && (element.kind() == Kind::null || element.has_children())) {
      return false;
    }
    return element.next() == nullptr || !same_name(element.next()->name(), element.name());
  }

  void plain(const Element& element) {
    if (element.primitive()) {
      literal(element, element.kind());
    } else {
      object(element, Schema::no_type);
    }
  }

  Group group_at(const Element& start, Schema::TypeId type) const {
    Group group;
    group.first = &start;
    if (options_.schema != nullptr && type != Schema::no_type) {
      group.member = options_.schema->member(type, start.name());
    }
    group.list = group.member && group.member->list;
    std::size_t count = 0;
    const Element* at = &start;
    for (; at != nullptr && same_name(at->name(), start.name()); at = at->next()) {
      ++count;
      group.list = group.list || at->listed();
      group.values = group.values || at->kind() != Kind::null;
      group.shadows = group.shadows || (at->primitive() && at->has_children());
    }
    // A null alone would vanish: an array of nulls says that there was one.
    if (!group.values && !group.shadows) group.values = group.list = true;
    group.list = group.list || count > 1;
    group.end = at;
    return group;
  }

  void values(const Group& group) {
    if (!group.list) {
      value(*group.first, group.member);
      return;
    }
    open('[');
    for (const Element* at = group.first; at != group.end; at = at->next()) {
      item(at == group.first);
      value(*at, group.member);
    }
    close(']');
  }

  void value(const Element& element, const Member& member) {
    if (element.primitive()) {
      literal(element, member && is_primitive(member->kind) && element.kind() != Kind::null
                           ? member->kind
                           : element.kind());
      return;
    }
    object(element, member ? member->type : Schema::no_type);
  }

  void shadows(const Group& group) {
    const Schema::TypeId type = group.member ? group.member->type : Schema::no_type;
    if (!group.list) {
      object(*group.first, type);
      return;
    }
    open('[');
    for (const Element* at = group.first; at != group.end; at = at->next()) {
      item(at == group.first);
      if (at->has_children()) {
        object(*at, type);
      } else {
        out_.put("null");
      }
    }
    close(']');
  }

  void literal(const Element& element, Kind kind) {
    const std::string_view value = element.value();
    if (kind == Kind::string && element.kind() == Kind::string) return out_.quoted(value);
    const bool bare = (kind == Kind::number && is_number(value)) ||
                      (kind == Kind::boolean && (value == "true" || value == "false"));
    if (element.kind() == Kind::null) {
      out_.put("null");
    } else if (bare) {
      out_.put(value);
    } else {
      out_.quoted(value);
    }
  }

  void property(std::string_view name, bool& first, bool underscore = false) {
    const bool comma = !first;
    first = false;
    if (!underscore && !options_.pretty) return out_.name(name, comma);
    if (comma) out_.put(',');
    line();
    if (underscore) {
      out_.quoted(std::string{"_"}.append(name));
    } else {
      out_.quoted(name);
    }
    out_.put(':');
    if (options_.pretty) out_.put(' ');
  }

  void open(char bracket) {
    out_.put(bracket);
    ++depth_;
  }
  void item(bool first) {
    if (!first) out_.put(',');
    line();
  }
  void close(char bracket) {
    --depth_;
    line();
    out_.put(bracket);
  }
  void line() {
    if (!options_.pretty) return;
    out_.put('\n');
    out_.fill(depth_ * 2, ' ');
  }

  Sink out_;
  const WriteOptions& options_;
  std::size_t depth_ = 0;
};

}  // namespace

void write_string(std::string& out, std::string_view text) {
  Sink{out, text.size() + 2}.quoted(text);
}

void write_to(std::string& out, const Element& element, const WriteOptions& options) {
  Writer{out, options}.root(element);
}

std::string write(const Element& element, const WriteOptions& options) {
  std::string out;
  write_to(out, element, options);
  return out;
}

}  // namespace cpis::fhir::json
