#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "adapters/core/result.h"

namespace cpis::store {

/// What a journal is written in: places and sizes are multiples of this, in bytes.
inline constexpr std::size_t journal_page = 4096;

/// The file under a journal, as little of it as a journal needs. One writer at a time; reads may
/// come from other threads, of what was flushed.
class JournalDisk {
 public:
  virtual ~JournalDisk() = default;
  /// Whole pages at a whole page, in memory that begins at one. After an error what is there is
  /// not known, but what was flushed before at other places is.
  virtual Status write(std::uint64_t at, std::string_view pages) = 0;
  /// What was written is durable when this returns. After an error nothing more can be believed.
  virtual Status flush() = 0;
  /// At most `size` bytes; fewer at the end of the file.
  virtual Result<std::string> read(std::uint64_t at, std::size_t size) const = 0;
  /// Makes the file empty.
  virtual Status cut() = 0;
};

/// Opens `path`, or makes it for its owner only: it holds personal data. Past the page cache where
/// the file system can do that, because nobody reads what was just written; and the file grows by
/// megabytes of zeros, because the flush of a file that got longer costs more than that of one that
/// did not.
Result<std::unique_ptr<JournalDisk>> open_journal_disk(const std::string& path);

/// Memory that a JournalDisk takes. Grows; never shrinks.
class JournalPages {
 public:
  /// At least this many bytes, of unknown content.
  char* make(std::size_t bytes);

 private:
  struct Free {
    void operator()(char* bytes) const {
      ::operator delete[](bytes, std::align_val_t{journal_page});
    }
  };
  std::unique_ptr<char[], Free> bytes_;
  std::size_t size_ = 0;
};

}  // namespace cpis::store
