#include "conformance/runner/request_builder.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace cpis::conformance {

namespace {

enum class Target : std::uint8_t { none, type, instance, version };

struct Interaction {
  std::string_view code;
  std::string_view method;
  Target target;
  std::string_view tail;
  bool sends_source;
};

// http://terminology.hl7.org/CodeSystem/testscript-operation-codes; the rest are named operations.
constexpr std::array interactions{
    Interaction{"read", "GET", Target::instance, "", false},
    Interaction{"vread", "GET", Target::version, "", false},
    Interaction{"update", "PUT", Target::instance, "", true},
    Interaction{"updateCreate", "PUT", Target::instance, "", true},
    Interaction{"patch", "PATCH", Target::instance, "", true},
    Interaction{"delete", "DELETE", Target::instance, "", false},
    Interaction{"deleteCondSingle", "DELETE", Target::type, "", false},
    Interaction{"deleteCondMultiple", "DELETE", Target::type, "", false},
    Interaction{"history", "GET", Target::instance, "/_history", false},
    Interaction{"create", "POST", Target::type, "", true},
    Interaction{"search", "GET", Target::type, "", false},
    Interaction{"batch", "POST", Target::none, "", true},
    Interaction{"transaction", "POST", Target::none, "", true},
    Interaction{"capabilities", "GET", Target::none, "/metadata", false},
};

Error bad(std::string why) { return Error{ErrorKind::bad_input, std::move(why)}; }

const Interaction* find_interaction(std::string_view code) {
  const auto found = std::ranges::find(interactions, code, &Interaction::code);
  return found == interactions.end() ? nullptr : &*found;
}

std::string upper(std::string_view word) {
  std::string text{word};
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

/// What RFC 3986 does not allow in a path or query becomes `%XX`; what is encoded stays.
std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view allowed = "-._~:/?#[]@!$&'()*+,;=%";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (plain || allowed.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    }
  }
  return out;
}

struct Address {
  std::string type;
  std::string id;
  std::string version;
};

Result<Address> address_of(const Operation& operation, Memory& memory) {
  Address address;
  address.type = operation.resource;
  const bool update = operation.target_id.empty() && operation.params.empty();
  const std::string& name = update ? operation.source_id : operation.target_id;
  if (name.empty()) return address;
  Record* const record = memory.find(name);
  if (record == nullptr) return bad("there is no fixture or response " + name);
  if (address.type.empty()) address.type = record->resource_type();
  address.id = record->resource_id();
  address.version = record->version_id();
  return address;
}

/// The path below the base url.
Result<std::string> path_of(const Operation& operation, const Interaction* interaction,
                            Memory& memory) {
  const auto params = memory.fill(operation.params);
  if (!params) return params.error();
  const auto address = address_of(operation, memory);
  if (!address) return address.error();
  const bool named = interaction == nullptr && !operation.code.empty();
  const Target target = interaction == nullptr ? Target::type : interaction->target;
  std::string path;
  if (target != Target::none && !address->type.empty()) path += '/' + address->type;
  const bool wants_id = target == Target::instance || target == Target::version || named;
  const bool by_params = !params->empty() && operation.target_id.empty();
  if (wants_id && !by_params && !address->id.empty()) path += '/' + address->id;
  if (target == Target::version && !by_params) {
    if (address->version.empty()) return bad("the version of the resource is not known");
    path += "/_history/" + address->version;
  }
  if (target == Target::instance && operation.code != "history" && !by_params &&
      address->id.empty()) {
    return bad("the id of the resource is not known");
  }
  if (named) path += "/$" + operation.code;
  // `/123` of a history comes before `/_history`, a query after it.
  const bool query = params->starts_with('?');
  const bool separate = !params->empty() && !query && !params->starts_with('/');
  const std::string addition = separate ? '/' + *params : *params;
  const std::string tail{interaction == nullptr ? std::string_view{} : interaction->tail};
  return query ? path + tail + addition : path + addition + tail;
}

Result<std::string> url_of(const Operation& operation, const Interaction* interaction,
                           const Destinations& destinations, Memory& memory) {
  const std::string& base = destinations.url(operation.destination);
  if (!operation.url.empty()) {
    const auto url = memory.fill(operation.url);
    if (!url) return url.error();
    if (url->find("://") != std::string::npos) return *url;
    return base + (url->starts_with('/') ? "" : "/") + *url;
  }
  const auto path = path_of(operation, interaction, memory);
  if (!path) return path.error();
  return base + *path;
}

std::string_view format_word(std::string_view type) {
  if (type.find("xml") != std::string_view::npos) return "xml";
  return type.find("json") != std::string_view::npos || type.empty() ? "json" : type;
}

/// The body is the source fixture with its variables filled in, in the format that was asked for.
Status add_body(const Operation& operation, Memory& memory, HttpRequest& request) {
  Record* const record = memory.find(operation.source_id);
  if (record == nullptr) {
    return bad("there is no fixture or response " + operation.source_id + " to send");
  }
  const auto text = memory.fill(record->body.text());
  if (!text) return text.error();
  Body body{*text};
  const bool unsaid = operation.content_type.empty() || operation.content_type == "none";
  const std::string type = unsaid && operation.code == "patch"
                               ? "application/json-patch+json"
                               : media_type(unsaid ? "json" : operation.content_type);
  request.body = in_format(body, format_word(type));
  request.headers.push_back({"Content-Type", type});
  return done;
}

}  // namespace

const std::string& Destinations::url(int destination) const {
  const auto found = numbered.find(destination);
  return found == numbered.end() ? base_url : found->second;
}

std::string media_type(std::string_view word) {
  if (word.empty() || word == "json") return "application/fhir+json";
  if (word == "xml") return "application/fhir+xml";
  if (word == "ttl" || word == "turtle") return "text/turtle";
  return std::string{word};
}

Result<HttpRequest> build_request(const Operation& operation, const Destinations& destinations,
                                  Memory& memory) {
  const Interaction* const interaction = find_interaction(operation.code);
  HttpRequest request;
  const bool sends =
      interaction == nullptr ? !operation.source_id.empty() : interaction->sends_source;
  request.method = interaction == nullptr ? (sends ? "POST" : "GET") : interaction->method;
  if (!operation.method.empty()) request.method = upper(operation.method);
  const auto url = url_of(operation, interaction, destinations, memory);
  if (!url) return url.error();
  request.url = operation.encode_url ? encoded(*url) : *url;
  const auto set = [&](std::string_view name) {
    return std::ranges::any_of(operation.headers, [&](const RequestHeader& header) {
      return upper(header.field) == upper(name);
    });
  };
  if (!set("Accept") && operation.accept != "none")
    request.headers.push_back({"Accept", media_type(operation.accept)});
  if (sends && !operation.source_id.empty()) {
    if (const Status added = add_body(operation, memory, request); !added) return added.error();
  }
  for (const RequestHeader& header : operation.headers) {
    const auto value = memory.fill(header.value);
    if (!value) return value.error();
    request.headers.push_back({header.field, *value});
  }
  return request;
}

}  // namespace cpis::conformance
