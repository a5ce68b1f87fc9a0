#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/store/database.h"
#include "tests/soak/ledger.h"

namespace cpis::test {

/// What is wrong after a soak: the first faults in words and how many there are.
struct Faults {
  std::uint64_t count = 0;
  std::vector<std::string> first;
  void add(std::string text);
};

struct Evidence {
  std::uint64_t kept = 0;       ///< messages in the inbox
  std::uint64_t processed = 0;  ///< of these
  std::uint64_t visits = 0;
  std::uint64_t questions = 0;  ///< attendances that were asked about
  std::uint64_t accesses = 0;   ///< recorded looks
  Faults faults;
};

/// Compares what was acknowledged with what the store of the stopped gateway holds:
///
/// - every acknowledged message is in the inbox once and was processed, nothing waits;
/// - messages of one person came in and were processed in the order in which they were sent;
/// - each visit is in the state that its newest message gave it;
/// - each attendance was asked about at most once: every question in the audit trail is the one of
///   an attendance, every attendance with a record has left exactly one access.
Evidence examine(store::Database& database, const Ledger& ledger);

}  // namespace cpis::test
