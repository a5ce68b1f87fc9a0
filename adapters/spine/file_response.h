#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/upload.h"
#include "adapters/spine/reading.h"
#include "adapters/spine/upload.h"

namespace cpis::spine {

/// One `acknowledgementFileDetail`.
struct FileCode {
  std::string code;
  std::string display;
  friend bool operator==(const FileCode&, const FileCode&) = default;
};

/// One `acknowledgementRecordDetail`: what became of one record, with a place that may or may not
/// lead to it.
struct RecordDetail {
  std::string code;      ///< as received: CPR01..CPR07 or something new
  std::string display;   ///< never compared: CPR07 exists in two spellings
  std::string detail;    ///< code and words of a nested qualifier or translation
  std::string location;  ///< XPath text, verbatim

  friend bool operator==(const RecordDetail&, const RecordDetail&) = default;
};

/// One `message`: a record that the service gives back. Rejected ones carry their plans.
struct ReturnedRecord {
  bool valid = false;
  std::optional<PlanSubject> subject;  ///< nothing when its NHS number is not one
  std::string local_id;                ///< the council's own id, also when `subject` is nothing
  std::vector<Plan> plans;

  friend bool operator==(const ReturnedRecord&, const ReturnedRecord&) = default;
};

/// The answer to an upload as it stands on the wire, REPC_MT000003GB01 (cpis.md 6).
struct FileResponse {
  std::int64_t sequence = -1;  ///< -1: the service could not read the file
  std::int64_t quantity = -1;
  Time created{};
  Council council;
  std::vector<FileCode> file_codes;
  std::vector<RecordDetail> details;
  std::vector<ReturnedRecord> returned;
  std::int64_t failed = 0;
  std::int64_t successful = 0;

  friend bool operator==(const FileResponse&, const FileResponse&) = default;
};

/// Writes a response. Only records that can be written are given back: a `returned` without a
/// subject is left out.
std::string write_file_response(const FileResponse& response);
/// Reads one. Every tolerance of cpis.md 19: id and quantity -1, several file codes, unknown codes,
/// no acknowledgementRecord, no messages.
Reading<FileResponse> read_file_response(std::string_view xml);

/// The response that says `result` about `sent`: what the embedded register and the simulator send.
/// Rejected records are given back whole, and each code points to its `message`.
FileResponse make_file_response(const UploadResult& result, const UploadFile& sent);

/// What the response says about each record that was sent. Codes are joined to records by location,
/// then by the returned record's NHS number or local id, then by order (cpis.md 6.1); a code that
/// fits nowhere, and totals that do not add up, are reported. Records that no code speaks of follow
/// the file code: accepted for CPF02 and CPF03, unknown otherwise.
UploadResult join_response(const FileResponse& response, const UploadFile& sent,
                           Findings& findings);

FileOutcome file_outcome_of(std::string_view code);
RecordOutcome record_outcome_of(std::string_view code);

/// The last ordinal of a `record` or `message` step in an XPath, from 1; 0 when there is none.
/// Steps may have prefixes or be written with `local-name()`.
struct LocatedStep {
  std::string name;  ///< "record" or "message"
  std::size_t ordinal = 0;
};
LocatedStep last_ordinal(std::string_view xpath);

}  // namespace cpis::spine
