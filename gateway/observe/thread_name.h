#pragma once

namespace cpis::observe {

/// Names the calling thread, so that `top -H`, a core file and a profile say which is which. At
/// most 15 bytes (pthread_setname_np); a longer name is not set.
void name_thread(const char* name) noexcept;

}  // namespace cpis::observe
