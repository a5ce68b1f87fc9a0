#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/store/inbox_store.h"
#include "gateway/store/journal_disk.h"

namespace cpis::store {

// A block of the arrivals' journal: some messages that became durable by one flush. Little-endian:
//
//     64 bytes   "CPISARR1", store (8), number of the first message (8), bytes of the block
//                without padding (4), how many messages (4), SHA-256 of these 32 bytes
//                and of all heads (32)
//     heads      for each message: id (8), received (8, microseconds), the lengths of feed (2),
//                sender (2), control id (2), two zeros, body (8), its SHA-256 (32); then feed,
//                sender and control id
//     bodies     one after the other, then zeros to the end of the page
//
// A body is covered by its hash, and that by the one of the block: a block that was written in part
// is told from a whole one.

struct BlockHead {
  std::uint64_t store = 0;  ///< which store this is the journal of
  std::uint64_t first = 0;  ///< messages are numbered without gaps; this one's first
  std::uint32_t messages = 0;
  std::uint32_t bytes = 0;  ///< without padding

  /// What it takes on the disk.
  std::uint64_t padded() const {
    return (std::uint64_t{bytes} + journal_page - 1) / journal_page * journal_page;
  }
};

/// What a message takes in a block, in bytes.
std::size_t journal_bytes(const NewMessage& message);

/// More than any block has to hold: 1 GiB.
inline constexpr std::size_t block_bytes_max = std::size_t{1} << 30;

/// Whether a message has a place in a block: names shorter than 64 KiB, no key and no time of an
/// event, and `content_hash` is the SHA-256 of its body (not looked at).
bool fits_block(const NewMessage& message);

/// Writes the pages of a block into `pages`; a view of it until that is used again. For messages
/// that fit, at most `block_bytes_max` bytes of them.
std::string_view write_block(JournalPages& pages, std::uint64_t store, std::uint64_t first,
                             std::span<const NewMessage* const> messages);

/// What the first bytes of a page say, if a block begins there; nothing of it is checked yet.
std::optional<BlockHead> read_block_head(std::string_view page);

/// The messages of a whole block, as views of it; nothing when it is not whole or not true.
std::optional<std::vector<NewMessage>> read_block(std::string_view block);

}  // namespace cpis::store
