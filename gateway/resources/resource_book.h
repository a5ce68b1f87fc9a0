#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "fhir/tree/element.h"
#include "gateway/store/database.h"
#include "gateway/store/resource_store.h"

namespace cpis::resources {

/// What a resource can be found by. Made from its body by `keys_of`.
struct Keys {
  std::string patient_id;  ///< whom it is about; empty: nobody
  std::string status;
  std::string class_code;
  std::optional<Time> start;
  std::optional<Time> end;
  std::string birth_date;                ///< of a Patient: YYYY, YYYY-MM or YYYY-MM-DD
  std::vector<std::string> identifiers;  ///< `system|value`, `|value` without a system
};

/// One current resource. Immutable: readers keep it as long as they like.
struct Entry {
  std::string type;
  std::string id;
  std::int64_t version = 0;
  Time updated{};
  std::string body;  ///< FHIR JSON with versionId and lastUpdated, ready to send
  Keys keys;
};
using EntryPtr = std::shared_ptr<const Entry>;

/// Texts as keys that are looked up by a view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
template <class Value>
using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

class ResourceBook;

/// Held from before a commit (or a read) until what it brought is in the book: so long the book
/// remembers what ended meanwhile, and an older version that is put in late stays out. What ended
/// when nobody held one is forgotten at once: the store is what knows it.
class [[nodiscard]] BookWatch {
 public:
  explicit BookWatch(ResourceBook& book);
  ~BookWatch();
  BookWatch(const BookWatch&) = delete;
  BookWatch& operator=(const BookWatch&) = delete;

 private:
  ResourceBook& book_;
  std::uint64_t since_;
};

/// The current resources in memory: a projection of the store, rebuilt at start and changed only
/// after a commit. Reads never go to SQL. Safe to call from many threads.
class ResourceBook {
 public:
  /// Reads every current resource of the types.
  Status load(store::Session& session, const std::vector<std::string>& types);

  /// Brings in what other gateways on the store have written and ended. Reads what changed in the
  /// last seconds, at times in the last minutes, because a change is numbered before it is
  /// committed; so call it every second. `now` is the time of this gateway's clock. One thread
  /// follows at a time, the others wait.
  Status follow(store::Database& database, Time now);

  /// Puts a new version in; `body` is as stored, without version. The version that is here,
  /// or an older one, changes nothing. Who has the body's keys at hand saves reading it for them.
  void put(std::string_view type, std::string_view id, std::int64_t version, Time updated,
           std::string_view body, std::optional<Keys> keys = {});
  /// Takes a resource out that ended with `version`. Versions before that one stay out, also when
  /// somebody puts them in late who holds a BookWatch since before they were committed.
  void remove(std::string_view type, std::string_view id, std::int64_t version);

  EntryPtr find(std::string_view type, std::string_view id) const;
  std::vector<EntryPtr> of_patient(std::string_view type, std::string_view patient_id) const;
  std::vector<EntryPtr> by_identifier(std::string_view type, std::string_view identifier) const;
  /// By the value of an identifier of any system.
  std::vector<EntryPtr> by_identifier_value(std::string_view type, std::string_view value) const;
  /// People whose birth date, as text, lies in [first, last]: `2018-04` before `2018-04-01`.
  std::vector<EntryPtr> born_between(std::string_view first, std::string_view last) const;
  /// Resources of a type whose start lies in [from, to), newest first, at most `max`.
  std::vector<EntryPtr> started_between(std::string_view type, Time from, Time to,
                                        std::size_t max) const;
  /// Where a walk by start goes on: behind this resource.
  struct Place {
    Time start = Time::max();
    std::string id;
  };
  /// Resources whose time from start to end may meet [from, to), newest start first, those behind
  /// `after` only, at most `max`. Some may end before `from`; none that meets it is left out.
  std::vector<EntryPtr> overlapping(std::string_view type, Time from, Time to, const Place& after,
                                    std::size_t max) const;
  /// All of a type by id, or nothing when there are more than `max`.
  std::optional<std::vector<EntryPtr>> all(std::string_view type, std::size_t max) const;
  std::size_t size(std::string_view type) const;
  /// How many ends are remembered for those who hold a BookWatch.
  std::size_t ends_remembered() const;

 private:
  friend class BookWatch;
  struct End {
    std::string type;
    std::string id;
    std::int64_t version;
  };
  using ByStart = std::map<std::pair<Time, std::string>, EntryPtr>;
  struct Type {
    ByText<EntryPtr> entries;
    ByText<std::int64_t> ended;  ///< by id: the version, while watched
    ByText<std::vector<std::string>> by_patient;
    ByText<std::vector<std::string>> by_identifier;
    std::map<std::string, std::vector<std::string>, std::less<>> by_birth_date;
    ByStart by_start;
    ByStart long_by_start;  ///< of them those without an end, or that last longer than `usual`
  };
  static void unindex(Type& type, const Entry& entry);
  static void index(Type& type, const EntryPtr& entry);
  std::uint64_t start_watch();
  void stop_watch(std::uint64_t since);
  bool knows(const store::StoredResource& change) const;
  Status take_over(store::Session& session, const store::StoredResource& change);
  Status look_at_changes(store::Session& session, Time from);

  mutable std::shared_mutex mutex_;
  ByText<Type> types_;
  std::multiset<std::uint64_t> watches_;  // how many ends there had been when each began
  std::deque<End> ends_;                  // that somebody watches, oldest first
  std::uint64_t ends_forgotten_ = 0;      // before the first of them
  std::mutex following_;                  ///< guards the two below
  Time followed_{};
  Time looked_back_{};
};

/// The stored body with `meta.versionId` and `meta.lastUpdated`. Bodies begin with resourceType,
/// id and, if there is one, meta: our writer's order.
std::string with_version(std::string_view body, std::int64_t version, Time updated);
/// Whether the entry's body is that of `with_version(body, entry.version, entry.updated)`.
bool has_body(const Entry& entry, std::string_view body);

/// What a stored body can be found by.
Keys keys_of(std::string_view type, std::string_view body);
Keys keys_of(std::string_view type, const fhir::Element& resource);

}  // namespace cpis::resources
