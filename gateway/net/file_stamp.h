#pragma once

#include <initializer_list>
#include <string>

namespace cpis::net {

/// Text that changes whenever one of the files is written, replaced or taken away. An empty name
/// stands for no file.
std::string file_stamp(std::initializer_list<const std::string*> files);

}  // namespace cpis::net
