#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/core/finding.h"
#include "adapters/social_care/canonical.h"
#include "adapters/social_care/known_book.h"
#include "adapters/social_care/lifecycle.h"
#include "adapters/social_care/profile.h"
#include "adapters/social_care/record_key.h"

namespace cpis::social_care {

/// Where an extract came from, to know a repeat or a stale one.
struct ExtractIdentity {
  std::string digest;                         ///< of all its bytes
  std::optional<Date> made;                   ///< when the source made it, if it says so
  std::array<std::size_t, 3> open_by_type{};  ///< Counts::open_by_type of its import
};

/// F02 when `now` has the bytes of `last` or is older; nothing otherwise.
std::optional<Finding> check_extract(const ExtractIdentity& now, const ExtractIdentity& last);

/// True when two names are the same but for case and blanks.
bool same_person(std::string_view a, std::string_view b);

/// A decision that two people took about one record. One person alone decides nothing.
struct Approval {
  enum class About : std::uint8_t {
    deletion,  ///< send the delete date
    number,    ///< the NHS number of an accepted record changed, and the new one is right
    start,     ///< the start of an accepted record changed: send the new one as a new record
  };
  RecordKey key;  ///< as it is to be sent: for a start the new one
  About about = About::deletion;
  std::string requested_by;
  std::string approved_by;
  std::string proposal{};  ///< what they looked at (Doubt); a number needs it

  /// Two people are named, and they are not the same.
  bool stands() const;
};

enum class ChangeKind : std::uint8_t {
  create,  ///< CP-IS does not hold it
  update,  ///< details or dates differ from what CP-IS holds
  end,     ///< CP-IS holds it open
  remove,  ///< entered in error
};
/// A record as it is to be sent: what held a delete that two people approved is gone from it.
struct Change {
  ChangeKind kind = ChangeKind::create;
  CanonicalRecord record;
};

/// A record that somebody has to decide about before anything is sent.
struct Doubt {
  Rule rule;  ///< d01 vanished, d02 start changed, d03 delete, p04 number changed
  RecordKey key;
  /// What an approval is for, so that it does not stand for something that came later: the new
  /// start, or a mark of the new number that does not give it away.
  std::string proposal{};
};

/// What this extract means against what CP-IS holds, in numbers; the changes themselves went out.
struct Difference {
  std::array<std::size_t, 4> changes{};  ///< by ChangeKind
  std::vector<Doubt> doubts;
  std::size_t unchanged = 0;
  std::size_t approved_deletes = 0;  ///< of the removals: two people approved just this one
  std::size_t waiting = 0;           ///< in an upload that is not answered
  std::size_t unrepaired = 0;        ///< rejected before with the same content: not sent again

  std::size_t of(ChangeKind kind) const { return changes[static_cast<std::size_t>(kind)]; }
  std::size_t all_changes() const { return changes[0] + changes[1] + changes[2] + changes[3]; }
};

/// Decisions of two people, asked by record.
class Approvals {
 public:
  Approvals() = default;
  /// Those of one person alone are left out.
  explicit Approvals(std::span<const Approval> approvals);
  /// Two people approved every delete that this extract asks for.
  void approve_all_deletes() { all_deletes_ = true; }
  bool has(Approval::About about, const RecordKey& key, std::string_view proposal = {}) const;
  /// This very record, and not only with all others.
  bool has_own(Approval::About about, const RecordKey& key, std::string_view proposal = {}) const;

 private:
  std::map<std::pair<Approval::About, RecordKey>, std::string> approved_;  // -> proposal
  bool all_deletes_ = false;
};

/// Compares the full canonical state, record by record as it comes, with the council's memory.
/// Nothing is ever ended, deleted or moved because a row is missing or a number changed: that is a
/// doubt, and nothing is sent. Keeps no record but those that only the end can decide: new open
/// plans of people whose other plan of that type has not come yet.
class Comparison {
 public:
  using Send = std::function<void(Change&&)>;

  /// All must outlive this; `known` must not change meanwhile.
  Comparison(const KnownBook& known, const Approvals& approvals, Send send);

  /// A resync: what CP-IS holds as it is goes out as an update. Before the first record.
  void send_unchanged() { send_unchanged_ = true; }
  void take(CanonicalRecord&& record);
  /// Once, after the last record.
  Difference finish();

 private:
  void change(CanonicalRecord&& record, const KnownRecord& known);
  void send(ChangeKind kind, CanonicalRecord&& record);
  bool has_unseen(const CanonicalRecord& record) const;
  void settle(CanonicalRecord&& record);

  const KnownBook& known_;
  const Approvals& approvals_;
  Send send_;
  std::vector<bool> seen_;                 // by position in `known_`
  std::map<std::size_t, Date> moved_to_;   // seen under another start
  std::vector<CanonicalRecord> deferred_;  // decided at the end
  bool send_unchanged_ = false;
  Difference out_;
};

/// The reasons why a person must release this extract before anything of it is sent (F03): a count
/// of open plans that fell or rose too much since `last`, too many ends, deletes beyond the limit
/// that two people did not approve one by one.
/// Empty: nothing holds it.
Findings guard(const Difference& difference, const ExtractIdentity& now,
               const std::optional<ExtractIdentity>& last, const Profile& profile);

}  // namespace cpis::social_care
