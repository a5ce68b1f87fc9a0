// ResourceBook::follow: what other gateways on the store have written.

#include <algorithm>
#include <vector>

#include "gateway/resources/resource_book.h"
#include "gateway/store/row_ids.h"

namespace cpis::resources {
namespace {

// A change is committed this long after it was numbered, as a rule; and hardly ever as long as the
// second, when the store was away meanwhile. Clocks of gateways may differ by as much.
constexpr std::chrono::seconds usual_delay{20};
constexpr std::chrono::minutes longest_delay{5};
constexpr std::chrono::minutes look_back_interval{1};

constexpr std::size_t changes_in_one_page = 500;

}  // namespace

Status ResourceBook::follow(store::Database& database, Time now) {
  const std::lock_guard lock{following_};
  const BookWatch watch{*this};
  const bool far = now - looked_back_ >= look_back_interval;
  const Duration back = far ? Duration{longest_delay} : Duration{usual_delay};
  // Counted from the last time that it succeeded: nothing is left out when the store was away.
  const Time from = followed_ == Time{} ? now - back : std::min(now, followed_) - back;
  const Status read =
      database.read([&](store::Session& session) { return look_at_changes(session, from); });
  if (!read) return read;
  followed_ = now;
  if (far) looked_back_ = now;
  return done;
}

Status ResourceBook::look_at_changes(store::Session& session, Time from) {
  std::int64_t after = store::RowIds::first_of(from) - 1;
  const store::ResourceStore stored;
  std::vector<store::StoredResource> changes;
  do {
    changes.clear();
    const Status read = stored.changed_since(session, after, changes_in_one_page,
                                             [&](const store::StoredResource& change) -> Status {
                                               changes.push_back(change);
                                               return done;
                                             });
    if (!read) return read;
    for (const store::StoredResource& change : changes) {
      after = change.change_id;
      if (const Status taken = take_over(session, change); !taken) return taken;
    }
  } while (changes.size() == changes_in_one_page);
  return done;
}

bool ResourceBook::knows(const store::StoredResource& change) const {
  const std::shared_lock lock{mutex_};
  const auto held = types_.find(change.type);
  if (held == types_.end()) return false;
  const auto entry = held->second.entries.find(change.id);
  return entry != held->second.entries.end() && entry->second->version >= change.version;
}

// The body is of the same state of the store as the change.
Status ResourceBook::take_over(store::Session& session, const store::StoredResource& change) {
  if (change.deleted) {
    remove(change.type, change.id, change.version);
    return done;
  }
  if (knows(change)) return done;
  const auto found = store::ResourceStore{}.read(session, change.type, change.id);
  if (!found) return found.error();
  if (!*found) return done;
  put(change.type, change.id, change.version, change.updated_at, (*found)->body);
  return done;
}

}  // namespace cpis::resources
