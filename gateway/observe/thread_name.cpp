#include "gateway/observe/thread_name.h"

#include <pthread.h>

namespace cpis::observe {

void name_thread(const char* name) noexcept {
  static_cast<void>(::pthread_setname_np(::pthread_self(), name));
}

}  // namespace cpis::observe
