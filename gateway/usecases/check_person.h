#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

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
  std::vector<std::string> types = {};  ///< resource types that the answer is shown as
  std::string named = {};               ///< for CheckPerson: the resources, as the audit names them
  std::string beside = {};              ///< other resources shown with the answer: `Patient/1`
  std::string on_behalf_of = {};        ///< whom the caller says it asks for: `Practitioner/abc`
  std::string user_token = {};          ///< see ProtectionQuestion
  std::string trace_id = {};            ///< of the asker's `traceparent`; empty: none came
};

/// A check that is part of its caller's own transaction.
struct JoinedCheck {
  CheckRequest request;
  registry::Look look;      ///< carries the caller and the moment
  ProtectionAnswer answer;  ///< to be used once the transaction is committed
  bool refused = false;     ///< the caller cannot be named: nothing is asked and nothing recorded
};

/// Asks "is this person on a plan?" for someone who can be named, and leaves a trace first.
///
/// Safe to call from many threads; does not block. The trace (audit) is durable before the source
/// is asked: with the embedded register both are one transaction, with any other source the audit
/// is committed first and a failure to commit means that nobody is asked.
///
/// The audit names the resources that the answer is shown as. What could not be known beforehand
/// (another source than the register, a record that changed meanwhile) is a second row, `answered`,
/// which is durable before the answer is given.
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

  /// True when checks can be joined to a transaction: the embedded register answers from memory.
  bool joins() const { return parts_.local != nullptr; }
  /// Precondition of these three: `joins`. `record` writes the audit, the access and the notices
  /// inside the caller's work; `show` comes after the commit and makes the access visible.
  JoinedCheck join(CheckRequest request) const;
  Status record(store::Session& session, const JoinedCheck& check) const;
  void show(const JoinedCheck& check) const;

 private:
  Done named_first(std::shared_ptr<const CheckRequest> request, Done answered) const;
  ProtectionQuestion question_of(CheckRequest& request) const;

  Parts parts_;
  store::AuditStore audit_;
};

}  // namespace cpis::usecases
