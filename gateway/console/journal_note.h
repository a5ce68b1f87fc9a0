#pragma once

#include <string>

#include "gateway/store/database.h"

namespace cpis::console {

/// A sentence for whoever looks at a store from outside, when the journal beside it holds messages
/// that are not in the store yet; else empty. What cannot be read is a sentence too.
std::string journal_note(const std::string& store_url, store::Database& database);

}  // namespace cpis::console
