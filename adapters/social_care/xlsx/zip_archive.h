#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/core/result.h"
#include "adapters/social_care/source.h"

namespace cpis::social_care {

inline constexpr std::size_t zip_bytes_max = std::size_t{64} * 1024 * 1024;
inline constexpr std::size_t zip_entries_max = 1000;
/// Of all entries together that are read, and how often more than the archive itself.
inline constexpr std::size_t inflated_bytes_max = std::size_t{256} * 1024 * 1024;
inline constexpr std::size_t inflated_ratio_max = 200;

/// A zip file in memory. What comes out is counted as it comes: an entry that claims to be small
/// and is not, or an archive that blows up, is stopped in bounded memory.
class ZipArchive {
 public:
  /// Reads the whole of `source`, at most `zip_bytes_max`.
  static Result<ZipArchive> open(Source& source);

  ZipArchive(ZipArchive&&) noexcept;
  ZipArchive& operator=(ZipArchive&&) noexcept;
  ~ZipArchive();

  /// The entry of exactly this name, to be read once; nullptr when there is none. It must not
  /// outlive the archive.
  std::unique_ptr<Source> entry(std::string_view name);

 private:
  struct State;
  explicit ZipArchive(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cpis::social_care
