#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "adapters/core/result.h"
#include "adapters/core/upload.h"
#include "adapters/social_care/difference.h"
#include "gateway/store/database.h"

namespace cpis::usecases {

/// Hands an upload to CP-IS and gives its answer. An Error: nothing is known of what became of it.
using UploadDoor = std::function<Result<UploadResult>(const UploadFile&)>;

/// How a council's uploads reach CP-IS: into the embedded register, which answers at once, or over
/// MESH, where the answer comes later. One upload of a council is under way at a time.
class CouncilTransport {
 public:
  virtual ~CouncilTransport() = default;

  /// The number of the upload that has left and is not answered; nothing when there is none.
  virtual Result<std::optional<std::int64_t>> under_way(std::string_view council) = 0;

  /// The number for the next upload, inside a work. A number that has left is never given again;
  /// one that never left may be.
  virtual Result<std::int64_t> next_number(store::Session& session, std::string_view council) = 0;

  /// Hands the upload over, durably. Nothing: it is on its way, and its answer is dealt with when
  /// it comes; `extract` is then remembered as used. An Error: nothing is known of what became of
  /// it.
  virtual Result<std::optional<UploadResult>> send(const UploadFile& file,
                                                   const social_care::ExtractIdentity& extract) = 0;

  /// True when this upload was never handed over and never will be, so that its records are as if
  /// they were never sent. Only asked of an upload that is not under way.
  virtual Result<bool> never_left(std::string_view council, std::int64_t sequence) = 0;
};

/// Calls a function that answers at once, by default the embedded register.
class DirectTransport final : public CouncilTransport {
 public:
  explicit DirectTransport(UploadDoor door) : door_{std::move(door)} {}

  Result<std::optional<std::int64_t>> under_way(std::string_view council) override;
  Result<std::int64_t> next_number(store::Session& session, std::string_view council) override;
  Result<std::optional<UploadResult>> send(const UploadFile& file,
                                           const social_care::ExtractIdentity& extract) override;
  Result<bool> never_left(std::string_view council, std::int64_t sequence) override;

 private:
  const UploadDoor door_;
};

}  // namespace cpis::usecases
