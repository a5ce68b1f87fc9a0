#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cpis::hospital {

struct HospitalCommand {
  std::string to = "127.0.0.1:2575";  ///< host:port of an MLLP listener; `-`: print, send nothing
  double rate = 10;                   ///< messages a second; 0: as soon as answered
  std::uint64_t count = 0;            ///< 0: no end
  double seconds = 0;                 ///< 0: no end
  std::uint64_t seed = 1;
  std::size_t connections = 4;
  int arrivals_per_day = 400;
  std::vector<std::string> dialects;  ///< names; empty: all
  std::string people;                 ///< person index CSV of the invented county; may be empty
  double share_known = 0.1;
  double share_disconnected = 0;
  std::string trust = "RXX", site = "RXX01";
  std::string start;  ///< YYYY-MM-DD, first day of the feed; empty: thirty days ago
};

/// Sends (or prints) the feed of a simulated hospital and says how it was answered. Gives the exit
/// code: failure when a message was refused or never answered.
int run_hospital(const HospitalCommand& command);

}  // namespace cpis::hospital
