#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/core/result.h"

// What travels in the headers of a message: `mex-...`, Content-Encoding and the status of an
// exchange of chunks. Names are compared without case.

namespace cpis::mesh {

using Headers = std::vector<std::pair<std::string, std::string>>;
/// The value of a header; empty when there is none.
std::string_view header(const Headers& headers, std::string_view name);

/// `n:m`, the n-th of m chunks, counted from 1.
struct ChunkRange {
  std::size_t number = 1;
  std::size_t total = 1;

  friend bool operator==(const ChunkRange&, const ChunkRange&) = default;
};
/// More chunks than this are not believed. 100 GB in chunks of 20 MB are 5000.
inline constexpr std::size_t chunks_max = 10'000;
std::string write_range(ChunkRange range);
std::optional<ChunkRange> read_range(std::string_view text);

/// What a sender says of a message. Lengths as in the OpenAPI; no control characters. The local id
/// and the file name must not contain anything about a person.
struct Envelope {
  std::string from;          ///< at most 100
  std::string to;            ///< at most 100, required
  std::string workflow;      ///< at most 300, required
  std::string local_id;      ///< at most 300
  std::string subject;       ///< at most 500
  std::string file_name;     ///< at most 300
  std::string checksum;      ///< at most 100
  std::string content_type;  ///< of the decoded content
  bool gzip = false;         ///< Content-Encoding of each chunk
  ChunkRange range;

  friend bool operator==(const Envelope&, const Envelope&) = default;
};
/// The headers of a send; `bad_input` names the header that MESH would refuse. The range is only
/// written when there is more than one chunk.
Result<Headers> write_envelope(const Envelope& envelope);
/// The server's side. `bad_input` names the header (MESH code 06, or 08 for a missing receiver).
Result<Envelope> read_envelope(const Headers& headers);

/// The headers of the second and later chunks.
Headers chunk_headers(ChunkRange range, bool gzip);

/// What says which software runs, in the handshake.
struct ClientWords {
  std::string version;  ///< name==version
  std::string os_name;
  std::string os_version;
  std::string architecture;
};
Headers handshake_headers(const ClientWords& client);

/// What a receiver learns from the headers of a download.
struct MessageHead {
  enum class Kind : std::uint8_t {
    data,
    report,  ///< about a message of ours that was not delivered; its body is empty
  };
  Kind kind = Kind::data;
  std::string message_id, from, to, workflow, local_id, file_name, subject;
  std::string status_code, status_event, status_text, status_time;
  std::string linked_message;  ///< of a report: the id of the message it is about
  bool gzip = false;           ///< Content-Encoding of this chunk
  std::optional<ChunkRange> range;

  friend bool operator==(const MessageHead&, const MessageHead&) = default;
};
Headers write_head(const MessageHead& head);
/// Never fails: what is missing is empty. A kind other than REPORT is data.
MessageHead read_head(const Headers& headers);

/// What is to be fetched after a chunk came with this status (200: the last, 206: more follow) and
/// range: the number of the next chunk, or 0 when the message is whole. `bad_input` when status and
/// range contradict each other or the chunk that was asked for: the message is not to be used.
Result<std::size_t> next_chunk(int status, std::optional<ChunkRange> range, std::size_t asked);

}  // namespace cpis::mesh
