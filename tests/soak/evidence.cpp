#include "tests/soak/evidence.h"

#include <functional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "adapters/core/attendance.h"
#include "gateway/store/inbox_store.h"
#include "gateway/usecases/attendance_book.h"

namespace cpis::test {
namespace {

constexpr std::size_t faults_shown = 20;

struct Stored {
  std::int64_t id = 0;
  store::InboxState state = store::InboxState::waiting;
  std::int64_t settled_at = 0;
};
using Inbox = std::unordered_map<std::uint64_t, Stored>;

// Reads with one repetition allowed: `take` must not mind rows that come twice.
void collect(store::Database& database, Faults& faults, std::string_view sql,
             const std::function<void(const store::Row&)>& take) {
  const Status read = database.read([&](store::Session& session) {
    return session.query(sql, {}, [&](const store::Row& row) -> Status {
      take(row);
      return done;
    });
  });
  if (!read) faults.add("the store cannot be read: " + read.error().message);
}

Inbox read_inbox(store::Database& database, Evidence& evidence) {
  Inbox inbox;
  collect(database, evidence.faults,
          "SELECT id, control_id, state, COALESCE(settled_at, 0) FROM inbox",
          [&](const store::Row& row) {
            const std::uint64_t number = control_number(row.text(1));
            const Stored stored{row.integer(0), static_cast<store::InboxState>(row.integer(2)),
                                row.integer(3)};
            ++evidence.kept;
            if (stored.state == store::InboxState::finished) ++evidence.processed;
            if (!inbox.emplace(number, stored).second) {
              evidence.faults.add("message " + std::to_string(number) + " is kept twice");
            }
          });
  return inbox;
}

void check_order(const Inbox& inbox, const Ledger& ledger, Faults& faults) {
  for (const auto& [person, numbers] : ledger.people()) {
    const Stored* before = nullptr;
    for (const std::uint64_t number : numbers) {
      const std::string name = "message " + std::to_string(number);
      const auto found = inbox.find(number);
      if (found == inbox.end()) {
        faults.add(name + " was acknowledged and is not kept");
        continue;
      }
      const Stored& stored = found->second;
      if (stored.state != store::InboxState::finished) {
        faults.add(name + " is kept and not processed");
      }
      const bool in_order =
          before == nullptr || (before->id < stored.id && before->settled_at <= stored.settled_at);
      if (!in_order) faults.add(name + " overtook an earlier one of its person");
      before = &stored;
    }
  }
}

// The end of `visit|AUTHORITY|NUMBER`.
std::string number_of(std::string_view visit_key) {
  return std::string{visit_key.substr(visit_key.rfind('|') + 1)};
}

bool fits(VisitState state, std::string_view trigger) {
  if (trigger == "A03") return state == VisitState::finished;
  if (trigger == "A11") return state == VisitState::cancelled;
  return state == VisitState::in_progress || state == VisitState::planned;
}

void check_visits(store::Database& database, const Ledger& ledger, Evidence& evidence) {
  std::unordered_map<std::string, VisitState> states;
  std::set<std::string, std::less<>> questions;
  std::uint64_t records = 0;
  collect(database, evidence.faults,
          "SELECT visit_key, state, question_id, check_state FROM attendance",
          [&](const store::Row& row) {
            const std::string number = number_of(row.text(0));
            if (!states.emplace(number, static_cast<VisitState>(row.integer(1))).second) {
              evidence.faults.add("visit " + number + " is there twice");
            }
            if (!row.text(2).empty()) questions.emplace(row.text(2));
            const auto check = static_cast<usecases::CheckState>(row.integer(3));
            if (check == usecases::CheckState::asked) {
              evidence.faults.add("visit " + number + " waits for its answer for ever");
            }
            if (check == usecases::CheckState::records) ++records;
          });
  evidence.visits = states.size();
  evidence.questions = questions.size();
  for (const auto& [number, visit] : ledger.visits()) {
    const auto found = states.find(number);
    if (found == states.end()) {
      evidence.faults.add("visit " + number + " was acknowledged and is not there");
    } else if (!fits(found->second, visit.last_trigger)) {
      evidence.faults.add("visit " + number + " is not as " + visit.last_trigger + " left it");
    }
  }
  collect(database, evidence.faults,
          "SELECT DISTINCT correlation_id FROM audit WHERE action = 'adt.arrival'",
          [&](const store::Row& row) {
            if (questions.contains(row.text(0))) return;
            evidence.faults.add("a question was asked that belongs to no attendance");
          });
  collect(database, evidence.faults, "SELECT COUNT(*) FROM access_event",
          [&](const store::Row& row) {
            evidence.accesses = static_cast<std::uint64_t>(row.integer(0));
          });
  if (evidence.accesses != records) {
    evidence.faults.add(std::to_string(records) + " attendances have a record, and " +
                        std::to_string(evidence.accesses) + " looks are recorded");
  }
}

}  // namespace

void Faults::add(std::string text) {
  if (++count <= faults_shown) first.push_back(std::move(text));
}

Evidence examine(store::Database& database, const Ledger& ledger) {
  Evidence evidence;
  const Inbox inbox = read_inbox(database, evidence);
  check_order(inbox, ledger, evidence.faults);
  check_visits(database, ledger, evidence);
  return evidence;
}

}  // namespace cpis::test
