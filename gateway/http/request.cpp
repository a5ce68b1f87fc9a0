#include "gateway/http/request.h"

#include <algorithm>
#include <utility>

namespace cpis::http {

namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

bool list_has(std::string_view list, std::string_view token) noexcept {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (same_name(trim(list.substr(0, comma)), token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

Request Request::make(std::string_view method, std::string_view target,
                      const std::vector<HeaderField>& headers, std::string body) {
  Request request;
  request.method_ = request.add(method);
  request.target_ = request.add(target);
  request.split_target(request.target_);
  for (const HeaderField& field : headers) request.add_header(field.name, field.value);
  request.body_ = std::move(body);
  return request;
}

Request::Slice Request::add(std::string_view bytes) {
  const Slice slice{static_cast<std::uint32_t>(text_.size()),
                    static_cast<std::uint32_t>(bytes.size())};
  text_ += bytes;
  return slice;
}

void Request::add_header(std::string_view name, std::string_view value) {
  const Slice name_at = add(name);
  const Slice value_at = add(value);
  if (host_.size == 0 && same_name(name, "Host")) host_ = value_at;
  headers_.push_back({name_at, value_at});
}

void Request::split_target(Slice at) {
  const std::string_view whole = text(at);
  const auto path_size = static_cast<std::uint32_t>(std::min(whole.find('?'), whole.size()));
  path_ = {at.at, path_size};
  query_ = path_size == at.size ? Slice{} : Slice{at.at + path_size + 1, at.size - path_size - 1};
}

HeaderField Request::header_at(std::size_t index) const {
  return {text(headers_[index].name), text(headers_[index].value)};
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const HeaderSlices& field : headers_) {
    if (same_name(text(field.name), name)) return text(field.value);
  }
  return std::nullopt;
}

std::vector<std::string_view> Request::headers(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const HeaderSlices& field : headers_) {
    if (same_name(text(field.name), name)) values.push_back(text(field.value));
  }
  return values;
}

const net::Peer& Request::peer() const {
  static const net::Peer nobody;
  return peer_ ? *peer_ : nobody;
}

}  // namespace cpis::http
