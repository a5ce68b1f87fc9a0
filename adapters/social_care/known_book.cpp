#include "adapters/social_care/known_book.h"

#include <functional>
#include <utility>

namespace cpis::social_care {

KnownBook::KnownBook(std::vector<KnownRecord> records) : records_{std::move(records)} {
  if (!records_.empty()) grow();
}

std::size_t KnownBook::first_slot(std::string_view person) const {
  return (std::hash<std::string_view>{}(person)*0x9E3779B97F4A7C15U >> 20) & (slots_.size() - 1);
}

std::size_t KnownBook::find(const RecordKey& key) const {
  std::size_t found = none;
  any_of_person(key.person_key, [&](std::size_t at, const KnownRecord& record) {
    if (record.key != key) return false;
    found = at;
    return true;
  });
  return found;
}

KnownRecord& KnownBook::of(const RecordKey& key) {
  if (const std::size_t found = find(key); found != none) return records_[found];
  records_.emplace_back().key = key;
  if (records_.size() * 2 > slots_.size()) {
    grow();
  } else {
    place(records_.size() - 1);
  }
  return records_.back();
}

void KnownBook::grow() {
  std::size_t room = 64;
  while (room < records_.size() * 3) room *= 2;
  slots_.assign(room, 0);
  for (std::size_t at = 0; at < records_.size(); ++at) place(at);
}

void KnownBook::place(std::size_t at) {
  std::size_t slot = first_slot(records_[at].key.person_key);
  while (slots_[slot] != 0) slot = next_slot(slot);
  slots_[slot] = static_cast<std::uint32_t>(at + 1);
}

}  // namespace cpis::social_care
