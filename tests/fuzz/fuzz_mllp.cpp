#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/hl7v2/mllp_framer.h"

namespace {

constexpr std::size_t cut_everywhere_max = 96;

struct Outcome {
  std::vector<std::string> messages;
  bool refused = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read_in(const std::vector<std::string_view>& parts,
                const cpis::hl7v2::MllpFramerOptions& options) {
  Outcome outcome;
  cpis::hl7v2::MllpFramer framer{options};
  for (const std::string_view part : parts) {
    framer.push(part);
    while (true) {
      const auto message = framer.next();
      if (!message) return {outcome.messages, true};
      if (!*message) break;
      if ((*message)->size() > options.message_bytes_max) std::abort();
      outcome.messages.emplace_back(**message);
    }
    if (framer.held_bytes() > options.message_bytes_max + 32) std::abort();
  }
  if (const auto last = framer.finish()) outcome.messages.emplace_back(*last);
  return outcome;
}

}  // namespace

/// However the bytes arrive, in one piece, two or one by one, the framer must give the same
/// messages and the same verdict, within its limits. Short inputs are cut at every place; in longer
/// ones the first byte chooses it, and the options.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const cpis::hl7v2::MllpFramerOptions options{
      .message_bytes_max = 16, .stray_bytes_max = 24, .accept_missing_start = (data[0] & 1U) != 0};
  const Outcome whole = read_in({bytes}, options);
  const auto check_cut = [&](std::size_t cut) {
    if (whole != read_in({bytes.substr(0, cut), bytes.substr(cut)}, options)) std::abort();
  };
  if (bytes.size() <= cut_everywhere_max) {
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) check_cut(cut);
  } else {
    check_cut((data[0] >> 1U) * bytes.size() / 128);
  }
  std::vector<std::string_view> single;
  for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(bytes.substr(i, 1));
  if (whole != read_in(single, options)) std::abort();
  return 0;
}
