#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cpis::mesh {

/// What a sender does about an error code of MESH.
enum class Remedy : std::uint8_t {
  configuration,  ///< somebody must mend mailbox ids, workflow ids or headers; nothing was sent
  content,        ///< this file will never be taken: correct it and send another
  collect,        ///< the receiver did not collect it; it may be sent again
  unknown,        ///< not in the list: a person must look
};

/// One code of the specification's table of errors, and of NHS England's sandbox.
struct CodeRow {
  std::string_view code;
  std::string_view event;  ///< step in which MESH reports it
  std::string_view text;
  Remedy remedy;
};

std::span<const CodeRow> code_rows();
/// The row of a code, or null.
const CodeRow* find_code(std::string_view code);
Remedy remedy_of(std::string_view code);

}  // namespace cpis::mesh
