#pragma once

#include <cstddef>

namespace cpis::net {

/// How one non-blocking read or write ended.
enum class IoState {
  moved,       ///< `bytes` were moved, at least one
  wait_read,   ///< nothing now; try again when the socket can be read
  wait_write,  ///< nothing now; try again when the socket can be written
  ended,       ///< the peer will send nothing more
  failed,      ///< the connection is of no further use
};

struct IoResult {
  IoState state;
  std::size_t bytes = 0;
};

}  // namespace cpis::net
