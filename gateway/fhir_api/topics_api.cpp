// The topics of subscriptions, to be read. R4 has no SubscriptionTopic: as HL7's cross-version
// extensions have it, one is a Basic with that code and the elements of R5 as extensions.

#include <algorithm>

#include "adapters/fhir_r4/searchset.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/rows.h"
#include "gateway/usecases/topics.h"

namespace cpis::fhir_api {
namespace {

using fhir::Document;
using fhir::Element;
using usecases::TopicRow;

constexpr std::string_view element_of_r5 =
    "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.";
constexpr std::string_view r4_type = "http://hl7.org/fhir/StructureDefinition/";
constexpr std::string_view type_system = "http://hl7.org/fhir/fhir-types";
constexpr std::string_view type_code = "SubscriptionTopic";
constexpr std::string_view uri_system = "urn:ietf:rfc:3986";

constexpr SearchParam topic_params[] = {
    {"_id", "token", "Id of the topic: the last part of its url"},
    {"code", "token", "What it is: SubscriptionTopic"},
    {"identifier", "token", "Canonical url of the topic: urn:ietf:rfc:3986|URL"},
};

struct Filter {
  std::string_view name, text;
};
constexpr Filter filters[] = {
    {"patient", "Whose record: Patient/ID, an id or an NHS number"},
    {"organization", "ODS code: where it happened, or which council is concerned"},
};

Element& add_element(Document& doc, Element& parent, std::string_view name) {
  Element& extension = doc.append_item(parent, "extension");
  doc.append(extension, "url", std::string{element_of_r5}.append(name));
  return extension;
}

void add_part(Document& doc, Element& parent, std::string_view name, std::string_view type,
              std::string_view value) {
  Element& part = doc.append_item(parent, "extension");
  doc.append(part, "url", name);
  doc.append(part, type, value);
}

std::string description_of(const TopicRow& topic) {
  std::string shown{topic.shown};
  for (std::size_t at = shown.find(' '); at != shown.npos; at = shown.find(' ', at + 2)) {
    shown.replace(at, 1, ", ");
  }
  return std::string{topic.text} + " A payload of whole resources may hold: " + shown + '.';
}

void write_topic(Document& doc, Element& basic, const TopicRow& topic) {
  const std::string url = usecases::url_of(topic);
  const std::string focus = std::string{r4_type}.append(topic.focus);
  doc.append(basic, "id", topic.name);
  doc.append(add_element(doc, basic, "url"), "valueUri", url);
  doc.append(add_element(doc, basic, "description"), "valueMarkdown", description_of(topic));
  Element& trigger = add_element(doc, basic, "eventTrigger");
  Element& event = doc.append_item(trigger, "extension");
  doc.append(event, "url", "event");
  doc.append(doc.append(event, "valueCodeableConcept"), "text", topic.text);
  add_part(doc, trigger, "resource", "valueUri", focus);
  for (const Filter& filter : filters) {
    Element& by = add_element(doc, basic, "canFilterBy");
    add_part(doc, by, "description", "valueMarkdown", filter.text);
    add_part(doc, by, "resource", "valueUri", focus);
    add_part(doc, by, "filterParameter", "valueString", filter.name);
  }
  add_part(doc, add_element(doc, basic, "notificationShape"), "resource", "valueUri", focus);
  Element& status = doc.append_item(basic, "modifierExtension");
  doc.append(status, "url", std::string{element_of_r5} + "status");
  doc.append(status, "valueCode", "active");
  Element& identifier = doc.append_item(basic, "identifier");
  doc.append(identifier, "system", uri_system);
  doc.append(identifier, "value", url);
  Element& coding = doc.append_item(doc.append(basic, "code"), "coding");
  doc.append(coding, "system", type_system);
  doc.append(coding, "code", type_code);
}

bool is_asked_for(const Exchange& exchange, const TopicRow& topic) {
  const std::string url = usecases::url_of(topic);
  const auto holds = [&](std::string_view parameter, std::string_view system,
                         std::string_view code) {
    const auto values = exchange.query.all(parameter);
    return std::all_of(values.begin(), values.end(), [&](std::string_view value) {
      const auto any = alternatives(value);
      return std::any_of(any.begin(), any.end(), [&](const std::string& one) {
        return read_token(one).matches(system, code);
      });
    });
  };
  return holds("_id", "", topic.name) && holds("code", type_system, type_code) &&
         holds("identifier", uri_system, url);
}

void search_topics(const Services& services, Exchange&& exchange) {
  if (auto refused = refuse_unknown(exchange.query, topic_params)) {
    return exchange.send(*std::move(refused));
  }
  Document doc;
  const std::string query = http::write_query(exchange.query.parameters());
  fhir_r4::Searchset set{doc, exchange.base,
                         exchange.base + "/Basic" + (query.empty() ? "" : '?' + query),
                         to_iso(services.clock.now())};
  std::size_t total = 0;
  for (const TopicRow& topic : usecases::topics()) {
    if (!is_asked_for(exchange, topic)) continue;
    write_topic(doc, set.match("Basic", topic.name), topic);
    ++total;
  }
  set.finish(total);
  exchange.send(resource_answer(200, doc.root()));
}

void read_topic(const Services&, Exchange&& exchange) {
  const TopicRow* topic = usecases::find_topic(exchange.target.id);
  if (topic == nullptr) {
    return exchange.send(error_answer({ErrorKind::not_found, "there is no such topic"}));
  }
  Document doc;
  write_topic(doc, doc.set_root("Basic"), *topic);
  exchange.send(resource_answer(200, doc.root()));
}

}  // namespace

std::span<const Route> topic_rows() {
  static constexpr Route rows[] = {
      {.type = "Basic",
       .interaction = "read",
       .handle = read_topic,
       .documentation = "One topic that can be subscribed to, as R4 holds a SubscriptionTopic"},
      {.type = "Basic",
       .interaction = "search-type",
       .handle = search_topics,
       .documentation = "The topics that can be subscribed to",
       .params = topic_params},
  };
  return rows;
}

}  // namespace cpis::fhir_api
