#include "gateway/store/open.h"

#include "gateway/store/mysql_engine.h"
#include "gateway/store/sqlite_engine.h"

namespace cpis::store {

std::optional<std::string> sqlite_file(std::string_view url) {
  constexpr std::string_view sqlite_scheme = "sqlite:";
  if (url.starts_with("mysql://")) return std::nullopt;
  if (url.starts_with(sqlite_scheme)) url.remove_prefix(sqlite_scheme.size());
  return std::string{url};
}

Result<std::unique_ptr<Database>> open_database(std::string_view url, const OpenOptions& options) {
  const auto file = sqlite_file(url);
  if (!file) return open_mysql(url, options);
  if (file->empty()) return Error{ErrorKind::bad_input, "store.url is empty"};
  return open_sqlite(*file, options);
}

}  // namespace cpis::store
