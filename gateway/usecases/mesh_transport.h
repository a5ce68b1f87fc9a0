#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/ports/clock.h"
#include "gateway/store/database.h"
#include "gateway/usecases/council_transport.h"

namespace cpis::usecases {

/// Lays uploads durably into the queue for MESH (mesh_book.h); MeshExchange sends them. A number is
/// used with the row that holds the upload's bytes, in one transaction.
class MeshTransport final : public CouncilTransport {
 public:
  /// `wake` is called when there is something to send; `first_number` is the least number to use,
  /// for a council that has uploaded with another program.
  MeshTransport(store::Database& database, const Clock& clock, std::int64_t first_number,
                std::function<void()> wake);

  Result<std::optional<std::int64_t>> under_way(std::string_view council) override;
  Result<std::int64_t> next_number(store::Session& session, std::string_view council) override;
  Result<std::optional<UploadResult>> send(const UploadFile& file,
                                           const social_care::ExtractIdentity& extract) override;
  Result<bool> never_left(std::string_view council, std::int64_t sequence) override;

 private:
  store::Database& database_;
  const Clock& clock_;
  const std::int64_t first_number_;
  const std::function<void()> wake_;
};

/// The least number above everything that this council has used, by either way.
Result<std::int64_t> next_mesh_number(store::Session& session, std::string_view council,
                                      std::int64_t first_number);
/// An id for MESH that is never used twice: council, number, and randomness.
std::string mesh_local_id(std::string_view council, std::int64_t sequence);

}  // namespace cpis::usecases
