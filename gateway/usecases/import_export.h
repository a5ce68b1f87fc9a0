#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "adapters/social_care/canonical.h"
#include "adapters/social_care/profile.h"
#include "adapters/social_care/source.h"
#include "gateway/register/register.h"
#include "gateway/store/database.h"
#include "gateway/usecases/council_run.h"

namespace cpis::usecases {

/// What an import came to.
struct ImportOutcome {
  social_care::Counts counts;
  Findings findings;
  bool identities_checked = true;
  RunOutcome run;

  /// True when the export was read and not held: what it says is what CP-IS was told.
  bool used() const { return !counts.refused && run.held.empty(); }
  /// Everything that the council's staff should see: what was found, held and refused.
  Findings all_findings() const;
};

/// Reads a council's export and tells the embedded register what changed since the last one
/// (council_run.h). One import of a council at a time.
class ImportExport {
 public:
  ImportExport(store::Database& database, registry::Register& registry, const Clock& clock);
  /// The same with another way to CP-IS.
  ImportExport(store::Database& database, registry::Register& registry, const Clock& clock,
               UploadDoor door);
  ImportExport(store::Database& database, registry::Register& registry, const Clock& clock,
               CouncilTransport& transport);

  /// With `dry_run` says what it would send and changes nothing. An Error: the store or CP-IS could
  /// not be reached; run it again, it completes what was begun. `busy`: an upload of this council
  /// is on its way; nothing was read, run it again once the answer has come.
  Result<ImportOutcome> run(const social_care::Profile& profile, social_care::ExportSet& files,
                            bool dry_run, const Release& release = {});

 private:
  store::Database& database_;
  registry::Register& register_;
  const Clock& clock_;
  std::unique_ptr<CouncilTransport> own_;
  CouncilTransport& transport_;
};

/// Reads a person index CSV: nhs_number,given_names,family_name,birth_date,sensitive,superseded.
/// The text may be large; refused rows are findings with their line.
std::vector<registry::IndexedPerson> read_person_index(std::string_view csv, Findings& findings);

}  // namespace cpis::usecases
