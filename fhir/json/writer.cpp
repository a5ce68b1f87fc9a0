#include "fhir/json/writer.h"

#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "fhir/json/scanner.h"

namespace cpis::fhir::json {
namespace {

using Member = std::optional<Schema::Member>;

class Writer {
 public:
  Writer(std::string& out, const WriteOptions& options) : out_{out}, options_{options} {}

  void element(const Element& element, Schema::TypeId type) {
    if (element.primitive()) {
      literal(element, element.kind());
    } else {
      object(element, type);
    }
  }

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
    out_ += '{';
    ++depth_;
    if (depth_ > write_depth_max) throw std::length_error{"a tree too deep to be FHIR"};
    bool first = true;
    if (element.resource()) {
      property("resourceType", first);
      write_string(out_, element.resource_type());
      if (options_.schema != nullptr) type = options_.schema->resource(element.resource_type());
    }
    for (const Element* at = element.first_child(); at != nullptr;) {
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
    out_ += '}';
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
    for (; at != nullptr && at->name() == start.name(); at = at->next()) {
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
        out_ += "null";
      }
    }
    close(']');
  }

  void literal(const Element& element, Kind kind) {
    const std::string_view value = element.value();
    const bool bare = (kind == Kind::number && is_number(value)) ||
                      (kind == Kind::boolean && (value == "true" || value == "false"));
    if (element.kind() == Kind::null) {
      out_ += "null";
    } else if (bare) {
      out_ += value;
    } else {
      write_string(out_, value);
    }
  }

  void property(std::string_view name, bool& first, bool underscore = false) {
    if (!first) out_ += ',';
    first = false;
    line();
    if (underscore) {
      std::string shadow{"_"};
      write_string(out_, shadow.append(name));
    } else {
      write_string(out_, name);
    }
    out_ += options_.pretty ? ": " : ":";
  }

  void open(char bracket) {
    out_ += bracket;
    ++depth_;
  }
  void item(bool first) {
    if (!first) out_ += ',';
    line();
  }
  void close(char bracket) {
    --depth_;
    line();
    out_ += bracket;
  }
  void line() {
    if (!options_.pretty) return;
    out_ += '\n';
    out_.append(depth_ * 2, ' ');
  }

  std::string& out_;
  const WriteOptions& options_;
  std::size_t depth_ = 0;
};

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

/// None of the next eight bytes needs an escape. May be wrong only by saying no.
bool all_plain(const char* at) {
  constexpr std::uint64_t ones = 0x0101010101010101ULL;
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  const std::uint64_t quote = word ^ (ones * '"');
  const std::uint64_t backslash = word ^ (ones * '\\');
  // A byte below the bound borrows; one above 0x7F is let through by `~word`.
  const std::uint64_t low = ((word - ones * 0x20) | (quote - ones) | (backslash - ones)) & ~word;
  return (low & (ones * 0x80)) == 0;
}

void append_escape(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4U];
      out += digits[static_cast<unsigned char>(c) & 0xFU];
  }
}

}  // namespace

void write_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t begin = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= sizeof(std::uint64_t) && all_plain(text.data() + at)) {
      at += sizeof(std::uint64_t);
    } else if (!needs_escape(text[at])) {
      ++at;
    } else {
      out.append(text, begin, at - begin);
      append_escape(out, text[at]);
      begin = ++at;
    }
  }
  out.append(text, begin);
  out += '"';
}

void write_to(std::string& out, const Element& element, const WriteOptions& options) {
  Writer{out, options}.element(element, Schema::no_type);
}

std::string write(const Element& element, const WriteOptions& options) {
  std::string out;
  write_to(out, element, options);
  return out;
}

}  // namespace cpis::fhir::json
