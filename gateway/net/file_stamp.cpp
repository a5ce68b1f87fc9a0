#include "gateway/net/file_stamp.h"

#include <filesystem>
#include <system_error>

namespace cpis::net {

std::string file_stamp(std::initializer_list<const std::string*> files) {
  std::string stamp;
  for (const std::string* file : files) {
    std::error_code none;
    const auto written = std::filesystem::last_write_time(*file, none).time_since_epoch().count();
    stamp += std::to_string(none ? 0 : written) + ' ';
    // Time stands still for some milliseconds: a file that was half written had the time of the
    // whole one.
    const auto size = std::filesystem::file_size(*file, none);
    stamp += std::to_string(none ? 0 : size) + ' ';
  }
  return stamp;
}

}  // namespace cpis::net
