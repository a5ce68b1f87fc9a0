#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

#include "gateway/usecases/deliver_notices.h"

namespace cpis::usecases {
namespace {

Error trouble(std::string_view what) {
  return {ErrorKind::unavailable, std::string{what} + ": " + std::strerror(errno)};
}

class File {
 public:
  explicit File(int descriptor) : descriptor_{descriptor} {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Status write_whole_file(const std::string& path, std::string_view bytes) {
  const std::filesystem::path target{path};
  std::error_code made;
  std::filesystem::create_directories(target.parent_path(), made);
  const std::string beside = path + ".part";
  {
    const File file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)};
    if (file.get() < 0) return trouble("the folder cannot be written");
    if (!write_all(file.get(), bytes)) return trouble("writing the file failed");
    if (::fsync(file.get()) != 0) return trouble("flushing the file failed");
  }
  if (std::rename(beside.c_str(), path.c_str()) != 0) return trouble("renaming the file failed");
  const File folder{::open(target.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return trouble("flushing the folder failed");
  return done;
}

}  // namespace cpis::usecases
