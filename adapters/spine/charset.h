#pragma once

#include <string>
#include <string_view>

namespace cpis::spine {

/// XML bytes in UTF-8. RFC 7303: the charset of the Content-Type counts when the document itself
/// names no encoding. ISO-8859-1 and windows-1252 are converted (both as windows-1252, which is
/// what senders of either mean); anything else is left as it is, to be judged by the XML reader.
std::string to_utf8(std::string_view content_type, std::string bytes);

}  // namespace cpis::spine
