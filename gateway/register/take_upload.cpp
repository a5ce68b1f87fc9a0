// Register::take: one upload of one council, judged record by record.

#include <algorithm>
#include <deque>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include "gateway/edge/ids.h"
#include "gateway/register/identity.h"
#include "gateway/register/register.h"
#include "gateway/store/pipeline.h"

namespace cpis::registry {
namespace {

// Records in one transaction: questions asked meanwhile wait only milliseconds.
constexpr std::size_t records_in_one_work = 2000;

/// FNV-1a over everything a council said, so that a repeat is known as one.
class ContentHash {
 public:
  void add(std::string_view text) {
    for (const char c : text) step(static_cast<unsigned char>(c));
    step(0xFFU);
  }
  void add(std::int64_t number) {
    for (int shift = 0; shift < 64; shift += 8) {
      step(static_cast<unsigned char>(static_cast<std::uint64_t>(number) >> shift));
    }
  }
  void add(const std::optional<PlanDate>& date) {
    add(date ? to_days(date->day) * 1440 + date->minute : std::int64_t{-1});
  }
  std::int64_t value() const { return static_cast<std::int64_t>(hash_); }

 private:
  void step(unsigned char byte) { hash_ = (hash_ ^ byte) * 1099511628211ULL; }

  std::uint64_t hash_ = 14695981039346656037ULL;
};

std::int64_t content_hash(const UploadFile& file, const std::vector<RecordResult>& unreadable) {
  ContentHash hash;
  for (const std::string* text :
       {&file.council.name, &file.council.office_phone, &file.council.emergency_phone}) {
    hash.add(*text);
  }
  for (const UploadRecord& record : file.records) {
    hash.add(record.subject.nhs_number.digits());
    hash.add(record.subject.local_id);
    hash.add(record.subject.name.given);
    hash.add(record.subject.name.family);
    hash.add(record.subject.birth_date ? to_days(*record.subject.birth_date) : std::int64_t{-1});
    for (const Plan& plan : record.plans) {
      hash.add(static_cast<std::int64_t>(plan.type));
      hash.add(std::optional{plan.start});
      hash.add(plan.end);
      hash.add(plan.deleted);
    }
  }
  for (const RecordResult& record : unreadable) hash.add(record.code);
  return hash.value();
}

/// Why a record's plans cannot be held; empty when they can (cpis.md 5.4, 5.5).
std::string_view fault_of(const UploadRecord& record) {
  if (record.plans.empty()) return "no plan";
  for (const Plan& plan : record.plans) {
    if ((plan.type == PlanType::ucp) != record.subject.is_mother) {
      return "the plan type does not go with the subject";
    }
    if (plan.type == PlanType::ucp && !plan.end) return "an unborn child plan needs an end date";
    if (plan.end && *plan.end < plan.start) return "the plan ends before it starts";
  }
  if (!record.subject.birth_date) return "no birth date";
  return "";
}

std::string to_text(const std::vector<RecordResult>& results) {
  std::string text;
  for (const RecordResult& result : results) {
    if (result.outcome == RecordOutcome::cpr06) continue;  // accepted is the rule, not kept
    text += std::to_string(result.index) + '\t' + result.code + '\t' + result.detail + '\n';
  }
  return text;
}

RecordOutcome outcome_of(std::string_view code) {
  for (std::size_t i = 0; i < record_outcome_words.size(); ++i) {
    if (record_outcome_words[i].code == code) return static_cast<RecordOutcome>(i);
  }
  return RecordOutcome::unknown;
}

std::vector<RecordResult> results_from(std::string_view text, std::size_t records) {
  std::vector<RecordResult> results(records);
  for (std::size_t i = 0; i < records; ++i) results[i] = {i, RecordOutcome::cpr06, "CPR06", ""};
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    if (second == std::string_view::npos) continue;
    std::size_t index = 0;
    for (const char c : line.substr(0, first)) {
      index = index * 10 + static_cast<std::size_t>(c - '0');
    }
    if (index >= records) continue;
    const std::string_view code = line.substr(first + 1, second - first - 1);
    results[index] = {index, outcome_of(code), std::string{code},
                      std::string{line.substr(second + 1)}};
  }
  return results;
}

RecordResult result_of(std::size_t index, RecordOutcome outcome, std::string_view detail = "") {
  return {index, outcome, std::string{words_of(outcome).code}, std::string{detail}};
}

UploadResult file_level_error(const UploadFile& file, Time now) {
  UploadResult result;
  result.sequence = file.sequence;
  result.created = now;
  result.outcome = FileOutcome::cpf01;
  result.code = words_of(FileOutcome::cpf01).code;
  return result;
}

void conclude(UploadResult& result) {
  for (const RecordResult& record : result.records) {
    ++(record.outcome == RecordOutcome::cpr06 ? result.accepted : result.rejected);
  }
  result.outcome = result.rejected == 0   ? FileOutcome::cpf02
                   : result.accepted == 0 ? FileOutcome::cpf04
                                          : FileOutcome::cpf03;
  result.code = words_of(result.outcome).code;
}

struct Earlier {
  std::int64_t hash = 0;
  UploadResult result;
};

Result<std::optional<Earlier>> find_earlier(store::Session& session, const UploadFile& file) {
  std::optional<Earlier> earlier;
  const Status read = session.query(
      "SELECT received_at, content_hash, outcome, accepted, rejected, results FROM upload "
      "WHERE council = ? AND sequence = ?",
      {file.council.ods_code, file.sequence}, [&](const store::Row& row) -> Status {
        earlier.emplace();
        earlier->hash = row.integer(1);
        earlier->result.sequence = file.sequence;
        earlier->result.created = from_micros(row.integer(0));
        earlier->result.outcome = static_cast<FileOutcome>(row.integer(2));
        earlier->result.code = words_of(earlier->result.outcome).code;
        earlier->result.accepted = static_cast<std::size_t>(row.integer(3));
        earlier->result.rejected = static_cast<std::size_t>(row.integer(4));
        earlier->result.records =
            results_from(row.text(5), earlier->result.accepted + earlier->result.rejected);
        return done;
      });
  if (!read) return read.error();
  return earlier;
}

Result<std::int64_t> last_sequence(store::Session& session, std::string_view council) {
  std::int64_t last = 0;
  const Status read =
      session.query("SELECT COALESCE(MAX(sequence), 0) FROM upload WHERE council = ?", {council},
                    [&](const store::Row& row) -> Status {
                      last = row.integer(0);
                      return done;
                    });
  if (!read) return read.error();
  return last;
}

}  // namespace

/// What the store knows before an upload is taken.
struct Register::Known {
  std::optional<Earlier> earlier;
  std::int64_t last_sequence = 0;
  std::int64_t people = 0;
  /// Behind the parts of an upload with this number that was broken off: others have read those.
  std::int64_t first_part = 0;
};

Status Register::look_up(store::Session& session, const UploadFile& file, Known& known) {
  auto earlier = find_earlier(session, file);
  if (!earlier) return earlier.error();
  known.earlier = *std::move(earlier);
  const auto last = last_sequence(session, file.council.ods_code);
  if (!last) return last.error();
  known.last_sequence = *last;
  const auto people = count_people(session);
  if (!people) return people.error();
  known.people = *people;
  const auto part = last_part(session, file.council.ods_code, file.sequence);
  if (!part) return part.error();
  known.first_part = *part + 1;
  return done;
}

namespace {

Status keep_upload(store::Session& session, const UploadFile& file, const UploadResult& result,
                   std::int64_t hash) {
  const std::string results = to_text(result.records);
  const auto rows = session.execute(
      "INSERT INTO upload (council, sequence, received_at, content_hash, outcome, accepted, "
      "rejected, results) VALUES (?, ?, ?, ?, ?, ?, ?, ?) {on_conflict_ignore:council}",
      {file.council.ods_code, file.sequence, to_micros(result.created), hash,
       static_cast<int>(result.outcome), static_cast<std::int64_t>(result.accepted),
       static_cast<std::int64_t>(result.rejected), store::Value::blob(results)});
  if (!rows) return rows.error();
  return done;
}

/// Records that go into the store together, and what the view must learn after the commit.
struct Batch {
  struct Change {
    NhsNumber person;
    StoredPlan plan;
  };
  std::vector<Change> changes;
  std::vector<RecordResult> results;
};

class Taking {
 public:
  Taking(const UploadFile& file, std::shared_ptr<const Council> council, Time now, bool check,
         const RegisterView& view)
      : file_{file}, council_{std::move(council)}, now_{now}, check_{check}, view_{view} {}

  Status judge(store::Session& session, std::span<const std::size_t> which,
               const std::vector<std::size_t>& index, Batch& batch) {
    batch = {};
    for (const std::size_t i : which) {
      const UploadRecord& record = file_.records[i];
      const auto outcome = judge_one(session, record);
      if (!outcome) return outcome.error();
      const std::string_view fault =
          *outcome == RecordOutcome::cpr06 ? fault_of(record) : std::string_view{};
      if (!fault.empty()) {
        batch.results.push_back(result_of(index[i], RecordOutcome::cpr07, fault));
        continue;
      }
      batch.results.push_back(result_of(index[i], *outcome));
      if (*outcome == RecordOutcome::cpr06) add_changes(record, batch);
    }
    return done;
  }

 private:
  Result<RecordOutcome> judge_one(store::Session& session, const UploadRecord& record) {
    if (!check_) return RecordOutcome::cpr06;
    const auto indexed = find_person(session, record.subject.nhs_number);
    if (!indexed) return indexed.error();
    return match_identity(record.subject, *indexed);
  }

  void add_changes(const UploadRecord& record, Batch& batch) {
    const PlanSubject& subject = record.subject;
    for (const Plan& plan : record.plans) {
      auto id = view_.id_of(subject.nhs_number, council_->ods_code, plan);
      batch.changes.push_back({subject.nhs_number,
                               {plan, council_, subject.name, subject.birth_date, subject.is_mother,
                                subject.local_id, subject.local_id_authority, file_.sequence, now_,
                                id ? *std::move(id) : random_hex_id()}});
    }
  }

  const UploadFile& file_;
  std::shared_ptr<const Council> council_;
  Time now_;
  bool check_;
  const RegisterView& view_;
};

Status write_batch(store::Session& session, const Batch& batch) {
  for (const Batch::Change& change : batch.changes) {
    const Status written =
        change.plan.plan.deleted
            ? delete_plan(session, change.person, change.plan.council->ods_code, change.plan.plan)
            : put_plan(session, change.person, change.plan);
    if (!written) return written;
  }
  return done;
}

Status tell_changes(store::Session& session, const Batch& batch, const RegisterNews& news) {
  if (!news.plan) return done;
  for (const Batch::Change& change : batch.changes) {
    const Status told = news.plan(session, change.person, change.plan, false);
    if (!told) return told;
  }
  return done;
}

// Before the plans are written: the id of one that goes is still there.
Result<RegisterChange> change_of(store::Session& session, const Batch& batch,
                                 const UploadFile& file, std::int64_t part) {
  const std::string& council = file.council.ods_code;
  RegisterChange change{council, {file.sequence, part}, {}};
  for (const Batch::Change& one : batch.changes) {
    RegisterChange::Item item{one.person, one.plan.plan.deleted.has_value()};
    if (item.removed) {
      auto id = plan_id_of(session, one.person, council, one.plan.plan);
      if (!id) return id.error();
      item.plan_id = *std::move(id);
    }
    change.items.push_back(std::move(item));
  }
  return change;
}

// `alone`: no other process can be on this store while this one is.
Status write_part(store::Session& session, const Batch& batch, const UploadFile& file,
                  std::int64_t part, const RegisterNews& news, bool alone, Time now) {
  const bool told = static_cast<bool>(news.plan);
  if (!told || !alone) {
    const auto change = change_of(session, batch, file, part);
    if (!change) return change.error();
    const Status noted = note_change(session, *change, told, now);
    if (!noted) return noted;
  }
  if (const Status written = write_batch(session, batch); !written) return written;
  return tell_changes(session, batch, news);
}

void show_batch(Batch&& batch, RegisterView& view) {
  for (Batch::Change& change : batch.changes) {
    if (change.plan.plan.deleted) {
      view.remove_plan(change.person, change.plan.council->ods_code, change.plan.plan);
    } else {
      view.put_plan(change.person, std::move(change.plan));
    }
  }
}

// Positions in the file that `unreadable` did not take, in order.
std::vector<std::size_t> free_positions(std::size_t records,
                                        const std::vector<RecordResult>& unreadable) {
  const std::size_t total = records + unreadable.size();
  std::vector<bool> taken(total, false);
  for (const RecordResult& record : unreadable) {
    if (record.index < total) taken[record.index] = true;
  }
  std::vector<std::size_t> positions;
  positions.reserve(records);
  for (std::size_t i = 0; i < total && positions.size() < records; ++i) {
    if (!taken[i]) positions.push_back(i);
  }
  // Indexes out of range leave too few places; give the rest the positions at the end.
  while (positions.size() < records) positions.push_back(total + positions.size());
  return positions;
}

}  // namespace

Result<UploadResult> Register::take(const UploadFile& file, std::vector<RecordResult> unreadable) {
  const std::lock_guard lock{taking_};
  UploadTurn turn{database_, clock_, file.council.ods_code};
  if (const Status ours = turn.begin(); !ours) return ours.error();
  const Time now = clock_.now();
  const std::int64_t hash = content_hash(file, unreadable);
  Known known;
  const Status looked =
      database_.read([&](store::Session& session) { return look_up(session, file, known); });
  if (!looked) return looked.error();
  if (known.earlier && known.earlier->hash == hash) return known.earlier->result;
  const bool empty = file.records.empty() && unreadable.empty();
  if (file.sequence <= known.last_sequence || empty || file.council.ods_code.empty()) {
    return file_level_error(file, now);
  }

  const Status named = database_.write(
      [&](store::Session& session) { return put_council(session, file.council, now); });
  if (!named) return named.error();
  view_.put_council(file.council);

  UploadResult result;
  result.sequence = file.sequence;
  result.created = now;
  const Status taken =
      take_records(file, free_positions(file.records.size(), unreadable), known, turn, result);
  if (!taken) return taken.error();
  result.records.insert(result.records.end(), std::make_move_iterator(unreadable.begin()),
                        std::make_move_iterator(unreadable.end()));
  std::sort(result.records.begin(), result.records.end(),
            [](const RecordResult& a, const RecordResult& b) { return a.index < b.index; });
  conclude(result);
  const Status kept = database_.write([&](store::Session& session) -> Status {
    if (const Status ours = turn.hold(session); !ours) return ours;
    return keep_upload(session, file, result, hash);
  });
  if (!kept) return kept.error();
  return result;
}

namespace {

/// In the order of the table's key, so that pages are filled one after the other.
std::vector<std::size_t> by_number(const UploadFile& file) {
  std::vector<std::size_t> order(file.records.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return file.records[a].subject.nhs_number < file.records[b].subject.nhs_number;
  });
  return order;
}

}  // namespace

// The next batch is judged while the last ones are written; each is visible once it is durable.
Status Register::take_records(const UploadFile& file, const std::vector<std::size_t>& index,
                              const Known& known, const UploadTurn& turn, UploadResult& result) {
  Taking taking{file, view_.council(file.council.ods_code), result.created, known.people > 0,
                view_};
  const std::vector<std::size_t> order = by_number(file);
  std::deque<Batch> batches;  // that are not visible yet
  std::size_t shown = 0;
  std::int64_t number = known.first_part;
  store::Pipeline pipeline{database_};
  const auto show = [&](std::size_t committed) {
    const std::lock_guard lock{changing_};
    for (; shown < committed; ++shown) {
      if (settings_.answers) show_batch(std::move(batches.front()), view_);
      batches.pop_front();
    }
  };
  result.records.reserve(file.records.size());
  for (std::size_t from = 0; from < order.size(); from += records_in_one_work) {
    const auto part = std::span{order}.subspan(from);
    Batch& batch = batches.emplace_back();
    const Status judged = database_.read([&](store::Session& session) {
      return taking.judge(session, part.first(std::min(records_in_one_work, part.size())), index,
                          batch);
    });
    if (!judged) return judged;
    std::move(batch.results.begin(), batch.results.end(), std::back_inserter(result.records));
    batch.results = {};
    const Status queued =
        pipeline.write([this, &batch, &file, &turn, &result, number](store::Session& session) {
          if (const Status ours = turn.hold(session); !ours) return ours;
          return write_part(session, batch, file, number, news_, database_.is_exclusive(),
                            result.created);
        });
    ++number;
    if (!queued) return queued;
    show(pipeline.committed());
  }
  const Status written = pipeline.finish();
  show(pipeline.committed());
  if (written) pass_over_own(file.council.ods_code, known.first_part, {file.sequence, number - 1});
  if (news_.wake) news_.wake();
  return written;
}

}  // namespace cpis::registry
