#include "gateway/usecases/council_book.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <unordered_set>
#include <utility>

#include "adapters/social_care/json/json_tree.h"
#include "gateway/register/register_rows.h"
#include "gateway/store/audit_store.h"
#include "gateway/store/settle.h"
#include "gateway/store/sha256.h"

namespace cpis::usecases {
namespace {

using registry::from_days;
using registry::to_days;
using social_care::Content;
using social_care::KnownRecord;
using social_care::RecordKey;
using social_care::WorkEntry;
using store::Row;
using store::Session;

constexpr int rows_in_one_page = 20000;

Error damaged(std::string_view what) {
  return {ErrorKind::fault, "the memory of a council is damaged: " + std::string{what}};
}

// Fields with a blank behind each.
template <class Number>
void add_field(std::string& out, Number value) {
  out += std::to_string(value);
  out += ' ';
}

void add_day(std::string& out, const std::optional<Date>& day) {
  if (day) return add_field(out, to_days(*day));
  out += "- ";
}

// number end deleted open details
std::string to_text(const std::optional<Content>& content) {
  std::string out;
  if (!content) return out;
  out.append(content->number.digits()).append(" ");
  add_day(out, content->end);
  add_day(out, content->deleted);
  add_field(out, content->open ? 1 : 0);
  add_field(out, content->details);
  return out;
}

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number value{};
  const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (trouble != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view next_field(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return field;
}

// False when it is not a day; `-` is none.
bool read_day(std::string_view text, std::optional<Date>& day) {
  if (text == "-") return true;
  const auto number = read_number<std::int32_t>(text);
  if (number) day = from_days(*number);
  return number.has_value();
}

// False when the text is damaged.
bool read_content(std::string_view text, std::optional<Content>& content) {
  if (text.empty()) return true;
  const auto number = NhsNumber::parse(next_field(text, ' '));
  if (!number) return false;
  Content read{*number, {}, {}, true, 0};
  if (!read_day(next_field(text, ' '), read.end)) return false;
  if (!read_day(next_field(text, ' '), read.deleted)) return false;
  const auto open = read_number<int>(next_field(text, ' '));
  const auto details = read_number<std::uint64_t>(next_field(text, ' '));
  if (!open || !details || !text.empty()) return false;
  read.open = *open != 0;
  read.details = *details;
  content = read;
  return true;
}

bool in_range(std::int64_t value, std::size_t count) {
  return value >= 0 && static_cast<std::uint64_t>(value) < count;
}

Status read_known(const Row& row, KnownRecord& known) {
  if (!in_range(row.integer(1), plan_type_words.size()) || !in_range(row.integer(3), 7) ||
      !in_range(row.integer(6), record_outcome_words.size() + 1)) {
    return damaged("a code is out of range");
  }
  known.key = {std::string{row.text(0)}, static_cast<PlanType>(row.integer(1)),
               from_days(row.integer(2))};
  known.life = static_cast<social_care::Life>(row.integer(3));
  known.since = from_days(row.integer(4));
  known.sequence = row.integer(5);
  known.outcome = static_cast<RecordOutcome>(row.integer(6));
  const bool good =
      read_content(row.text(7), known.accepted) && read_content(row.text(8), known.attempted);
  return good ? done : Status{damaged("what was sent cannot be read")};
}

// Pages keep MariaDB from sending a whole council to memory.
Status read_page(Session& session, std::string_view council, const RecordKey* after,
                 std::vector<KnownRecord>& into) {
  const std::string_view person = after == nullptr ? std::string_view{} : after->person_key;
  const std::int64_t type = after == nullptr ? -1 : static_cast<std::int64_t>(after->type);
  const std::int64_t start = after == nullptr ? 0 : to_days(after->start);
  return session.query(
      "SELECT person_key, plan_type, start_day, life, since_day, sequence, outcome, accepted, "
      "attempted FROM council_record WHERE council = ? AND person_key >= ? AND "
      "(person_key > ? OR plan_type > ? OR (plan_type = ? AND start_day > ?)) "
      "ORDER BY council, person_key, plan_type, start_day LIMIT ?",
      {council, person, person, type, type, start, rows_in_one_page},
      [&into](const Row& row) -> Status { return read_known(row, into.emplace_back()); });
}

std::string matter_of(std::string_view item) {
  return std::string{store::bytes_of(store::sha256(item))};
}
std::string matter_of(const WorkEntry& entry) { return matter_of(entry.item.id()); }

// day TAB event TAB who LF
std::string steps_text(const WorkEntry& entry) {
  std::string out;
  for (const WorkEntry::Step& step : entry.history) {
    out += std::to_string(to_days(step.day)) + '\t' + std::to_string(static_cast<int>(step.event)) +
           '\t' + step.who + '\n';
  }
  return out;
}

bool read_steps(std::string_view text, WorkEntry& entry) {
  while (!text.empty()) {
    std::string_view line = next_field(text, '\n');
    const auto day = read_number<std::int32_t>(next_field(line, '\t'));
    const auto event = read_number<int>(next_field(line, '\t'));
    if (!day || !event || !in_range(*event, social_care::work_events)) return false;
    entry.history.push_back(
        {from_days(*day), static_cast<WorkEntry::Event>(*event), std::string{line}});
  }
  return true;
}

std::optional<int> small(const std::optional<std::int64_t>& value) {
  if (!value) return std::nullopt;
  return static_cast<int>(*value);
}

Status read_entry(const Row& row, WorkEntry& entry) {
  if (!in_range(row.integer(0), social_care::work_kinds)) return damaged("an unknown kind of work");
  entry.item = {static_cast<social_care::WorkKind>(row.integer(0)),
                std::string{row.text(1)},
                std::string{row.text(2)},
                std::string{row.text(3)},
                std::string{row.text(4)},
                row.integer(5) != 0,
                small(row.optional_integer(6)),
                small(row.optional_integer(7))};
  entry.since = from_days(row.integer(8));
  entry.open = row.integer(9) != 0;
  entry.owner = row.text(10);
  return read_steps(row.text(11), entry) ? done : Status{damaged("the history of a work item")};
}

Status put_entry(Session& session, std::string_view council, const WorkEntry& entry) {
  const social_care::WorkItem& item = entry.item;
  const auto optional = [](const std::optional<int>& value) {
    return value ? std::optional<std::int64_t>{*value} : std::nullopt;
  };
  const std::string matter = matter_of(entry);
  const std::string steps = steps_text(entry);
  return store::any_rows(session.execute(
      "INSERT INTO council_work (council, matter, kind, person_key, subject, reason, remedy, "
      "is_restricted, child_age, days_on_plan, since_day, is_open, taken_by, steps) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) {upsert:council,matter} "
      "reason = {new:reason}, remedy = {new:remedy}, is_restricted = {new:is_restricted}, "
      "child_age = {new:child_age}, days_on_plan = {new:days_on_plan}, "
      "since_day = {new:since_day}, is_open = {new:is_open}, taken_by = {new:taken_by}, "
      "steps = {new:steps}",
      {council, store::Value::blob(matter), static_cast<int>(item.kind), item.person_key,
       item.subject, item.reason, item.text, item.restricted ? 1 : 0, optional(item.age),
       optional(item.days_on_plan), to_days(entry.since), entry.open ? 1 : 0, entry.owner, steps}));
}

}  // namespace

Result<std::vector<KnownRecord>> known_records(Session& session, std::string_view council) {
  std::vector<KnownRecord> known;
  while (true) {
    const std::size_t before = known.size();
    const RecordKey last = before == 0 ? RecordKey{} : known.back().key;
    const Status read = read_page(session, council, before == 0 ? nullptr : &last, known);
    if (!read) return read.error();
    if (known.size() - before < static_cast<std::size_t>(rows_in_one_page)) return known;
  }
}

Status put_known(Session& session, std::string_view council, const KnownRecord& known) {
  const std::string accepted = to_text(known.accepted);
  const std::string attempted = to_text(known.attempted);
  return store::any_rows(session.execute(
      "INSERT INTO council_record (council, person_key, plan_type, start_day, life, since_day, "
      "sequence, outcome, accepted, attempted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "{upsert:council,person_key,plan_type,start_day} life = {new:life}, "
      "since_day = {new:since_day}, sequence = {new:sequence}, outcome = {new:outcome}, "
      "accepted = {new:accepted}, attempted = {new:attempted}",
      {council, known.key.person_key, static_cast<int>(known.key.type), to_days(known.key.start),
       static_cast<int>(known.life), to_days(known.since), known.sequence,
       static_cast<int>(known.outcome), accepted, attempted}));
}

// MariaDB assigns from left to right, SQLite from the row as it was: the order suits both.
Status accept_sent(Session& session, std::string_view council, PeopleRange people,
                   std::int64_t sequence, Date today) {
  return store::any_rows(session.execute(
      "UPDATE council_record SET life = ?, since_day = ?, outcome = ?, accepted = attempted, "
      "attempted = '' WHERE council = ? AND person_key > ? AND person_key <= ? AND life = ? AND "
      "sequence = ?",
      {static_cast<int>(social_care::Life::accepted), to_days(today),
       static_cast<int>(RecordOutcome::cpr06), council, people.after, people.to,
       static_cast<int>(social_care::Life::sent), sequence}));
}

Result<std::optional<social_care::ExtractIdentity>> last_extract(Session& session,
                                                                 std::string_view council) {
  std::optional<social_care::ExtractIdentity> extract;
  const Status read = session.query(
      "SELECT digest, made_day, open_cpp, open_lac, open_ucp FROM council_extract "
      "WHERE council = ?",
      {council}, [&](const Row& row) -> Status {
        extract.emplace();
        extract->digest = row.text(0);
        if (const auto day = row.optional_integer(1)) extract->made = from_days(*day);
        for (std::size_t i = 0; i < 3; ++i) {
          extract->open_by_type[i] = static_cast<std::size_t>(row.integer(2 + i));
        }
        return done;
      });
  if (!read) return read.error();
  return extract;
}

Status put_extract(Session& session, std::string_view council,
                   const social_care::ExtractIdentity& extract, Time now) {
  const std::optional<std::int64_t> made =
      extract.made ? std::optional{to_days(*extract.made)} : std::nullopt;
  const auto open = [&](PlanType type) {
    return static_cast<std::int64_t>(extract.open_by_type[static_cast<std::size_t>(type)]);
  };
  return store::any_rows(session.execute(
      "INSERT INTO council_extract (council, digest, made_day, open_cpp, open_lac, open_ucp, "
      "used_at) VALUES (?, ?, ?, ?, ?, ?, ?) {upsert:council} digest = {new:digest}, "
      "made_day = {new:made_day}, open_cpp = {new:open_cpp}, open_lac = {new:open_lac}, "
      "open_ucp = {new:open_ucp}, used_at = {new:used_at}",
      {council, extract.digest, made, open(PlanType::cpp), open(PlanType::lac), open(PlanType::ucp),
       to_micros(now)}));
}

Result<std::vector<std::string>> councils_with_work(Session& session) {
  std::vector<std::string> councils;
  const Status read =
      session.query("SELECT DISTINCT council FROM council_work ORDER BY council LIMIT 1000", {},
                    [&](const Row& row) -> Status {
                      councils.emplace_back(row.text(0));
                      return done;
                    });
  if (!read) return read.error();
  return councils;
}

Result<std::vector<WorkEntry>> work_list(Session& session, std::string_view council, bool all) {
  std::vector<WorkEntry> entries;
  const Status read = session.query(
      "SELECT kind, person_key, subject, reason, remedy, is_restricted, child_age, days_on_plan, "
      "since_day, is_open, taken_by, steps FROM council_work "
      "WHERE council = ? AND is_open >= ? ORDER BY is_open DESC, kind, since_day LIMIT ?",
      {council, all ? 0 : 1, work_entries_max},
      [&](const Row& row) -> Status { return read_entry(row, entries.emplace_back()); });
  if (!read) return read.error();
  return entries;
}

namespace {

// The entries with this id: one or none.
Status read_item(Session& session, std::string_view council, std::string_view item,
                 std::vector<WorkEntry>& entries) {
  const std::string matter = matter_of(item);
  entries.clear();
  return session.query(
      "SELECT kind, person_key, subject, reason, remedy, is_restricted, child_age, days_on_plan, "
      "since_day, is_open, taken_by, steps FROM council_work WHERE council = ? AND matter = ?",
      {council, store::Value::blob(matter)},
      [&](const Row& row) -> Status { return read_entry(row, entries.emplace_back()); });
}

}  // namespace

Status raise_work(store::Database& database, std::string_view council,
                  const social_care::WorkItem& item, Date today) {
  return database.write([&](Session& session) -> Status {
    std::vector<WorkEntry> entries;
    const Status read = read_item(session, council, item.id(), entries);
    if (!read) return read;
    if (!entries.empty() && entries.front().open) return done;
    const auto next = social_care::update(std::move(entries), {&item, 1}, today);
    return put_entry(session, council, next.front());
  });
}

Status raise_once(Session& session, std::string_view council, const social_care::WorkItem& item,
                  Date today) {
  std::vector<WorkEntry> entries;
  const Status read = read_item(session, council, item.id(), entries);
  if (!read || !entries.empty()) return read;
  return put_entry(session, council, social_care::update({}, {&item, 1}, today).front());
}

Result<bool> knows_person(Session& session, std::string_view council, std::string_view person_key,
                          const NhsNumber& number) {
  bool known = false;
  const auto found = [&known](const Row&) -> Status {
    known = true;
    return done;
  };
  if (!person_key.empty()) {
    const Status read =
        session.query("SELECT 1 FROM council_record WHERE council = ? AND person_key = ? LIMIT 1",
                      {council, person_key}, found);
    if (!read) return read.error();
    if (known) return true;
  }
  // The number leads what was sent. No index: only a child without our id comes here.
  const std::string leads = std::string{number.digits()} + " %";
  const Status read = session.query(
      "SELECT 1 FROM council_record WHERE council = ? AND (accepted LIKE ? OR attempted LIKE ?) "
      "LIMIT 1",
      {council, leads, leads}, found);
  if (!read) return read.error();
  return known;
}

Status settle_work(store::Database& database, std::string_view council,
                   const social_care::WorkItem& item, Date today) {
  return database.write([&](Session& session) -> Status {
    std::vector<WorkEntry> entries;
    const Status read = read_item(session, council, item.id(), entries);
    if (!read) return read;
    if (!social_care::close(entries, item.id(), {}, today)) return done;
    return put_entry(session, council, entries.front());
  });
}

namespace {

std::string_view action_of(WorkAct act) {
  return act == WorkAct::take ? "work-take" : act == WorkAct::close ? "work-close" : "work-approve";
}

Status act(std::vector<WorkEntry>& entries, const WorkDeed& deed, Date today) {
  if (deed.act == WorkAct::approve) {
    return social_care::approve(entries, deed.item, deed.who, today);
  }
  const bool found = deed.act == WorkAct::take
                         ? social_care::take(entries, deed.item, deed.who, today)
                         : social_care::close(entries, deed.item, deed.who, today);
  return found ? done : Status{Error{ErrorKind::not_found, "there is no such open item"}};
}

Status note_deed(Session& session, const WorkDeed& deed, const WorkEntry& entry, Time now) {
  const std::string detail = deed.item + " " + entry.item.reason;
  const auto row = store::AuditStore{}.append(session, {now,
                                                        {},
                                                        deed.who,
                                                        deed.who,
                                                        {},
                                                        deed.council,
                                                        "work-list",
                                                        action_of(deed.act),
                                                        entry.item.person_key,
                                                        "done",
                                                        detail});
  return row ? done : Status{row.error()};
}

}  // namespace

Status act_on_work(store::Database& database, const WorkDeed& deed, Time now) {
  if (deed.who.empty()) return Error{ErrorKind::bad_input, "say who does it"};
  const Date today = london_date(now);
  return database.write([&](Session& session) -> Status {
    std::vector<WorkEntry> entries;
    const Status read = read_item(session, deed.council, deed.item, entries);
    if (!read) return read;
    if (const Status acted = act(entries, deed, today); !acted) return acted;
    if (const Status audited = note_deed(session, deed, entries.front(), now); !audited) {
      return audited;
    }
    return put_entry(session, deed.council, entries.front());
  });
}

Result<std::vector<ExtractAge>> extract_ages(store::Database& database, Time now) {
  std::vector<ExtractAge> ages;
  const Status read = database.read([&](Session& session) {
    ages.clear();
    return session.query("SELECT council, used_at FROM council_extract ORDER BY council LIMIT 1000",
                         {}, [&](const Row& row) -> Status {
                           const auto age = now - from_micros(row.integer(1));
                           ages.push_back({std::string{row.text(0)},
                                           std::chrono::duration_cast<std::chrono::seconds>(age)});
                           return done;
                         });
  });
  if (!read) return read.error();
  return ages;
}

Status put_work_list(Session& session, std::string_view council, std::span<const WorkEntry> before,
                     std::span<const WorkEntry> after) {
  std::unordered_set<std::string> settled;  // resolved already: nothing about them changes
  for (const WorkEntry& entry : before) {
    if (!entry.open) settled.insert(entry.item.id());
  }
  std::unordered_set<std::string> kept;
  for (const WorkEntry& entry : after) {
    const std::string id = entry.item.id();
    kept.insert(id);
    if (!entry.open && settled.find(id) != settled.end()) continue;
    if (const Status put = put_entry(session, council, entry); !put) return put;
  }
  for (const WorkEntry& entry : before) {
    if (kept.find(entry.item.id()) != kept.end()) continue;
    const std::string matter = matter_of(entry);
    const auto gone = session.execute("DELETE FROM council_work WHERE council = ? AND matter = ?",
                                      {council, store::Value::blob(matter)});
    if (!gone) return gone.error();
  }
  return done;
}

Result<std::string> work_lists_json(store::Database& database, std::string_view council, bool all,
                                    Date today) {
  std::string out;
  const Status read = database.read([&](Session& session) -> Status {
    std::vector<std::string> councils{std::string{council}};
    if (council.empty()) {
      auto found = councils_with_work(session);
      if (!found) return found.error();
      councils = *std::move(found);
    }
    out = "{\"councils\":[";
    for (const std::string& one : councils) {
      const auto entries = work_list(session, one, all);
      if (!entries) return entries.error();
      if (out.back() == '}') out += ',';
      out += "{\"council\":" + social_care::json_string(one) +
             ",\"items\":" + social_care::work_list_json(*entries, today) + '}';
    }
    out += "]}";
    return done;
  });
  if (!read) return read.error();
  return out;
}

}  // namespace cpis::usecases
