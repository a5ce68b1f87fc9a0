#include "gateway/net/fresh_connector.h"

#include <utility>

#include "gateway/net/file_stamp.h"
#include "gateway/observe/log.h"

namespace cpis::net {

FreshConnector::FreshConnector(TlsClientSettings settings, std::string stamp,
                               std::shared_ptr<TlsConnector> connector)
    : settings_{std::move(settings)},
      stamp_{std::move(stamp)},
      connector_{std::move(connector)},
      looked_at_{steady_now()} {}

Result<std::unique_ptr<FreshConnector>> FreshConnector::open(const TlsClientSettings& settings) {
  std::string stamp = stamp_of(settings);  // before they are read: a change meanwhile is seen later
  auto connector = TlsConnector::open(settings);
  if (!connector) return connector.error();
  return std::make_unique<FreshConnector>(settings, std::move(stamp), *std::move(connector));
}

std::string FreshConnector::stamp_of(const TlsClientSettings& settings) {
  return file_stamp({&settings.authority_file, &settings.certificate_file, &settings.key_file,
                     &settings.revocation_file});
}

std::shared_ptr<TlsConnector> FreshConnector::at(SteadyTime now) {
  const std::lock_guard lock{mutex_};
  if (now - looked_at_ < look_time) return connector_;
  looked_at_ = now;
  std::string stamp = stamp_of(settings_);
  if (stamp == stamp_) return connector_;
  stamp_ = std::move(stamp);
  auto opened = TlsConnector::open(settings_);
  if (opened) {
    connector_ = *std::move(opened);
    observe::log(observe::Level::info, "tls.certificate_replaced", {{"way", "out"}});
  } else {
    observe::log(observe::Level::error, "tls.certificate_not_replaced",
                 {{"way", "out"}, {"reason", opened.error().message}});
  }
  return connector_;
}

}  // namespace cpis::net
