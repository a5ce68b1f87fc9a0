#include "gateway/fhir_api/operations.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/tree/document.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/council_pages.h"
#include "gateway/fhir_api/feed_metrics.h"
#include "gateway/http/http_server.h"
#include "gateway/observe/log.h"
#include "gateway/observe/metric_family.h"
#include "gateway/store/inbox_store.h"
#include "gateway/store/outbox_store.h"
#include "gateway/store/subscription_store.h"
#include "gateway/usecases/council_book.h"

namespace cpis::fhir_api {
namespace {

using fhir::Document;
using fhir::Element;
using fhir::Kind;
using observe::add_metric;
using registry::NoticeRow;

constexpr std::size_t rows_default = 100;
constexpr std::size_t rows_max = 1000;
constexpr std::size_t asker_bytes_max = 128;
constexpr std::string_view messages_path = "/admin/messages/";
constexpr std::string_view alerts_path = "/admin/alerts/";
constexpr std::string_view work_list_path = "/admin/work-list";
constexpr std::string_view again_path = "/send-again";

bool can_be_posted(std::string_view path) {
  return path.starts_with(messages_path) || path.starts_with(alerts_path) || path == work_list_path;
}

http::Response json_answer(const Document& doc, int status = 200) {
  http::Response response{status, "application/json", fhir::json::write(doc.root())};
  response.set("Cache-Control", "no-store");
  return response;
}

void add_number(Document& doc, Element& parent, std::string_view name, std::int64_t value) {
  doc.append(parent, name, std::to_string(value), Kind::number);
}

std::size_t rows_wanted(const http::QueryString& query) {
  const auto text = query.first("count");
  std::size_t count = rows_default;
  if (text) std::from_chars(text->data(), text->data() + text->size(), count);
  return std::min(count, rows_max);
}

std::string_view name_of(NoticeRow::State state) {
  return state == NoticeRow::State::waiting     ? "waiting"
         : state == NoticeRow::State::delivered ? "delivered"
                                                : "acknowledged";
}

void add_access(Document& doc, Element& row, const AccessEvent& access) {
  doc.append(row, "id", access.id);
  doc.append(row, "at", to_iso(access.at));
  doc.append(row, "nhs_number", access.person.masked());
  doc.append(row, "organisation", access.by.organisation_code);
  doc.append(row, "role", access.by.role_name);
  doc.append(row, "kind", access.by.kind == Caller::Kind::person ? "person" : "system");
}

}  // namespace

Operations::Asker Operations::asker_of(const auth::Identity& identity,
                                       const http::Request& request) {
  const auto named = request.header("X-Opened-By");
  Asker asker{identity, std::string{named.value_or("")}, identity.client};
  if (asker.who.empty()) asker.who = identity.caller.user_id;
  if (asker.who.empty()) asker.who = identity.client;
  if (asker.source.empty()) asker.source = "http";
  if (asker.who.size() > asker_bytes_max) asker.who.resize(asker_bytes_max);
  return asker;
}

void Operations::handle(http::Request&& request, http::Reply&& reply) {
  const std::string path{request.path()};
  const bool posts_work = path == work_list_path && request.method() == "POST";
  const bool acts = request.method() == "POST" && can_be_posted(path);
  if (!acts && request.method() != "GET" && request.method() != "HEAD") {
    http::Response response{405};
    response.set("Allow", path == work_list_path ? "GET, HEAD, POST" : "GET, HEAD");
    return reply.send(std::move(response));
  }
  // A page of another site cannot send this type without asking first.
  if (posts_work && !request.header("Content-Type").value_or("").starts_with("application/json")) {
    return reply.send(error_answer({ErrorKind::unsupported, "send application/json"}));
  }
  if (path == "/health/live") {
    return reply.send(http::Response{200, "application/json", R"({"status":"alive"})"});
  }
  auto who = std::make_shared<const auth::Identity>();
  if (path.starts_with("/admin/")) {
    auto identity = authenticate_.run(request);
    if (auto* refused = std::get_if<http::Response>(&identity)) {
      return reply.send(std::move(*refused));
    }
    who = std::get<auth::IdentityPtr>(std::move(identity));
    if (!who->admin) {
      return reply.send(error_answer({ErrorKind::forbidden, "only for an admin client"}));
    }
  }
  if (path == "/admin/events" && request.method() == "GET") return live_.add(std::move(reply));
  const auto query = http::QueryString::parse(request.query());
  if (!query) return reply.send(error_answer(query.error()));
  // These pages read from the store: not on the loop.
  http::offload(
      parts_.services.workers, std::move(request), std::move(reply),
      [this, path, query = *query, who, acts](http::Request&& taken, http::Reply&& later) {
        const Asker asker = asker_of(*who, taken);
        later.send(acts ? act(path, query, taken.body(), asker) : answer(path, query, asker));
      });
}

http::Response Operations::act(std::string_view path, const http::QueryString& query,
                               const std::string& body, const Asker& asker) const {
  if (path == work_list_path) return work_page(parts_, body, asker.who);
  if (path.starts_with(messages_path)) {
    return messages_.post(path.substr(messages_path.size()), query, asker.identity);
  }
  return send_again(path.substr(alerts_path.size()));
}

// `below` is ID/send-again.
http::Response Operations::send_again(std::string_view below) const {
  std::int64_t id = 0;
  const auto [end, problem] = std::from_chars(below.data(), below.data() + below.size(), id);
  if (problem != std::errc{} || std::string_view{end, below.data() + below.size()} != again_path) {
    return error_answer({ErrorKind::not_found, "there is no such delivery"});
  }
  const Time now = parts_.services.clock.now();
  const Status asked = parts_.database.write(
      [&](store::Session& session) { return store::OutboxStore{}.requeue(session, id, now); });
  if (!asked) return error_answer(asked.error());
  if (parts_.alerts_wait) parts_.alerts_wait();
  Document doc;
  doc.append(doc.set_fragment(""), "state", "waiting");
  return json_answer(doc);
}

http::Response Operations::answer(std::string_view path, const http::QueryString& query,
                                  const Asker& asker) const {
  constexpr std::string_view notices_page = "/admin/notices";
  if (path == "/health/ready") return ready();
  if (path == "/metrics") return {200, "text/plain; version=0.0.4", metrics()};
  if (path == notices_page) return notices(query);
  if (path.starts_with("/admin/notices/")) {
    return one_notice(path.substr(notices_page.size() + 1), asker);
  }
  if (path == "/admin/accesses") return accesses(query);
  if (path == "/admin/messages") {
    const bool wants_rows =
        query.first("state") || query.first("feed") || query.first("after") || query.first("count");
    return wants_rows ? messages_.list(query) : messages();
  }
  if (path.starts_with(messages_path)) {
    return messages_.get(path.substr(messages_path.size()), query, asker.identity);
  }
  if (path == "/admin/alerts") return alerts();
  if (path == "/admin/subscriptions") return subscriptions();
  if (path == work_list_path) return work_list(query);
  if (path == "/admin/attendances") return attendances(query);
  return error_answer({ErrorKind::not_found, "there is nothing here"});
}

http::Response Operations::one_notice(std::string_view rest, const Asker& asker) const {
  constexpr std::string_view openings = "/openings";
  if (rest.ends_with(openings)) {
    return notice_page(parts_, rest.substr(0, rest.size() - openings.size()), nullptr);
  }
  const usecases::Opener opener{asker.who, asker.source};
  return notice_page(parts_, rest, &opener);
}

http::Response Operations::ready() const {
  const Status reads = parts_.database.read([](store::Session& session) {
    return session.query("SELECT 1", {}, [](const store::Row&) -> Status { return done; });
  });
  const bool journal_failed = parts_.journal != nullptr && parts_.journal->failed();
  const bool failed = !reads || journal_failed || parts_.database.metrics().failed;
  Document doc;
  Element& root = doc.set_fragment("");
  doc.append(root, "status", failed ? "not ready" : "ready");
  doc.append(root, "store", failed ? "failed" : "answers");
  return json_answer(doc, failed ? 503 : 200);
}

std::string Operations::metrics() const {
  std::string out;
  const store::DatabaseMetrics store = parts_.database.metrics();
  const registry::RegisterView::Counts counts = parts_.registry.view().counts();
  const auto& received = parts_.receive.counts();
  const auto& admitted = parts_.admission.counts();
  add_metric(out, "messages_received_total", "counter", "HL7 v2 messages", received.received);
  add_metric(out, "messages_kept_total", "counter", "Kept and acknowledged", received.kept);
  add_metric(out, "messages_duplicate_total", "counter", "Held already", received.duplicates);
  add_metric(out, "messages_not_kept_total", "counter", "Closed unanswered", received.not_kept);
  add_metric(out, "messages_processed_total", "counter", "Understood", admitted.processed);
  add_metric(out, "messages_quarantined_total", "counter", "Put aside", admitted.quarantined);
  add_metric(out, "message_batches_total", "counter", "Committed together", admitted.batches);
  add_metric(out, "messages_behind_ms", "gauge", "Wait of the message being processed",
             static_cast<std::uint64_t>(admitted.behind_micros / 1000));
  add_metric(out, "messages_test_total", "counter", "Marked as tests, kept only", admitted.tests);
  add_metric(out, "checks_asked_total", "counter", "Arrivals checked", admitted.asked);
  add_metric(out, "checks_records_total", "counter", "A record is held", admitted.records);
  add_metric(out, "checks_none_held_total", "counter", "None is held", admitted.none_held);
  add_metric(out, "checks_could_not_total", "counter", "No answer", admitted.could_not);
  add_metric(out, "checks_review_total", "counter", "For a person", admitted.reviews);
  add_metric(out, "alerts_delivered_total", "counter", "Alerts", parts_.alerts.delivered());
  add_metric(out, "alerts_failed_total", "counter", "Attempts that failed", parts_.alerts.failed());
  add_subscription_metrics(out);
  add_metric(out, "notices_delivered_total", "counter", "Notices", parts_.notices.delivered());
  add_metric(out, "register_people", "gauge", "People with plans", counts.people);
  add_metric(out, "register_plans", "gauge", "Plans held", counts.plans);
  add_metric(out, "store_queue", "gauge", "Works waiting", store.queue_depth);
  add_metric(out, "store_batches_total", "counter", "Commits", store.batches);
  add_metric(out, "store_works_total", "counter", "Works committed", store.works);
  add_metric(out, "store_works_failed_total", "counter", "Works failed", store.works_failed);
  const auto& door = parts_.services.gatekeeper.counts();
  add_metric(out, "tokens_verified_total", "counter", "Signatures verified", door.verified);
  add_metric(out, "requests_unauthenticated_total", "counter", "Answered with 401", door.refused);
  add_metric(out, "requests_limited_total", "counter", "Answered with 429", door.limited);
  add_metric(out, "log_warnings_total", "counter", "Warnings or worse", observe::warnings_logged());
  add_metric(out, "live_readers", "gauge", "Readers of /admin/events", live_.readers());
  if (parts_.websockets) {
    add_metric(out, "websockets_open", "gauge", "Open websockets", parts_.websockets());
  }
  if (const net::Counters* doors = parts_.connections ? parts_.connections() : nullptr) {
    add_metric(out, "connections_open", "gauge", "Open connections", doors->open);
    add_metric(out, "connections_total", "counter", "Accepted connections", doors->accepted);
  }
  out += feed_metrics(parts_.database, parts_.journal, feeds(), parts_.engines.counts(),
                      parts_.services.clock.now());
  out += council_metrics(parts_);
  if (parts_.source_metrics) out += parts_.source_metrics();
  return out;
}

// A feed that nothing came in by is as old as this gateway: its silence must be seen too.
std::vector<usecases::FeedReceived> Operations::feeds() const {
  std::vector<usecases::FeedReceived> all = parts_.receive.feeds();
  for (const config::Feed& feed : parts_.services.settings.feeds) {
    const bool heard = std::ranges::any_of(
        all, [&](const usecases::FeedReceived& one) { return one.feed == feed.name; });
    if (heard) continue;
    usecases::FeedReceived silent;
    silent.feed = feed.name;
    silent.last_received = since_;
    all.push_back(std::move(silent));
  }
  return all;
}

http::Response Operations::notices(const http::QueryString& query) const {
  NoticeRow::State state = NoticeRow::State::waiting;
  const std::string_view asked = query.first("state").value_or("waiting");
  if (asked == "delivered") state = NoticeRow::State::delivered;
  if (asked == "acknowledged") state = NoticeRow::State::acknowledged;
  const auto rows =
      parts_.registry.notices(state, query.first("council").value_or(""), rows_wanted(query));
  if (!rows) return error_answer(rows.error());
  Document doc;
  Element& root = doc.set_fragment("");
  doc.append(root, "state", name_of(state));
  add_number(doc, root, "shown", static_cast<std::int64_t>(rows->size()));
  for (const NoticeRow& notice : *rows) {
    Element& row = doc.append_item(root, "notices");
    doc.append(row, "id", notice.id);
    doc.append(row, "council", notice.council);
    doc.append(row, "kind", notice.kind == NoticeRow::Kind::access ? "access" : "inactive-number");
    doc.append(row, "created", to_iso(notice.created));
    doc.append(row, "nhs_number", notice.person.masked());
    doc.append(row, "la_person_id", notice.local_id);
    if (!notice.file.empty()) doc.append(row, "file", notice.file);
  }
  return json_answer(doc);
}

http::Response Operations::accesses(const http::QueryString& query) const {
  const auto rows = parts_.registry.accesses(std::nullopt, rows_wanted(query));
  if (!rows) return error_answer(rows.error());
  Document doc;
  Element& root = doc.set_fragment("");
  add_number(doc, root, "shown", static_cast<std::int64_t>(rows->size()));
  for (const AccessEvent& access : *rows) {
    add_access(doc, doc.append_item(root, "accesses"), access);
  }
  return json_answer(doc);
}

http::Response Operations::messages() const {
  Document doc;
  Element& root = doc.set_fragment("");
  const store::InboxStore inbox;
  // Asked first: what moves on meanwhile is counted twice, and not never.
  const auto journaled =
      static_cast<std::int64_t>(parts_.journal != nullptr ? parts_.journal->waiting() : 0);
  const Status read = parts_.database.read([&](store::Session& session) -> Status {
    doc.clear_children(root);
    const auto summary = inbox.summary(session);
    if (!summary) return summary.error();
    // What a finished message left can be found: one whose traces are on their way still waits.
    const auto unshown = static_cast<std::int64_t>(parts_.admission.unshown());
    const auto open = summary->waiting + summary->working;
    add_number(doc, root, "waiting", std::max(open, unshown) + journaled);
    add_number(doc, root, "quarantined", summary->quarantined);
    if (summary->oldest_open) doc.append(root, "oldest_waiting", to_iso(*summary->oldest_open));
    const auto items = inbox.quarantined(session, 0, rows_default);
    if (!items) return items.error();
    for (const store::InboxItem& item : *items) {
      Element& row = doc.append_item(root, "quarantine");
      doc.append(row, "id", std::to_string(item.id));
      doc.append(row, "feed", item.feed);
      doc.append(row, "received", to_iso(item.received_at));
      doc.append(row, "reason", item.reason);
    }
    return done;
  });
  return read ? json_answer(doc) : error_answer(read.error());
}

http::Response Operations::alerts() const {
  Document doc;
  Element& root = doc.set_fragment("");
  const store::OutboxStore outbox;
  const Status read = parts_.database.read([&](store::Session& session) -> Status {
    doc.clear_children(root);
    const auto summary = outbox.summary(session);
    if (!summary) return summary.error();
    add_number(doc, root, "waiting", summary->waiting + summary->working);
    add_number(doc, root, "given_up", summary->dead);
    if (summary->oldest_open) doc.append(root, "oldest_waiting", to_iso(*summary->oldest_open));
    const auto items = outbox.dead(session, 0, rows_default);
    if (!items) return items.error();
    for (const store::OutboxItem& item : *items) {
      Element& row = doc.append_item(root, "given_up_deliveries");
      doc.append(row, "id", std::to_string(item.id));
      doc.append(row, "kind", item.kind);
      if (item.kind == usecases::engine_alert_kind) doc.append(row, "feed", item.destination);
      doc.append(row, "created", to_iso(item.created_at));
      add_number(doc, row, "attempts", item.attempts);
      doc.append(row, "last_error", item.last_error);
    }
    return done;
  });
  return read ? json_answer(doc) : error_answer(read.error());
}

void Operations::add_subscription_metrics(std::string& out) const {
  const usecases::SubscriberCounts& told = parts_.subscribers;
  add_metric(out, "subscription_events_total", "counter", "Numbered for a subscription",
             told.events);
  add_metric(out, "subscription_notifications_total", "counter", "Taken by subscribers",
             told.delivered);
  add_metric(out, "subscription_failures_total", "counter", "Calls to subscribers that failed",
             told.failed);
  add_metric(out, "subscription_handshakes_total", "counter", "Subscriptions that became active",
             told.handshakes);
  add_metric(out, "subscription_heartbeats_total", "counter", "Heartbeats taken", told.heartbeats);
  add_metric(out, "subscription_errors_total", "counter", "Subscriptions that went to error",
             told.given_up);
}

std::string Operations::live_counts() const {
  const auto& admitted = parts_.admission.counts();
  Document doc;
  Element& root = doc.set_fragment("");
  const auto add = [&](std::string_view name, std::uint64_t value) {
    add_number(doc, root, name, static_cast<std::int64_t>(value));
  };
  add("messages", admitted.processed);
  add("put_aside", admitted.quarantined);
  add("checked", admitted.asked);
  add("records", admitted.records);
  add("none_held", admitted.none_held);
  add("could_not", admitted.could_not);
  add("for_review", admitted.reviews);
  add("alerts_delivered", parts_.alerts.delivered());
  add("alerts_failed", parts_.alerts.failed());
  add("subscribers_told", parts_.subscribers.delivered);
  add("notices_delivered", parts_.notices.delivered());
  return fhir::json::write(doc.root());
}

http::Response Operations::subscriptions() const {
  const auto entries = parts_.services.book.all("Subscription", rows_max);
  if (!entries) return error_answer({ErrorKind::busy, "there are too many to be listed"});
  Document doc;
  const Status read = parts_.database.read([&](store::Session& session) -> Status {
    Element& root = doc.set_fragment("");
    add_number(doc, root, "shown", static_cast<std::int64_t>(entries->size()));
    for (const resources::EntryPtr& entry : *entries) {
      fhir::Document body;
      fhir::Issues issues;
      if (!fhir::json::read_view(entry->body, body, issues)) continue;
      const auto known = usecases::read_subscription(body.root());
      if (!known) continue;
      const auto last = store::SubscriptionStore{}.last_event(session, entry->id);
      if (!last) return last.error();
      Element& row = doc.append_item(root, "subscriptions");
      doc.append(row, "id", entry->id);
      doc.append(row, "client", known->owner);
      doc.append(row, "topic", usecases::row_of(known->criteria.topic).name);
      doc.append(row, "status", known->status);
      doc.append(row, "content", usecases::name_of(known->content));
      add_number(doc, row, "events", *last);
      const std::string_view error = body.root().value_of("error");
      if (!error.empty()) doc.append(row, "error", error);
    }
    return done;
  });
  return read ? json_answer(doc) : error_answer(read.error());
}

http::Response Operations::work_list(const http::QueryString& query) const {
  const bool all = query.first("state").value_or("open") == "all";
  auto lists = usecases::work_lists_json(parts_.database, query.first("council").value_or(""), all,
                                         london_date(parts_.services.clock.now()));
  if (!lists) return error_answer(lists.error());
  http::Response response{200, "application/json", *std::move(lists)};
  response.set("Cache-Control", "no-store");
  return response;
}

http::Response Operations::attendances(const http::QueryString& query) const {
  constexpr std::string_view states[] = {"not asked", "asked",     "record held",
                                         "none held", "could not", "for review"};
  Document doc;
  Element& root = doc.set_fragment("");
  const auto sizes = parts_.admission.sizes();
  add_number(doc, root, "people", static_cast<std::int64_t>(sizes.people));
  add_number(doc, root, "attendances", static_cast<std::int64_t>(sizes.attendances));
  const auto patient = query.first("patient");
  for (const auto& state : patient ? parts_.admission.attendances_of(*patient)
                                   : std::vector<usecases::AttendanceState>{}) {
    Element& row = doc.append_item(root, "attendances_of_patient");
    doc.append(row, "encounter", state.id);
    doc.append(row, "feed", state.feed);
    doc.append(row, "check", states[static_cast<std::size_t>(state.check)]);
    doc.append(row, "decision", rules::words_of(state.decision));
    if (state.checked) doc.append(row, "asked", to_iso(*state.checked));
  }
  return json_answer(doc);
}

}  // namespace cpis::fhir_api
