#include "gateway/fhir_api/forwarded.h"

#include <algorithm>
#include <string_view>

namespace cpis::fhir_api {
namespace {

struct Outside {
  std::string scheme, host, port, prefix;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The first member of a list: the proxy nearest to the client.
std::string_view first_of(std::string_view list) {
  bool quoted = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '"') quoted = !quoted;
    if (list[i] == ',' && !quoted) return trimmed(list.substr(0, i));
  }
  return trimmed(list);
}

bool is_host(std::string_view text) {
  constexpr std::string_view others = ".-_:[]";
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           others.find(c) != others.npos;
  });
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_prefix(std::string_view text) {
  constexpr std::string_view others = "/-_.~";
  return text.starts_with('/') && text.size() <= 255 && text.find("//") == text.npos &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  others.find(c) != others.npos;
         });
}

void take_scheme(Outside& outside, std::string_view text) {
  if (http::same_name(text, "https")) outside.scheme = "https";
  if (http::same_name(text, "http")) outside.scheme = "http";
}

void read_forwarded(Outside& outside, std::string_view header) {
  std::string_view rest = first_of(header);
  while (!rest.empty()) {
    const std::size_t end = rest.find(';');
    const std::string_view pair = trimmed(rest.substr(0, end));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos) continue;
    std::string_view value = pair.substr(equals + 1);
    if (value.size() > 1 && value.starts_with('"') && value.ends_with('"')) {
      value = value.substr(1, value.size() - 2);
    }
    if (http::same_name(pair.substr(0, equals), "proto")) take_scheme(outside, value);
    if (http::same_name(pair.substr(0, equals), "host") && is_host(value)) outside.host = value;
  }
}

void read_x_forwarded(Outside& outside, const http::Request& request) {
  take_scheme(outside, first_of(request.header("X-Forwarded-Proto").value_or("")));
  const std::string_view host = first_of(request.header("X-Forwarded-Host").value_or(""));
  if (is_host(host)) outside.host = host;
  const std::string_view port = first_of(request.header("X-Forwarded-Port").value_or(""));
  if (is_port(port)) outside.port = port;
}

bool has_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  return colon != host.npos && host.find(']', colon) == host.npos;
}

std::string text_of(const Outside& outside) {
  std::string url = outside.scheme + "://" + outside.host;
  const bool usual = outside.port == (outside.scheme == "https" ? "443" : "80");
  if (!outside.port.empty() && !usual && !has_port(outside.host)) url += ':' + outside.port;
  return url + outside.prefix;
}

}  // namespace

std::string external_url(const http::Request& request, const config::Settings& settings) {
  if (!settings.base_url.empty()) return settings.base_url;
  Outside outside;
  outside.scheme = request.peer().encrypted ? "https" : "http";
  outside.host = request.host().empty() ? std::string_view{"localhost"} : request.host();
  const auto& trusted = settings.trusted_proxies;
  if (std::find(trusted.begin(), trusted.end(), request.peer().address) == trusted.end()) {
    return text_of(outside);
  }
  if (const auto forwarded = request.header("Forwarded")) {
    read_forwarded(outside, *forwarded);
  } else {
    read_x_forwarded(outside, request);
  }
  std::string_view prefix = first_of(request.header("X-Forwarded-Prefix").value_or(""));
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (is_prefix(prefix)) outside.prefix = prefix;
  return text_of(outside);
}

}  // namespace cpis::fhir_api
