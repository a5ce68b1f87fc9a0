#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cpis::peers {

/// What can go wrong with a message exchange. Scripted by operation, a number of times.
enum class MeshFault : std::uint8_t {
  none,
  refused,    ///< 503, and nothing was done
  lost,       ///< it was done, and the answer never comes
  cut_off,    ///< the answer ends in its middle
  bad_chunk,  ///< a download whose bytes are not what was sent
  no_auth,    ///< 403, as for a wrong token
};
inline constexpr std::array mesh_fault_names{
    std::string_view{"none"},    std::string_view{"503"},       std::string_view{"lost"},
    std::string_view{"cut-off"}, std::string_view{"bad-chunk"}, std::string_view{"403"},
};
constexpr std::optional<MeshFault> parse_mesh_fault(std::string_view name) {
  for (std::size_t i = 0; i < mesh_fault_names.size(); ++i) {
    if (mesh_fault_names[i] == name) return static_cast<MeshFault>(i);
  }
  return std::nullopt;
}

}  // namespace cpis::peers
