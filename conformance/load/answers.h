#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cpis::load {

/// What the load generator speaks.
enum class Wire { http, mllp };

/// One answer at the front of what has arrived.
struct Answer {
  enum class State { whole, partial, broken };
  State state = State::partial;
  std::size_t bytes = 0;     ///< of the whole answer, to be taken away
  bool good = false;         ///< HTTP: 2xx; MLLP: AA or CA
  bool closing = false;      ///< HTTP: the server ends the connection after it
  std::string_view content;  ///< HTTP: the body; MLLP: the message
};

/// Answers must have a Content-Length: the generator measures, it is not a client for the world.
Answer read_answer(Wire wire, std::string_view arrived);

/// Whether an acknowledgement answers the message with this MSH-10 (MSA-2, byte for byte).
bool acknowledges(std::string_view acknowledgement, std::string_view control_id);

/// GET with keep-alive, for a target on the loopback interface.
std::string get_request(std::string_view target, std::string_view more_header_lines);

/// An invented ED arrival (ADT^A04, class E, UK dialect) in its frame; `number` makes the person,
/// the visit and MSH-10 its own.
std::string admission_message(std::uint64_t number);

}  // namespace cpis::load
