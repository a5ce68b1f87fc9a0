#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "adapters/core/upload.h"
#include "adapters/social_care/canonical.h"

namespace cpis::social_care {

/// One record of an upload and where its plans come from: `members[i]` is the position of the
/// canonical record that became `record.plans[i]`.
struct UploadGroup {
  UploadRecord record;
  std::vector<std::size_t> members;
};

/// Groups what may be sent (ready or queried, with a subject) by person: a child's plans apart from
/// the unborn child plan that the same person may hold as a mother, at most one plan of a type in a
/// record, so that a person with two plans of one type has two records (cpis.md 5.1). A repeat of
/// number, type and start is left out: the first stays. The order is that of `records`.
std::vector<UploadGroup> to_upload_records(std::span<const CanonicalRecord> records);

/// True when the record may be sent as it is.
bool may_be_sent(const CanonicalRecord& record);

/// The plan as it is sent.
Plan plan_of(const CanonicalRecord& record);

}  // namespace cpis::social_care
