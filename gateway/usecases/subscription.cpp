#include "gateway/usecases/subscription.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "gateway/http/query_string.h"

namespace cpis::usecases {
namespace {

constexpr std::array<std::string_view, 3> contents{"empty", "id-only", "full-resource"};
constexpr std::size_t filters_max = 10;
constexpr std::size_t values_max = 50;
constexpr std::size_t value_bytes_max = 64;
constexpr std::size_t headers_max = 10;
constexpr std::size_t header_bytes_max = 2048;
constexpr int heartbeat_least = 5;
constexpr int heartbeat_most = 86'400;
constexpr int timeout_most = 30;

Error wrong(std::string_view where, std::string text) {
  return {ErrorKind::bad_input, std::string{where} + ": " + std::move(text)};
}

std::string topic_list() {
  std::string list;
  for (const TopicRow& row : topics()) {
    list += (list.empty() ? "" : ", ") + url_of(row);
  }
  return list;
}

Error unknown_topic() {
  return wrong("Subscription.criteria", "there is no such topic; give the url of one of " +
                                            topic_list() +
                                            ", or TYPE?topic=NAME with its focus and last part");
}

// The plain value of a reference or token: what is behind the last slash or bar.
std::string plain_value(std::string_view value) {
  const std::size_t mark = value.find_last_of("/|");
  return std::string{value.substr(mark == value.npos ? 0 : mark + 1)};
}

bool is_word(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
  return !text.empty() && text.size() <= value_bytes_max &&
         text.find_first_not_of(plain) == text.npos;
}

Result<TopicFilter> read_filter(const http::QueryParameter& parameter) {
  constexpr std::string_view where = "Subscription.criteria";
  TopicFilter filter;
  const std::string_view name =
      std::string_view{parameter.name}.substr(0, parameter.name.find(':'));
  if (name == "patient" || name == "subject") filter.name = "patient";
  if (name == "organization" || name == "service-provider") filter.name = "organization";
  const std::string_view modifier = std::string_view{parameter.name}.substr(name.size());
  if (filter.name.empty() || (!modifier.empty() && modifier != ":identifier")) {
    return wrong(where, "there is no such filter; valid ones are patient and organization");
  }
  std::string_view rest = parameter.value;
  while (true) {
    const std::size_t comma = rest.find(',');
    std::string value = plain_value(rest.substr(0, comma));
    if (!is_word(value) || filter.values.size() == values_max) {
      return wrong(where, "a filter has 1 to 50 values, each an id, an NHS number or an ODS code");
    }
    filter.values.push_back(std::move(value));
    if (comma == rest.npos) return filter;
    rest.remove_prefix(comma + 1);
  }
}

Status add_filters(Criteria& criteria, const http::QueryString& query) {
  for (const http::QueryParameter& parameter : query.parameters()) {
    if (parameter.name == "topic") continue;
    auto filter = read_filter(parameter);
    if (!filter) return filter.error();
    if (criteria.filters.size() == filters_max) {
      return wrong("Subscription.criteria", "there are more than 10 filters");
    }
    criteria.filters.push_back(*std::move(filter));
  }
  return done;
}

struct TypedQuery {
  std::string type;
  http::QueryString query;
};

Result<TypedQuery> read_typed(std::string_view text) {
  const std::size_t mark = text.find('?');
  if (mark == text.npos) return wrong("Subscription.criteria", "a filter is TYPE?name=value");
  auto query = http::QueryString::parse(text.substr(mark + 1));
  if (!query) return wrong("Subscription.criteria", "the filter cannot be read");
  return TypedQuery{std::string{text.substr(0, mark)}, *std::move(query)};
}

// Only what R4 and the backport say; everything else in a Subscription is the client's own.
const fhir::Element* extension_of(const fhir::Element* element, std::string_view name) {
  if (element == nullptr) return nullptr;
  for (const fhir::Element& each : element->children("extension")) {
    const std::string_view url = each.value_of("url");
    if (url.starts_with(backport_base) && url.substr(backport_base.size()) == name) return &each;
  }
  return nullptr;
}

Status read_number(const fhir::Element* channel, std::string_view name, int least, int most,
                   int& number) {
  const fhir::Element* extension = extension_of(channel, name);
  if (extension == nullptr) return done;
  const fhir::Element* value = extension->choice("value");
  const std::string_view text = value == nullptr ? std::string_view{} : value->value();
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || number < least ||
      number > most) {
    return wrong("Subscription.channel.extension",
                 std::string{name} + " is a whole number of seconds or events from " +
                     std::to_string(least) + " to " + std::to_string(most));
  }
  return done;
}

Status read_headers(const fhir::Element& channel, Subscription& out) {
  for (const fhir::Element& header : channel.children("header")) {
    const std::string_view line = header.value();
    const std::size_t colon = line.find(':');
    const bool plain = std::all_of(line.begin(), line.end(), [](char c) {
      return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7F;
    });
    const std::string_view name = line.substr(0, colon);
    if (colon == line.npos || !plain || !is_word(name) || line.size() > header_bytes_max ||
        out.headers.size() == headers_max) {
      return wrong("Subscription.channel.header", "a header is Name: value; 10 at most");
    }
    constexpr std::array<std::string_view, 6> ours{
        "host", "content-length", "content-type", "connection", "te", "upgrade"};
    std::string lower{name};
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (lower == "transfer-encoding" || std::find(ours.begin(), ours.end(), lower) != ours.end()) {
      return wrong("Subscription.channel.header", "this header is the server's to set");
    }
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    out.headers.emplace_back(name, value);
  }
  return done;
}

Status read_payload(const fhir::Element& channel, Subscription& out) {
  const fhir::Element* payload = channel.first("payload");
  const std::string_view mime = payload == nullptr ? std::string_view{} : payload->value();
  if (!mime.empty() && mime != "application/fhir+json") {
    return wrong("Subscription.channel.payload", "application/fhir+json is sent, or nothing");
  }
  out.has_payload = !mime.empty();
  if (!out.criteria.by_topic) {
    out.content = out.has_payload ? PayloadContent::full_resource : PayloadContent::empty;
    return done;
  }
  const fhir::Element* extension = extension_of(payload, "backport-payload-content");
  const auto content =
      extension == nullptr ? std::nullopt : payload_content(extension->value_of("valueCode"));
  if (!content || !out.has_payload) {
    return wrong("Subscription.channel.payload",
                 "give application/fhir+json with the extension backport-payload-content: empty, "
                 "id-only or full-resource");
  }
  out.content = *content;
  return done;
}

Status read_channel(const fhir::Element& channel, Subscription& out) {
  const std::string_view type = channel.value_of("type");
  out.websocket = type == "websocket";
  if (!out.websocket && type != "rest-hook") {
    return wrong("Subscription.channel.type", "rest-hook and websocket are offered");
  }
  out.endpoint = channel.value_of("endpoint");
  if (out.endpoint.empty() != out.websocket) {
    return wrong("Subscription.channel.endpoint",
                 "a rest-hook needs one, a websocket has none: its client comes to us");
  }
  if (out.websocket && (!out.criteria.by_topic || channel.count("header") > 0)) {
    return wrong("Subscription.channel.type",
                 "a websocket is for a topic by its url, and sends no headers");
  }
  if (const Status read = read_headers(channel, out); !read) return read;
  if (const Status read = read_payload(channel, out); !read) return read;
  Status read = read_number(&channel, "backport-heartbeat-period", heartbeat_least, heartbeat_most,
                            out.heartbeat_seconds);
  if (read) read = read_number(&channel, "backport-timeout", 1, timeout_most, out.timeout_seconds);
  if (read) read = read_number(&channel, "backport-max-count", 1, 1'000'000, out.events_in_one);
  // R4's own rest-hook has no form for several.
  out.events_in_one = out.criteria.by_topic ? std::min(out.events_in_one, events_in_one_max) : 1;
  return read;
}

std::string owner_of(const fhir::Element& resource) {
  for (const fhir::Element& each : resource.children("extension")) {
    if (each.value_of("url") == owner_extension) return std::string{each.value_of("valueString")};
  }
  return {};
}

}  // namespace

std::string_view name_of(PayloadContent content) {
  return contents[static_cast<std::size_t>(content)];
}

std::optional<PayloadContent> payload_content(std::string_view word) {
  const auto found = std::find(contents.begin(), contents.end(), word);
  if (found == contents.end()) return std::nullopt;
  return static_cast<PayloadContent>(found - contents.begin());
}

bool Criteria::wants(std::string_view subject, std::string_view organisation) const {
  return std::all_of(filters.begin(), filters.end(), [&](const TopicFilter& filter) {
    const std::string_view value = filter.name == "patient" ? subject : organisation;
    return std::find(filter.values.begin(), filter.values.end(), value) != filter.values.end();
  });
}

Result<Criteria> read_criteria(std::string_view text,
                               const std::vector<std::string_view>& filters) {
  Criteria criteria;
  if (const TopicRow* row = find_topic_url(text)) {
    criteria.topic = row->topic;
    criteria.by_topic = true;
  } else {
    const auto typed = read_typed(text);
    const auto name = typed ? typed->query.first("topic") : std::nullopt;
    const TopicRow* named = name ? find_topic(*name) : nullptr;
    if (named == nullptr || named->focus != typed->type || typed->query.all("topic").size() != 1) {
      return unknown_topic();
    }
    criteria.topic = named->topic;
    if (const Status added = add_filters(criteria, typed->query); !added) return added.error();
  }
  for (const std::string_view each : filters) {
    const auto typed = read_typed(each);
    if (!typed) return typed.error();
    if (typed->type != row_of(criteria.topic).focus) {
      return wrong("Subscription.criteria", "filters of this topic begin with " +
                                                std::string{row_of(criteria.topic).focus} + '?');
    }
    if (const Status added = add_filters(criteria, typed->query); !added) return added.error();
  }
  return criteria;
}

Result<Subscription> read_subscription(const fhir::Element& resource) {
  Subscription out;
  out.id = resource.value_of("id");
  out.status = resource.value_of("status");
  out.owner = owner_of(resource);
  const fhir::Element* criteria = resource.first("criteria");
  if (criteria == nullptr) return unknown_topic();
  std::vector<std::string_view> filters;
  for (const fhir::Element& each : criteria->children("extension")) {
    const std::string_view url = each.value_of("url");
    if (url.starts_with(backport_base) &&
        url.substr(backport_base.size()) == "backport-filter-criteria") {
      filters.push_back(each.value_of("valueString"));
    }
  }
  auto read = read_criteria(criteria->value(), filters);
  if (!read) return read.error();
  out.criteria = *std::move(read);
  const fhir::Element* channel = resource.first("channel");
  if (channel == nullptr) return wrong("Subscription.channel", "is missing");
  if (const Status known = read_channel(*channel, out); !known) return known.error();
  if (const std::string_view end = resource.value_of("end"); !end.empty()) {
    out.end = parse_iso_time(end);
    if (!out.end) return wrong("Subscription.end", "cannot be read as an instant");
  }
  return out;
}

}  // namespace cpis::usecases
