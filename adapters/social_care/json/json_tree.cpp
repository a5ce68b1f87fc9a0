#include "adapters/social_care/json/json_tree.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cpis::social_care {
namespace {

using Kind = JsonNode::Kind;

// What RapidJSON reads from: a file in pieces, with lines counted and a budget of bytes that the
// builder renews. Past the budget, and after a failed read, the text looks ended.
class TextStream {
 public:
  using Ch = char;

  explicit TextStream(Source& source) : source_{source}, buffer_(std::size_t{64} * 1024) {
    fill();
    const std::string_view head{buffer_.data(), std::min<std::size_t>(end_, 3)};
    if (head == "\xEF\xBB\xBF") at_ = 3;
  }

  Ch Peek() const { return at_ == end_ || budget_ == 0 ? '\0' : buffer_[at_]; }
  Ch Take() {
    const Ch c = Peek();
    if (at_ == end_ || budget_ == 0) return c;
    if (c == '\n') ++line_;
    ++at_;
    --budget_;
    if (at_ == end_) fill();
    return c;
  }
  std::size_t Tell() const { return 0; }
  // RapidJSON asks for these of streams that are parsed in place only.
  Ch* PutBegin() { return nullptr; }
  void Put(Ch) {}
  void Flush() {}
  std::size_t PutEnd(Ch*) { return 0; }

  std::size_t line() const { return line_; }
  void renew_budget() { budget_ = json_bytes_max; }
  bool too_long() const { return budget_ == 0; }
  bool failed() const { return failed_; }
  bool at_end() const { return at_ == end_; }

 private:
  void fill() {
    at_ = 0;
    const auto got = source_.read(buffer_);
    failed_ = failed_ || !got;
    end_ = got ? *got : 0;
  }

  Source& source_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::size_t budget_ = json_bytes_max;
  std::size_t line_ = 1;
  bool failed_ = false;
};

using TakeItem = std::function<void(const JsonNode& top, const JsonNode& item)>;

// Builds the tree from the reader's events.
class Builder {
 public:
  using Ch = char;

  Builder(TextStream& stream, std::size_t nodes_max)
      : stream_{stream}, nodes_max_{nodes_max}, nodes_left_{nodes_max} {}

  /// The objects of this member of the top object are given away and forgotten.
  void give_away(std::string_view list, const TakeItem& take) {
    list_ = list;
    take_ = &take;
  }

  bool Null() { return put(Kind::null) != nullptr; }
  bool Bool(bool value) {
    JsonNode* node = put(Kind::boolean);
    if (node != nullptr) node->truth = value;
    return node != nullptr;
  }
  // Numbers come as text (RawNumber).
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
  bool RawNumber(const char* value, rapidjson::SizeType size, bool) {
    return put_text(Kind::number, value, size);
  }
  bool String(const char* value, rapidjson::SizeType size, bool) {
    return put_text(Kind::string, value, size);
  }
  bool Key(const char* value, rapidjson::SizeType size, bool) {
    const std::string_view name{value, size};
    std::vector<std::string>& names = open_.back()->names;
    if (names.size() == json_members_max) return refuse("an object with too many members");
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      return refuse("a member name is repeated");
    }
    names.emplace_back(name);
    return true;
  }
  bool StartObject() { return open(Kind::object); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool StartArray() { return open(Kind::array); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  JsonNode take() { return std::move(root_); }
  const std::string& problem() const { return problem_; }

 private:
  bool refuse(std::string_view why) {
    problem_ = why;
    return false;
  }

  JsonNode* put(Kind kind) {
    if (nodes_left_ == 0) {
      refuse("too many values");
      return nullptr;
    }
    --nodes_left_;
    JsonNode* node = open_.empty() ? &root_ : &open_.back()->items.emplace_back();
    node->kind = kind;
    node->line = stream_.line();
    return node;
  }

  bool put_text(Kind kind, const char* value, rapidjson::SizeType size) {
    JsonNode* node = put(kind);
    if (node != nullptr) node->text.assign(value, size);
    return node != nullptr;
  }

  // Open containers are never moved: a parent only grows after its last child was closed.
  bool open(Kind kind) {
    if (open_.size() == json_depth_max) return refuse("nested too deeply");
    JsonNode* node = put(kind);
    if (node == nullptr) return false;
    open_.push_back(node);
    return true;
  }

  bool in_list() const {
    return take_ != nullptr && root_.kind == Kind::object && !root_.names.empty() &&
           root_.names.back() == list_;
  }

  bool close() {
    const JsonNode* closed = open_.back();
    open_.pop_back();
    if (!in_list() || closed->kind != Kind::object) return true;
    const bool alone = open_.size() == 1;
    const bool in_array = open_.size() == 2 && open_.back()->kind == Kind::array;
    if (!alone && !in_array) return true;
    (*take_)(root_, *closed);
    if (in_array) open_.back()->items.pop_back();
    nodes_left_ = nodes_max_;
    stream_.renew_budget();
    return true;
  }

  TextStream& stream_;
  std::size_t nodes_max_;
  std::size_t nodes_left_;
  std::string_view list_;
  const TakeItem* take_ = nullptr;
  JsonNode root_;
  std::vector<JsonNode*> open_;
  std::string problem_;
};

Status parse(TextStream& stream, Builder& builder) {
  constexpr unsigned flags = rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::Reader reader;
  const bool good = reader.Parse<flags>(stream, builder) && stream.at_end();
  if (good) return done;
  std::string why = builder.problem();
  if (stream.failed()) why = "the file could not be read";
  if (why.empty() && stream.too_long()) why = "too long";
  if (why.empty() && reader.HasParseError()) {
    why = rapidjson::GetParseError_En(reader.GetParseErrorCode());
  }
  if (why.empty()) why = "a NUL byte";
  return Error{ErrorKind::bad_input, "line " + std::to_string(stream.line()) + ": " + why};
}

}  // namespace

const JsonNode* JsonNode::find(std::string_view name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  const auto index = static_cast<std::size_t>(found - names.begin());
  return index < names.size() && index < items.size() ? &items[index] : nullptr;
}

std::string_view JsonNode::text_of(std::string_view name) const {
  const JsonNode* node = find(name);
  return node != nullptr && node->kind == Kind::string ? std::string_view{node->text}
                                                       : std::string_view{};
}

Result<JsonNode> read_json(std::string_view text, std::size_t nodes_max) {
  MemorySource source{"", std::string{text}};
  TextStream stream{source};
  Builder builder{stream, nodes_max};
  if (const Status good = parse(stream, builder); !good) return good.error();
  return builder.take();
}

Status read_json_list(Source& source, std::string_view list, std::size_t nodes_max,
                      const TakeItem& take) {
  TextStream stream{source};
  Builder builder{stream, nodes_max};
  builder.give_away(list, take);
  return parse(stream, builder);
}

std::string json_string(std::string_view text) {
  constexpr std::array<char, 16> hex{'0', '1', '2', '3', '4', '5', '6', '7',
                                     '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  std::string out{'"'};
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      out.append("\\u00").push_back(hex[byte >> 4U]);
      out.push_back(hex[byte & 0xFU]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

}  // namespace cpis::social_care
