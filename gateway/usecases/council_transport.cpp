#include "gateway/usecases/council_transport.h"

#include <string>

#include "gateway/store/counters.h"

namespace cpis::usecases {

Result<std::optional<std::int64_t>> DirectTransport::under_way(std::string_view) {
  return std::optional<std::int64_t>{};
}

Result<std::int64_t> DirectTransport::next_number(store::Session& session,
                                                  std::string_view council) {
  return store::take_numbers(session, "upload." + std::string{council});
}

Result<std::optional<UploadResult>> DirectTransport::send(const UploadFile& file,
                                                          const social_care::ExtractIdentity&) {
  auto result = door_(file);
  if (!result) return result.error();
  return std::optional<UploadResult>{*std::move(result)};
}

// What became of it is read from the register itself.
Result<bool> DirectTransport::never_left(std::string_view, std::int64_t) { return false; }

}  // namespace cpis::usecases
