#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/finding.h"

namespace cpis::spine {

namespace detail {
struct JsonTree;
}  // namespace detail

/// A value of a JSON document, or nothing. All questions to nothing, or to a value of another type,
/// are answered with nothing. Valid as long as its document.
class JsonView {
 public:
  JsonView() = default;
  explicit JsonView(const void* value) : value_{value} {}

  explicit operator bool() const { return value_ != nullptr; }
  JsonView operator[](std::string_view member) const;
  JsonView at(std::size_t index) const;
  std::size_t size() const;  ///< of an array; 0 otherwise
  std::string_view text() const;
  std::string_view text(std::string_view member) const { return (*this)[member].text(); }
  std::optional<std::int64_t> integer() const;
  std::optional<bool> boolean() const;
  bool is_object() const;

 private:
  const void* value_ = nullptr;  ///< rapidjson::Value, which stays behind json.cpp
};

/// A parsed document. The small JSON of look-ups and tokens; FHIR resources that the product serves
/// are read elsewhere.
class JsonDocument {
 public:
  explicit JsonDocument(std::unique_ptr<detail::JsonTree> tree);
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();
  JsonView root() const;

 private:
  std::unique_ptr<detail::JsonTree> tree_;
};

inline constexpr std::size_t json_bytes_max = std::size_t{4} * 1024 * 1024;

/// Parses without recursion. Nothing and a fatal finding (JSON-SYNTAX, JSON-LIMIT) when it cannot.
std::optional<JsonDocument> parse_json(std::string_view bytes, Findings& findings);

/// A JSON string literal with its quotes.
std::string json_text(std::string_view text);

/// A value for a URL's query, percent-encoded (RFC 3986 unreserved characters stay).
std::string url_encoded(std::string_view text);

}  // namespace cpis::spine
