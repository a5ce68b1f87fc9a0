#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "adapters/core/result.h"

namespace cpis::http {

/// Whether a client with this Accept-Encoding header (RFC 9110, 12.5.3) wants gzip.
bool accepts_gzip(std::string_view accept_encoding) noexcept;

/// The bytes as one gzip member (RFC 1952), at a speed fit for answers.
std::string gzip(std::string_view bytes);

/// The opposite, for one or more members. `bad_input` when it is not gzip, is cut short or has
/// bytes after its end; `busy` (a limit is reached) when the outcome is longer than `bytes_max`:
/// a small file can hold gigabytes.
Result<std::string> gunzip(std::string_view compressed, std::size_t bytes_max);

}  // namespace cpis::http
