#include "gateway/usecases/mesh_book.h"

#include <array>
#include <utility>

#include "gateway/register/register_rows.h"
#include "gateway/store/sha256.h"

namespace cpis::usecases {
namespace {

using registry::from_days;
using registry::to_days;
using store::Row;
using store::Session;
using store::Value;

constexpr std::size_t trouble_bytes_max = 250;

constexpr std::string_view upload_head =
    "SELECT council, sequence, state, local_id, message_id, attempts, again, next_at, made_at, "
    "outcome, trouble, digest, made_day, open_cpp, open_lac, open_ucp, '' FROM mesh_upload ";
constexpr std::string_view upload_whole =
    "SELECT council, sequence, state, local_id, message_id, attempts, again, next_at, made_at, "
    "outcome, trouble, digest, made_day, open_cpp, open_lac, open_ucp, content FROM mesh_upload ";

Result<MeshUpload> upload_from(const Row& row) {
  if (row.integer(2) < 0 || row.integer(2) > 4) {
    return Error{ErrorKind::fault, "a row of mesh_upload is damaged"};
  }
  MeshUpload upload;
  upload.council = row.text(0);
  upload.sequence = row.integer(1);
  upload.state = static_cast<MeshUploadState>(row.integer(2));
  upload.local_id = row.text(3);
  upload.message_id = row.text(4);
  upload.attempts = static_cast<int>(row.integer(5));
  upload.again = static_cast<int>(row.integer(6));
  upload.next_at = from_micros(row.integer(7));
  upload.made = from_micros(row.integer(8));
  upload.outcome = row.text(9);
  upload.trouble = row.text(10);
  upload.extract.digest = row.text(11);
  if (const auto day = row.optional_integer(12)) upload.extract.made = from_days(*day);
  for (std::size_t i = 0; i < 3; ++i) {
    upload.extract.open_by_type[i] = static_cast<std::size_t>(row.integer(13 + i));
  }
  upload.content = row.text(16);
  return upload;
}

Result<std::vector<MeshUpload>> uploads(Session& session, const std::string& sql,
                                        std::initializer_list<Value> params) {
  std::vector<MeshUpload> found;
  const Status read = session.query(sql, params, [&](const Row& row) -> Status {
    auto upload = upload_from(row);
    if (!upload) return upload.error();
    found.push_back(*std::move(upload));
    return done;
  });
  if (!read) return read.error();
  return found;
}

Result<std::optional<MeshUpload>> first_upload(Session& session, const std::string& sql,
                                               std::initializer_list<Value> params) {
  auto found = uploads(session, sql, params);
  if (!found) return found.error();
  if (found->empty()) return std::optional<MeshUpload>{};
  return std::optional<MeshUpload>{std::move(found->front())};
}

std::string upload_sql(std::string_view columns, std::string_view rest) {
  return std::string{columns} + std::string{rest};
}

// What tells one message from another of the same content, for reports too.
store::Sha256 digest_of(const IncomingParcel& parcel) {
  if (parcel.kind == IncomingParcel::Kind::data) return store::sha256(parcel.content);
  return store::sha256("report " + parcel.linked_id + ' ' + parcel.local_id + ' ' +
                       parcel.status_code);
}

MeshMessage message_from(const Row& row) {
  MeshMessage message;
  message.mailbox = row.text(0);
  IncomingParcel& parcel = message.parcel;
  parcel.id = row.text(1);
  parcel.kind = row.integer(2) == 0 ? IncomingParcel::Kind::data : IncomingParcel::Kind::report;
  parcel.from = row.text(3);
  parcel.workflow = row.text(4);
  parcel.local_id = row.text(5);
  parcel.linked_id = row.text(6);
  parcel.status_code = row.text(7);
  message.received = from_micros(row.integer(8));
  const std::int64_t state = row.integer(9);
  message.state =
      state >= 0 && state <= 3 ? static_cast<MeshMessageState>(state) : MeshMessageState::unclear;
  message.what = row.text(10);
  parcel.content = row.text(11);
  return message;
}

constexpr std::string_view message_columns =
    "SELECT mailbox, message_id, kind, sender, workflow, local_id, linked_id, status_code, "
    "received_at, state, what, ";

std::string cut(std::string_view text, std::size_t most) {
  return std::string{text.substr(0, most)};
}

Status one_row(Result<std::int64_t> rows) {
  if (!rows) return rows.error();
  return done;
}

}  // namespace

std::string_view name_of(MeshUploadState state) {
  constexpr std::array<std::string_view, 5> names{"waiting", "doubtful", "sent", "answered",
                                                  "failed"};
  return names[static_cast<std::size_t>(state)];
}

Result<std::int64_t> last_mesh_number(Session& session, std::string_view council) {
  std::int64_t last = 0;
  const Status read =
      session.query("SELECT COALESCE(MAX(sequence), 0) FROM mesh_upload WHERE council = ?",
                    {council}, [&](const Row& row) -> Status {
                      last = row.integer(0);
                      return done;
                    });
  if (!read) return read.error();
  return last;
}

Status insert_mesh_upload(Session& session, const MeshUpload& upload) {
  std::optional<std::int64_t> day;
  if (upload.extract.made) day = to_days(*upload.extract.made);
  const auto& open = upload.extract.open_by_type;
  return one_row(session.execute(
      "INSERT INTO mesh_upload (council, sequence, state, local_id, message_id, attempts, again, "
      "next_at, made_at, settled_at, outcome, trouble, digest, made_day, open_cpp, open_lac, "
      "open_ucp, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
      {upload.council, upload.sequence, static_cast<int>(upload.state), upload.local_id,
       upload.message_id, upload.attempts, upload.again, to_micros(upload.next_at),
       to_micros(upload.made), upload.outcome, upload.trouble, upload.extract.digest, day,
       static_cast<std::int64_t>(open[0]), static_cast<std::int64_t>(open[1]),
       static_cast<std::int64_t>(open[2]), Value::blob(upload.content)}));
}

Status update_mesh_upload(Session& session, const MeshUpload& upload, Time now) {
  std::optional<std::int64_t> settled;
  if (!upload.under_way()) settled = to_micros(now);
  const std::string trouble = cut(upload.trouble, trouble_bytes_max);
  return one_row(session.execute(
      "UPDATE mesh_upload SET state = ?, message_id = ?, attempts = ?, next_at = ?, "
      "settled_at = ?, outcome = ?, trouble = ? WHERE council = ? AND sequence = ?",
      {static_cast<int>(upload.state), upload.message_id, upload.attempts,
       to_micros(upload.next_at), settled, upload.outcome, trouble, upload.council,
       upload.sequence}));
}

Result<std::optional<MeshUpload>> mesh_upload_under_way(Session& session,
                                                        std::string_view council) {
  static const std::string sql =
      upload_sql(upload_head, "WHERE council = ? AND state IN (0, 1, 2) ORDER BY sequence LIMIT 1");
  return first_upload(session, sql, {council});
}

Result<std::optional<MeshUpload>> find_mesh_upload(Session& session, std::string_view council,
                                                   std::int64_t sequence) {
  static const std::string sql = upload_sql(upload_whole, "WHERE council = ? AND sequence = ?");
  return first_upload(session, sql, {council, sequence});
}

Result<std::optional<MeshUpload>> find_mesh_upload_by(Session& session, std::string_view council,
                                                      std::string_view message_id,
                                                      std::string_view local_id) {
  static const std::string sql = upload_sql(
      upload_whole,
      "WHERE council = ? AND ((message_id = ? AND message_id <> '') OR local_id = ?) LIMIT 1");
  return first_upload(session, sql, {council, message_id, local_id});
}

Result<std::vector<MeshUpload>> list_mesh_uploads(Session& session, std::string_view council,
                                                  int limit) {
  static const std::string sql =
      upload_sql(upload_head, "WHERE council = ? ORDER BY sequence DESC LIMIT ?");
  return uploads(session, sql, {council, limit});
}

Result<bool> keep_mesh_message(Session& session, std::string_view mailbox,
                               const IncomingParcel& parcel, Time now) {
  const store::Sha256 digest = digest_of(parcel);
  const std::string sender = cut(parcel.from, 100);
  const std::string workflow = cut(parcel.workflow, 300);
  const std::string local_id = cut(parcel.local_id, 300);
  const std::string linked = cut(parcel.linked_id, 100);
  const std::string code = cut(parcel.status_code, 32);
  const auto rows = session.execute(
      "INSERT INTO mesh_message (mailbox, message_id, kind, sender, workflow, local_id, linked_id, "
      "status_code, received_at, digest, state, acknowledged, what, content) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, '', ?) {on_conflict_ignore:mailbox}",
      {mailbox, parcel.id, parcel.kind == IncomingParcel::Kind::data ? 0 : 1, sender, workflow,
       local_id, linked, code, to_micros(now), Value::blob(store::bytes_of(digest)),
       Value::blob(parcel.content)});
  if (!rows) return rows.error();
  return *rows == 1;
}

Result<bool> has_mesh_message(Session& session, std::string_view mailbox, std::string_view id) {
  bool found = false;
  const Status read =
      session.query("SELECT 1 FROM mesh_message WHERE mailbox = ? AND message_id = ?",
                    {mailbox, id}, [&](const Row&) -> Status {
                      found = true;
                      return done;
                    });
  if (!read) return read.error();
  return found;
}

Status set_mesh_acknowledged(Session& session, std::string_view mailbox, std::string_view id) {
  return one_row(session.execute(
      "UPDATE mesh_message SET acknowledged = 1 WHERE mailbox = ? AND message_id = ?",
      {mailbox, id}));
}

Result<std::optional<MeshMessage>> next_kept_message(Session& session, std::string_view mailbox) {
  static const std::string sql = std::string{message_columns}.append(
      "content FROM mesh_message WHERE mailbox = ? AND state = 0 "
      "ORDER BY received_at, message_id LIMIT 1");
  std::optional<MeshMessage> found;
  const Status read = session.query(sql, {mailbox}, [&](const Row& row) -> Status {
    found = message_from(row);
    return done;
  });
  if (!read) return read.error();
  return found;
}

Result<bool> is_processed_content(Session& session, const MeshMessage& message) {
  const store::Sha256 digest = digest_of(message.parcel);
  bool found = false;
  const Status read = session.query(
      "SELECT 1 FROM mesh_message WHERE mailbox = ? AND digest = ? AND state = 1 LIMIT 1",
      {message.mailbox, Value::blob(store::bytes_of(digest))}, [&](const Row&) -> Status {
        found = true;
        return done;
      });
  if (!read) return read.error();
  return found;
}

Status settle_mesh_message(Session& session, const MeshMessage& message, MeshMessageState state,
                           std::string_view what) {
  const std::string words = cut(what, 64);
  return one_row(session.execute(
      "UPDATE mesh_message SET state = ?, what = ? WHERE mailbox = ? AND message_id = ?",
      {static_cast<int>(state), words, message.mailbox, message.parcel.id}));
}

Result<std::vector<MeshMessage>> list_mesh_messages(Session& session, std::string_view mailbox,
                                                    int limit) {
  static const std::string sql = std::string{message_columns}.append(
      "'' FROM mesh_message WHERE mailbox = ? ORDER BY received_at DESC, message_id LIMIT ?");
  std::vector<MeshMessage> found;
  const Status read = session.query(sql, {mailbox, limit}, [&](const Row& row) -> Status {
    found.push_back(message_from(row));
    return done;
  });
  if (!read) return read.error();
  return found;
}

}  // namespace cpis::usecases
