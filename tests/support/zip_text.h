#pragma once

#include <string>

namespace cpis::test {

/// A zip file of the parts of one text: each begins with a line `--- <part name>`. For workbooks in
/// golden cases and seeds, so that they can be read and changed by hand. Empty when libzip fails.
std::string zip_of_text(const std::string& text);

}  // namespace cpis::test
