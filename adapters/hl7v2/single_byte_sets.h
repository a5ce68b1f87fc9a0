#pragma once

#include <array>

#include "adapters/hl7v2/charset.h"

namespace cpis::hl7v2 {

/// What each byte of a single-byte set means; U+FFFD where it means nothing, and for the control
/// characters above 0x7F that no text has. For the sets that the system's iconv knows; made at
/// first use, safe from many threads.
const std::array<char32_t, 256>& code_points_of(Charset charset);

}  // namespace cpis::hl7v2
