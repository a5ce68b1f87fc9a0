#pragma once

#include <string>
#include <string_view>

namespace cpis::test {

/// One tar entry: header with a right checksum, content, padding.
std::string tar_entry(std::string_view name, std::string_view content, char type = '0');
/// The two empty blocks that end a tar.
std::string tar_end();
std::string gzip(std::string_view bytes);

}  // namespace cpis::test
