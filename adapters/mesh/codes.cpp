#include "adapters/mesh/codes.h"

#include <algorithm>
#include <array>

namespace cpis::mesh {
namespace {

using enum Remedy;

constexpr std::array rows{
    CodeRow{"02", "COLLECT", "Data file is missing or inaccessible.", configuration},
    CodeRow{"06", "TRANSFER", "Malformed control file", configuration},
    CodeRow{"07", "SEND", "Invalid From Address in the control file", configuration},
    CodeRow{"08", "SEND", "TO_DTS missing", configuration},
    CodeRow{"09", "SEND", "Invalid version of the control file", configuration},
    CodeRow{"11", "SEND", "Invalid Message Type for the transfer", configuration},
    CodeRow{"12", "SEND", "Unregistered to address", configuration},
    CodeRow{"14", "SEND", "Message not collected by recipient after 5 days", collect},
    CodeRow{"15", "SEND", "Bad 'Child Protection - Information Sharing' (CP-IS) File", content},
    CodeRow{"16", "SEND", "Sender is not allowed to send messages of this type", configuration},
    CodeRow{"17", "SEND", "Workflow ID not registered for mailbox", configuration},
    CodeRow{"18", "SEND", "Workflow ID not enabled via MESH", configuration},
    CodeRow{"19", "SEND", "Invalid expiry period", configuration},
    CodeRow{"20", "RECEIVE", "Message does not exist", configuration},
    CodeRow{"EPL-150", "SEND", "Multiple mailboxes matches", configuration},
    CodeRow{"EPL-151", "SEND", "No mailbox matched", configuration},
};

}  // namespace

std::span<const CodeRow> code_rows() { return rows; }

const CodeRow* find_code(std::string_view code) {
  const auto* found =
      std::find_if(rows.begin(), rows.end(), [&](const CodeRow& row) { return row.code == code; });
  return found == rows.end() ? nullptr : found;
}

Remedy remedy_of(std::string_view code) {
  const CodeRow* row = find_code(code);
  return row == nullptr ? unknown : row->remedy;
}

}  // namespace cpis::mesh
