#include "gateway/store/mysql_url.h"

#include <charconv>
#include <cstddef>
#include <fstream>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

namespace cpis::store {
namespace {

constexpr std::string_view scheme = "mysql://";
constexpr std::uint16_t default_port = 3306;
constexpr std::size_t endpoints_max = 16;

Error refuse(std::string_view why) {
  return {ErrorKind::bad_input, "store.url: " + std::string{why}};
}

// Splits at the first `mark`; all of it is the first part when there is none.
std::pair<std::string_view, std::string_view> split(std::string_view text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2) return {};
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

Result<MysqlUrl::Endpoint> parse_endpoint(std::string_view text) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return refuse("a '[' without its ']'");
    host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!port.empty() && port.front() != ':') return refuse("text after ']' that is no port");
    if (!port.empty()) port.remove_prefix(1);
  } else {
    std::tie(host, port) = split(text, ':');
  }
  if (host.empty()) return refuse("a host is empty");
  MysqlUrl::Endpoint endpoint{std::string{host}, default_port};
  if (text.back() == ':') return refuse("a port is empty");
  if (port.empty()) return endpoint;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (error != std::errc{} || end != port.data() + port.size() || endpoint.port == 0) {
    return refuse("a port is not a number from 1 to 65535");
  }
  return endpoint;
}

Status parse_endpoints(std::string_view list, MysqlUrl& url) {
  while (true) {
    const auto [one, rest] = split(list, ',');
    auto endpoint = parse_endpoint(one);
    if (!endpoint) return endpoint.error();
    url.endpoints.push_back(*std::move(endpoint));
    if (url.endpoints.size() > endpoints_max) return refuse("more than 16 hosts");
    if (one.size() == list.size()) return done;
    list = rest;
  }
}

Status parse_login(std::string_view login, MysqlUrl& url) {
  const auto [user, password] = split(login, ':');
  auto decoded_user = percent_decode(user);
  auto decoded_password = percent_decode(password);
  if (!decoded_user || !decoded_password) {
    return refuse("user or password has a '%' that is not followed by two hexadecimal digits");
  }
  if (decoded_user->empty()) return refuse("the user is missing: mysql://user:password@host/name");
  url.user = *std::move(decoded_user);
  url.password = *std::move(decoded_password);
  return done;
}

Status read_password(const std::string& path, MysqlUrl& url) {
  std::ifstream file{path};
  if (!std::getline(file, url.password) || url.password.empty()) {
    return refuse("the password-file " + path + " cannot be read or is empty");
  }
  return done;
}

Status parse_options(std::string_view options, MysqlUrl& url, bool& tls_off) {
  while (!options.empty()) {
    const auto [one, rest] = split(options, '&');
    const auto [name, encoded] = split(one, '=');
    const auto value = percent_decode(encoded);
    if (!value || value->empty()) return refuse("an option without a value");
    if (name == "ssl-ca") {
      url.ssl_ca = *value;
    } else if (name == "tls" && *value == "off") {
      tls_off = true;
    } else if (name == "password-file") {
      if (Status read = read_password(*value, url); !read) return read;
    } else {
      return refuse("unknown option '" + std::string{name} +
                    "'; known are ssl-ca, tls=off and password-file");
    }
    options = rest;
  }
  return done;
}

bool is_loopback(const MysqlUrl::Endpoint& endpoint) {
  return endpoint.host == "localhost" || endpoint.host == "::1" ||
         endpoint.host.starts_with("127.");
}

Status check_tls(const MysqlUrl& url, bool tls_off) {
  if (tls_off && !url.ssl_ca.empty()) return refuse("ssl-ca and tls=off contradict each other");
  if (tls_off || !url.ssl_ca.empty()) return done;
  for (const auto& endpoint : url.endpoints) {
    if (is_loopback(endpoint)) continue;
    return refuse("the host " + endpoint.host +
                  " is not this machine: give ssl-ca=<file>, or tls=off if the network is "
                  "protected in another way");
  }
  return done;
}

}  // namespace

Result<MysqlUrl> parse_mysql_url(std::string_view text) {
  if (!text.starts_with(scheme)) return refuse("it does not begin with mysql://");
  const auto [location, options] = split(text.substr(scheme.size()), '?');
  const std::size_t at = location.rfind('@');
  if (at == std::string_view::npos) {
    return refuse("the user is missing: mysql://user:password@host/name");
  }
  const auto [hosts, database] = split(location.substr(at + 1), '/');
  if (database.empty()) return refuse("the database's name is missing after the host");
  MysqlUrl url;
  url.database = database;
  bool tls_off = false;
  if (const Status login = parse_login(location.substr(0, at), url); !login) return login.error();
  if (const Status read = parse_endpoints(hosts, url); !read) return read.error();
  if (const Status read = parse_options(options, url, tls_off); !read) return read.error();
  if (const Status safe = check_tls(url, tls_off); !safe) return safe.error();
  return url;
}

}  // namespace cpis::store
