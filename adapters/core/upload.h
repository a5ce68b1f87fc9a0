#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/council.h"
#include "adapters/core/person.h"
#include "adapters/core/plan.h"

namespace cpis {

/// One record of an upload: one person and at most one plan of each type (cpis.md 5).
struct UploadRecord {
  PlanSubject subject;
  std::vector<Plan> plans;  ///< 1..3

  friend bool operator==(const UploadRecord&, const UploadRecord&) = default;
};

/// A council's upload, REPC_MT000002GB01.
struct UploadFile {
  std::int64_t sequence = 0;  ///< positive, durable, never used twice by one council
  Time created{};
  Council council;
  std::vector<UploadRecord> records;

  friend bool operator==(const UploadFile&, const UploadFile&) = default;
};

/// CP-ISUploadFileResponse (…17.474, v2.0).
enum class FileOutcome : std::uint8_t { cpf01, cpf02, cpf03, cpf04, cpf05, cpf06, unknown };
/// CP-ISUploadRecordResponse (…17.473, v3.0).
enum class RecordOutcome : std::uint8_t {
  cpr01,
  cpr02,
  cpr03,
  cpr04,
  cpr05,
  cpr06,
  cpr07,
  unknown
};

struct OutcomeWords {
  std::string_view code;
  std::string_view display;
};

inline constexpr std::array<OutcomeWords, 6> file_outcome_words{{
    {"CPF01", "File Level Error"},
    {"CPF02", "Successful File Upload"},
    {"CPF03", "Partial File Upload"},
    {"CPF04", "Unsuccessful File Upload"},
    {"CPF05", "PDS Error - PDS Unavailable"},
    {"CPF06",
     "Spine ii rejected the request because this version of the CPIS Client is no longer "
     "supported"},
}};
inline constexpr std::array<OutcomeWords, 7> record_outcome_words{{
    {"CPR01", "PDS Error - No Match Found for NHS Number"},
    {"CPR02", "PDS Error - NHS Number Matched, but Sensitive Record"},
    {"CPR03", "PDS Error - NHS Number not Verified"},
    {"CPR04", "PDS Error - NHS Number Format Incorrect"},
    {"CPR05", "PDS Error - NHS Number Verified, but Superseded"},
    {"CPR06", "Successful Record Upload"},
    {"CPR07", "Unsuccessful Record Upload"},
}};

/// What became of one record of an upload.
struct RecordResult {
  std::size_t index = 0;  ///< position in UploadFile::records
  RecordOutcome outcome = RecordOutcome::unknown;
  std::string code;    ///< as received; also when `outcome` is unknown
  std::string detail;  ///< verbatim qualifier of CPR07, if any

  friend bool operator==(const RecordResult&, const RecordResult&) = default;
};

/// The answer to one upload.
struct UploadResult {
  std::int64_t sequence = 0;  ///< -1 when the file could not be read
  Time created{};
  FileOutcome outcome = FileOutcome::unknown;
  std::string code;  ///< as received
  std::size_t accepted = 0;
  std::size_t rejected = 0;
  std::vector<RecordResult> records;

  friend bool operator==(const UploadResult&, const UploadResult&) = default;
};

constexpr const OutcomeWords& words_of(RecordOutcome outcome) {
  return record_outcome_words[static_cast<std::size_t>(outcome)];
}
constexpr const OutcomeWords& words_of(FileOutcome outcome) {
  return file_outcome_words[static_cast<std::size_t>(outcome)];
}

}  // namespace cpis
