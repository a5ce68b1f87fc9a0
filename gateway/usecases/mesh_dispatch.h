#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/council.h"
#include "adapters/core/ports/clock.h"
#include "adapters/core/upload.h"
#include "adapters/spine/file_response.h"
#include "gateway/register/register.h"
#include "gateway/store/database.h"
#include "gateway/usecases/mesh_book.h"

namespace cpis::usecases {

struct MeshDispatchSettings {
  Council council;
  std::string mailbox;                ///< ours
  std::vector<std::string> believed;  ///< mailboxes whose files are used
  std::int64_t first_number = 1;
  Duration resubmit_after = std::chrono::minutes{15};  ///< CPF05; doubles each time
  int resubmit_max = 8;
};

/// What came, from the start.
struct MeshDispatchCounters {
  std::atomic<std::uint64_t> answers{0}, resubmitted{0}, without_effect{0}, undelivered{0},
      access_notices{0}, looks{0}, inactive_notices{0}, repeated{0}, unclear{0}, left_out{0};
};

/// Deals with the files that were kept, in the order they came, by the root of their content: the
/// answer to an upload moves the council's memory, notices are owed to the council's case system
/// (the register's tray), reports end an upload that CP-IS never got. Doing it again changes
/// nothing: files are known by id and content, answers by number, looks by their own id. One
/// thread.
class MeshDispatch {
 public:
  MeshDispatch(MeshDispatchSettings settings, store::Database& database,
               registry::Register& registry, const Clock& clock);

  /// Deals with the oldest kept file; false when there is none. An error: try again.
  Result<bool> step();

  /// This upload never took effect: its records are as if they were not sent.
  Status end_without_effect(MeshUpload upload, std::string_view code);

  const MeshDispatchCounters& counters() const { return counters_; }

 private:
  Status deal_with(const MeshMessage& message);
  Status take_answer(const MeshMessage& message);
  Status take_report(const MeshMessage& message);
  Status take_access_notice(const MeshMessage& message);
  Status take_inactive_notice(const MeshMessage& message);
  Status unclear(const MeshMessage& message, std::string_view why);
  Status settle(const MeshMessage& message, MeshMessageState state, std::string_view what);
  Result<std::optional<MeshUpload>> upload_of(const MeshMessage& message,
                                              const spine::FileResponse& response);
  Status move_records(const MeshUpload& upload, const UploadResult* result);
  void refresh_work();
  Status resubmit(MeshUpload upload, const UploadFile& file, const MeshMessage& message);
  Status conclude(MeshUpload upload, const UploadResult& result, bool effect,
                  const MeshMessage& message);

  const MeshDispatchSettings settings_;
  store::Database& database_;
  registry::Register& register_;
  const Clock& clock_;
  MeshDispatchCounters counters_;
};

/// The local name of the root element of an XML text, or empty.
std::string_view root_of(std::string_view xml);

}  // namespace cpis::usecases
