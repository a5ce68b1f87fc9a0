#include "gateway/app/source.h"

#include <algorithm>
#include <utility>

#include "gateway/app/pds_line.h"
#include "gateway/app/plan_ids.h"
#include "gateway/app/source_settings.h"
#include "gateway/net/cpis_fhir_source.h"
#include "gateway/net/http_sender.h"
#include "gateway/net/jwt_signer.h"
#include "gateway/net/pds_source.h"
#include "gateway/net/spine_inbound.h"
#include "gateway/net/spine_lookup.h"
#include "gateway/net/spine_source.h"
#include "gateway/net/token_source.h"
#include "gateway/observe/log.h"
#include "gateway/observe/metric_family.h"

namespace cpis::app {
namespace {

using observe::add_metric;

constexpr std::size_t inbound_threads = 8;
constexpr std::size_t inbound_waiting_max = 2'000;
constexpr int calls_max = 3;

void log_fault(const char* what) {
  observe::log(observe::Level::error, "spine.inbound.fault", {{"reason", what}});
}

void add_circuit(std::string& out, net::CircuitBreaker::State state) {
  add_metric(out, "circuit_state", "gauge", "The way out: 0 closed (well), 1 open, 2 probing",
             static_cast<std::uint64_t>(state));
}

template <class Counts>
void add_failed(std::string& out, std::string_view name, const Counts& failed) {
  observe::MetricFamily family{name, "counter", "Could not be asked, by cause"};
  for (std::size_t i = 0; i < error_kinds; ++i) {
    family.add({"cause", name_of(static_cast<ErrorKind>(i))},
               static_cast<std::int64_t>(failed[i].load()));
  }
  out += family.text();
}

class EmbeddedSource final : public Source {
 public:
  explicit EmbeddedSource(registry::Register& registry) : registry_{registry} {}
  ProtectionSource& asked() override { return registry_; }
  registry::Register* local() override { return &registry_; }
  bool questions_can_be_repeated() const override { return true; }

 private:
  registry::Register& registry_;
};

// PDS in front of Spine, with its own connections, tokens and rate.
class ConfirmingPds {
 public:
  static Result<std::unique_ptr<ConfirmingPds>> open(const config::Settings& settings,
                                                     ProtectionSource& asked, const Clock& clock) {
    auto link = PdsLine::open(settings.pds, clock);
    if (!link) return link.error();
    std::unique_ptr<ConfirmingPds> made{nullptr};
    made.reset(new ConfirmingPds{*std::move(link), asked, clock});
    return made;
  }
  ProtectionSource& source() { return source_; }
  std::string metrics() const {
    std::string out;
    const net::PdsCounters& counts = source_.counters();
    add_metric(out, "pds_confirmed_total", "counter", "NHS numbers that PDS confirmed",
               counts.confirmed);
    add_metric(out, "pds_superseded_total", "counter", "Followed to the number in their place",
               counts.superseded);
    add_metric(out, "pds_restricted_total", "counter",
               "Found, and marked by PDS as restricted: the address must not be shown",
               counts.restricted);
    add_metric(out, "pds_unknown_total", "counter", "Not asked about: PDS knows nobody",
               counts.unknown);
    add_metric(out, "pds_unconfirmed_total", "counter", "Asked about without PDS",
               counts.unconfirmed);
    return out;
  }

 private:
  ConfirmingPds(std::unique_ptr<PdsLine> line, ProtectionSource& asked, const Clock& clock)
      : line_{std::move(line)}, source_{{}, line_->client(), asked, clock} {}

  std::unique_ptr<PdsLine> line_;
  net::PdsSource source_;
};

class SpineLeg final : public Source {
 public:
  static Result<std::unique_ptr<Source>> open(const config::Settings& settings,
                                              store::Database& database, const Clock& clock) {
    const config::SpineLink& link = settings.spine;
    auto sender = net::open_http_sender(
        sender_settings(link.tls, link.authority, settings.answer_time, link.threads));
    if (!sender) return sender.error();
    auto ids = PlanIds::open(database);
    if (!ids) return ids.error();
    std::unique_ptr<SpineLeg> leg{nullptr};
    leg.reset(new SpineLeg{link, *std::move(sender), clock});
    net::SpineSettings asking = spine_settings(link);
    asking.complete = [ids = *std::move(ids)](ProtectionRecord& record) { ids.fill(record); };
    auto source =
        net::SpineSource::open(std::move(asking), database, *leg->sender_, leg->lookup_, clock);
    if (!source) return source.error();
    leg->source_ = *std::move(source);
    if (!settings.pds.url.empty()) {
      auto confirming = ConfirmingPds::open(settings, *leg->source_, clock);
      if (!confirming) return confirming.error();
      leg->confirming_ = *std::move(confirming);
    }
    if (wants_inbound(settings)) {
      leg->inbound_ = std::make_unique<net::SpineInbound>(*leg->source_, leg->inbound_pool_);
    }
    return std::unique_ptr<Source>{std::move(leg)};
  }
  ~SpineLeg() override { close(); }

  ProtectionSource& asked() override {
    if (confirming_) return confirming_->source();
    return *source_;
  }
  // The store remembers each question and its one outcome, also over a restart.
  bool questions_can_be_repeated() const override { return true; }
  http::HttpHandler* inbound() override { return inbound_.get(); }
  void close() override {
    confirming_.reset();  // what waits there for PDS is asked now
    inbound_pool_.drain();
    source_.reset();
  }

  std::string metrics() const override {
    std::string out;
    if (!source_) return out;
    const net::SpineCounters& counts = source_->counters();
    add_metric(out, "spine_asked_total", "counter", "Questions put", counts.asked);
    add_metric(out, "spine_answered_total", "counter", "Answered with a record", counts.answered);
    add_metric(out, "spine_none_held_total", "counter", "None held", counts.none_held);
    add_metric(out, "spine_late_total", "counter", "Answers after the deadline", counts.late);
    add_metric(out, "spine_parked_total", "counter", "Messages that match nothing", counts.parked);
    add_metric(out, "spine_duplicates_total", "counter", "Came again", counts.duplicates);
    add_metric(out, "spine_resent_total", "counter", "Same bytes sent again", counts.resent);
    add_metric(out, "spine_repeated_questions_total", "counter", "Told their first outcome",
               counts.repeated_questions);
    add_metric(out, "spine_open_exchanges", "gauge", "Without an outcome",
               source_->open_exchanges());
    add_failed(out, "spine_failed_total", counts.failed);
    add_circuit(out, source_->circuit());
    if (confirming_) out += confirming_->metrics();
    return out;
  }

 private:
  SpineLeg(const config::SpineLink& link, std::unique_ptr<net::HttpSender> sender,
           const Clock& clock)
      : sender_{std::move(sender)},
        lookup_{sds_of(link), contract_of(link), *sender_, clock},
        inbound_pool_{net::WorkerPool::Settings{inbound_threads, inbound_waiting_max, log_fault}} {}

  std::unique_ptr<net::HttpSender> sender_;
  net::SpineLookup lookup_;
  net::WorkerPool inbound_pool_;
  std::unique_ptr<net::SpineSource> source_;
  std::unique_ptr<ConfirmingPds> confirming_;
  std::unique_ptr<net::SpineInbound> inbound_;
};

class FhirLeg final : public Source {
 public:
  static Result<std::unique_ptr<Source>> open(const config::Settings& settings,
                                              store::Database& database, const Clock& clock) {
    const config::CpisFhirLink& link = settings.cpis_fhir;
    net::CpisFhirSettings asking;
    asking.base_url = link.url;
    asking.patient_flag_form = link.patient_flag_form;
    // A question is up to three calls one after another: token, plans, looks. Together they must
    // not outlast the caller's patience.
    const auto call_time = std::max(std::chrono::seconds{1}, settings.answer_time / calls_max);
    auto sender =
        net::open_http_sender(sender_settings(link.tls, link.authority, call_time, asking.threads));
    if (!sender) return sender.error();
    auto ids = PlanIds::open(database);
    if (!ids) return ids.error();
    std::unique_ptr<FhirLeg> leg{new FhirLeg{*std::move(sender)}};
    auto token_of = leg->token_of(link, clock);
    if (!token_of) return token_of.error();
    if (leg->tokens_) {
      asking.token_refused = [tokens = leg->tokens_.get()](const std::string& token) {
        tokens->refused(token);
      };
    }
    leg->source_ =
        std::make_unique<net::CpisFhirSource>(asking, *leg->sender_, *std::move(token_of), clock);
    leg->asked_ = std::make_unique<SourceWithIds>(*leg->source_, *std::move(ids));
    return std::unique_ptr<Source>{std::move(leg)};
  }
  ~FhirLeg() override { close(); }

  ProtectionSource& asked() override { return *asked_; }
  // Nothing there remembers a question: asked again it would be a second look.
  bool questions_can_be_repeated() const override { return false; }
  void close() override { source_.reset(); }
  std::string metrics() const override {
    std::string out;
    if (!source_) return out;
    const net::CpisFhirCounters& counts = source_->counters();
    add_metric(out, "fhir_source_asked_total", "counter", "Questions put to the CP-IS FHIR API",
               counts.asked);
    add_metric(out, "fhir_source_answered_total", "counter", "Answered with a record",
               counts.answered);
    add_metric(out, "fhir_source_none_held_total", "counter", "None held", counts.none_held);
    add_failed(out, "fhir_source_failed_total", counts.failed);
    add_circuit(out, source_->circuit());
    return out;
  }

 private:
  explicit FhirLeg(std::unique_ptr<net::HttpSender> sender) : sender_{std::move(sender)} {}

  Result<net::CpisFhirSource::TokenOf> token_of(const config::CpisFhirLink& link,
                                                const Clock& clock) {
    if (link.callers_token) return net::CpisFhirSource::TokenOf{own_token};
    auto signer = net::JwtSigner::open(link.token_key);
    if (!signer) return signer.error();
    tokens_ = std::make_unique<net::TokenSource>(
        net::TokenSettings{link.token_url, link.token_api_key, link.token_key_id},
        *std::move(signer), *sender_, clock);
    return net::CpisFhirSource::TokenOf{
        [tokens = tokens_.get()](const ProtectionQuestion&) { return tokens->access_token(); }};
  }
  static Result<std::string> own_token(const ProtectionQuestion& question) {
    if (!question.user_token.empty()) return question.user_token;
    return Error{ErrorKind::forbidden,
                 "the CP-IS FHIR API is asked with the token of the person who looks, and this "
                 "request came without one"};
  }

  std::unique_ptr<net::HttpSender> sender_;
  std::unique_ptr<net::TokenSource> tokens_;  // of the application; null when callers bring theirs
  std::unique_ptr<net::CpisFhirSource> source_;
  std::unique_ptr<SourceWithIds> asked_;
};

}  // namespace

bool wants_inbound(const config::Settings& settings) {
  return settings.source == config::SourceKind::spine && settings.spine.inbound_tls.enabled();
}

Result<std::unique_ptr<Source>> Source::open(const config::Settings& settings,
                                             store::Database& database,
                                             registry::Register& registry, const Clock& clock) {
  if (settings.source == config::SourceKind::spine) {
    return SpineLeg::open(settings, database, clock);
  }
  if (settings.source == config::SourceKind::cpis_fhir) {
    return FhirLeg::open(settings, database, clock);
  }
  return std::unique_ptr<Source>{std::make_unique<EmbeddedSource>(registry)};
}

}  // namespace cpis::app
