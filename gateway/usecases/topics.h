#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cpis::usecases {

/// What can be subscribed to.
enum class Topic : std::uint8_t {
  record_arrived,       ///< a person with a record has arrived
  check_not_completed,  ///< somebody arrived who could not be checked
  council_notice,       ///< a council is owed a notice
  plan_changed,         ///< a council changed a plan of a person who is present
};

/// One topic as it is published. The reader of criteria, the CapabilityStatement and the pages are
/// made from these rows.
struct TopicRow {
  Topic topic;
  std::string_view name;   ///< `person-with-a-record-has-arrived`
  std::string_view focus;  ///< resource type that a notification is about
  std::string_view shown;  ///< types that a full payload may hold, separated by blanks
  std::string_view text;
};

std::span<const TopicRow> topics();
const TopicRow& row_of(Topic topic);
/// By its name, or null.
const TopicRow* find_topic(std::string_view name);
/// By its canonical url, with or without a version, or null.
const TopicRow* find_topic_url(std::string_view url);
std::string url_of(const TopicRow& row);

}  // namespace cpis::usecases
