#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cpis::peers {

/// What can go wrong with a national service. Scripted by NHS number, or by the request header
/// `X-Misbehave`.
enum class Misbehaviour : std::uint8_t {
  none,
  late,             ///< the answer comes after the caller's deadline
  never,            ///< accepted, and no answer ever
  twice,            ///< the answer comes twice
  cut_off,          ///< the HTTP response ends in its middle
  wrong_reference,  ///< the answer refers to a message that nobody sent
  http_500,
  soap_fault,     ///< a fault that will not pass (300)
  passing_fault,  ///< a fault that passes (200), once; then all is well
  mcci_error,     ///< an application error
  nrf,            ///< no records found, whatever is held
  garbage,        ///< something that is no answer
  slow_drip,      ///< the response comes a byte at a time
};
inline constexpr std::array misbehaviour_names{
    std::string_view{"none"},          std::string_view{"late"},
    std::string_view{"never"},         std::string_view{"twice"},
    std::string_view{"cut-off"},       std::string_view{"wrong-reference"},
    std::string_view{"http-500"},      std::string_view{"soap-fault"},
    std::string_view{"passing-fault"}, std::string_view{"mcci-error"},
    std::string_view{"nrf"},           std::string_view{"garbage"},
    std::string_view{"slow-drip"},
};

constexpr std::string_view name_of(Misbehaviour what) {
  return misbehaviour_names[static_cast<std::size_t>(what)];
}
constexpr std::optional<Misbehaviour> parse_misbehaviour(std::string_view name) {
  for (std::size_t i = 0; i < misbehaviour_names.size(); ++i) {
    if (misbehaviour_names[i] == name) return static_cast<Misbehaviour>(i);
  }
  return std::nullopt;
}
static_assert(name_of(Misbehaviour::slow_drip) == "slow-drip");

}  // namespace cpis::peers
