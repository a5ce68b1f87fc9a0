#include "gateway/store/journal_disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "gateway/store/sqlite_file.h"

namespace cpis::store {
namespace {

constexpr std::uint64_t growth_bytes = std::uint64_t{4} << 20;
struct alignas(journal_page) Zeros {
  std::array<char, std::size_t{256} * 1024> bytes{};
};
constexpr Zeros zeros;

Error trouble(std::string_view doing, const std::string& path) {
  return {ErrorKind::unavailable,
          std::string{doing} + ' ' + path + ": " + std::generic_category().message(errno)};
}

class Handle {
 public:
  explicit Handle(int number) : number_{number} {}
  ~Handle() {
    if (number_ >= 0) ::close(number_);
  }
  Handle(Handle&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  Handle& operator=(Handle&&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

class FileDisk final : public JournalDisk {
 public:
  FileDisk(std::string path, Handle writing, Handle reading, std::uint64_t size)
      : path_{std::move(path)},
        writing_{std::move(writing)},
        reading_{std::move(reading)},
        grown_{size} {}

  Status write(std::uint64_t at, std::string_view pages) override {
    // Without room to grow by as much there may be room for this.
    const std::uint64_t end = at + pages.size();
    if (end > grown_) static_cast<void>(grow_to(end));
    return put(at, pages);
  }

  Status flush() override {
    if (::fdatasync(writing_.get()) != 0) return trouble("cannot flush", path_);
    return done;
  }

  Result<std::string> read(std::uint64_t at, std::size_t size) const override {
    std::string bytes(size, '\0');
    std::size_t got = 0;
    while (got < size) {
      const ssize_t part =
          ::pread(reading_.get(), bytes.data() + got, size - got, static_cast<off_t>(at + got));
      if (part < 0 && errno == EINTR) continue;
      if (part < 0) return trouble("cannot read", path_);
      if (part == 0) break;
      got += static_cast<std::size_t>(part);
    }
    bytes.resize(got);
    return bytes;
  }

  Status cut() override {
    grown_ = 0;
    if (::ftruncate(writing_.get(), 0) != 0) return trouble("cannot empty", path_);
    return done;
  }

 private:
  Status put(std::uint64_t at, std::string_view pages) {
    while (!pages.empty()) {
      const ssize_t part =
          ::pwrite(writing_.get(), pages.data(), pages.size(), static_cast<off_t>(at));
      if (part < 0 && (errno == EINTR || (errno == EINVAL && leave_direct()))) continue;
      if (part < 0) return trouble("cannot write", path_);
      at += static_cast<std::uint64_t>(part);
      pages.remove_prefix(static_cast<std::size_t>(part));
    }
    return done;
  }

  // A file system may open a file like that and then want larger pages than ours. False when it was
  // not that.
  bool leave_direct() {
    const int flags = ::fcntl(writing_.get(), F_GETFL);
    if (flags < 0 || (flags & O_DIRECT) == 0) return false;
    return ::fcntl(writing_.get(), F_SETFL, flags & ~O_DIRECT) == 0;
  }

  Status grow_to(std::uint64_t end) {
    const std::uint64_t until = (end / growth_bytes + 1) * growth_bytes;
    while (grown_ < until) {
      const std::string_view all{zeros.bytes.data(), zeros.bytes.size()};
      const std::string_view part = all.substr(0, std::min(all.size(), until - grown_));
      if (const Status grown = put(grown_, part); !grown) return grown;
      grown_ += part.size();
    }
    return done;
  }

  const std::string path_;
  const Handle writing_;
  const Handle reading_;
  std::uint64_t grown_;
};

// Not every file system has a way past the page cache.
Handle open_to_write(const std::string& path) {
  const int direct = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_DIRECT);
  if (direct >= 0) return Handle{direct};
  return Handle{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
}

}  // namespace

Result<std::unique_ptr<JournalDisk>> open_journal_disk(const std::string& path) {
  if (const Status made = make_private_file(path, FileMode::new_or_existing); !made) {
    return made.error();
  }
  // That the file is there must be as durable as what will be in it.
  if (const Status flushed = flush_folder_of(path); !flushed) return flushed.error();
  Handle writing = open_to_write(path);
  Handle reading{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (writing.get() < 0 || reading.get() < 0) return trouble("cannot open", path);
  const off_t size = ::lseek(reading.get(), 0, SEEK_END);
  if (size < 0) return trouble("cannot read", path);
  return std::unique_ptr<JournalDisk>{std::make_unique<FileDisk>(
      path, std::move(writing), std::move(reading), static_cast<std::uint64_t>(size))};
}

char* JournalPages::make(std::size_t bytes) {
  if (bytes > size_) {
    bytes_.reset();
    bytes_.reset(static_cast<char*>(::operator new[](bytes, std::align_val_t{journal_page})));
    size_ = bytes;
  }
  return bytes_.get();
}

}  // namespace cpis::store
