#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"

namespace cpis::store {

/// Where a MariaDB or MySQL store is and how to log in.
struct MysqlUrl {
  struct Endpoint {
    std::string host;
    std::uint16_t port;
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
  };
  /// Tried in this order: the first is the preferred node, the others are for when it is away.
  std::vector<Endpoint> endpoints;
  std::string user;
  std::string password;
  std::string database;
  /// The certificate authority's file; empty when TLS is off.
  std::string ssl_ca;
};

/// Reads `mysql://user:password@host[:port][,host2[:port2]...]/database[?name=value&...]`.
///
///     ssl-ca=/etc/ssl/db-ca.pem     TLS, with the server's certificate and name checked
///     tls=off                       no TLS; must be said for any host but the loopback
///     password-file=/run/secret     the first line is the password, instead of one in the URL
///
/// User and password may be percent-encoded; IPv6 addresses stand in square brackets; the port is
/// 3306 unless given. `bad_input` with a sentence that never repeats the password.
Result<MysqlUrl> parse_mysql_url(std::string_view url);

}  // namespace cpis::store
