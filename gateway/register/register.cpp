#include "gateway/register/register.h"

#include <utility>

#include "gateway/edge/ids.h"

namespace cpis::registry {
namespace {

// People inserted in one transaction: large enough to amortise the flush, small enough that
// questions asked meanwhile wait only milliseconds.
constexpr std::size_t people_in_one_work = 2000;

std::vector<NoticeRow> notices_for(const AccessEvent& access,
                                   const std::vector<NoticeTarget>& targets) {
  std::vector<NoticeRow> notices;
  notices.reserve(targets.size());
  for (const NoticeTarget& target : targets) {
    notices.push_back({ordered_uuid(access.at), target.council->ods_code, NoticeRow::Kind::access,
                       access.at, access.id, access.person, target.local_id,
                       target.local_id_authority, target.upload_sequence, NoticeRow::State::waiting,
                       ""});
  }
  return notices;
}

}  // namespace

Register::Register(store::Database& database, const Clock& clock, RegisterSettings settings)
    : database_{database}, clock_{clock}, settings_{settings} {}

Result<std::unique_ptr<Register>> Register::open(store::Database& database, const Clock& clock,
                                                 RegisterSettings settings) {
  std::unique_ptr<Register> opened{nullptr};
  opened.reset(new Register{database, clock, settings});
  if (!settings.answers) return opened;
  const Status loaded = database.read([&](store::Session& session) -> Status {
    // First: what is changed meanwhile is behind it.
    auto last = last_changes(session);
    if (!last) return last.error();
    opened->followed_ = *std::move(last);
    return load_view(session, opened->view_);
  });
  if (!loaded) return loaded.error();
  return opened;
}

Status Register::load_people(std::span<const IndexedPerson> people) {
  for (std::size_t at = 0; at < people.size(); at += people_in_one_work) {
    const auto part = people.subspan(at, std::min(people_in_one_work, people.size() - at));
    const Status written = database_.write([part](store::Session& session) -> Status {
      for (const IndexedPerson& person : part) {
        if (const Status put = put_person(session, person); !put) return put;
      }
      return done;
    });
    if (!written) return written;
  }
  return done;
}

Status Register::supersede(NhsNumber inactive, std::span<const NhsNumber> replacements) {
  if (!settings_.answers) return Error{ErrorKind::unsupported, "this register only takes uploads"};
  const Time now = clock_.now();
  std::vector<NoticeRow> owed;
  for (const NoticeTarget& target :
       view_.responsible(inactive, london_date(now), settings_.visibility)) {
    owed.push_back({ordered_uuid(now), target.council->ods_code, NoticeRow::Kind::inactive_number,
                    now, "", inactive, target.local_id, target.local_id_authority,
                    target.upload_sequence, NoticeRow::State::waiting, ""});
  }
  const auto number = static_cast<std::int64_t>(inactive.value());
  return database_.write([&](store::Session& session) -> Status {
    const auto marked =
        session.execute("UPDATE person_index SET superseded = 1 WHERE nhs_number = ?", {number});
    if (!marked) return marked.error();
    for (const NhsNumber& replacement : replacements) {
      const Status put = put_replacement(session, inactive, replacement);
      if (!put) return put;
    }
    for (const NoticeRow& notice : owed) {
      if (const Status kept = insert_notice(session, notice); !kept) return kept;
    }
    return done;
  });
}

Status Register::know(const Council& council) {
  const Time now = clock_.now();
  const Status kept =
      database_.write([&](store::Session& session) { return put_council(session, council, now); });
  if (kept) view_.put_council(council);
  return kept;
}

Result<bool> Register::identities_are_checked() const {
  std::int64_t people = 0;
  const Status read = database_.read([&](store::Session& session) -> Status {
    const auto count = count_people(session);
    if (!count) return count.error();
    people = *count;
    return done;
  });
  if (!read) return read.error();
  return people > 0;
}

Look Register::prepare(ProtectionQuestion question) const {
  std::vector<NoticeTarget> targets;
  if (question.caller.setting == CareSetting::unscheduled) {
    targets = view_.responsible(question.person, london_date(question.asked), settings_.visibility);
  }
  Look look{{std::move(question.id), question.asked, question.person, std::move(question.caller)},
            {}};
  look.notices = notices_for(look.access, targets);
  look.news = &news_;
  return look;
}

ProtectionAnswer Register::answer(const Look& look) const {
  if (!settings_.answers) {
    return CouldNotAsk{{ErrorKind::unsupported, "this register only takes uploads"}, false};
  }
  const NhsNumber& person = look.access.person;
  auto record = view_.find(person, london_date(look.access.at), settings_.visibility);
  if (!record) return NoneHeld{person};
  return *std::move(record);
}

Status Register::record(store::Session& session, const Look& look) {
  if (look.notices.empty()) return done;
  const Result<bool> inserted = insert_access(session, look.access);
  if (!inserted) return inserted.error();
  if (!*inserted) return done;  // the same question again: councils were told
  for (const NoticeRow& notice : look.notices) {
    if (const Status kept = insert_notice(session, notice); !kept) return kept;
    if (look.news == nullptr || !look.news->notice) continue;
    if (const Status told = look.news->notice(session, look.access, notice); !told) return told;
  }
  return done;
}

void Register::show(const Look& look) {
  if (look.notices.empty()) return;
  view_.add_access(look.access);
  if (news_.wake) news_.wake();
}

void Register::ask(ProtectionQuestion question, Done answered) {
  ask_after({}, std::move(question), std::move(answered));
}

void Register::ask_after(store::Work before, ProtectionQuestion question, Done answered) {
  // One allocation for what both the work and its completion need.
  struct Asked {
    store::Work before;
    Look look;
    Done answered;
  };
  auto asked = std::make_shared<Asked>(
      Asked{std::move(before), prepare(std::move(question)), std::move(answered)});
  if (asked->look.notices.empty() && !asked->before) return asked->answered(answer(asked->look));
  const bool queued = database_.submit(
      [asked](store::Session& session) -> Status {
        if (asked->before) {
          if (const Status first = asked->before(session); !first) return first;
        }
        return record(session, asked->look);
      },
      [this, asked](const Status& committed) {
        if (!committed) return asked->answered(CouldNotAsk{committed.error(), false});
        show(asked->look);
        asked->answered(answer(asked->look));
      });
  if (!queued) {
    asked->answered(CouldNotAsk{{ErrorKind::busy, "the store's queue is full; try again"}, false});
  }
}

Result<std::vector<NoticeRow>> Register::notices(NoticeRow::State state, std::string_view council,
                                                 std::size_t limit) const {
  std::vector<NoticeRow> found;
  const Status read = database_.read([&](store::Session& session) -> Status {
    auto rows = list_notices(session, state, council, limit);
    if (!rows) return rows.error();
    found = *std::move(rows);
    return done;
  });
  if (!read) return read.error();
  return found;
}

Result<std::optional<NoticeRow>> Register::notice(std::string_view id) const {
  std::optional<NoticeRow> found;
  const Status read = database_.read([&](store::Session& session) -> Status {
    auto row = find_notice(session, id);
    if (!row) return row.error();
    found = *std::move(row);
    return done;
  });
  if (!read) return read.error();
  return found;
}

Result<std::vector<AccessEvent>> Register::accesses(std::optional<NhsNumber> person,
                                                    std::size_t limit) const {
  std::vector<AccessEvent> found;
  const Status read = database_.read([&](store::Session& session) -> Status {
    auto rows = list_accesses(session, person, limit);
    if (!rows) return rows.error();
    found = *std::move(rows);
    return done;
  });
  if (!read) return read.error();
  return found;
}

Result<std::optional<AccessEvent>> Register::access(std::string_view id) const {
  std::optional<AccessEvent> found;
  const Status read = database_.read([&](store::Session& session) -> Status {
    auto row = find_access(session, id);
    if (!row) return row.error();
    found = *std::move(row);
    return done;
  });
  if (!read) return read.error();
  return found;
}

Result<std::vector<NhsNumber>> Register::replacements_of(NhsNumber inactive) const {
  std::vector<NhsNumber> found;
  const Status read = database_.read([&](store::Session& session) {
    found.clear();
    return session.query(
        "SELECT replacement FROM superseded_by WHERE nhs_number = ? "
        "ORDER BY replacement",
        {static_cast<std::int64_t>(inactive.value())}, [&](const store::Row& row) -> Status {
          const auto number = NhsNumber::from_value(static_cast<std::uint64_t>(row.integer(0)));
          if (number) found.push_back(*number);
          return done;
        });
  });
  if (!read) return read.error();
  return found;
}

Result<std::vector<NhsNumber>> Register::inactive_numbers(std::string_view council) const {
  std::vector<NhsNumber> found;
  const Status read = database_.read([&](store::Session& session) {
    found.clear();
    return session.query(
        "SELECT DISTINCT nhs_number FROM notice WHERE council = ? AND kind = ? LIMIT 100000",
        {council, static_cast<int>(NoticeRow::Kind::inactive_number)},
        [&](const store::Row& row) -> Status {
          const auto number = NhsNumber::from_value(static_cast<std::uint64_t>(row.integer(0)));
          if (number) found.push_back(*number);
          return done;
        });
  });
  if (!read) return read.error();
  return found;
}

Result<std::vector<TakenPlan>> Register::plans_of_upload(std::string_view council,
                                                         std::int64_t sequence) const {
  std::vector<TakenPlan> found;
  const Status read = database_.read([&](store::Session& session) {
    found.clear();
    return session.query(
        "SELECT nhs_number, plan_type, start_day FROM held_plan "
        "WHERE council = ? AND upload_sequence = ? LIMIT 1000000",
        {council, sequence}, [&](const store::Row& row) -> Status {
          const auto number = NhsNumber::from_value(static_cast<std::uint64_t>(row.integer(0)));
          if (number) {
            found.push_back(
                {*number, static_cast<PlanType>(row.integer(1)), from_days(row.integer(2))});
          }
          return done;
        });
  });
  if (!read) return read.error();
  return found;
}

Status Register::mark_delivered(std::span<const NoticeRow> notices, std::string_view file) {
  const Time now = clock_.now();
  return database_.write([&](store::Session& session) -> Status {
    for (const NoticeRow& notice : notices) {
      const Status set =
          set_notice_state(session, notice.id, NoticeRow::State::delivered, file, now);
      if (!set) return set;
    }
    return done;
  });
}

Status Register::mark_acknowledged(std::span<const std::string> notice_ids) {
  const Time now = clock_.now();
  return database_.write([&](store::Session& session) -> Status {
    for (const std::string& id : notice_ids) {
      const auto rows =
          session.execute("UPDATE notice SET state = ?, state_at = ? WHERE id = ? AND state = ?",
                          {static_cast<int>(NoticeRow::State::acknowledged), to_micros(now), id,
                           static_cast<int>(NoticeRow::State::delivered)});
      if (!rows) return rows.error();
    }
    return done;
  });
}

}  // namespace cpis::registry
