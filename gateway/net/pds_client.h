#pragma once

#include <mutex>
#include <string>

#include "adapters/spine/pds.h"
#include "gateway/net/http_sender.h"
#include "gateway/net/token_source.h"

namespace cpis::net {

/// At most so many calls a second, evenly spread, a burst of the same size allowed. Thread-safe.
class RateLimit {
 public:
  explicit RateLimit(int each_second)
      : interval_{Duration{std::chrono::seconds{1}} / each_second}, burst_{each_second} {}
  /// Takes a place, or says how long to wait for the next one (zero: taken).
  Duration take(Time now);
  /// The same without taking one.
  Duration wait(Time now);
  /// They ask to be left in peace until then.
  void rest_until(Time until);

 private:
  Time next_place(Time now) const;

  const Duration interval_;
  const int burst_;
  std::mutex mutex_;
  Time next_{};
  Time rest_until_{};
};

struct PdsSettings {
  std::string base_url;       ///< ends before `/Patient`
  std::string organisation;   ///< ODS code, sent as NHSD-End-User-Organisation-ODS
  int calls_each_second = 5;  ///< what PDS allows
};

/// Traces and confirms NHS numbers with the national demographics service. Blocks while it asks; a
/// call beyond the rate, or before the end of a 429's Retry-After (a minute at most), is `busy` and
/// not sent. Safe to call from many threads.
class PdsClient {
 public:
  PdsClient(PdsSettings settings, HttpSender& sender, TokenSource& tokens, const Clock& clock)
      : settings_{std::move(settings)},
        limit_{settings_.calls_each_second},
        sender_{sender},
        tokens_{tokens},
        clock_{clock} {}

  /// Confirms a number: the person, and whether another number has taken its place.
  Result<spine::PdsRead> read(const NhsNumber& number);
  /// How long it would wait for a place to ask, zero when there is one now.
  Duration wait() { return limit_.wait(clock_.now()); }
  /// Finds the one person with these traits; `conflict` when there are more.
  Result<spine::PdsPerson> trace(const spine::PdsTraits& traits);

 private:
  Result<HttpOutcome> get(const std::string& path);

  const PdsSettings settings_;
  RateLimit limit_;
  HttpSender& sender_;
  TokenSource& tokens_;
  const Clock& clock_;
};

}  // namespace cpis::net
