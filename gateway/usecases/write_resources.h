#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/caller.h"
#include "adapters/core/ports/clock.h"
#include "gateway/resources/resource_book.h"
#include "gateway/store/audit_store.h"
#include "gateway/store/inbox_store.h"
#include "gateway/store/resource_store.h"
#include "gateway/store/row_ids.h"

namespace cpis::usecases {

/// One new version of a resource, or its end.
struct ResourceWrite {
  bool removes = false;
  bool patches = false;  ///< for the audit: what came was a patch
  std::string type;
  std::string id;
  std::string body;     ///< FHIR JSON: resourceType, id, then meta; no versionId, no lastUpdated
  std::string subject;  ///< whose record, for the audit: NHS number, or FHIR id of the patient
  /// When set, `conflict` unless this is the current version (0: there is none, or it was deleted).
  std::optional<std::int64_t> if_version;
};

/// Who writes.
struct Writer {
  Caller caller;
  std::string client;
  std::string correlation_id;
};

/// What became durable. One version for each write, in order.
struct Written {
  Time at{};
  std::vector<std::int64_t> versions;
};

/// Makes changes to local resources durable: all of them, their audit rows, and what they mean for
/// attendances, or nothing (one transaction). An Encounter is an attendance and a Patient a person,
/// so each is also laid into the inbox, as feed `feed_name`, where handle_admission treats it as it
/// treats an ADT message: kept before the answer, checked once, alerts raised.
///
/// Safe to call from many threads.
class WriteResources {
 public:
  static constexpr std::string_view feed_name = "fhir";

  struct Parts {
    store::Database& database;
    const Clock& clock;
    store::RowIds& ids;
    resources::ResourceBook& book;
    std::function<void()> arrival_waiting;
    std::function<void()> subscription_changed = {};  ///< wakes whoever tells subscribers
  };
  explicit WriteResources(Parts parts) : parts_{std::move(parts)} {}

  /// Blocks until the changes are durable and can be read from the book; not on a loop.
  /// `conflict` when a version is not the one demanded, `not_found` for the end of nothing.
  Result<Written> run(std::vector<ResourceWrite> writes, const Writer& writer);

  /// Held from the search of a condition (If-None-Exist, a conditional update) to its write, so
  /// that two of them never both find nothing. Within one gateway; take it before `run`.
  std::mutex& conditional() { return conditional_; }

 private:
  Parts parts_;
  std::mutex conditional_;
};

}  // namespace cpis::usecases
