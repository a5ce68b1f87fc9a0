#include "adapters/social_care/json/json_tree.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <array>

namespace cpis::social_care {
namespace {

using Kind = JsonNode::Kind;

std::size_t line_at(std::string_view text, std::size_t offset) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  return 1 + static_cast<std::size_t>(std::count(text.begin(), end, '\n'));
}

// Builds the tree from the reader's events. Lines are counted as the reader moves on, so that the
// whole costs one pass.
class Builder {
 public:
  using Ch = char;

  Builder(std::string_view text, const rapidjson::MemoryStream& stream, std::size_t nodes_max)
      : text_{text}, stream_{stream}, nodes_left_{nodes_max} {}

  bool Null() { return put(Kind::null) != nullptr; }
  bool Bool(bool value) {
    JsonNode* node = put(Kind::boolean);
    if (node != nullptr) node->truth = value;
    return node != nullptr;
  }
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
    JsonNode& object = *open_.back();
    if (std::find(object.names.begin(), object.names.end(), name) != object.names.end())
      return refuse("a member name is repeated");
    object.names.emplace_back(name);
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

  std::size_t line() {
    const std::size_t here = std::min(stream_.Tell(), text_.size());
    if (here > counted_) {
      const auto from = text_.begin() + static_cast<std::ptrdiff_t>(counted_);
      const auto to = text_.begin() + static_cast<std::ptrdiff_t>(here);
      line_ += static_cast<std::size_t>(std::count(from, to, '\n'));
      counted_ = here;
    }
    return line_;
  }

  JsonNode* put(Kind kind) {
    if (nodes_left_ == 0) {
      refuse("too many values");
      return nullptr;
    }
    --nodes_left_;
    JsonNode* node = &root_;
    if (!open_.empty()) node = &open_.back()->items.emplace_back();
    node->kind = kind;
    node->line = line();
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

  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  const rapidjson::MemoryStream& stream_;
  std::size_t nodes_left_;
  std::size_t counted_ = 0;
  std::size_t line_ = 1;
  JsonNode root_;
  std::vector<JsonNode*> open_;
  std::string problem_;
};

}  // namespace

const JsonNode* JsonNode::find(std::string_view name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  const auto index = static_cast<std::size_t>(found - names.begin());
  return index < items.size() && index < names.size() ? &items[index] : nullptr;
}

std::string_view JsonNode::text_of(std::string_view name) const {
  const JsonNode* node = find(name);
  return node != nullptr && node->kind == Kind::string ? std::string_view{node->text}
                                                       : std::string_view{};
}

Result<JsonNode> read_json(std::string_view text, std::size_t nodes_max) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  constexpr unsigned flags = rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::MemoryStream stream{text.data(), text.size()};
  Builder builder{text, stream, nodes_max};
  rapidjson::Reader reader;
  if (reader.Parse<flags>(stream, builder)) return builder.take();
  const std::string why = builder.problem().empty()
                              ? rapidjson::GetParseError_En(reader.GetParseErrorCode())
                              : builder.problem();
  return Error{ErrorKind::bad_input,
               "line " + std::to_string(line_at(text, reader.GetErrorOffset())) + ": " + why};
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
