#include "gateway/usecases/import_export.h"

#include <utility>

#include "adapters/social_care/upload_records.h"
#include "adapters/social_care/vendors.h"
#include "gateway/store/counters.h"

namespace cpis::usecases {
namespace {

Findings refusals_of(const UploadResult& result,
                     const std::vector<social_care::UploadGroup>& groups,
                     const std::vector<social_care::CanonicalRecord>& records) {
  Findings findings;
  for (const RecordResult& record : result.records) {
    if (record.outcome == RecordOutcome::cpr06 || record.index >= groups.size()) continue;
    const social_care::UploadGroup& group = groups[record.index];
    for (const std::size_t member : group.members) {
      Finding finding;
      finding.rule = record.code;
      finding.text = record.outcome == RecordOutcome::unknown
                         ? "refused"
                         : std::string{words_of(record.outcome).display};
      if (!record.detail.empty()) finding.text += ": " + record.detail;
      if (!records[member].rows.empty()) {
        finding.source = records[member].rows.front().file;
        finding.line = records[member].rows.front().line;
      }
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace

Result<ImportOutcome> ImportExport::run(const social_care::Profile& profile,
                                        social_care::ExportSet& files, bool dry_run) {
  const social_care::Vendor* vendor = social_care::vendor_of(profile);
  if (vendor == nullptr) {
    return Error{ErrorKind::unsupported, "the profile names a kind of input nobody reads"};
  }
  ImportOutcome outcome;
  social_care::CollectingSink sink;
  outcome.counts =
      social_care::read_export(*vendor, profile, files, london_date(clock_.now()), sink);
  outcome.findings = std::move(sink.findings);
  const auto checked = register_.identities_are_checked();
  if (!checked) return checked.error();
  outcome.identities_checked = *checked;
  if (dry_run || outcome.counts.refused) return outcome;
  if (const Status sent = send(profile, sink.records, outcome); !sent) return sent.error();
  return outcome;
}

Status ImportExport::send(const social_care::Profile& profile,
                          const std::vector<social_care::CanonicalRecord>& records,
                          ImportOutcome& outcome) {
  std::vector<social_care::UploadGroup> groups = social_care::to_upload_records(records);
  if (groups.empty()) return done;
  UploadFile file;
  file.created = clock_.now();
  file.council = profile.council;
  file.records.reserve(groups.size());
  for (social_care::UploadGroup& group : groups) file.records.push_back(std::move(group.record));
  const std::string sequence = "upload." + file.council.ods_code;
  const Status numbered = database_.write([&](store::Session& session) -> Status {
    const auto number = store::take_numbers(session, sequence);
    if (!number) return number.error();
    file.sequence = *number;
    return done;
  });
  if (!numbered) return numbered;
  auto result = register_.take(file);
  if (!result) return result.error();
  outcome.records_sent = file.records.size();
  outcome.refusals = refusals_of(*result, groups, records);
  outcome.uploads.push_back(*std::move(result));
  return done;
}

}  // namespace cpis::usecases
