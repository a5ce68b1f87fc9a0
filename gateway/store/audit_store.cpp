#include "gateway/store/audit_store.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "gateway/store/column_text.h"
#include "gateway/store/settle.h"

namespace cpis::store {
namespace {

// Widths of the columns in schema/0001_store.sql.
constexpr std::size_t correlation_id_max = 64;
constexpr std::size_t actor_id_max = 128;
constexpr std::size_t name_max = 200;
constexpr std::size_t action_max = 64;
constexpr std::size_t subject_max = 128;
constexpr std::size_t outcome_max = 64;
constexpr std::size_t detail_max = 100'000;
constexpr std::size_t verify_page_rows = 1000;

const std::string select_rows =
    "SELECT chain, seq, at, correlation_id, actor_id, actor_name, actor_role, organisation, source,"
    " action, subject, outcome, detail, prev_hash, hash FROM audit ";
const std::string select_chain = select_rows + "WHERE chain = ? AND seq > ? ORDER BY seq LIMIT ?";
const std::string select_subject =
    select_rows + "WHERE subject = ? AND at >= ? ORDER BY at, chain, seq LIMIT ?";

Sha256 to_hash(std::string_view bytes) {
  Sha256 hash{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
  return hash;
}

Result<ChainTail> read_tail(Session& session, std::int64_t chain) {
  if (const auto& known = session.chain_tail(); known && known->chain == chain) return *known;
  ChainTail tail{chain, 0, {}};
  const Status read = session.query(
      "SELECT seq, hash FROM audit WHERE chain = ? ORDER BY seq DESC LIMIT 1 {for_update}", {chain},
      [&tail](const Row& row) -> Status {
        tail.seq = row.integer(0);
        tail.hash = to_hash(row.text(1));
        return done;
      });
  if (!read) return read.error();
  return tail;
}

void put_integer(std::string& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  for (unsigned shift = 64; shift > 0;) {
    shift -= 8;
    out += static_cast<char>((bits >> shift) & 0xFFU);
  }
}

// What is hashed: the hash before, then every column in the order of the schema, integers as eight
// bytes with the highest first, texts as their length and their bytes. No two rows have one image.
Sha256 hash_row(std::string_view prev_hash, std::int64_t chain, std::int64_t seq,
                const AuditEntry& entry) {
  std::string image;
  image.reserve(512 + entry.detail.size());
  image += prev_hash;
  put_integer(image, chain);
  put_integer(image, seq);
  put_integer(image, to_micros(entry.at));
  for (const std::string_view text : {entry.correlation_id, entry.actor_id, entry.actor_name,
                                      entry.actor_role, entry.organisation, entry.source,
                                      entry.action, entry.subject, entry.outcome, entry.detail}) {
    put_integer(image, static_cast<std::int64_t>(text.size()));
    image += text;
  }
  return sha256(image);
}

AuditRow read_row(const Row& row) {
  return {row.integer(0),
          row.integer(1),
          {from_micros(row.integer(2)), row.text(3), row.text(4), row.text(5), row.text(6),
           row.text(7), row.text(8), row.text(9), row.text(10), row.text(11), row.text(12)},
          row.text(14)};
}

// Moves the tail on.
Status insert(Session& session, ChainTail& tail, const AuditEntry& entry) {
  const ChainTail next{tail.chain, tail.seq + 1,
                       hash_row(bytes_of(tail.hash), tail.chain, tail.seq + 1, entry)};
  const Status added = any_rows(session.execute(
      "INSERT INTO audit (chain, seq, at, correlation_id, actor_id, actor_name, actor_role,"
      " organisation, source, action, subject, outcome, detail, prev_hash, hash)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {next.chain, next.seq, to_micros(entry.at), entry.correlation_id, entry.actor_id,
       entry.actor_name, entry.actor_role, entry.organisation, entry.source, entry.action,
       entry.subject, entry.outcome, entry.detail, Value::blob(bytes_of(tail.hash)),
       Value::blob(bytes_of(next.hash))}));
  if (added) tail = next;
  return added;
}

// Walks one chain; remembers the first thing that is wrong and stops there.
class Verifier {
 public:
  Verifier(std::int64_t chain, std::int64_t known_seq, std::string_view known_head)
      : chain_{chain}, known_seq_{known_seq}, known_head_{known_head} {}

  void look_at(const Row& row) {
    if (check_.broken_at) return;
    const AuditRow audit = read_row(row);
    const std::int64_t expected = check_.rows + 1;
    if (audit.seq != expected) return blame(expected, "the row is missing");
    if (row.text(13) != bytes_of(check_.head)) {
      return blame(audit.seq, "the row does not follow the one before it");
    }
    const Sha256 hash = hash_row(row.text(13), chain_, audit.seq, audit.entry);
    if (audit.hash != bytes_of(hash)) return blame(audit.seq, "the row was changed");
    if (audit.seq == known_seq_ && known_head_ != bytes_of(hash)) {
      return blame(audit.seq, "the chain was rewritten: this is not the known hash");
    }
    check_.head = hash;
    ++check_.rows;
  }

  AuditCheck finish() {
    if (!check_.broken_at && check_.rows < known_seq_) {
      blame(check_.rows + 1, "the chain ends before the known row");
    }
    return check_;
  }
  std::int64_t rows() const { return check_.rows; }
  bool broken() const { return check_.broken_at.has_value(); }

 private:
  void blame(std::int64_t seq, const char* why) {
    check_.broken_at = seq;
    check_.why = why;
  }

  std::int64_t chain_;
  std::int64_t known_seq_;
  std::string_view known_head_;
  AuditCheck check_;
};

}  // namespace

AuditEntry entry_by(const Caller& caller) {
  AuditEntry entry{};
  entry.actor_id = caller.kind == Caller::Kind::person ? caller.user_id : caller.system_id;
  entry.actor_name = caller.person_name;
  entry.actor_role = caller.role_name;
  entry.organisation = caller.organisation_code;
  return entry;
}

Result<std::int64_t> AuditStore::append(Session& session, const AuditEntry& entry) const {
  auto tail = read_tail(session, chain_);
  if (!tail) return tail.error();
  // What is hashed is what the columns hold, on either engine.
  const ColumnText correlation_id{entry.correlation_id, correlation_id_max};
  const ColumnText actor_id{entry.actor_id, actor_id_max};
  const ColumnText actor_name{entry.actor_name, name_max};
  const ColumnText actor_role{entry.actor_role, name_max};
  const ColumnText organisation{entry.organisation, name_max};
  const ColumnText source{entry.source, name_max};
  const ColumnText action{entry.action, action_max};
  const ColumnText subject{entry.subject, subject_max};
  const ColumnText outcome{entry.outcome, outcome_max};
  const ColumnText detail{entry.detail, detail_max};
  const AuditEntry stored{entry.at,          correlation_id.view(), actor_id.view(),
                          actor_name.view(), actor_role.view(),     organisation.view(),
                          source.view(),     action.view(),         subject.view(),
                          outcome.view(),    detail.view()};
  if (const Status added = insert(session, *tail, stored); !added) return added.error();
  session.remember(*tail);
  return tail->seq;
}

Status AuditStore::read(Session& session, std::int64_t after_seq, std::size_t max,
                        const Reader& reader) const {
  return session.query(select_chain, {chain_, after_seq, static_cast<std::int64_t>(max)},
                       [&reader](const Row& row) { return reader(read_row(row)); });
}

Status AuditStore::read_subject(Session& session, std::string_view subject, Time from,
                                std::size_t max, const Reader& reader) {
  const ColumnText key{subject, subject_max};
  return session.query(select_subject,
                       {key.value(), to_micros(from), static_cast<std::int64_t>(max)},
                       [&reader](const Row& row) { return reader(read_row(row)); });
}

Result<AuditCheck> AuditStore::verify(Session& session) const { return verify(session, 0, {}); }

Result<AuditCheck> AuditStore::verify(Session& session, std::int64_t known_seq,
                                      std::string_view known_head) const {
  Verifier verifier{chain_, known_seq, known_head};
  while (true) {
    const std::int64_t before = verifier.rows();
    const Status read =
        session.query(select_chain, {chain_, before, static_cast<std::int64_t>(verify_page_rows)},
                      [&verifier](const Row& row) -> Status {
                        verifier.look_at(row);
                        return done;
                      });
    if (!read) return read.error();
    if (verifier.broken() || verifier.rows() == before) return verifier.finish();
  }
}

}  // namespace cpis::store
