#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "fhir/issues.h"

namespace cpis::fhir {

/// Bounds on a package archive, so that a hostile one costs little. All hold at once.
struct ArchiveLimits {
  std::size_t packed_bytes_max = std::size_t{256} * 1024 * 1024;
  std::size_t unpacked_bytes_max = std::size_t{1024} * 1024 * 1024;
  std::size_t file_bytes_max = std::size_t{64} * 1024 * 1024;
  std::size_t files_max = 50'000;
  std::size_t name_bytes_max = 1'024;
};

/// Takes one regular file; `content` may be moved from.
using ArchiveFile = std::function<void(std::string_view name, std::string content)>;

/// Reads a gzip-compressed tar (POSIX.1-2001 ustar and pax, GNU long names), the form of an NPM
/// package, and hands out its regular files in order. Links, devices and folders are passed over;
/// nothing is written anywhere. False, with a fatal issue, when the bytes are no such archive, are
/// cut off or damaged, or go beyond a limit; files before that point have been handed out.
bool read_archive(std::string_view packed, const ArchiveLimits& limits, const ArchiveFile& take,
                  Issues& issues);

/// The same for a tar that is not compressed.
bool read_tar(std::string_view bytes, const ArchiveLimits& limits, const ArchiveFile& take,
              Issues& issues);

}  // namespace cpis::fhir
