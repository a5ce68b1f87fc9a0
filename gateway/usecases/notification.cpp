#include "gateway/usecases/notification.h"

#include <algorithm>
#include <array>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "gateway/edge/ids.h"

namespace cpis::usecases {
namespace {

using fhir::Document;
using fhir::Element;
using fhir::Kind;
using store::SubscriptionEvent;

constexpr std::array<std::string_view, 5> types{"handshake", "heartbeat", "event-notification",
                                                "query-status", "query-event"};

std::string fresh_uuid() {
  std::string id = random_uuid();
  std::transform(id.begin(), id.end(), id.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return id;
}

std::string below(std::string_view base, std::string_view path) {
  return std::string{base} + '/' + std::string{path};
}

Element& parameter(Document& doc, Element& parent, std::string_view name,
                   std::string_view list = "parameter") {
  Element& added = doc.append_item(parent, list);
  doc.append(added, "name", name);
  return added;
}

// The resources of a happening, with the one it is about in front.
class Content {
 public:
  explicit Content(const store::Happening& happening) {
    fhir::Issues issues;
    if (happening.content.empty() || !fhir::json::read_view(happening.content, doc_, issues)) {
      return;
    }
    for (const Element& entry : doc_.root().children("entry")) {
      const Element* resource = entry.first("resource");
      if (resource == nullptr) continue;
      const bool about = name_of(*resource) == happening.focus;
      resources_.insert(about ? resources_.begin() : resources_.end(), resource);
    }
  }
  const std::vector<const Element*>& resources() const { return resources_; }
  static std::string name_of(const Element& resource) {
    const std::string_view id = resource.value_of("id");
    return id.empty() ? std::string{}
                      : std::string{resource.resource_type()}.append("/").append(id);
  }

 private:
  Document doc_;
  std::vector<const Element*> resources_;
};

void add_event(Document& doc, Element& status, const SubscriptionEvent& event,
               PayloadContent content, std::string_view base) {
  Element& told = parameter(doc, status, "notification-event");
  doc.append(parameter(doc, told, "event-number", "part"), "valueString",
             std::to_string(event.number));
  doc.append(parameter(doc, told, "timestamp", "part"), "valueInstant", to_iso(event.what.at));
  if (content == PayloadContent::empty) return;
  Element& focus = doc.append(parameter(doc, told, "focus", "part"), "valueReference");
  doc.append(focus, "reference", below(base, event.what.focus));
  const Content all{event.what};
  for (const Element* resource : all.resources()) {
    const std::string name = Content::name_of(*resource);
    if (name.empty() || name == event.what.focus) continue;
    Element& more =
        doc.append(parameter(doc, told, "additional-context", "part"), "valueReference");
    doc.append(more, "reference", below(base, name));
  }
}

// An entry of a history has to say by which request it came (bdl-3).
void add_came_by(Document& doc, Element& entry, std::string_view method, std::string_view url) {
  Element& request = doc.append(entry, "request");
  doc.append(request, "method", method);
  doc.append(request, "url", url);
  doc.append(doc.append(entry, "response"), "status", "200");
}

void add_resources(Document& doc, Element& bundle, const SubscriptionEvent& event,
                   PayloadContent content, std::string_view base) {
  const auto add_named = [&](const std::string& name, const Element* resource) {
    Element& entry = doc.append_item(bundle, "entry");
    doc.append(entry, "fullUrl", name.empty() ? "urn:uuid:" + fresh_uuid() : below(base, name));
    if (resource != nullptr) doc.clone(entry, *resource, "resource");
    add_came_by(doc, entry, name.empty() ? "GET" : "PUT", name.empty() ? event.what.focus : name);
  };
  const Content all{event.what};
  if (content == PayloadContent::id_only) return add_named(event.what.focus, nullptr);
  for (const Element* resource : all.resources()) add_named(Content::name_of(*resource), resource);
}

}  // namespace

void write_status(Document& doc, Element& status, const Notification& what, std::string_view base) {
  const Subscription& subscription = what.subscription;
  doc.append(status, "id", fresh_uuid());
  Element& meta = doc.append(status, "meta");
  doc.append_item(meta, "profile", std::string{backport_base} + "backport-subscription-status-r4");
  Element& whose = doc.append(parameter(doc, status, "subscription"), "valueReference");
  doc.append(whose, "reference", below(base, "Subscription/" + subscription.id));
  doc.append(parameter(doc, status, "topic"), "valueCanonical",
             url_of(row_of(subscription.criteria.topic)));
  doc.append(parameter(doc, status, "status"), "valueCode", subscription.status);
  doc.append(parameter(doc, status, "type"), "valueCode",
             types[static_cast<std::size_t>(what.type)]);
  doc.append(parameter(doc, status, "events-since-subscription-start"), "valueString",
             std::to_string(what.last_event));
  for (const SubscriptionEvent& event : what.events) {
    add_event(doc, status, event, what.content, base);
  }
  if (!what.error.empty()) {
    Element& error = doc.append(parameter(doc, status, "error"), "valueCodeableConcept");
    doc.append(error, "text", what.error);
  }
}

std::string notification_bundle(const Notification& what, std::string_view base, Time now) {
  Document doc;
  Element& bundle = doc.set_root("Bundle");
  doc.append(bundle, "id", fresh_uuid());
  Element& meta = doc.append(bundle, "meta");
  doc.append_item(meta, "profile",
                  std::string{backport_base} + "backport-subscription-notification-r4");
  doc.append(bundle, "type", "history");
  doc.append(bundle, "timestamp", to_iso(now));
  Element& first = doc.append_item(bundle, "entry");
  Element& url = doc.append(first, "fullUrl", "");
  Element& status = doc.append_resource(first, "resource", "Parameters");
  write_status(doc, status, what, base);
  doc.set_value(url, "urn:uuid:" + std::string{status.value_of("id")});
  add_came_by(doc, first, "GET",
              "Subscription/" + what.subscription.id +
                  (what.type == NotificationType::query_event ? "/$events" : "/$status"));
  for (const SubscriptionEvent& event : what.events) {
    if (what.content != PayloadContent::empty) {
      add_resources(doc, bundle, event, what.content, base);
    }
  }
  return fhir::json::write(doc.root());
}

std::string focus_resource(const store::Happening& happening) {
  const Content all{happening};
  if (all.resources().empty() || Content::name_of(*all.resources().front()) != happening.focus) {
    return {};
  }
  return fhir::json::write(*all.resources().front());
}

std::string shown_resources(const std::vector<SubscriptionEvent>& events, PayloadContent content) {
  std::string shown;
  const auto add = [&](std::string_view name) {
    if (!name.empty()) shown.append(shown.empty() ? "" : " ").append(name);
  };
  for (const SubscriptionEvent& event : events) {
    if (content == PayloadContent::id_only) add(event.what.focus);
    if (content != PayloadContent::full_resource) continue;
    const Content all{event.what};
    for (const Element* resource : all.resources()) add(Content::name_of(*resource));
  }
  return shown;
}

}  // namespace cpis::usecases
