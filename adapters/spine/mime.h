#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/spine/reading.h"

namespace cpis::spine {

/// A media type with its parameters: names in lower case, values without quotes.
struct MediaType {
  std::string type;  ///< lower case, for example `multipart/related`
  std::map<std::string, std::string> parameters;
};
/// Reads a Content-Type value with quoted or bare parameters. What cannot be read is left out.
MediaType parse_media_type(std::string_view text);

/// One part of a multipart message, its body decoded.
struct MimePart {
  std::string content_id;    ///< without angle brackets
  std::string content_type;  ///< as sent
  std::string body;

  friend bool operator==(const MimePart&, const MimePart&) = default;
};

struct MimeLimits {
  std::size_t bytes_max = std::size_t{16} * 1024 * 1024;
  std::size_t parts_max = 32;
  std::size_t header_lines_max = 64;
  std::size_t header_bytes_max = std::size_t{16} * 1024;  ///< of one part
};

/// Cuts a multipart body into its parts (RFC 2046): text before the first boundary is ignored,
/// lines may end in CRLF or LF, header names are of any case, base64 and quoted-printable are
/// decoded.
///
/// Nothing, and a fatal finding, when there is no boundary, no part, a limit is passed, an encoding
/// is unknown, or a part is itself a multipart. A missing closing boundary is a warning: the caller
/// knows from HTTP whether bytes are missing.
Reading<std::vector<MimePart>> read_mime(std::string_view content_type, std::string_view body,
                                         const MimeLimits& limits = {});

/// The boundary of a body whose Content-Type is not at hand (a stored message): the first line that
/// begins with two hyphens. Empty when there is none.
std::string guess_boundary(std::string_view body);

/// Writes parts with CRLF, 8bit. No part may contain the boundary; `boundary_for` finds one.
std::string write_mime(const std::vector<MimePart>& parts, std::string_view boundary);
/// `--=_MIME-Boundary`, with a number behind it when a part contains that.
std::string boundary_for(const std::vector<MimePart>& parts);

}  // namespace cpis::spine
