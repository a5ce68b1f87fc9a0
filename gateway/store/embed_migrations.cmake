# Writes OUTPUT, a source file that holds the migrations MIGRATIONS (a list of .sql files named
# NNNN_what.sql), so that the binary needs no files beside it.
set(rows "")
foreach(path IN LISTS MIGRATIONS)
  get_filename_component(name ${path} NAME_WE)
  string(SUBSTRING ${name} 0 4 digits)
  math(EXPR number "1${digits} - 10000")
  file(READ ${path} sql)
  string(APPEND rows "    Migration{${number}, \"${name}\", R\"~sql(${sql})~sql\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
// Made from gateway/store/schema by embed_migrations.cmake.
#include "gateway/store/migrate.h"

namespace cpis::store {

std::span<const Migration> known_migrations() {
  static constexpr Migration list[] = {
@rows@  };
  return list;
}

}  // namespace cpis::store
]])
file(TOUCH ${OUTPUT})
