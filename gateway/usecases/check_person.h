#pragma once

#include <functional>
#include <string>

#include "adapters/core/ports/clock.h"
#include "adapters/core/ports/protection_source.h"
#include "gateway/register/register.h"
#include "gateway/store/audit_store.h"
#include "gateway/store/database.h"

namespace cpis::usecases {

/// Who asks about whom, and by which request.
struct CheckRequest {
  NhsNumber person;
  Caller caller;
  std::string correlation_id;
  std::string action;       ///< for the audit: Flag.search, adt.arrival, ...
  std::string client;       ///< where from: a client's name or a feed
  std::string question_id;  ///< UUID; empty: a new question. The same id is asked once only.
};

/// Asks "is this person on a plan?" for someone who can be named, and leaves a trace first.
///
/// Safe to call from many threads; does not block. The trace (audit) is durable before the source
/// is asked: with the embedded register both are one transaction, with any other source the audit
/// is committed first and a failure to commit means that nobody is asked.
class CheckPerson {
 public:
  using Done = std::function<void(ProtectionAnswer)>;

  struct Parts {
    store::Database& database;
    ProtectionSource& source;
    registry::Register* local = nullptr;  ///< set when `source` is the embedded register
    const Clock& clock;
    Duration answer_time = std::chrono::seconds{30};
  };
  explicit CheckPerson(const Parts& parts) : parts_{parts} {}

  void run(CheckRequest request, Done answered);

 private:
  Parts parts_;
  store::AuditStore audit_;
};

}  // namespace cpis::usecases
