#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "fhir/tree/element.h"
#include "gateway/usecases/topics.h"

namespace cpis::usecases {

/// Extensions of the Subscriptions R5 Backport for R4 begin with this.
inline constexpr std::string_view backport_base =
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

enum class PayloadContent : std::uint8_t { empty, id_only, full_resource };
std::string_view name_of(PayloadContent content);
/// Nothing for a word that is none of the three.
std::optional<PayloadContent> payload_content(std::string_view word);

/// One narrowing of a topic: any of the values will do.
struct TopicFilter {
  std::string name;  ///< `patient` or `organization`
  std::vector<std::string> values;
};

/// What a topic and its filters come to.
struct Criteria {
  Topic topic = Topic::record_arrived;
  bool by_topic = false;  ///< in the form of the backport; else a classic R4 search string
  std::vector<TopicFilter> filters;

  /// Whether a happening about this person at this organisation is meant.
  bool wants(std::string_view subject, std::string_view organisation) const;
};

/// Reads `Subscription.criteria`: the canonical url of a topic, or, for clients that know R4 only,
/// `TYPE?topic=NAME`, where TYPE is the topic's focus. `filters` are those of the backport's
/// extension, `TYPE?name=value`. Filters are `patient` (Patient/ID, an id or an NHS number) and
/// `organization` (ODS code); several values of one are separated by commas. `bad_input` says what
/// is wrong and lists what there is; it never repeats a value.
Result<Criteria> read_criteria(std::string_view criteria,
                               const std::vector<std::string_view>& filters);

/// Whatever `backport-max-count` allows, no notification holds more events.
inline constexpr int events_in_one_max = 50;

/// A Subscription as this product understands it: a rest-hook, or a websocket of the backport.
struct Subscription {
  std::string id;
  std::int64_t version = 0;
  std::string status;
  std::string owner;  ///< name of the client in the configuration
  Criteria criteria;
  bool websocket = false;  ///< the owner comes to us; then no endpoint, no headers
  std::string endpoint;
  std::vector<std::pair<std::string, std::string>> headers;
  bool has_payload = false;  ///< classic: the focus is sent, else an empty request
  PayloadContent content = PayloadContent::empty;
  int heartbeat_seconds = 0;  ///< 0: none
  int timeout_seconds = 10;
  /// Up to so many events go into a notification when they wait; 1 unless `backport-max-count`.
  int events_in_one = 1;
  std::optional<Time> end;
};

/// Reads a Subscription resource that is a valid one of R4. `bad_input` begins with the element
/// that is at fault and a colon.
Result<Subscription> read_subscription(const fhir::Element& resource);

/// Where the owner of a Subscription stands in what is stored; set by us, whatever a client sends.
inline constexpr std::string_view owner_extension =
    "https://cpis-gateway.example/fhir/StructureDefinition/cpis-subscription-owner";

}  // namespace cpis::usecases
