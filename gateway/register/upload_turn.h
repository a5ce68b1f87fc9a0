#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/core/ports/clock.h"
#include "adapters/core/result.h"
#include "gateway/store/database.h"

namespace cpis::registry {

/// One upload of a council at a time, over all processes on the store: whoever follows reads the
/// parts of uploads in the order of their numbers, and older plans never replace newer ones. A
/// lease; none is needed in a store that only one process writes. For one thread.
class UploadTurn {
 public:
  UploadTurn(store::Database& database, const Clock& clock, std::string_view council);
  ~UploadTurn();
  UploadTurn(const UploadTurn&) = delete;
  UploadTurn& operator=(const UploadTurn&) = delete;

  /// `busy` while another process takes an upload of the council, or for 20 s after it was killed.
  Status begin();
  /// The first step of each transaction. `unavailable` when another process has taken over.
  Status hold(store::Session& session) const;

 private:
  store::Database& database_;
  const Clock& clock_;
  const std::string lease_;
  const std::string holder_;
  const bool shared_;
  std::int64_t fence_ = 0;
};

}  // namespace cpis::registry
