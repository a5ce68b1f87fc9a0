#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/core/ports/clock.h"
#include "adapters/spine/sds.h"
#include "gateway/net/http_sender.h"

namespace cpis::net {

struct SdsSettings {
  std::string base_url = {};  ///< empty: never asked, everything comes from `manual`
  std::string api_key = {};
  std::string spine_ods = "YES";               ///< the organisation whose system answers queries
  std::optional<spine::Pattern> pattern = {};  ///< in place of what SDS says
  Duration cache_time = std::chrono::hours{12};
  Duration stale_time =
      std::chrono::hours{24 * 7};  ///< how long an old answer serves while SDS is away
  /// After a failure SDS is left in peace: with an old answer so long, without one just for those
  /// who were waiting meanwhile.
  Duration rest_with_old = std::chrono::seconds{30}, rest_without = std::chrono::seconds{1};
};

/// Where and how to send an interaction: a manual contract, else SDS, kept for a while.
///
/// Blocks while SDS is asked. Safe to call from many threads; one of them asks, the others get the
/// old answer or wait.
class SpineLookup {
 public:
  SpineLookup(SdsSettings settings, std::optional<spine::Contract> manual, HttpSender& sender,
              const Clock& clock)
      : settings_{std::move(settings)},
        manual_{std::move(manual)},
        sender_{sender},
        clock_{clock} {}

  /// `service_interaction` is `urn:nhs:names:services:cpisquery:QUPC_IN000006GB01`.
  Result<spine::Contract> find(const std::string& service_interaction);
  /// The same where nothing has to be waited for; otherwise nothing. Does not block.
  std::optional<spine::Contract> find_kept(const std::string& service_interaction);

 private:
  struct Kept {
    spine::Contract contract;
    Time at{};
  };
  struct Failed {
    Error why;
    Time until{};
  };
  Result<spine::Contract> ask(const std::string& service_interaction);
  const Kept* fresh(const std::string& service_interaction, Time now) const;

  const SdsSettings settings_;
  const std::optional<spine::Contract> manual_;
  HttpSender& sender_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;
  std::map<std::string, Failed> failed_;
};

}  // namespace cpis::net
