#include "gateway/register/open_register.h"

#include <utility>

#include "gateway/store/open.h"

namespace cpis::registry {

Result<OwnRegister> open_own_register(std::string_view url, const Clock& clock) {
  OwnRegister own;
  auto database = store::open_database(url);
  if (!database) return database.error();
  own.database = *std::move(database);
  auto opened = Register::open(*own.database, clock, {});
  if (!opened) return opened.error();
  own.registry = *std::move(opened);
  return own;
}

}  // namespace cpis::registry
