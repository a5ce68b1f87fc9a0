#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/core/upload.h"
#include "adapters/social_care/canonical.h"
#include "adapters/social_care/lifecycle.h"
#include "adapters/social_care/record_key.h"

namespace cpis::social_care {

/// Where a plan of an upload comes from.
struct SentPlan {
  RecordKey key;
  std::uint32_t record = 0;  ///< position in UploadDraft::records
  std::uint16_t plan = 0;    ///< position in that record's plans
  bool open = true;          ///< the plan itself has no end yet
  std::uint16_t file = 0;    ///< position in UploadDraft::files
  std::uint32_t line = 0;    ///< 0: not known
};

/// An upload as it grows.
struct UploadDraft {
  std::vector<UploadRecord> records;
  std::vector<SentPlan> plans;  ///< in the order in which they were added
  std::vector<std::string> files;

  /// What CP-IS is told by one of the plans.
  Content content(const SentPlan& plan) const;
};

/// Groups what may be sent (ready or queried, with a subject) by person: a child's plans apart from
/// the unborn child plan that the same person may hold as a mother, at most one plan of a type in a
/// record, so that a person with two plans of one type has two records (cpis.md 5.1).
class UploadBuilder {
 public:
  /// False when it was left out: it may not be sent, or repeats number, type and start of an
  /// earlier one.
  bool add(CanonicalRecord&& record);

  const UploadDraft& draft() const { return draft_; }
  /// The upload; the builder is done.
  UploadDraft take();

 private:
  /// The newest record of a subject, and where the one before it is.
  static constexpr std::uint32_t none = 0xFFFFFFFFU;
  void keep(CanonicalRecord& record, std::uint32_t into);

  UploadDraft draft_;
  std::unordered_map<std::uint64_t, std::uint32_t> newest_;  // by subject
  std::vector<std::uint32_t> before_;                        // by record: the subject's earlier one
};

/// True when the record may be sent as it is.
bool may_be_sent(const CanonicalRecord& record);

/// The plan as it is sent.
Plan plan_of(const CanonicalRecord& record);

}  // namespace cpis::social_care
