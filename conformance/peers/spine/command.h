#pragma once

#include <cstdint>
#include <string>

namespace cpis::peers {

struct SpineCommand {
  std::string folder;  ///< for the certificates; must exist
  std::string pattern = "reliable";
  std::string gateway_url;   ///< where asynchronous answers go
  std::string person_index;  ///< CSV of the invented county, for PDS; may be empty
  std::string plans;         ///< CSV nhs_number,plan_type,start,end; may be empty
  std::string misbehave;     ///< `NHSNUMBER=fault,...`; may be empty
  std::uint16_t port = 0;
  bool plain = false;  ///< without TLS
};

/// Runs the simulated Spine until a line comes in on standard input or it ends (Ctrl-D, or the
/// parent program going away). Gives the exit code.
int run_spine(const SpineCommand& command);

}  // namespace cpis::peers
