#include "adapters/social_care/work_list.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <utility>

#include "adapters/social_care/csv/csv_writer.h"
#include "adapters/social_care/json/json_tree.h"

namespace cpis::social_care {
namespace {

constexpr std::array<std::string_view, work_kinds> kind_names{
    "end-not-acknowledged", "delete-approval",    "number-changed", "start-changed",   "vanished",
    "inactive-number",      "rejected",           "missing-number", "unborn-past-due", "held",
    "unmatched-label",      "notice-undelivered", "unknown-child"};
constexpr std::array<std::string_view, work_events> event_names{"opened",   "changed",  "taken",
                                                                "resolved", "reopened", "approved"};

std::string subject_of(const RecordKey& key) {
  const std::string type{words_of(key.type).code};
  return key.start.ok() ? type + " " + to_iso(key.start) : type;
}

std::optional<WorkKind> kind_of(Rule rule) {
  switch (rule) {
    case Rule::d01:
      return WorkKind::vanished;
    case Rule::d02:
      return WorkKind::start_changed;
    case Rule::d03:
      return WorkKind::delete_approval;
    case Rule::p04:
      return WorkKind::number_changed;
    default:
      return std::nullopt;
  }
}

void add_step(WorkEntry& entry, Date day, WorkEntry::Event event, std::string_view who = {}) {
  entry.history.push_back({day, event, std::string{who}});
}

WorkEntry* find_open(std::vector<WorkEntry>& entries, std::string_view id) {
  const auto found = std::find_if(entries.begin(), entries.end(), [id](const WorkEntry& entry) {
    return entry.open && entry.item.id() == id;
  });
  return found == entries.end() ? nullptr : &*found;
}

// The last word of an item's reason is what its approval is for.
std::string_view proposal_of(const WorkItem& item) {
  const std::size_t blank = item.reason.rfind(' ');
  return blank == std::string::npos ? std::string_view{}
                                    : std::string_view{item.reason}.substr(blank + 1);
}

bool is_of_notices(WorkKind kind) {
  return kind == WorkKind::notice_undelivered || kind == WorkKind::unknown_child;
}

// The record that an item is about, out of its subject: plan type and start.
std::optional<RecordKey> record_of(const WorkItem& item) {
  const std::string_view subject{item.subject};
  const std::size_t blank = subject.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const auto start = parse_iso_date(subject.substr(blank + 1));
  for (const PlanTypeWords& words : plan_type_words) {
    if (start && words.code == subject.substr(0, blank)) {
      return RecordKey{item.person_key, words.type, *start};
    }
  }
  return std::nullopt;
}

std::string json_names(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) out += (out.size() > 1 ? "," : "") + json_string(name);
  return out + "]";
}

std::string text_of(const std::optional<int>& value) {
  return value ? std::to_string(*value) : std::string{};
}

std::string json_number(const std::optional<int>& value) {
  return value ? std::to_string(*value) : "null";
}

std::string json_history(const WorkEntry& entry) {
  std::string out = "[";
  for (const WorkEntry::Step& step : entry.history) {
    if (out.size() > 1) out += ',';
    out += "{\"day\":\"" + to_iso(step.day) +
           "\",\"event\":" + json_string(event_names[static_cast<std::size_t>(step.event)]) +
           ",\"who\":" + json_string(step.who) + "}";
  }
  return out + "]";
}

}  // namespace

std::string_view name_of(WorkKind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

std::string WorkItem::id() const {
  return std::string{name_of(kind)} + "|" + person_key + "|" + subject;
}

void WorkItems::add(const CanonicalRecord& record) {
  const RuleSet& rules = record.rules;
  if (record.state == RecordState::skipped || record.state == RecordState::ready) return;
  if (waits_for_approval_only(record)) return;  // told as a doubt, when there is one to delete
  WorkItem item = base(key_of(record));
  if (record.subject && record.subject->birth_date && !record.subject->is_mother) {
    item.age = age_on(*record.subject->birth_date, today_);
  }
  for (const Rule rule : rules.list()) {
    item.reason += (item.reason.empty() ? "" : " ") + std::string{words_of(rule).id};
    if (!item.text.empty()) item.text += "; ";
    item.text += std::string{words_of(rule).text} + ": " + std::string{words_of(rule).remedy};
  }
  item.kind = WorkKind::held;
  if (rules.has(Rule::p07)) item.kind = WorkKind::unborn_past_due;
  if (rules.has(Rule::p02)) {
    item.kind = WorkKind::missing_number;
    if (record.no_number != NoNumberReason::none_given) {
      item.reason += " " + std::string{code_of(record.no_number)};
    }
  }
  items_.push_back(std::move(item));
}

void WorkItems::add(const KnownRecord& known) {
  if (known.life != Life::rejected) return;
  const RecordRule& rule = rule_of(known.outcome);
  WorkItem item = base(known.key);
  const bool end =
      known.accepted && known.accepted->open && known.attempted && !known.attempted->open;
  item.kind = end ? WorkKind::end_not_acknowledged : WorkKind::rejected;
  item.reason = known.outcome == RecordOutcome::unknown ? "unknown"
                                                        : std::string{words_of(known.outcome).code};
  item.text = (end ? "CP-IS still shows this plan as open; " : "") + std::string{rule.text};
  item.restricted = rule.restricted;
  items_.push_back(std::move(item));
}

void WorkItems::add(const Doubt& doubt) {
  const auto kind = kind_of(doubt.rule);
  if (!kind) return;
  const RuleWords& words = words_of(doubt.rule);
  WorkItem item = base(doubt.key);
  item.kind = *kind;
  item.reason = words.id;
  if (!doubt.proposal.empty()) item.reason += ' ' + doubt.proposal;
  item.text = std::string{words.text} + ": " + std::string{words.remedy};
  items_.push_back(std::move(item));
}

void WorkItems::add(const InactiveNumber& number) {
  WorkItem item;
  item.kind = WorkKind::inactive_number;
  item.person_key = number.person_key;
  item.subject = "NHS number";
  item.reason = number.replaced ? "replaced" : "no replacement";
  item.text =
      "the NHS number is no longer in use: trace the person; never carry a plan over "
      "after an adoption";
  items_.push_back(std::move(item));
}

void WorkItems::add_label(const std::string& label, std::size_t count) {
  WorkItem item;
  item.kind = WorkKind::unmatched_label;
  item.subject = label;
  item.reason = "L01";
  item.text = std::to_string(count) +
              " rows carry a legal status that nobody has mapped: add "
              "it to the profile";
  items_.push_back(std::move(item));
}

std::vector<WorkItem> WorkItems::sorted() {
  std::stable_sort(items_.begin(), items_.end(), [](const WorkItem& a, const WorkItem& b) {
    if (a.kind != b.kind) return a.kind < b.kind;
    return a.days_on_plan.value_or(0) > b.days_on_plan.value_or(0);
  });
  return std::move(items_);
}

WorkItem WorkItems::base(const RecordKey& key) const {
  WorkItem item;
  item.person_key = key.person_key;
  item.subject = subject_of(key);
  if (key.start.ok()) item.days_on_plan = days_between(key.start, today_);
  return item;
}

std::vector<WorkEntry> update(std::vector<WorkEntry> entries, std::span<const WorkItem> items,
                              Date today, int kept_days) {
  std::unordered_map<std::string, const WorkItem*> current;
  for (const WorkItem& item : items) current.emplace(item.id(), &item);
  std::vector<WorkEntry> out;
  for (WorkEntry& entry : entries) {
    const auto found = current.find(entry.item.id());
    const bool still = found != current.end();
    if (still) {
      if (!entry.open) {
        entry.open = true;
        entry.since = today;
        add_step(entry, today, WorkEntry::Event::reopened);
      } else if (entry.item.reason != found->second->reason) {
        add_step(entry, today, WorkEntry::Event::changed);
      }
      entry.item = *found->second;
      current.erase(found);
    } else if (entry.open && !is_of_notices(entry.item.kind)) {
      entry.open = false;
      add_step(entry, today, WorkEntry::Event::resolved);
    }
    const bool old = !entry.open && !entry.history.empty() &&
                     days_between(entry.history.back().day, today) > kept_days;
    if (!old) out.push_back(std::move(entry));
  }
  for (const WorkItem& item : items) {
    if (current.erase(item.id()) == 0) continue;
    WorkEntry entry{item, today, true, {}, {}};
    add_step(entry, today, WorkEntry::Event::opened);
    out.push_back(std::move(entry));
  }
  std::stable_sort(out.begin(), out.end(), [](const WorkEntry& a, const WorkEntry& b) {
    if (a.open != b.open) return a.open;
    if (a.item.kind != b.item.kind) return a.item.kind < b.item.kind;
    return a.since < b.since;
  });
  return out;
}

bool take(std::vector<WorkEntry>& entries, std::string_view id, std::string_view who, Date today) {
  WorkEntry* entry = find_open(entries, id);
  if (entry == nullptr) return false;
  entry->owner = who;
  add_step(*entry, today, WorkEntry::Event::taken, who);
  return true;
}

bool close(std::vector<WorkEntry>& entries, std::string_view id, std::string_view who, Date today) {
  WorkEntry* entry = find_open(entries, id);
  if (entry == nullptr) return false;
  entry->open = false;
  add_step(*entry, today, WorkEntry::Event::resolved, who);
  return true;
}

bool needs_two_people(WorkKind kind) {
  return kind == WorkKind::delete_approval || kind == WorkKind::number_changed ||
         kind == WorkKind::start_changed;
}

std::vector<std::string> approvers_of(const WorkEntry& entry) {
  std::vector<std::string> names;
  for (const WorkEntry::Step& step : entry.history) {
    const bool anew = step.event == WorkEntry::Event::opened ||
                      step.event == WorkEntry::Event::changed ||
                      step.event == WorkEntry::Event::reopened;
    if (anew) names.clear();
    if (step.event == WorkEntry::Event::approved) names.push_back(step.who);
  }
  return names;
}

Status approve(std::vector<WorkEntry>& entries, std::string_view id, std::string_view who,
               Date today) {
  WorkEntry* entry = find_open(entries, id);
  if (entry == nullptr) return Error{ErrorKind::not_found, "there is no such open item"};
  if (!needs_two_people(entry->item.kind)) {
    return Error{ErrorKind::bad_input, "this item is not decided by approval"};
  }
  const auto names = approvers_of(*entry);
  if (names.size() >= 2) return Error{ErrorKind::conflict, "two people have approved it already"};
  if (!names.empty() && same_person(names.front(), who)) {
    return Error{ErrorKind::conflict, "somebody else has to approve it as well"};
  }
  add_step(*entry, today, WorkEntry::Event::approved, who);
  return done;
}

std::vector<Approval> approvals_of(std::span<const WorkEntry> entries) {
  std::vector<Approval> approvals;
  for (const WorkEntry& entry : entries) {
    if (!entry.open || !needs_two_people(entry.item.kind)) continue;
    const auto names = approvers_of(entry);
    auto key = record_of(entry.item);
    if (names.size() < 2 || !key) continue;
    Approval approval{*std::move(key), Approval::About::deletion, names[0], names[1]};
    if (entry.item.kind == WorkKind::number_changed) {
      approval.about = Approval::About::number;
      approval.proposal = proposal_of(entry.item);
    }
    if (entry.item.kind == WorkKind::start_changed) {
      const auto start = parse_iso_date(proposal_of(entry.item));
      if (!start) continue;
      approval.about = Approval::About::start;
      approval.key.start = *start;
    }
    approvals.push_back(std::move(approval));
  }
  return approvals;
}

std::string work_list_csv(std::span<const WorkEntry> entries, Date today) {
  std::string out;
  append_csv(out, {"id", "kind", "state", "la_person_id", "subject", "reason", "text", "since",
                   "days_waiting", "owner", "child_age", "days_on_plan"});
  for (const WorkEntry& entry : entries) {
    if (entry.item.restricted) continue;
    append_csv(out, {entry.item.id(), name_of(entry.item.kind), entry.open ? "open" : "resolved",
                     entry.item.person_key, entry.item.subject, entry.item.reason, entry.item.text,
                     to_iso(entry.since), std::to_string(days_between(entry.since, today)),
                     entry.owner, text_of(entry.item.age), text_of(entry.item.days_on_plan)});
  }
  return out;
}

std::string work_list_json(std::span<const WorkEntry> entries, Date today) {
  std::string out = "[";
  for (const WorkEntry& entry : entries) {
    const WorkItem& item = entry.item;
    out += out.size() > 1 ? ",\n" : "\n";
    out += "{\"id\":" + json_string(item.id()) + ",\"kind\":" + json_string(name_of(item.kind)) +
           ",\"open\":" + (entry.open ? "true" : "false") +
           ",\"restricted\":" + (item.restricted ? "true" : "false") +
           ",\"la_person_id\":" + json_string(item.person_key) +
           ",\"subject\":" + json_string(item.subject) + ",\"reason\":" + json_string(item.reason) +
           ",\"text\":" + json_string(item.text) + ",\"since\":\"" + to_iso(entry.since) +
           "\",\"days_waiting\":" + std::to_string(days_between(entry.since, today)) +
           ",\"owner\":" + json_string(entry.owner) +
           ",\"approved_by\":" + json_names(approvers_of(entry)) +
           ",\"child_age\":" + json_number(item.age) +
           ",\"days_on_plan\":" + json_number(item.days_on_plan) +
           ",\"history\":" + json_history(entry) + "}";
  }
  return out + "\n]\n";
}

}  // namespace cpis::social_care
