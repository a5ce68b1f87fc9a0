#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "adapters/core/ports/clock.h"
#include "adapters/core/ports/protection_source.h"
#include "gateway/net/circuit_breaker.h"
#include "gateway/net/http_sender.h"
#include "gateway/net/worker_pool.h"

namespace cpis::net {

struct CpisFhirSettings {
  std::string base_url;            ///< ends before `/CareTeam`
  bool patient_flag_form = false;  ///< ask `/PatientFlag` in place of `/CareTeam`
  std::size_t threads = 16;
  std::size_t waiting_max = 2'000;
  int failures_max = 5;
  Duration rest = std::chrono::seconds{10};
  /// Told of a token that the API refused (401): the next one is another. Empty when nobody can get
  /// another, as with the token of whoever looks.
  std::function<void(const std::string&)> token_refused = {};
};

/// What became of the questions, from the start.
struct CpisFhirCounters {
  std::atomic<std::uint64_t> asked{0}, answered{0}, none_held{0};
  std::array<std::atomic<std::uint64_t>, error_kinds> failed{};  ///< by ErrorKind
};

/// The CP-IS FHIR API as a source of protection records: plans first, then earlier looks.
///
/// It is asked in a person's name with that person's token; a system's question is refused, because
/// the API allows no unattended access. The question for plans is sent once; only when no byte of
/// it left may the caller try again. A refused token is the exception: nobody listened, so the
/// question is put once more, under the same id and with a new token.
class CpisFhirSource final : public ProtectionSource {
 public:
  /// Gives the access token that the question is asked with: the application's, or the asker's own.
  using TokenOf = std::function<Result<std::string>(const ProtectionQuestion&)>;

  CpisFhirSource(CpisFhirSettings settings, HttpSender& sender, TokenOf token_of,
                 const Clock& clock);

  void ask(ProtectionQuestion question, Done answered) override;
  CircuitBreaker::State circuit() const { return breaker_.state(); }
  const CpisFhirCounters& counters() const { return counters_; }

 private:
  ProtectionAnswer answer(const ProtectionQuestion& question);
  ProtectionAnswer ask_with(std::string token, const ProtectionQuestion& question);
  void count(const ProtectionAnswer& answer);
  HttpOutcome get(const std::string& path, const ProtectionQuestion& question,
                  const std::string& token);

  const CpisFhirSettings settings_;
  HttpSender& sender_;
  const TokenOf token_of_;
  const Clock& clock_;
  CircuitBreaker breaker_;
  CpisFhirCounters counters_;
  WorkerPool pool_;
};

}  // namespace cpis::net
