#include "gateway/fhir_api/websocket_token.h"

#include <charconv>

namespace cpis::fhir_api {
namespace {

constexpr std::string_view purpose = "subscription-websocket";

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace

std::string websocket_url(std::string_view base) {
  constexpr std::string_view http = "http";
  constexpr std::string_view below_root = "/FHIR/R4";
  const std::size_t end = base.size() - (base.ends_with(below_root) ? below_root.size() : 0);
  return "ws" + std::string{base.substr(http.size(), end - http.size())} +
         std::string{websocket_path};
}

Result<std::string> seal_binding(const net::SealedText& seal, const WebsocketBinding& binding) {
  std::string text = binding.client + '\n' + std::to_string(to_micros(binding.expires)) + '\n' +
                     binding.nonce + '\n';
  for (const std::string& id : binding.subscriptions) text += id + '\n';
  return seal.seal(text, purpose);
}

std::optional<WebsocketBinding> open_binding(const net::SealedText& seal, std::string_view token) {
  const auto text = seal.open(token, purpose);
  if (!text) return std::nullopt;
  const std::vector<std::string> lines = lines_of(*text);
  constexpr std::size_t before_ids = 3;
  if (lines.size() <= before_ids) return std::nullopt;
  std::int64_t expires = 0;
  const std::string& micros = lines[1];
  const auto end = std::from_chars(micros.data(), micros.data() + micros.size(), expires);
  if (end.ec != std::errc{} || end.ptr != micros.data() + micros.size()) return std::nullopt;
  return WebsocketBinding{lines[0],
                          from_micros(expires),
                          lines[2],
                          {lines.begin() + static_cast<std::ptrdiff_t>(before_ids), lines.end()}};
}

}  // namespace cpis::fhir_api
