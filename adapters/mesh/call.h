#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The calls of MESH API 2.0.0 as method and target. Read and written, so that the client and the
// simulator speak of the same thing.

namespace cpis::mesh {

inline constexpr std::string_view accept_v2 = "application/vnd.mesh.v2+json";
inline constexpr std::string_view path_prefix = "/messageexchange/";

enum class Operation : std::uint8_t {
  handshake,
  list_inbox,
  count_inbox,
  download,      ///< the message, or its first chunk
  head_message,  ///< its headers only
  download_chunk,
  acknowledge,
  send,
  send_chunk,
  track_message,
  track_local,
  endpoint_lookup,
  workflow_search,
};
inline constexpr std::size_t operations = 13;

/// A page of an inbox holds 10 to 5000 ids, 500 unless said.
inline constexpr std::size_t page_min = 10;
inline constexpr std::size_t page_default = 500;
inline constexpr std::size_t page_max = 5000;

/// A longer target is not read.
inline constexpr std::size_t target_bytes_max = 4096;

/// What one call is about. Members that the operation does not have are empty.
struct Call {
  Operation operation = Operation::handshake;
  std::string mailbox;  ///< of the caller; the ODS code of an `endpoint_lookup`
  std::string message;  ///< message id, local id (`track_local`) or workflow id (the look-ups)
  std::size_t chunk = 1;
  std::size_t max_results = page_default;  ///< `list_inbox`
  std::string continue_from;               ///< `list_inbox`, decoded
  std::string workflow_filter;             ///< `list_inbox`

  friend bool operator==(const Call&, const Call&) = default;
};

struct Line {
  std::string_view method;
  std::string target;  ///< path and query, percent-encoded
};
Line write_call(const Call& call);

/// Nothing when no operation has this method and path, or a query value is not one.
std::optional<Call> read_call(std::string_view method, std::string_view target);

/// The path and query of a `links.next`, absolute or not, that stays at this mailbox's inbox. A
/// server must not send us elsewhere.
std::optional<std::string> next_page(std::string_view link, std::string_view mailbox);

/// `workflow_filter`: exact, `!` in front turns it round, `*` at the end means begins with, and at
/// both ends contains.
bool filter_takes(std::string_view filter, std::string_view workflow);

/// 1 or 2 by the Accept header; nothing when it asks for a version that has no form (400).
std::optional<int> api_version(std::string_view accept);

}  // namespace cpis::mesh
