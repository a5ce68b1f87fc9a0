#include "gateway/usecases/topics.h"

#include <array>

#include "profiles/fhir/artefacts.h"

namespace cpis::usecases {
namespace {

constexpr std::string_view folder = "/SubscriptionTopic/";

constexpr std::array rows{
    TopicRow{Topic::record_arrived, "person-with-a-record-has-arrived", "Encounter",
             "Encounter Flag CarePlan CareTeam Organization",
             "A person for whom a child protection record is held has arrived."},
    TopicRow{Topic::check_not_completed, "check-could-not-be-completed", "Encounter", "Encounter",
             "Somebody has arrived whose check could not be completed: nothing is known."},
    TopicRow{Topic::council_notice, "notice-for-council", "AuditEvent", "AuditEvent",
             "Somebody has looked at a child's record, and the council is told."},
    TopicRow{Topic::plan_changed, "plan-changed-for-a-person-present", "Flag",
             "Flag CarePlan CareTeam Organization",
             "A council has changed a plan of a person whose attendance is in progress."},
};

}  // namespace

std::span<const TopicRow> topics() { return rows; }

const TopicRow& row_of(Topic topic) { return rows[static_cast<std::size_t>(topic)]; }

const TopicRow* find_topic(std::string_view name) {
  for (const TopicRow& row : rows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

const TopicRow* find_topic_url(std::string_view url) {
  url = url.substr(0, url.find('|'));
  if (!url.starts_with(profiles::canonical_base)) return nullptr;
  url.remove_prefix(profiles::canonical_base.size());
  if (!url.starts_with(folder)) return nullptr;
  return find_topic(url.substr(folder.size()));
}

std::string url_of(const TopicRow& row) {
  return std::string{profiles::canonical_base}.append(folder).append(row.name);
}

}  // namespace cpis::usecases
