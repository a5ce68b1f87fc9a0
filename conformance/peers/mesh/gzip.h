#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cpis::peers {

std::string gzip(std::string_view bytes);
/// Nothing when it is not gzip or longer than the simulation takes (64 MiB).
std::optional<std::string> gunzip(std::string_view bytes);

}  // namespace cpis::peers
