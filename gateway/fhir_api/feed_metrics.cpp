#include "gateway/fhir_api/feed_metrics.h"

#include <algorithm>
#include <string_view>

#include "gateway/observe/metric_family.h"
#include "gateway/store/inbox_store.h"
#include "gateway/store/outbox_store.h"

namespace cpis::fhir_api {
namespace {

using Family = observe::MetricFamily;

observe::Label label_of(const std::string& feed) { return {"feed", feed}; }

std::int64_t seconds_since(Time then, Time now) {
  return std::max<std::int64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now - then).count(), 0);
}

std::string received_lines(const std::vector<usecases::FeedReceived>& feeds, Time now) {
  Family received{"feed_messages_received_total", "counter", "HL7 v2 messages of a feed"};
  Family duplicates{"feed_messages_duplicate_total", "counter", "Of these held already"};
  Family refused{"feed_messages_refused_total", "counter", "Of these answered AE"};
  Family not_kept{"feed_messages_not_kept_total", "counter", "Of these closed unanswered"};
  Family age{"feed_last_message_age_seconds", "gauge", "Since the last message of a feed"};
  for (const usecases::FeedReceived& feed : feeds) {
    received.add(label_of(feed.feed), static_cast<std::int64_t>(feed.received));
    duplicates.add(label_of(feed.feed), static_cast<std::int64_t>(feed.duplicates));
    refused.add(label_of(feed.feed), static_cast<std::int64_t>(feed.refused));
    not_kept.add(label_of(feed.feed), static_cast<std::int64_t>(feed.not_kept));
    age.add(label_of(feed.feed), seconds_since(feed.last_received, now));
  }
  return received.text() + duplicates.text() + refused.text() + not_kept.text() + age.text();
}

std::string backlog_lines(const std::vector<store::FeedBacklog>& feeds, Time now) {
  Family open{"feed_messages_waiting", "gauge", "Kept and not processed yet"};
  Family oldest{"feed_oldest_waiting_seconds", "gauge", "Since the oldest of these came"};
  Family aside{"feed_messages_quarantined", "gauge", "Put aside for a person"};
  for (const store::FeedBacklog& feed : feeds) {
    open.add(label_of(feed.feed), feed.open);
    if (feed.oldest_open) oldest.add(label_of(feed.feed), seconds_since(*feed.oldest_open, now));
    aside.add(label_of(feed.feed), feed.quarantined);
  }
  return open.text() + oldest.text() + aside.text();
}

void add_waiting(const store::ArrivalJournal::Waiting& waiting,
                 std::vector<store::FeedBacklog>& feeds) {
  auto feed = std::ranges::find(feeds, waiting.feed, &store::FeedBacklog::feed);
  if (feed == feeds.end()) feed = feeds.insert(feed, {waiting.feed, 0, 0, std::nullopt});
  feed->open += waiting.messages;
  feed->oldest_open = std::min(feed->oldest_open.value_or(waiting.oldest), waiting.oldest);
}

std::string outbox_lines(const store::OutboxSummary& summary, Time now) {
  Family waiting{"outbox_waiting", "gauge", "Deliveries that are owed"};
  Family dead{"outbox_given_up", "gauge", "Deliveries that were given up, for a person"};
  Family oldest{"outbox_oldest_seconds", "gauge", "Since the oldest that is owed was made"};
  waiting.add(summary.waiting + summary.working);
  dead.add(summary.dead);
  if (summary.oldest_open) oldest.add(seconds_since(*summary.oldest_open, now));
  return waiting.text() + dead.text() + oldest.text();
}

std::string told_lines(const std::vector<usecases::SendEngineAlerts::Counts>& told) {
  Family delivered{"engine_alerts_delivered_total", "counter", "HL7 v2 alerts acknowledged"};
  Family refused{"engine_alerts_refused_total", "counter", "HL7 v2 alerts answered AE"};
  Family failed{"engine_alerts_failed_total", "counter", "Attempts that are made again"};
  for (const auto& one : told) {
    delivered.add(label_of(one.destination), static_cast<std::int64_t>(one.delivered));
    refused.add(label_of(one.destination), static_cast<std::int64_t>(one.refused));
    failed.add(label_of(one.destination), static_cast<std::int64_t>(one.failed));
  }
  return delivered.text() + refused.text() + failed.text();
}

}  // namespace

std::string feed_metrics(store::Database& database, const store::ArrivalJournal* journal,
                         const std::vector<usecases::FeedReceived>& received,
                         const std::vector<usecases::SendEngineAlerts::Counts>& told, Time now) {
  std::string stored;
  // Asked first: what moves on meanwhile is counted twice, and not never.
  const auto journaled =
      journal ? journal->waiting_by_feed() : std::vector<store::ArrivalJournal::Waiting>{};
  const Status read = database.read([&](store::Session& session) -> Status {
    auto backlog = store::InboxStore{}.backlog(session);
    if (!backlog) return backlog.error();
    for (const auto& one : journaled) add_waiting(one, *backlog);
    const auto summary = store::OutboxStore{}.summary(session);
    if (!summary) return summary.error();
    stored = backlog_lines(*backlog, now) + outbox_lines(*summary, now);
    return done;
  });
  return received_lines(received, now) + told_lines(told) + (read ? stored : std::string{});
}

}  // namespace cpis::fhir_api
