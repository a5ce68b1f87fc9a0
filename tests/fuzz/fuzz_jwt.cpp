#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/auth/jwt.h"
#include "gateway/auth/key_set.h"

/// A token or a key set of a stranger. What is read is within its limits, has a key id, and has
/// nothing signed that is not a part of what came.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cpis::auth;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto keys = KeySet::read(text)) {
    if (keys->size() == 0 || keys->size() > key_set_keys_max) std::abort();
    if (keys->knows("")) std::abort();
  }
  const auto jwt = read_jwt(text);
  if (!jwt) return 0;
  if (size > jwt_bytes_max || jwt->key_id.empty()) std::abort();
  if (!text.starts_with(jwt->signed_bytes)) std::abort();
  static_cast<void>(jwt->is_for("https://gateway.example/FHIR/R4"));
  const auto refused = refuse_times(*jwt, {1'700'000'000, 30, 3'600});
  if (refused.empty() && !jwt->seconds("exp")) std::abort();
  return 0;
}
