#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "adapters/core/upload.h"
#include "adapters/social_care/canonical.h"
#include "adapters/social_care/profile.h"
#include "adapters/social_care/source.h"
#include "gateway/register/register.h"
#include "gateway/store/database.h"

namespace cpis::usecases {

/// What an import came to.
struct ImportOutcome {
  social_care::Counts counts;
  Findings findings;
  std::size_t records_sent = 0;
  bool identities_checked = true;
  std::vector<UploadResult> uploads;  ///< one for each council file that was taken
  /// Place and outcome of each record that was refused, for the exception report.
  Findings refusals;
};

/// Reads a council's export and puts what may be sent into the embedded register as one upload with
/// the council's next sequence number. Nothing is ended because a row is missing. With `dry_run`
/// only reads.
class ImportExport {
 public:
  ImportExport(store::Database& database, registry::Register& registry, const Clock& clock)
      : database_{database}, register_{registry}, clock_{clock} {}

  Result<ImportOutcome> run(const social_care::Profile& profile, social_care::ExportSet& files,
                            bool dry_run);

 private:
  Status send(const social_care::Profile& profile,
              const std::vector<social_care::CanonicalRecord>& records, ImportOutcome& outcome);

  store::Database& database_;
  registry::Register& register_;
  const Clock& clock_;
};

/// Reads a person index CSV: nhs_number,given_names,family_name,birth_date,sensitive,superseded.
/// The text may be large; refused rows are findings with their line.
std::vector<registry::IndexedPerson> read_person_index(std::string_view csv, Findings& findings);

}  // namespace cpis::usecases
