#include "gateway/store/open.h"

#include "gateway/store/mysql_engine.h"
#include "gateway/store/sqlite_engine.h"

namespace cpis::store {

Result<std::unique_ptr<Database>> open_database(std::string_view url, const OpenOptions& options) {
  constexpr std::string_view sqlite_scheme = "sqlite:";
  if (url.starts_with(sqlite_scheme)) url.remove_prefix(sqlite_scheme.size());
  if (url.starts_with("mysql://")) return open_mysql(url, options);
  if (url.empty()) return Error{ErrorKind::bad_input, "store.url is empty"};
  return open_sqlite(std::string{url}, options);
}

}  // namespace cpis::store
