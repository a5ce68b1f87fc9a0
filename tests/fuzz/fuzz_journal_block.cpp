#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <string_view>
#include <vector>

#include "gateway/store/journal_block.h"
#include "gateway/store/sha256.h"

namespace {

using namespace cpis;

// What is read is written as it was.
void read_any(std::string_view bytes) {
  const auto messages = store::read_block(bytes);
  if (!messages) return;
  const auto head = store::read_block_head(bytes);
  std::vector<const store::NewMessage*> all;
  for (const store::NewMessage& one : *messages) all.push_back(&one);
  store::JournalPages pages;
  const auto again = store::write_block(pages, head->store, head->first, all);
  if (!bytes.starts_with(again.substr(0, head->bytes))) std::abort();
}

// Messages cut out of the input, a byte that is wrong afterwards at a place the input names.
void write_any(std::string_view bytes) {
  std::deque<store::Sha256> hashes;
  std::vector<store::NewMessage> messages;
  const std::size_t place = bytes.size() < 2 ? 0
                                             : static_cast<unsigned char>(bytes[0]) * 256U +
                                                   static_cast<unsigned char>(bytes[1]);
  while (!bytes.empty()) {
    const std::size_t size = std::min<std::size_t>(bytes.size(), 1 + place % 97);
    const std::string_view body = bytes.substr(0, size);
    bytes.remove_prefix(size);
    hashes.push_back(store::sha256(body));
    const std::string_view name = body.substr(0, size % 7);
    messages.push_back({static_cast<std::int64_t>(size), name, name, body.substr(0, size / 2),
                        store::bytes_of(hashes.back()),
                        from_micros(static_cast<std::int64_t>(place)), body, std::nullopt,
                        std::nullopt});
  }
  if (messages.empty()) return;
  std::vector<const store::NewMessage*> all;
  for (const store::NewMessage& one : messages) all.push_back(&one);
  store::JournalPages pages;
  std::string block{store::write_block(pages, 3, place, all)};
  const auto read = store::read_block(block);
  if (!read || read->size() != messages.size()) std::abort();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if ((*read)[i].body != messages[i].body || (*read)[i].control_id != messages[i].control_id) {
      std::abort();
    }
  }
  char& wrong = block[place % store::read_block_head(block)->bytes];
  wrong = static_cast<char>(wrong ^ 1);
  if (store::read_block(block)) std::abort();
}

}  // namespace

/// A block of the arrivals' journal: any bytes, and messages that are written, read and damaged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  read_any(bytes);
  write_any(bytes);
  return 0;
}
