#include "gateway/net/descriptor.h"

#include <unistd.h>

namespace cpis::net {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void Descriptor::reset() noexcept {
  // Linux frees the number even when close() reports an error: never close it again.
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace cpis::net
