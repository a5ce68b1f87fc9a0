#include <algorithm>
#include <set>

#include "gateway/config/settings.h"
#include "gateway/config/values.h"

namespace cpis::config {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    if (space != 0) words.emplace_back(text.substr(0, space));
    text.remove_prefix(space == text.npos ? text.size() : space + 1);
  }
  return words;
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

// Fingerprints are also written in capitals with colons.
std::string plain_fingerprint(std::string text) {
  std::erase(text, ':');
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

// Keys come from a file, or from a URL that nobody on the way can change.
bool is_key_place(std::string_view place) {
  if (place.find("://") == place.npos) return !place.empty();
  if (place.starts_with("https://")) return true;
  if (!place.starts_with("http://")) return false;
  place.remove_prefix(std::string_view{"http://"}.size());
  return place.starts_with("[::1]") || is_loopback(place.substr(0, place.find_first_of(":/")));
}

void read_credentials(const Values& values, const std::string& prefix, Client& client,
                      Findings& findings) {
  constexpr std::string_view scheme = "sha256:";
  const std::string token = values.text(prefix + ".token");
  client.token_sha256 = token.substr(std::min(scheme.size(), token.size()));
  if (!token.empty() && (!token.starts_with(scheme) || !is_sha256(client.token_sha256))) {
    report(findings, values.entry(prefix + ".token"), prefix + ".token",
           "give sha256: and 64 hexadecimal digits in lower case, the output of "
           "`echo -n TOKEN | sha256sum`");
  }
  client.keys = values.text(prefix + ".keys");
  if (!client.keys.empty() && !is_key_place(client.keys)) {
    report(findings, values.entry(prefix + ".keys"), prefix + ".keys",
           "give a file or an https URL");
  }
  client.certificate = plain_fingerprint(values.text(prefix + ".certificate"));
  if (!client.certificate.empty() && !is_sha256(client.certificate)) {
    report(findings, values.entry(prefix + ".certificate"), prefix + ".certificate",
           "give the SHA-256 fingerprint, 64 hexadecimal digits, the output of `openssl x509 "
           "-fingerprint -sha256 -noout`");
  }
}

Client read_client(const Values& values, const std::string& name, Findings& findings) {
  const std::string prefix = "client." + name;
  Client client;
  client.name = name;
  client.id = values.text(prefix + ".id");
  if (client.id.empty()) client.id = name;
  read_credentials(values, prefix, client, findings);
  const bool system = values.text(prefix + ".user_id").empty();
  client.caller = read_caller(values, prefix, system ? Caller::Kind::system : Caller::Kind::person);
  client.admin = values.flag(prefix + ".admin");
  client.read_messages = values.flag(prefix + ".read_messages");
  client.enabled = values.flag(prefix + ".enabled");
  client.scopes = values.text(prefix + ".scopes");
  client.organisations = words_of(values.text(prefix + ".organisations"));
  if (client.organisations.empty()) client.organisations = {client.caller.organisation_code};
  client.rate_per_minute = static_cast<int>(values.number(prefix + ".rate_per_minute"));
  client.burst = static_cast<int>(values.number(prefix + ".burst"));
  const auto activities = words_of(values.text(prefix + ".activities"));
  const auto has = [&](std::string_view activity) {
    return std::find(activities.begin(), activities.end(), activity) != activities.end();
  };
  client.may_notify = has("B0107");
  client.may_look_silently = has("B0170");
  if (const std::string missing = missing_in(client.caller); !missing.empty()) {
    const Entry* entry = values.entry(prefix + ".token");
    report(findings, entry, prefix + "." + missing,
           "is missing: a caller must be someone a notice can name");
  }
  return client;
}

Issuer read_issuer(const Values& values, const std::string& name, Findings& findings) {
  const std::string prefix = "issuer." + name;
  Issuer issuer;
  issuer.name = name;
  issuer.url = values.text(prefix + ".url");
  issuer.audiences = words_of(values.text(prefix + ".audience"));
  issuer.jwks = values.text(prefix + ".jwks");
  issuer.authority = values.text(prefix + ".authority");
  issuer.scopes_of_client = values.text(prefix + ".scopes") == "client";
  const auto demand = [&](std::string_view member, bool given, std::string_view why) {
    const std::string key = prefix + '.' + std::string{member};
    if (!given) report(findings, values.entry(key), key, std::string{why});
  };
  demand("url", !issuer.url.empty(), "is missing: tokens of anybody would be taken");
  demand("audience", !issuer.audiences.empty(),
         "is missing: a token for another service would be taken");
  demand("jwks", is_key_place(issuer.jwks), "give a file or an https URL with the public keys");
  return issuer;
}

// Two clients that cannot be told apart are one too many.
void check_unique(const Settings& settings, Findings& findings) {
  std::set<std::string> ids, tokens, certificates;
  for (const Client& client : settings.clients) {
    const std::string prefix = "client." + client.name;
    const auto demand = [&](std::set<std::string>& seen, const std::string& value,
                            std::string_view member) {
      if (value.empty() || seen.insert(value).second) return;
      report(findings, nullptr, prefix + '.' + std::string{member}, "another client has the same");
    };
    demand(ids, client.id, "id");
    demand(tokens, client.token_sha256, "token");
    demand(certificates, client.certificate, "certificate");
  }
}

}  // namespace

Caller read_caller(const Values& values, const std::string& prefix, Caller::Kind kind) {
  Caller caller;
  caller.kind = kind;
  caller.organisation_code = values.text(prefix + ".organisation_code");
  caller.organisation_name = values.text(prefix + ".organisation_name");
  caller.role_code = values.text(prefix + ".role_code");
  caller.role_name = values.text(prefix + ".role_name");
  caller.person_name = values.text(prefix + ".person_name");
  if (kind == Caller::Kind::person) caller.user_id = values.text(prefix + ".user_id");
  if (kind == Caller::Kind::system) caller.system_id = values.text(prefix + ".system_id");
  if (values.text(prefix + ".setting") == "scheduled") caller.setting = CareSetting::scheduled;
  return caller;
}

void read_access(const Values& values, Settings& settings, Findings& findings) {
  settings.demand_token = values.text("http.auth") == "token";
  settings.client_certificate_required =
      values.text("http.tls.client_certificates") == "required" &&
      !settings.http_tls.client_ca.empty();
  settings.clock_skew = std::chrono::seconds{values.number("auth.skew_seconds")};
  settings.token_life_max = std::chrono::minutes{values.number("auth.token_minutes_max")};
  settings.jwks_refresh = std::chrono::seconds{values.number("auth.jwks_refresh_seconds")};
  for (const std::string& name : values.names("client")) {
    settings.clients.push_back(read_client(values, name, findings));
  }
  for (const std::string& name : values.names("issuer")) {
    settings.issuers.push_back(read_issuer(values, name, findings));
  }
  settings.token_endpoint = {values.flag("token.enabled"), values.text("token.key"),
                             values.text("token.key_id"),
                             std::chrono::seconds{values.number("token.life_seconds")}};
}

void check_access(const Settings& settings, const Values& values, Findings& findings) {
  check_unique(settings, findings);
  if (settings.demand_token && settings.clients.empty()) {
    report(findings, values.entry("http.auth"), "http.auth",
           "token needs at least one client.NAME section");
  }
  const bool tokens = !settings.issuers.empty() || settings.token_endpoint.enabled;
  if (tokens && !settings.demand_token) {
    report(findings, values.entry("http.auth"), "http.auth",
           "say token: with none nobody's tokens are looked at");
  }
  const TokenEndpoint& endpoint = settings.token_endpoint;
  if (endpoint.enabled && endpoint.key.empty()) {
    report(findings, values.entry("token.enabled"), "token.key",
           "is missing; make one with `cpis-gateway client key FILE`");
  }
  if (endpoint.enabled && settings.base_url.empty()) {
    report(findings, values.entry("token.enabled"), "http.base_url",
           "is missing: it is the issuer and the audience of the tokens");
  }
  for (const Client& client : settings.clients) {
    const std::string prefix = "client." + client.name;
    const bool can_come = !client.token_sha256.empty() || !client.certificate.empty() ||
                          (!client.keys.empty() && endpoint.enabled) || !settings.issuers.empty();
    if (!can_come) {
      report(findings, nullptr, prefix + ".token",
             "the client has no way in: give token, keys (with token.enabled), certificate, or an "
             "issuer.* section");
    }
  }
}

}  // namespace cpis::config
