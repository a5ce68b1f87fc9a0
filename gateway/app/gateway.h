#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "adapters/core/ports/clock.h"
#include "adapters/core/result.h"
#include "gateway/config/settings.h"
#include "gateway/register/register.h"
#include "gateway/store/database.h"

namespace cpis::app {

/// The whole running gateway, put together from a configuration.
///
///     auto gateway = Gateway::open(settings, clock);
///     if (gateway) (*gateway)->start(); ... (*gateway)->stop();
///
/// `open` opens the store, brings its schema up to date and loads what lives in memory; `start`
/// opens the doors; `stop` closes them, finishes what was promised and closes the store.
class Gateway {
 public:
  static Result<std::unique_ptr<Gateway>> open(const config::Settings& settings,
                                               const Clock& clock);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  Status start();
  void stop();
  /// Looks at once for replaced certificates and for keys of tokens that are due. After `start`.
  void reload();

  /// Ports that were really taken; 0 before `start`.
  std::uint16_t http_port() const;
  std::uint16_t feed_port(const std::string& feed) const;
  /// Of the listener that Spine brings answers to; 0 when there is none.
  std::uint16_t spine_port() const;

  store::Database& database();
  registry::Register& registry();

 private:
  struct Parts;
  explicit Gateway(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace cpis::app
