#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/hl7v2/mllp_framer.h"

// "Whole equals cut in two" for readers that stand behind the frame reader.

namespace cpis::fuzz {

/// The messages of one frame around `message` when it arrives cut at `cut` (into the frame). The
/// framer's own rules decide what a message with VT or FS in it becomes; a refusal ends the list.
inline std::vector<std::string> framed_and_cut(std::string_view message, std::size_t cut) {
  const std::string frame = hl7v2::mllp_frame(message);
  const std::string_view bytes{frame};
  cut = std::min(cut, bytes.size());
  hl7v2::MllpFramer framer{{.message_bytes_max = std::size_t{1} << 20U}};
  std::vector<std::string> messages;
  for (const std::string_view part : {bytes.substr(0, cut), bytes.substr(cut)}) {
    framer.push(part);
    while (true) {
      const auto next = framer.next();
      if (!next) return messages;
      if (!*next) break;
      messages.emplace_back(**next);
    }
  }
  if (const auto last = framer.finish()) messages.emplace_back(*last);
  return messages;
}

/// Where the input itself says that it is to be cut.
inline std::size_t cut_of(std::string_view bytes) {
  return bytes.empty() ? 0 : static_cast<unsigned char>(bytes.back()) * bytes.size() / 255;
}

}  // namespace cpis::fuzz
