#include "gateway/usecases/import_export.h"

#include <utility>

#include "adapters/social_care/vendors.h"
#include "gateway/usecases/extract_digest.h"

namespace cpis::usecases {
namespace {

/// Records go on to the run at once; findings are kept for the report.
class RunSink final : public social_care::Sink {
 public:
  RunSink(CouncilRun& run, Findings& findings) : run_{run}, findings_{findings} {}
  void take(social_care::CanonicalRecord&& record) override { run_.take(std::move(record)); }
  void take(Finding&& finding) override { findings_.push_back(std::move(finding)); }

 private:
  CouncilRun& run_;
  Findings& findings_;
};

}  // namespace

Findings ImportOutcome::all_findings() const {
  Findings all = findings;
  all.insert(all.end(), run.held.begin(), run.held.end());
  all.insert(all.end(), run.refusals.begin(), run.refusals.end());
  return all;
}

ImportExport::ImportExport(store::Database& database, registry::Register& registry,
                           const Clock& clock)
    : ImportExport{database, registry, clock, UploadDoor{[&registry](const UploadFile& file) {
                     return registry.take(file);
                   }}} {}

ImportExport::ImportExport(store::Database& database, registry::Register& registry,
                           const Clock& clock, UploadDoor door)
    : database_{database},
      register_{registry},
      clock_{clock},
      own_{std::make_unique<DirectTransport>(std::move(door))},
      transport_{*own_} {}

ImportExport::ImportExport(store::Database& database, registry::Register& registry,
                           const Clock& clock, CouncilTransport& transport)
    : database_{database}, register_{registry}, clock_{clock}, transport_{transport} {}

Result<ImportOutcome> ImportExport::run(const social_care::Profile& profile,
                                        social_care::ExportSet& files, bool dry_run,
                                        const Release& release) {
  const social_care::Vendor* vendor = social_care::vendor_of(profile);
  if (vendor == nullptr) {
    return Error{ErrorKind::unsupported, "the profile names a kind of input nobody reads"};
  }
  const auto under_way = transport_.under_way(profile.council.ods_code);
  if (!under_way) return under_way.error();
  if (*under_way && !dry_run) {
    return Error{ErrorKind::busy,
                 "upload " + std::to_string(**under_way) + " of this council is not answered yet"};
  }
  ImportOutcome outcome;
  const auto checked = register_.identities_are_checked();
  if (!checked) return checked.error();
  outcome.identities_checked = *checked;
  CouncilRun run{{database_, register_, clock_, profile, transport_}, release, dry_run};
  if (const Status begun = run.begin(); !begun) return begun.error();
  RunSink sink{run, outcome.findings};
  ExtractDigest digest;
  social_care::ExportSet watched = digest.watch(files);
  outcome.counts =
      social_care::read_export(*vendor, profile, watched, london_date(clock_.now()), sink);
  if (outcome.counts.refused) return outcome;
  auto ran =
      run.finish(outcome.counts, {digest.text(), made_day(files), outcome.counts.open_by_type});
  if (!ran) return ran.error();
  outcome.run = *std::move(ran);
  return outcome;
}

}  // namespace cpis::usecases
