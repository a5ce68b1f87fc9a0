#pragma once

#include <memory>
#include <string_view>

#include "adapters/core/result.h"
#include "gateway/store/database.h"
#include "gateway/store/open.h"

namespace cpis::store {

/// MariaDB or MySQL, for several gateways on one database or Galera cluster.
///
///  - one writing connection to the first endpoint that is ready, reading connections likewise;
///  - a connection that broke is thrown away whole, the next ready endpoint is opened, and the
///    batch is repeated: works are idempotent because a commit whose answer was lost may have
///    happened;
///  - a deadlock's victim repeats its batch on the same connection;
///  - `backup` is `unsupported`: mariadb-backup and mariadb-dump do it better.
Result<std::unique_ptr<Database>> open_mysql(std::string_view url, const OpenOptions& options);

}  // namespace cpis::store
