#include "gateway/auth/strict_json.h"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <set>
#include <string>
#include <vector>

namespace cpis::auth {
namespace {

// Walks the text once: depth, and each member's name once in its object.
class Walker : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Walker> {
 public:
  bool StartObject() { return enter(); }
  bool StartArray() { return enter(); }
  bool EndObject(rapidjson::SizeType) { return leave(); }
  bool EndArray(rapidjson::SizeType) { return leave(); }
  bool Key(const char* name, rapidjson::SizeType size, bool) {
    return names_.back().insert(std::string{name, size}).second;
  }

 private:
  bool enter() {
    names_.emplace_back();
    return names_.size() <= json_depth_max;
  }
  bool leave() {
    names_.pop_back();
    return true;
  }
  std::vector<std::set<std::string>> names_;
};

}  // namespace

std::optional<JsonDocument> read_strict_json(std::string_view text) {
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::MemoryStream bytes{text.data(), text.size()};
  rapidjson::Reader reader;
  Walker walker;
  if (reader.Parse<flags>(bytes, walker).IsError()) return std::nullopt;
  Findings findings;
  auto document = spine::parse_json(text, findings);
  if (!document || !document->root().is_object()) return std::nullopt;
  return document;
}

}  // namespace cpis::auth
