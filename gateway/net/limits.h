#pragma once

#include <cstddef>

namespace cpis::net {

/// One read takes at most this much; each loop has one buffer of the size, connections have none.
inline constexpr std::size_t read_buffer_bytes = std::size_t{64} * 1024;

/// A buffer that grew beyond this is given back when it becomes empty.
inline constexpr std::size_t kept_buffer_bytes = std::size_t{4} * 1024;

/// Input discarded from a peer that keeps sending after we have ended our side.
inline constexpr std::size_t linger_bytes_max = std::size_t{1024} * 1024;

/// Connections one loop can hold, whatever the settings say.
inline constexpr std::size_t loop_connections_max = 1'000'000;

/// Events taken from the kernel in one turn, and connections accepted in one turn.
inline constexpr int events_per_turn = 256;
inline constexpr int accepts_per_turn = 64;

/// Queue of connections the kernel has accepted for us (capped by net.core.somaxconn).
inline constexpr int listen_backlog = 4096;

}  // namespace cpis::net
