#include "gateway/fhir_api/subscription_api.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "gateway/edge/ids.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/local_api.h"
#include "gateway/fhir_api/local_search.h"
#include "gateway/fhir_api/resource_body.h"
#include "gateway/fhir_api/rows.h"
#include "gateway/fhir_api/websocket_token.h"
#include "gateway/store/audit_store.h"
#include "gateway/store/subscription_store.h"
#include "gateway/usecases/notification.h"
#include "gateway/usecases/tell_subscribers.h"

namespace cpis::fhir_api {
namespace {

using usecases::Notification;
using usecases::NotificationType;
using usecases::PayloadContent;
using usecases::Subscription;

constexpr std::size_t events_max = 100;
constexpr std::size_t subscriptions_max = 10'000;
constexpr std::string_view type_name = "Subscription";

http::Response none() {
  return error_answer({ErrorKind::not_found, "there is no such Subscription"});
}

std::optional<Subscription> subscription_of(const resources::Entry& entry, std::string& error) {
  fhir::Document doc;
  fhir::Issues issues;
  if (!fhir::json::read_view(entry.body, doc, issues)) return std::nullopt;
  error = doc.root().value_of("error");
  auto read = usecases::read_subscription(doc.root());
  if (!read) return std::nullopt;
  return *std::move(read);
}

// Names and values of an operation: of the query, and of a Parameters body.
using Inputs = std::vector<std::pair<std::string, std::string>>;
std::variant<Inputs, http::Response> inputs_of(const Services& services, Exchange& exchange) {
  Inputs inputs;
  for (const auto& each : exchange.query.parameters()) inputs.emplace_back(each.name, each.value);
  if (exchange.request.method() != "POST" || exchange.request.body().empty()) return inputs;
  std::string text;
  if (auto response = take_plain_body(exchange.request, services.settings.body_bytes_max, text)) {
    return *std::move(response);
  }
  fhir::Document doc;
  const auto type = exchange.request.header("Content-Type").value_or("");
  if (auto response = read_resource(type, std::move(text), doc, services.validation.policy())) {
    return *std::move(response);
  }
  if (doc.root().resource_type() != "Parameters") {
    return bad_parameter("", "the body is a Parameters resource, or empty");
  }
  for (const fhir::Element& each : doc.root().children("parameter")) {
    const fhir::Element* value = each.choice("value");
    inputs.emplace_back(each.value_of("name"), value == nullptr ? "" : value->value());
  }
  return inputs;
}

Result<std::int64_t> last_event_of(const Services& services, const std::string& id) {
  std::int64_t last = 0;
  const Status read = services.database.read([&](store::Session& session) -> Status {
    const auto counted = store::SubscriptionStore{}.last_event(session, id);
    if (!counted) return counted.error();
    last = *counted;
    return done;
  });
  if (!read) return read.error();
  return last;
}

// A searchset of one SubscriptionStatus for each.
http::Response status_answer(const Services& services, const Exchange& exchange,
                             const std::vector<resources::EntryPtr>& entries) {
  fhir::Document doc;
  fhir::Element& bundle = doc.set_root("Bundle");
  doc.append(bundle, "type", "searchset");
  fhir::Element& total = doc.append(bundle, "total", "0", fhir::Kind::number);
  std::size_t count = 0;
  for (const resources::EntryPtr& entry : entries) {
    std::string error;
    const auto subscription = subscription_of(*entry, error);
    if (!subscription) continue;
    const auto last = last_event_of(services, entry->id);
    if (!last) return error_answer(last.error());
    fhir::Element& item = doc.append_item(bundle, "entry");
    fhir::Element& url = doc.append(item, "fullUrl", "");
    fhir::Element& status = doc.append_resource(item, "resource", "Parameters");
    Notification what{*subscription, NotificationType::query_status, *last};
    what.error = error;
    usecases::write_status(doc, status, what, exchange.base);
    doc.set_value(url, "urn:uuid:" + std::string{status.value_of("id")});
    doc.append(doc.append(item, "search"), "mode", "match");
    ++count;
  }
  doc.set_value(total, std::to_string(count), fhir::Kind::number);
  return resource_answer(200, doc.root());
}

http::Response status_of_one(const Services& services, Exchange& exchange) {
  const auto entry = services.book.find(type_name, exchange.target.id);
  if (!entry || !owns_subscription(*entry, exchange.client)) return none();
  return status_answer(services, exchange, {entry});
}

http::Response status_of_all(const Services& services, Exchange& exchange) {
  auto read = inputs_of(services, exchange);
  if (auto* response = std::get_if<http::Response>(&read)) return std::move(*response);
  std::vector<std::string> ids, states;
  for (const auto& [name, value] : std::get<Inputs>(read)) {
    if (name == "id") {
      ids.push_back(value.substr(value.find('/') == value.npos ? 0 : value.rfind('/') + 1));
    } else if (name == "status") {
      states.push_back(value);
    } else if (name != "_format" && name != "_pretty") {
      return bad_parameter(name, "$status understands id and status");
    }
  }
  auto entries = services.book.all(type_name, subscriptions_max);
  if (!entries) return error_answer({ErrorKind::busy, "there are too many subscriptions"});
  const auto one_of = [](const std::vector<std::string>& wanted, const std::string& value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
  };
  std::erase_if(*entries, [&](const resources::EntryPtr& entry) {
    return !owns_subscription(*entry, exchange.client) || !one_of(ids, entry->id) ||
           !one_of(states, entry->keys.status);
  });
  return status_answer(services, exchange, *entries);
}

struct EventsWanted {
  std::int64_t from = 1;
  std::int64_t to = std::numeric_limits<std::int64_t>::max();
  PayloadContent content = PayloadContent::empty;
};

std::optional<http::Response> read_wanted(const Inputs& inputs, EventsWanted& wanted) {
  for (const auto& [name, value] : inputs) {
    const bool since = name == "eventsSinceNumber";
    if (since || name == "eventsUntilNumber") {
      std::int64_t& number = since ? wanted.from : wanted.to;
      const auto [end, problem] =
          std::from_chars(value.data(), value.data() + value.size(), number);
      if (problem != std::errc{} || end != value.data() + value.size() || number < 0) {
        return bad_parameter(name, "the number of an event is needed");
      }
    } else if (name == "content") {
      const auto content = usecases::payload_content(value);
      if (!content) return bad_parameter(name, "empty, id-only or full-resource");
      wanted.content = *content;
    } else if (name != "_format" && name != "_pretty") {
      return bad_parameter(name,
                           "$events understands eventsSinceNumber, eventsUntilNumber and content");
    }
  }
  return std::nullopt;
}

// Each person that the answer names is a disclosure, durable before the answer.
Status audit(const Services& services, const Exchange& exchange,
             const std::vector<store::SubscriptionEvent>& events, PayloadContent content) {
  if (content == PayloadContent::empty || events.empty()) return done;
  const Time now = services.clock.now();
  return services.database.write([&](store::Session& session) -> Status {
    for (const store::SubscriptionEvent& event : events) {
      const std::string detail = "Subscription/" + exchange.target.id + " event " +
                                 std::to_string(event.number) + "; " +
                                 usecases::shown_resources({event}, content);
      const Caller& caller = exchange.caller;
      store::AuditEntry entry = store::entry_by(caller);
      entry.at = now;
      entry.correlation_id = exchange.correlation_id;
      entry.source = exchange.client;
      entry.action = "Subscription.events";
      entry.subject = event.what.subject;
      entry.outcome = "told";
      entry.detail = detail;
      const auto row = store::AuditStore{}.append(session, entry);
      if (!row) return row.error();
    }
    return done;
  });
}

http::Response events(const Services& services, Exchange& exchange) {
  const auto entry = services.book.find(type_name, exchange.target.id);
  if (!entry || !owns_subscription(*entry, exchange.client)) return none();
  std::string error;
  auto subscription = subscription_of(*entry, error);
  if (!subscription) return none();
  auto read = inputs_of(services, exchange);
  if (auto* response = std::get_if<http::Response>(&read)) return std::move(*response);
  EventsWanted wanted;
  wanted.content = subscription->content;
  if (auto response = read_wanted(std::get<Inputs>(read), wanted)) return *std::move(response);
  subscription->content = wanted.content;
  subscription->criteria.by_topic = true;
  if (const std::string why = services.subscriber_rights.refuse(*subscription); !why.empty()) {
    return error_answer({ErrorKind::forbidden, why});
  }
  std::int64_t last = 0;
  std::vector<store::SubscriptionEvent> found;
  const Status kept = services.database.read([&](store::Session& session) -> Status {
    const store::SubscriptionStore store;
    const auto counted = store.last_event(session, entry->id);
    if (!counted) return counted.error();
    last = *counted;
    auto some = store.events(session, entry->id, wanted.from, wanted.to, events_max);
    if (!some) return some.error();
    found = *std::move(some);
    return done;
  });
  if (!kept) return error_answer(kept.error());
  if (const Status audited = audit(services, exchange, found, wanted.content); !audited) {
    return error_answer(audited.error());
  }
  exchange.audited = !found.empty();
  Notification what{*subscription, NotificationType::query_event, last, std::move(found),
                    wanted.content};
  what.error = error;
  return {200, std::string{fhir_json},
          usecases::notification_bundle(what, exchange.base, services.clock.now())};
}

// The ids that a token is asked for: of the path, or the operation's `id`.
std::variant<std::vector<std::string>, http::Response> wanted_ids(const Services& services,
                                                                  Exchange& exchange) {
  std::vector<std::string> ids;
  if (!exchange.target.id.empty()) ids.push_back(exchange.target.id);
  auto read = inputs_of(services, exchange);
  if (auto* response = std::get_if<http::Response>(&read)) return std::move(*response);
  for (const auto& [name, value] : std::get<Inputs>(read)) {
    if (name == "id") {
      ids.push_back(value.substr(value.find('/') == value.npos ? 0 : value.rfind('/') + 1));
    } else if (name != "_format" && name != "_pretty") {
      return bad_parameter(name, "$get-ws-binding-token understands id");
    }
  }
  if (ids.empty() || ids.size() > websocket_bindings_max) {
    return bad_parameter("id", "a token is for 1 to 50 subscriptions");
  }
  return ids;
}

http::Response websocket_token(const Services& services, Exchange& exchange) {
  auto wanted = wanted_ids(services, exchange);
  if (auto* response = std::get_if<http::Response>(&wanted)) return std::move(*response);
  const auto& ids = std::get<std::vector<std::string>>(wanted);
  const Time now = services.clock.now();
  const WebsocketBinding binding{exchange.client, now + websocket_token_life, random_hex_id(), ids};
  for (const std::string& id : ids) {
    const auto entry = services.book.find(type_name, id);
    if (!entry || !owns_subscription(*entry, exchange.client)) return none();
    std::string error;
    const auto subscription = subscription_of(*entry, error);
    if (!subscription || !subscription->websocket || subscription->status == "off") {
      return error_answer({ErrorKind::conflict, "this subscription has no websocket, or is off"});
    }
  }
  const auto token = seal_binding(services.links, binding);
  if (!token) return error_answer(token.error());
  fhir::Document doc;
  fhir::Element& root = doc.set_root("Parameters");
  const auto add = [&](std::string_view name, std::string_view type, std::string_view value) {
    fhir::Element& parameter = doc.append_item(root, "parameter");
    doc.append(parameter, "name", name);
    doc.append(parameter, type, value);
  };
  add("token", "valueString", *token);
  add("expiration", "valueDateTime", to_iso(binding.expires));
  for (const std::string& id : ids) add("subscription", "valueString", id);
  add("websocket-url", "valueUrl", websocket_url(exchange.base));
  return resource_answer(200, doc.root());
}

using Next = void (*)(const Services&, Exchange&&);
void for_owner(const Services& services, Exchange&& exchange, Next next) {
  const auto entry = services.book.find(type_name, exchange.target.id);
  if (!entry || !owns_subscription(*entry, exchange.client)) return exchange.send(none());
  next(services, std::move(exchange));
}

constexpr Route row(std::string_view interaction, Handler handle, std::string_view documentation) {
  return {.type = type_name,
          .interaction = interaction,
          .handle = handle,
          .documentation = documentation};
}

constexpr Route operation(std::string_view name, Level level, std::string_view methods,
                          Handler handle, std::string_view documentation) {
  return {.type = type_name,
          .interaction = "operation",
          .handle = handle,
          .documentation = documentation,
          .operation = name,
          .level = level,
          .methods = methods};
}

std::vector<Route> make_rows() {
  std::vector<Route> rows;
  rows.push_back(row("read", read_subscription, "One of the client's own subscriptions"));
  Route search = row("search-type", search_local_type, "The client's own subscriptions");
  search.params = defined_params(type_name);
  rows.push_back(search);
  rows.push_back(row("vread", vread_subscription, "One version of a subscription"));
  rows.push_back(row("history-instance", history_of_subscription, "Its versions, newest first"));
  rows.push_back(row("create", create_local,
                     "Asks for alerts; active once the endpoint has answered a handshake"));
  rows.push_back(row("update", update_local, "Changes it, or asks again after an error"));
  rows.push_back(row("patch", patch_local, "JSON Patch or FHIRPath Patch"));
  rows.push_back(row("delete", delete_local, "Ends it"));
  rows.push_back(operation("status", Level::instance, "GET POST", status_of_subscription,
                           "Where the subscription stands, and how many events it has had"));
  rows.push_back(operation("status", Level::type, "GET POST", status_of_subscriptions,
                           "The same of all the client's subscriptions, or some"));
  rows.push_back(operation("events", Level::instance, "GET POST", events_of_subscription,
                           "Events again, by their numbers, for a client that missed some"));
  for (const Level level : {Level::instance, Level::type}) {
    rows.push_back(operation("get-ws-binding-token", level, "GET POST", websocket_token_of,
                             "A token that opens the websocket of subscriptions, once"));
  }
  return rows;
}

}  // namespace

bool owns_subscription(const resources::Entry& entry, const std::string& client) {
  fhir::Document doc;
  fhir::Issues issues;
  if (!fhir::json::read_view(entry.body, doc, issues)) return false;
  for (const fhir::Element& each : doc.root().children("extension")) {
    if (each.value_of("url") == usecases::owner_extension) {
      return each.value_of("valueString") == client;
    }
  }
  return false;
}

void read_subscription(const Services& services, Exchange&& exchange) {
  for_owner(services, std::move(exchange), read_local);
}
void vread_subscription(const Services& services, Exchange&& exchange) {
  for_owner(services, std::move(exchange), vread_local);
}
void history_of_subscription(const Services& services, Exchange&& exchange) {
  for_owner(services, std::move(exchange), history_of_instance);
}
void status_of_subscription(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange), status_of_one);
}
void status_of_subscriptions(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange), status_of_all);
}
void events_of_subscription(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange), events);
}

void websocket_token_of(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange), websocket_token);
}

std::span<const Route> subscription_rows() {
  static const std::vector<Route> rows = make_rows();
  return rows;
}

}  // namespace cpis::fhir_api
