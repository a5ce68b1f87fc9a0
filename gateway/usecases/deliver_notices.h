#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "adapters/core/notice.h"
#include "adapters/core/ports/clock.h"
#include "gateway/register/register.h"

namespace cpis::usecases {

/// Lays the notices that councils are owed into their trays: `TRAY/COUNCIL/NAME.xml`, the CP-IS
/// message (REPC_MT000004GB01 or REPC_MT000005GB01), and `NAME.csv`, one row for each access, which
/// a case system can import (adapters/social_care/notice_csv.h).
///
/// A file appears whole (written beside, flushed, renamed) and before the notices are marked as
/// delivered; a crash in between repeats the file under the same name. Names hold the message's id
/// and nothing about a person. One thread at a time.
class DeliverNotices {
 public:
  DeliverNotices(registry::Register& registry, const Clock& clock, std::string tray)
      : register_{registry}, clock_{clock}, tray_{std::move(tray)} {}

  /// One bounded pass; gives how many notices were laid. An error leaves the rest for the next
  /// pass.
  Result<std::size_t> step();

  std::uint64_t delivered() const { return delivered_; }

 private:
  Result<std::size_t> deliver(const Council& council, registry::NoticeRow::Kind kind,
                              const std::vector<registry::NoticeRow>& notices);

  registry::Register& register_;
  const Clock& clock_;
  std::string tray_;
  std::atomic<std::uint64_t> delivered_{0};
};

/// Writes `bytes` to `path` so that it appears whole: beside it, flushed, renamed, folder flushed.
Status write_whole_file(const std::string& path, std::string_view bytes);

}  // namespace cpis::usecases
