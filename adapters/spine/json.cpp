#include "adapters/spine/json.h"

#include <rapidjson/document.h>

#include <utility>

namespace cpis::spine {
namespace detail {

struct JsonTree {
  rapidjson::Document document;
};

}  // namespace detail

namespace {

const rapidjson::Value* value_of(const void* value) {
  return static_cast<const rapidjson::Value*>(value);
}

constexpr unsigned parse_flags =
    rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

}  // namespace

JsonView JsonView::operator[](std::string_view member) const {
  const rapidjson::Value* value = value_of(value_);
  if (value == nullptr || !value->IsObject()) return JsonView{};
  const auto length = static_cast<rapidjson::SizeType>(member.size());
  const auto found = value->FindMember(rapidjson::Value{member.data(), length});
  return found == value->MemberEnd() ? JsonView{} : JsonView{&found->value};
}

JsonView JsonView::at(std::size_t index) const {
  const rapidjson::Value* value = value_of(value_);
  if (value == nullptr || !value->IsArray() || index >= value->Size()) return JsonView{};
  return JsonView{&(*value)[static_cast<rapidjson::SizeType>(index)]};
}

std::size_t JsonView::size() const {
  const rapidjson::Value* value = value_of(value_);
  return value != nullptr && value->IsArray() ? value->Size() : 0;
}

std::string_view JsonView::text() const {
  const rapidjson::Value* value = value_of(value_);
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

std::optional<std::int64_t> JsonView::integer() const {
  const rapidjson::Value* value = value_of(value_);
  if (value == nullptr || !value->IsInt64()) return std::nullopt;
  return value->GetInt64();
}

std::optional<bool> JsonView::boolean() const {
  const rapidjson::Value* value = value_of(value_);
  if (value == nullptr || !value->IsBool()) return std::nullopt;
  return value->GetBool();
}

bool JsonView::is_object() const {
  const rapidjson::Value* value = value_of(value_);
  return value != nullptr && value->IsObject();
}

JsonDocument::JsonDocument(std::unique_ptr<detail::JsonTree> tree) : tree_{std::move(tree)} {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;
JsonView JsonDocument::root() const { return JsonView{&tree_->document}; }

std::optional<JsonDocument> parse_json(std::string_view bytes, Findings& findings) {
  if (bytes.size() > json_bytes_max) {
    findings.push_back({Severity::fatal, "JSON-LIMIT", "", 0, "", "the document is too large"});
    return std::nullopt;
  }
  auto tree = std::make_unique<detail::JsonTree>();
  tree->document.Parse<parse_flags>(bytes.data(), bytes.size());
  if (tree->document.HasParseError()) {
    findings.push_back({Severity::fatal, "JSON-SYNTAX", "", 0,
                        "byte " + std::to_string(tree->document.GetErrorOffset()),
                        "not well-formed JSON"});
    return std::nullopt;
  }
  return JsonDocument{std::move(tree)};
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (code < 0x20) {
      constexpr std::string_view hex = "0123456789abcdef";
      out += "\\u00";
      out += hex[code >> 4U];
      out += hex[code & 15U];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string url_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    constexpr std::string_view hex = "0123456789ABCDEF";
    const auto code = static_cast<unsigned char>(c);
    out += '%';
    out += hex[code >> 4U];
    out += hex[code & 15U];
  }
  return out;
}

}  // namespace cpis::spine
