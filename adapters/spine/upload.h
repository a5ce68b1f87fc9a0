#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/core/upload.h"
#include "adapters/spine/reading.h"

namespace cpis::spine {

/// Takes the bytes of a large message as they are made. A failure ends the writing.
using Sink = std::function<Status(std::string_view)>;

/// What an upload says before its records.
struct UploadHead {
  std::int64_t sequence = 0;
  Time created{};
  Council council;
  std::size_t records = 0;  ///< transmissionQuantity

  friend bool operator==(const UploadHead&, const UploadHead&) = default;
};

/// Empty when the record can be written; else what is missing, as a sentence without personal data
/// (cpis.md 5.4, 5.5): one to three plans of different kinds, both name parts, a birth date, an end
/// for an unborn child plan, a mother for it and a child for the other kinds.
std::string why_not_sendable(const UploadRecord& record);

/// Writes a council's upload, REPC_MT000002GB01 (root `File`), a record at a time: memory does not
/// grow with the file. The order of calls is add... finish, once.
class UploadWriter {
 public:
  UploadWriter(UploadHead head, Sink sink);
  ~UploadWriter();
  UploadWriter(const UploadWriter&) = delete;
  UploadWriter& operator=(const UploadWriter&) = delete;

  /// `bad_input` when the record is not sendable, or when it is one more than was announced.
  Status add(const UploadRecord& record);
  /// Ends the message. `bad_input` when fewer records came than were announced, or none.
  Status finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The whole file at once. `bad_input` also when the council has no emergency duty telephone: Spine
/// refuses each record of such a file.
Status write_upload(const UploadFile& file, const Sink& sink);

/// One `record` of an upload as it was read.
struct UploadPart {
  std::size_t index = 0;              ///< position in the file, from 0
  std::vector<UploadRecord> records;  ///< one; two when child and mother share the record
  Findings findings;                  ///< rule CPR04: NHS number, CPR07: anything else missing
};

/// Reads an upload from pieces of any size, record by record.
class UploadReader {
 public:
  using OnPart = std::function<void(UploadPart)>;

  explicit UploadReader(OnPart on_part, std::size_t bytes_max = std::size_t{1024} * 1024 * 1024);
  ~UploadReader();
  UploadReader(const UploadReader&) = delete;
  UploadReader& operator=(const UploadReader&) = delete;

  /// False once the file has been refused.
  bool push(std::string_view bytes);
  /// The head, or nothing and a fatal finding when the file could not be read to its end: then the
  /// parts that were handed over must not be used either (CPF01).
  Reading<UploadHead> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The whole file at once; findings carry `record N` in their source.
Reading<UploadFile> read_upload(std::string_view xml);

}  // namespace cpis::spine
