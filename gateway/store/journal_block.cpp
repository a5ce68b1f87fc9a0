#include "gateway/store/journal_block.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "gateway/store/sha256.h"

namespace cpis::store {
namespace {

constexpr std::string_view magic = "CPISARR1";
constexpr std::size_t said_bytes = 32;  // of the block's head, before its hash
constexpr std::size_t head_bytes = said_bytes + 32;
constexpr std::size_t message_head_bytes = 64;
constexpr std::size_t name_max = std::numeric_limits<std::uint16_t>::max();

template <class Number>
void put(char*& to, Number number) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    *to++ = static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
  }
}

void put(char*& to, std::string_view bytes) {
  std::memcpy(to, bytes.data(), bytes.size());
  to += bytes.size();
}

template <class Number>
Number take(std::string_view& from) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    number |= std::uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
  }
  from.remove_prefix(sizeof(Number));
  return static_cast<Number>(number);
}

std::string_view take_bytes(std::string_view& from, std::size_t count) {
  const std::string_view bytes = from.substr(0, count);
  from.remove_prefix(bytes.size());
  return bytes;
}

std::size_t head_bytes_of(const NewMessage& message) {
  return message_head_bytes + message.feed.size() + message.sender.size() +
         message.control_id.size();
}

void put_head(char*& to, const NewMessage& message) {
  put(to, message.id);
  put(to, to_micros(message.received_at));
  put(to, static_cast<std::uint16_t>(message.feed.size()));
  put(to, static_cast<std::uint16_t>(message.sender.size()));
  put(to, static_cast<std::uint16_t>(message.control_id.size()));
  put(to, std::uint16_t{0});
  put(to, std::uint64_t{message.body.size()});
  put(to, message.content_hash);
  put(to, message.feed);
  put(to, message.sender);
  put(to, message.control_id);
}

/// A message whose body is not read yet.
struct Announced {
  NewMessage message;
  std::uint64_t body_bytes;
};

std::optional<Announced> take_head(std::string_view& from) {
  if (from.size() < message_head_bytes) return std::nullopt;
  Announced one{};
  one.message.id = take<std::int64_t>(from);
  one.message.received_at = from_micros(take<std::int64_t>(from));
  const auto feed = take<std::uint16_t>(from);
  const auto sender = take<std::uint16_t>(from);
  const auto control_id = take<std::uint16_t>(from);
  from.remove_prefix(sizeof(std::uint16_t));
  one.body_bytes = take<std::uint64_t>(from);
  one.message.content_hash = take_bytes(from, std::tuple_size_v<Sha256>);
  if (from.size() < std::size_t{feed} + sender + control_id) return std::nullopt;
  one.message.feed = take_bytes(from, feed);
  one.message.sender = take_bytes(from, sender);
  one.message.control_id = take_bytes(from, control_id);
  return one;
}

// Of what a block says and of all heads; `heads` follows the block's own head.
Sha256 hash_of(std::string_view said, std::string_view heads) {
  std::string both;
  both.reserve(said.size() + heads.size());
  both.append(said).append(heads);
  return sha256(both);
}

}  // namespace

std::size_t journal_bytes(const NewMessage& message) {
  return head_bytes_of(message) + message.body.size();
}

bool fits_block(const NewMessage& message) {
  return !message.patient_key && !message.event_at &&
         message.content_hash.size() == std::tuple_size_v<Sha256> &&
         std::max({message.feed.size(), message.sender.size(), message.control_id.size()}) <=
             name_max;
}

std::string_view write_block(JournalPages& pages, std::uint64_t store, std::uint64_t first,
                             std::span<const NewMessage* const> messages) {
  BlockHead head{store, first, static_cast<std::uint32_t>(messages.size()), 0};
  std::size_t bytes = head_bytes;
  for (const NewMessage* message : messages) bytes += journal_bytes(*message);
  head.bytes = static_cast<std::uint32_t>(bytes);

  char* const begin = pages.make(head.padded());
  char* to = begin;
  put(to, magic);
  put(to, head.store);
  put(to, head.first);
  put(to, head.bytes);
  put(to, head.messages);
  char* hash = to;
  to = begin + head_bytes;
  for (const NewMessage* message : messages) put_head(to, *message);
  const std::string_view heads{begin + head_bytes,
                               static_cast<std::size_t>(to - begin) - head_bytes};
  put(hash, bytes_of(hash_of({begin, said_bytes}, heads)));
  for (const NewMessage* message : messages) put(to, message->body);
  std::memset(to, 0, head.padded() - bytes);
  return {begin, head.padded()};
}

std::optional<BlockHead> read_block_head(std::string_view page) {
  if (page.size() < head_bytes || !page.starts_with(magic)) return std::nullopt;
  page.remove_prefix(magic.size());
  BlockHead head;
  head.store = take<std::uint64_t>(page);
  head.first = take<std::uint64_t>(page);
  head.bytes = take<std::uint32_t>(page);
  head.messages = take<std::uint32_t>(page);
  if (head.bytes < head_bytes || head.messages == 0) return std::nullopt;
  return head;
}

std::optional<std::vector<NewMessage>> read_block(std::string_view block) {
  const auto head = read_block_head(block);
  if (!head || block.size() < head->bytes) return std::nullopt;
  if (head->messages > head->bytes / message_head_bytes) return std::nullopt;
  block = block.substr(0, head->bytes);
  const std::string_view said = block.substr(0, said_bytes);
  const std::string_view told = block.substr(said_bytes, head_bytes - said_bytes);
  std::string_view rest = block.substr(head_bytes);
  const std::string_view heads = rest;
  std::vector<Announced> announced;
  announced.reserve(head->messages);
  for (std::uint32_t i = 0; i < head->messages; ++i) {
    const auto one = take_head(rest);
    if (!one) return std::nullopt;
    announced.push_back(*one);
  }
  if (bytes_of(hash_of(said, heads.substr(0, heads.size() - rest.size()))) != told) {
    return std::nullopt;
  }
  std::vector<NewMessage> messages;
  messages.reserve(announced.size());
  for (const Announced& one : announced) {
    if (one.body_bytes > rest.size()) return std::nullopt;
    messages.push_back(one.message);
    messages.back().body = take_bytes(rest, static_cast<std::size_t>(one.body_bytes));
    if (bytes_of(sha256(messages.back().body)) != one.message.content_hash) return std::nullopt;
  }
  if (!rest.empty()) return std::nullopt;
  return messages;
}

}  // namespace cpis::store
