#include "gateway/app/engines.h"

#include <memory>
#include <utility>

#include "gateway/mllp/mllp_client.h"

namespace cpis::app {

Result<std::vector<usecases::SendEngineAlerts::Destination>> engine_destinations(
    const config::Settings& settings) {
  std::vector<usecases::SendEngineAlerts::Destination> destinations;
  for (const config::Feed& feed : settings.feeds) {
    if (!feed.engine) continue;
    mllp::MllpClientSettings client;
    client.host = feed.engine->host;
    client.port = feed.engine->port;
    client.encrypted = feed.engine->encrypted;
    client.tls = {feed.engine->authority, feed.engine->tls.certificate, feed.engine->tls.key};
    auto opened = mllp::MllpClient::open(std::move(client));
    if (!opened) return opened.error();
    const std::shared_ptr<mllp::MllpClient> engine = *std::move(opened);
    store::RetryPolicy retry;
    retry.attempts_max = feed.engine->attempts_max;
    destinations.push_back(
        {feed.name, [engine](const std::string& message) { return engine->send(message); }, retry});
  }
  return destinations;
}

}  // namespace cpis::app
