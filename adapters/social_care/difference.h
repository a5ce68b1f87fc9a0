#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/core/finding.h"
#include "adapters/social_care/canonical.h"
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

/// A decision that two people took about one record. One person alone decides nothing.
struct Approval {
  enum class About : std::uint8_t {
    deletion,  ///< send the delete date
    number,    ///< the NHS number of an accepted record changed, and the new one is right
    start,     ///< the start of an accepted record changed: send the new one as a new record
  };
  RecordKey key;
  About about = About::deletion;
  std::string requested_by;
  std::string approved_by;

  bool stands() const {
    return !requested_by.empty() && !approved_by.empty() && requested_by != approved_by;
  }
};

enum class ChangeKind : std::uint8_t {
  create,  ///< CP-IS does not hold it
  update,  ///< details or dates differ from what CP-IS holds
  end,     ///< CP-IS holds it open
  remove,  ///< entered in error
};
struct Change {
  ChangeKind kind = ChangeKind::create;
  std::size_t record = 0;  ///< position in the canonical records

  friend bool operator==(const Change&, const Change&) = default;
};

/// A record that somebody has to decide about before anything is sent.
struct Doubt {
  Rule rule;  ///< d01 vanished, d02 start changed, d03 delete, p04 number changed
  RecordKey key;
};

/// What this extract means against what CP-IS holds.
struct Difference {
  std::vector<Change> changes;
  std::vector<Doubt> doubts;
  std::size_t unchanged = 0;
  std::size_t waiting = 0;     ///< in an upload that is not answered
  std::size_t unrepaired = 0;  ///< rejected before with the same content: not sent again
};

/// Compares the full canonical state with the council's memory. Nothing is ever ended, deleted or
/// moved because a row is missing or a number changed: that is a doubt, and nothing is sent.
Difference difference_of(std::span<const CanonicalRecord> records,
                         std::span<const KnownRecord> known, std::span<const Approval> approvals);

/// The records of the changes, as they are to be sent: an approved delete is released. Give them to
/// to_upload_records.
std::vector<CanonicalRecord> changed_records(const Difference& difference,
                                             std::span<const CanonicalRecord> records);

/// The reasons why a person must release this extract before anything of it is sent (F03): a count
/// of open plans that fell or rose too much since `last`, too many ends, deletes (approved or
/// not) beyond the limit.
/// Empty: nothing holds it.
Findings guard(const Difference& difference, const ExtractIdentity& now,
               const std::optional<ExtractIdentity>& last, const Profile& profile);

}  // namespace cpis::social_care
