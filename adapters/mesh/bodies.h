#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"

// The JSON bodies of MESH, read in the forms of version 1 and 2, written in the asked-for one.

namespace cpis::mesh {

/// A larger body is not read.
inline constexpr std::size_t body_bytes_max = std::size_t{2} * 1024 * 1024;

/// One page of an inbox.
struct InboxPage {
  std::vector<std::string> messages;  ///< ids, oldest first
  std::string next;                   ///< `links.next`; empty on the last page
  std::optional<std::size_t> approximate_count;

  friend bool operator==(const InboxPage&, const InboxPage&) = default;
};
/// `bad_input` when it is not one, or an id could not stand in a path.
Result<InboxPage> read_inbox(std::string_view body);
std::string write_inbox(const InboxPage& page, std::string_view self, int version);

/// The id of an accepted message.
Result<std::string> read_sent(std::string_view body);
std::string write_sent(std::string_view message_id, int version);

/// Whether an id is one: 1 to 100 letters, digits, `_`, `-` or `.`, and not a step upwards.
bool is_message_id(std::string_view text);

/// Where a message of ours is.
enum class Stage : std::uint8_t {
  uploading,     ///< chunks are missing
  accepted,      ///< in the receiver's inbox
  acknowledged,  ///< the receiver has it
  failed,        ///< undelivered or refused; the code says why
  unknown,       ///< a status this product does not know
};
struct Tracking {
  std::string message_id, local_id, workflow, recipient;
  std::string status;  ///< as it came
  std::string status_code, status_text;
  Stage stage = Stage::unknown;

  friend bool operator==(const Tracking&, const Tracking&) = default;
};
Result<Tracking> read_tracking(std::string_view body);
std::string write_tracking(const Tracking& tracking, int version);
std::string_view name_of(Stage stage);

/// Why a request was refused. Texts are the server's; a fault of validation gives the place only,
/// because its text may quote what was sent.
struct MeshError {
  std::string message_id, event, code, text;

  friend bool operator==(const MeshError&, const MeshError&) = default;
};
/// Never fails: a body that is none of the known forms gives an empty error.
MeshError read_error(std::string_view body);
std::string write_error(const MeshError& error, int version);

/// What a failed request asks of its caller, by status and error code.
enum class Retry : std::uint8_t {
  later,          ///< the service is busy or away
  configuration,  ///< 400, 403, 404, 406, 417: mend the settings, then again
  never,          ///< the content is refused
};
Retry retry_of(int status, const MeshError& error);

}  // namespace cpis::mesh
