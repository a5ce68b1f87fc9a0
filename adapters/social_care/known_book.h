#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "adapters/social_care/lifecycle.h"
#include "adapters/social_care/record_key.h"

namespace cpis::social_care {

/// A council's memory of its records, found by key or by person. Each record is kept once; finding
/// costs eight bytes more a record. Not for several threads at a time.
class KnownBook {
 public:
  KnownBook() = default;
  /// Keys are distinct. At most 2^31 records.
  explicit KnownBook(std::vector<KnownRecord> records);

  std::span<const KnownRecord> records() const { return records_; }
  std::size_t size() const { return records_.size(); }

  /// Position of the record with the key, or `none`.
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::size_t find(const RecordKey& key) const;
  /// The memory of the key; a new one (`draft`, never sent) when there is none.
  KnownRecord& of(const RecordKey& key);

  /// Calls `visit(position, record)` for each record of the person until it says true; says
  /// whether it did.
  template <class Visit>
  bool any_of_person(std::string_view person, const Visit& visit) const {
    if (slots_.empty()) return false;
    for (std::size_t slot = first_slot(person); slots_[slot] != 0; slot = next_slot(slot)) {
      const std::size_t at = slots_[slot] - 1;
      if (records_[at].key.person_key == person && visit(at, records_[at])) return true;
    }
    return false;
  }

 private:
  std::size_t first_slot(std::string_view person) const;
  std::size_t next_slot(std::size_t slot) const { return (slot + 1) & (slots_.size() - 1); }
  void grow();
  void place(std::size_t at);

  std::vector<KnownRecord> records_;
  std::vector<std::uint32_t> slots_;  // position + 1, 0 is free; a power of two, at most half full
};

}  // namespace cpis::social_care
