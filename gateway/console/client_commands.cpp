#include "gateway/console/client_commands.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string_view>

#include "adapters/spine/json.h"
#include "gateway/auth/jwt_writer.h"
#include "gateway/console/console.h"
#include "gateway/edge/ids.h"
#include "gateway/http/http_client.h"
#include "gateway/http/query_string.h"
#include "gateway/observe/clock.h"

namespace cpis::console {
namespace {

namespace fs = std::filesystem;
using spine::json_text;
using Kind = net::PrivateKey::Kind;

constexpr std::chrono::seconds assertion_life{240};

Kind kind_of(std::string_view name) {
  if (name == "rsa") return Kind::rsa;
  return name == "p256" ? Kind::p256 : Kind::p384;
}

std::string key_id_of(const ClientOptions& options) {
  return options.key_id.empty() ? fs::path{options.file}.stem().string() : options.key_id;
}

std::string key_set_file(const ClientOptions& options) {
  return fs::path{options.file}.replace_extension(".jwks.json").string();
}

int complain(std::string_view what, std::string_view why) {
  std::cerr << what << ": " << why << '\n';
  return exit_failed;
}

// A new file with these permissions from its first moment; never one that is there.
bool write_new(const std::string& path, mode_t mode, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) {
    complain(path, std::strerror(errno));
    return false;
  }
  const bool whole = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool closed = ::close(file) == 0;
  if (!whole || !closed) complain(path, "could not be written");
  return whole && closed;
}

bool write_key(const ClientOptions& options) {
  const auto key = net::PrivateKey::make(kind_of(options.kind));
  const auto pem = key ? key->to_pem() : Result<std::string>{key.error()};
  const auto set = key ? auth::write_key_set(*key, key_id_of(options)) : pem;
  if (!pem || !set) {
    complain("no key was made", (pem ? set : pem).error().message);
    return false;
  }
  return write_new(options.file, S_IRUSR | S_IWUSR, *pem) &&
         write_new(key_set_file(options), S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH, *set + '\n');
}

Result<std::string> assertion_of(const ClientOptions& options, const std::string& audience) {
  const auto key = net::PrivateKey::open(options.file);
  if (!key) return key.error();
  const Time now = observe::SystemClock{}.now();
  const auto expires =
      std::chrono::floor<std::chrono::seconds>(now + assertion_life).time_since_epoch().count();
  return auth::write_jwt(*key, key_id_of(options), "JWT",
                         R"({"iss":)" + json_text(options.name) + R"(,"sub":)" +
                             json_text(options.name) + R"(,"aud":)" + json_text(audience) +
                             R"(,"jti":)" + json_text(random_uuid()) + R"(,"exp":)" +
                             std::to_string(expires) + '}');
}

Result<http::Response> post(const ClientOptions& options, const std::string& url,
                            std::string form) {
  http::HttpClientSettings settings;
  settings.tls.authority_file = options.authority;
  auto client = http::HttpClient::open(std::move(settings));
  if (!client) return client.error();
  http::HttpCall call;
  call.method = "POST";
  call.url = url;
  call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  call.body = std::move(form);
  return (*client)->send(call);
}

}  // namespace

int make_client_key(const ClientOptions& options) {
  if (!write_key(options)) return exit_failed;
  std::cout << options.file << ": the private key; keep it where nobody else can read it\n"
            << key_set_file(options) << ": the public key (JWKS), kid " << key_id_of(options)
            << '\n';
  return exit_ok;
}

int register_client(const ClientOptions& options) {
  ClientOptions with_file = options;
  if (with_file.file.empty()) with_file.file = options.name + ".pem";
  if (!write_key(with_file)) return exit_failed;
  const std::string prefix = "client." + options.name + '.';
  std::cout << "# The private key is in " << with_file.file << ". Add to the configuration, with "
            << "token.enabled = yes:\n"
            << prefix << "keys = \"" << key_set_file(with_file) << "\"\n"
            << prefix << "scopes = " << options.scopes << '\n'
            << prefix << "organisation_code = " << options.organisation_code << '\n'
            << prefix << "organisation_name = " << options.organisation_name << '\n'
            << prefix << "role_code = R8000\n"
            << prefix << "role_name = Clinical Practitioner Access Role\n"
            << prefix << "person_name = Name of the nominated person\n"
            << prefix << "system_id = " << options.name << '\n';
  return exit_ok;
}

int fetch_token(const ClientOptions& options) {
  const std::string url = options.url + "/oauth2/token";
  const auto assertion = assertion_of(options, url);
  if (!assertion) return complain("no assertion was signed", assertion.error().message);
  const auto answer =
      post(options, url,
           http::write_query(
               {{"grant_type", "client_credentials"},
                {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                {"client_assertion", *assertion},
                {"scope", options.scopes}}));
  if (!answer) return complain("no token was given", answer.error().message);
  Findings findings;
  const auto document = spine::parse_json(answer->body, findings);
  const auto root = document ? document->root() : spine::JsonView{};
  if (answer->status != 200) {
    return complain("no token was given", root.text("error_description"));
  }
  std::cout << root.text("access_token") << '\n';
  return exit_ok;
}

}  // namespace cpis::console
