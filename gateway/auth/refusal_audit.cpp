#include "gateway/auth/refusal_audit.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

namespace cpis::auth {
namespace {

// What a path may name without saying anything about a person. Words that are not here, a misplaced
// name for instance, stay out of the trail.
constexpr std::array kinds{"PatientFlag",      "Flag",         "Patient",       "Encounter",
                           "CarePlan",         "CareTeam",     "Organization",  "AuditEvent",
                           "Subscription",     "HL7",          "admin",         "cds-services",
                           "PractitionerRole", "Practitioner", "RelatedPerson", "Coverage",
                           "EpisodeOfCare",    "Location",     "Provenance",    "subscriptions"};
constexpr std::array methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

// `GET Flag`.
std::string kind_of(const http::Request& request) {
  std::string kind{"?"};
  for (const char* method : methods) {
    if (request.method() == method) kind = method;
  }
  std::string_view path = request.path();
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    const auto* known = std::find(kinds.begin(), kinds.end(), part);
    if (known != kinds.end()) return kind + ' ' + *known;
    path.remove_prefix(slash == path.npos ? path.size() : slash);
  }
  return kind;
}

struct Row {
  Time at;
  std::string correlation_id, client, address, outcome, detail;
};

}  // namespace

bool RefusalAudit::has_room(Time now, std::uint64_t& left_out) {
  const std::lock_guard lock{mutex_};
  if (now - second_ >= std::chrono::seconds{1} || now < second_) {
    second_ = now;
    rows_ = 0;
  }
  if (rows_ >= rows_per_second) {
    ++left_out_;
    return false;
  }
  ++rows_;
  left_out = std::exchange(left_out_, 0);
  return true;
}

void RefusalAudit::note(const http::Request& request, std::string_view client,
                        const Refusal& refusal) {
  const Time now = clock_.now();
  std::uint64_t left_out = 0;
  if (!has_room(now, left_out)) return;
  auto row = std::make_shared<Row>(Row{now, request.correlation_id(), std::string{client},
                                       request.peer().address, std::to_string(refusal.status),
                                       kind_of(request) + ": " + refusal.says});
  if (left_out > 0) row->detail += " (and " + std::to_string(left_out) + " more before)";
  // An answer that refuses waits for nothing; when the store cannot take the row, its queue is full
  // and that is in the metrics.
  static_cast<void>(database_.submit(
      [this, row](store::Session& session) -> Status {
        store::AuditEntry entry{};
        entry.at = row->at;
        entry.correlation_id = row->correlation_id;
        entry.actor_id = row->client;
        entry.source = row->address;
        entry.action = "refused";
        entry.outcome = row->outcome;
        entry.detail = row->detail;
        const auto added = audit_.append(session, entry);
        if (!added) return added.error();
        return done;
      },
      [](const Status&) {}));
}

}  // namespace cpis::auth
