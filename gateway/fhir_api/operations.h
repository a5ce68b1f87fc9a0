#pragma once

#include <functional>
#include <memory>

#include "gateway/fhir_api/authenticate.h"
#include "gateway/fhir_api/live_events.h"
#include "gateway/fhir_api/message_pages.h"
#include "gateway/fhir_api/services.h"
#include "gateway/http/query_string.h"
#include "gateway/http/reply.h"
#include "gateway/net/counters.h"
#include "gateway/store/database.h"
#include "gateway/usecases/deliver_alerts.h"
#include "gateway/usecases/deliver_notices.h"
#include "gateway/usecases/handle_admission.h"
#include "gateway/usecases/receive_message.h"
#include "gateway/usecases/send_engine_alerts.h"
#include "gateway/usecases/tell_subscribers.h"

namespace cpis::fhir_api {

/// Pages for the people who run the gateway:
///
///     GET /health/live     the process answers
///     GET /health/ready    the store answers and nothing has failed; 503 otherwise
///     GET /metrics         Prometheus text
///     GET /admin/notices?state=waiting|delivered|acknowledged&council=&count=
///     GET /admin/notices/ID            opens a notice: who opens it is kept (header X-Opened-By)
///     GET /admin/notices/ID/openings   who has opened it
///     GET /admin/accesses?count=
///     GET /admin/messages          the inbox: counts, quarantined messages with reasons, and below
///                                  it the stored messages (message_pages.h)
///     GET /admin/alerts            the outbox: counts, deliveries that were given up
///     POST /admin/alerts/ID/send-again   another round of attempts for one of these
///     GET /admin/subscriptions     who is to be told what, where each stands, its events
///     GET /admin/events            counts as server-sent events, as they change (live_events.h)
///     GET /admin/work-list?council=&state=all   what councils' staff have to do
///     POST /admin/work-list            {"council":"E10","id":"...","do":"take"|"close"|"approve"}
///     GET /admin/attendances?patient=ID
///
/// /admin needs an admin client; answers are JSON and never hold names.
class Operations final : public http::HttpHandler {
 public:
  struct Parts {
    Services services;
    store::Database& database;
    registry::Register& registry;
    const usecases::ReceiveMessage& receive;
    const usecases::HandleAdmission& admission;
    const usecases::DeliverAlerts& alerts;
    const usecases::SendEngineAlerts& engines;
    const usecases::DeliverNotices& notices;
    const usecases::SubscriberCounts& subscribers;
    const store::ArrivalJournal* journal;  ///< may be absent
    std::function<void()> messages_wait;   ///< wakes whoever processes
    std::function<void()> alerts_wait;     ///< wakes whoever delivers
    std::function<const net::Counters*()> connections;
    std::function<std::string()> source_metrics;  ///< lines about the way out; may be empty
    std::function<std::size_t()> websockets;      ///< how many are open; may be empty
  };
  explicit Operations(const Parts& parts)
      : parts_{parts},
        authenticate_{parts.services.gatekeeper, parts.services.refusals},
        messages_{parts.database, parts.services.clock,
                  [services = parts.services](std::string_view feed) {
                    return reading_for(services.settings, services.mappings, feed);
                  },
                  parts.messages_wait} {}

  void handle(http::Request&& request, http::Reply&& reply) override;

  /// Of /admin/events; see there.
  LiveEvents& live() { return live_; }

 private:
  /// Who asks, for the pages that keep it.
  struct Asker {
    const auth::Identity& identity;
    std::string who;
    std::string source;
  };
  static Asker asker_of(const auth::Identity& identity, const http::Request& request);
  http::Response answer(std::string_view path, const http::QueryString& query,
                        const Asker& asker) const;
  http::Response act(std::string_view path, const http::QueryString& query, const std::string& body,
                     const Asker& asker) const;
  http::Response send_again(std::string_view below) const;
  http::Response one_notice(std::string_view rest, const Asker& asker) const;
  http::Response ready() const;
  std::string metrics() const;
  std::vector<usecases::FeedReceived> feeds() const;
  http::Response notices(const http::QueryString& query) const;
  http::Response accesses(const http::QueryString& query) const;
  http::Response messages() const;
  http::Response alerts() const;
  http::Response subscriptions() const;
  void add_subscription_metrics(std::string& out) const;
  std::string live_counts() const;
  http::Response work_list(const http::QueryString& query) const;
  http::Response attendances(const http::QueryString& query) const;

  Parts parts_;
  Authenticate authenticate_;
  const Time since_{parts_.services.clock.now()};
  LiveEvents live_{[this] { return live_counts(); }};
  MessagePages messages_;
};

}  // namespace cpis::fhir_api
