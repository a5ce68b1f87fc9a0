#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/core/access.h"
#include "adapters/core/council.h"

namespace cpis {

/// One look at a record that a council supplied.
struct NoticeEntry {
  AccessEvent access;
  std::string local_id;              ///< the council's own id of the person; empty when unknown
  std::string local_id_authority;    ///< empty when unknown
  std::int64_t upload_sequence = 0;  ///< the file that last supplied the record

  friend bool operator==(const NoticeEntry&, const NoticeEntry&) = default;
};

/// Access to service notification, REPC_MT000004GB01. Empty ones occur.
struct AccessNotice {
  std::string id;  ///< UUID, upper case
  Time created{};
  std::string council_ods;
  std::string council_name;
  std::vector<NoticeEntry> entries;

  friend bool operator==(const AccessNotice&, const AccessNotice&) = default;
};

/// One person whose NHS number is no longer in use. Old and new numbers are never shown or logged
/// together: after an adoption the pair is a disclosure.
struct InactiveEntry {
  NhsNumber inactive;
  std::string local_id;
  std::vector<NhsNumber> replaced_by;  ///< empty: no replacement was given
  std::int64_t upload_sequence = 0;

  friend bool operator==(const InactiveEntry&, const InactiveEntry&) = default;
};

/// Inactive NHS number notification, REPC_MT000005GB01.
struct InactiveNotice {
  std::string id;
  Time created{};
  std::string council_ods;
  std::string council_name;
  std::vector<InactiveEntry> entries;

  friend bool operator==(const InactiveNotice&, const InactiveNotice&) = default;
};

}  // namespace cpis
