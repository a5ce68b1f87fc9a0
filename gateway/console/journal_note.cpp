#include "gateway/console/journal_note.h"

#include <filesystem>

#include "gateway/store/arrival_journal.h"
#include "gateway/store/open.h"

namespace cpis::console {

std::string journal_note(const std::string& store_url, store::Database& database) {
  const auto store = store::sqlite_file(store_url);
  if (!store) return "";
  const std::string path = store::journal_of(*store);
  std::error_code none;
  if (std::filesystem::file_size(path, none) == 0 || none) return "";
  const auto disk = store::open_journal_disk(path);
  if (!disk) return disk.error().message;
  const auto left = store::ArrivalJournal::left_in(**disk, database);
  if (!left) return left.error().message;
  if (*left == 0) return "";
  return std::to_string(*left) + " acknowledged messages of a burst are still in " + path +
         "; the gateway takes them into the store while it runs, or when it is started next";
}

}  // namespace cpis::console
