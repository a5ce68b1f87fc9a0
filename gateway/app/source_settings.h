#pragma once

#include <chrono>
#include <optional>

#include "gateway/config/settings.h"
#include "gateway/net/http_sender.h"
#include "gateway/net/spine_lookup.h"
#include "gateway/net/spine_source.h"

// What the configuration says of the way out, in the words of gateway/net.

namespace cpis::app {

net::SenderSettings sender_settings(const config::TlsFiles& tls, const std::string& authority,
                                    std::chrono::seconds answer_time, std::size_t threads);
/// The manual contract, when there is one.
std::optional<spine::Contract> contract_of(const config::SpineLink& link);
net::SdsSettings sds_of(const config::SpineLink& link);
net::SpineSettings spine_settings(const config::SpineLink& link);

}  // namespace cpis::app
