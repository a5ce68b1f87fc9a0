#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "gateway/net/sealed_text.h"

namespace cpis::fhir_api {

/// Where the websocket is, on the server of the FHIR base `base`, as its clients know it.
inline constexpr std::string_view websocket_path = "/subscriptions/websocket";
std::string websocket_url(std::string_view base);

/// How long a token may be used, once.
inline constexpr std::chrono::seconds websocket_token_life{60};
inline constexpr std::size_t websocket_bindings_max = 50;

/// What `$get-ws-binding-token` hands out: who may listen to which subscriptions.
struct WebsocketBinding {
  std::string client;  ///< name in the configuration
  Time expires{};
  std::string nonce;                       ///< one token, one use
  std::vector<std::string> subscriptions;  ///< ids
};

/// The token: sealed, so that it holds for this purpose only, on every gateway of the same store,
/// and says nothing to whoever sees it.
Result<std::string> seal_binding(const net::SealedText& seal, const WebsocketBinding& binding);
/// Nothing when it is not one of ours, or was changed. The time is the caller's to check.
std::optional<WebsocketBinding> open_binding(const net::SealedText& seal, std::string_view token);

}  // namespace cpis::fhir_api
