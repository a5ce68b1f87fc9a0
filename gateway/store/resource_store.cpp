#include "gateway/store/resource_store.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "gateway/store/settle.h"

namespace cpis::store {
namespace {

constexpr std::size_t key_bytes_max = 64;  // widths of the columns in schema/0001_store.sql
constexpr std::int64_t page_rows = 500;

const std::string select_current =
    "SELECT type, id, version, updated_at, change_id, deleted, body FROM resource ";
const std::string select_one = select_current + "WHERE type = ? AND id = ?";
const std::string select_to_change = select_one + " {for_update}";
const std::string select_type =
    select_current + "WHERE type = ? AND id > ? AND deleted = 0 ORDER BY id LIMIT ?";
const std::string select_changed =
    "SELECT type, id, version, updated_at, change_id, deleted, '' FROM resource"
    " WHERE change_id > ? ORDER BY change_id LIMIT ?";
const std::string select_history =
    "SELECT type, id, version, updated_at, change_id, deleted, body FROM resource_history ";
const std::string select_old = select_history + "WHERE type = ? AND id = ? AND version = ?";
const std::string select_before =
    select_history + "WHERE type = ? AND id = ? AND version < ? ORDER BY version DESC LIMIT ?";

const std::string select_type_now =
    select_current + "WHERE type = ? AND change_id < ? ORDER BY change_id DESC LIMIT ?";
const std::string select_type_before =
    select_history + "WHERE type = ? AND change_id < ? ORDER BY change_id DESC LIMIT ?";

StoredResource read_resource(const Row& row) {
  return {std::string{row.text(0)},    std::string{row.text(1)}, row.integer(2),
          from_micros(row.integer(3)), row.integer(4),           row.integer(5) != 0,
          std::string{row.text(6)}};
}

Result<std::optional<StoredResource>> read_one(Session& session, std::string_view sql,
                                               std::initializer_list<Value> params) {
  std::optional<StoredResource> found;
  const Status read = session.query(sql, params, [&found](const Row& row) -> Status {
    found = read_resource(row);
    return done;
  });
  if (!read) return read.error();
  return found;
}

Status check_key(const ResourceChange& change) {
  const auto fits = [](std::string_view key) {
    return !key.empty() && key.size() <= key_bytes_max;
  };
  if (fits(change.type) && fits(change.id)) return done;
  return Error{ErrorKind::bad_input, "a resource type or id is empty or over 64 bytes"};
}

// True when it is there now as version 1; false when there was one already.
Result<bool> insert_first(Session& session, const ResourceChange& change) {
  const auto rows = session.execute(
      "INSERT INTO resource (type, id, version, updated_at, change_id, deleted, body)"
      " VALUES (?, ?, 1, ?, ?, 0, ?) {on_conflict_ignore:type}",
      {change.type, change.id, to_micros(change.at), change.change_id, Value::blob(change.body)});
  if (!rows) return rows.error();
  return *rows == 1;
}

// The current row moves to the history, then takes the new values.
Status replace(Session& session, const ResourceChange& change, std::int64_t version, int deleted) {
  const Status moved = any_rows(session.execute(
      "INSERT INTO resource_history (type, id, version, updated_at, change_id, deleted, body)"
      " SELECT type, id, version, updated_at, change_id, deleted, body FROM resource"
      " WHERE type = ? AND id = ?",
      {change.type, change.id}));
  if (!moved) return moved;
  return any_rows(session.execute(
      "UPDATE resource SET version = ?, updated_at = ?, change_id = ?, deleted = ?, body = ?"
      " WHERE type = ? AND id = ?",
      {version, to_micros(change.at), change.change_id, deleted, Value::blob(change.body),
       change.type, change.id}));
}

Status check_version(const ResourceChange& change, std::int64_t current) {
  if (!change.if_version || *change.if_version == current) return done;
  return Error{ErrorKind::conflict, "the resource is at version " + std::to_string(current) +
                                        ", not " + std::to_string(*change.if_version)};
}

}  // namespace

Result<std::int64_t> ResourceStore::put(Session& session, const ResourceChange& change) const {
  if (const Status good = check_key(change); !good) return good.error();
  // Most resources are new: then nothing is looked up first.
  if (!change.if_version || *change.if_version == 0) {
    const auto first = insert_first(session, change);
    if (!first) return first.error();
    if (*first) return std::int64_t{1};
  }
  const auto current = read_one(session, select_to_change, {change.type, change.id});
  if (!current) return current.error();
  if (*current && (*current)->change_id == change.change_id) return (*current)->version;
  const std::int64_t version = *current ? (*current)->version : 0;
  const bool stands = *current && !(*current)->deleted;
  if (const Status agreed = check_version(change, stands ? version : 0); !agreed) {
    return agreed.error();
  }
  if (const Status replaced = replace(session, change, version + 1, 0); !replaced) {
    return replaced.error();
  }
  return version + 1;
}

Result<std::int64_t> ResourceStore::remove(Session& session, const ResourceChange& change) const {
  const auto current = read_one(session, select_to_change, {change.type, change.id});
  if (!current) return current.error();
  if (*current && (*current)->change_id == change.change_id) return (*current)->version;
  if (!*current || (*current)->deleted) {
    return Error{ErrorKind::not_found, "there is no such resource"};
  }
  const std::int64_t version = (*current)->version;
  if (const Status agreed = check_version(change, version); !agreed) return agreed.error();
  ResourceChange emptied = change;
  emptied.body = {};
  if (const Status gone = replace(session, emptied, version + 1, 1); !gone) return gone.error();
  return version + 1;
}

Result<std::optional<StoredResource>> ResourceStore::read(Session& session, std::string_view type,
                                                          std::string_view id) const {
  return read_one(session, select_one, {type, id});
}

Result<std::optional<StoredResource>> ResourceStore::read_version(Session& session,
                                                                  std::string_view type,
                                                                  std::string_view id,
                                                                  std::int64_t version) const {
  auto current = read(session, type, id);
  if (!current) return current;
  if (*current && (*current)->version == version) return current;
  return read_one(session, select_old, {type, id, version});
}

Result<std::vector<StoredResource>> ResourceStore::history(Session& session, std::string_view type,
                                                           std::string_view id, std::int64_t before,
                                                           std::size_t max) const {
  std::vector<StoredResource> versions;
  auto current = read(session, type, id);
  if (!current) return current.error();
  if (max == 0) return versions;
  if (*current && (*current)->version < before) versions.push_back(**std::move(current));
  const auto rest = static_cast<std::int64_t>(max - versions.size());
  const Status read =
      session.query(select_before, {type, id, before, rest}, [&versions](const Row& row) -> Status {
        versions.push_back(read_resource(row));
        return done;
      });
  if (!read) return read.error();
  return versions;
}

Result<std::vector<StoredResource>> ResourceStore::type_history(Session& session,
                                                                std::string_view type,
                                                                std::int64_t before_change,
                                                                Time since, std::size_t max) const {
  std::vector<StoredResource> versions;
  const auto limit = static_cast<std::int64_t>(max);
  for (const std::string* select : {&select_type_now, &select_type_before}) {
    const Status read =
        session.query(*select, {type, before_change, limit}, [&](const Row& row) -> Status {
          StoredResource resource = read_resource(row);
          if (resource.updated_at >= since) versions.push_back(std::move(resource));
          return done;
        });
    if (!read) return read.error();
  }
  std::sort(versions.begin(), versions.end(), [](const StoredResource& a, const StoredResource& b) {
    return a.change_id > b.change_id;
  });
  if (versions.size() > max) versions.resize(max);
  return versions;
}

Status ResourceStore::read_all(Session& session, std::string_view type,
                               const Reader& reader) const {
  std::string last;
  while (true) {
    std::int64_t rows = 0;
    const Status read =
        session.query(select_type, {type, last, page_rows}, [&](const Row& row) -> Status {
          ++rows;
          StoredResource resource = read_resource(row);
          if (Status taken = reader(resource); !taken) return taken;
          last = std::move(resource.id);
          return done;
        });
    if (!read) return read;
    if (rows < page_rows) return done;
  }
}

Status ResourceStore::changed_since(Session& session, std::int64_t change_id, std::size_t max,
                                    const Reader& reader) const {
  return session.query(select_changed, {change_id, static_cast<std::int64_t>(max)},
                       [&reader](const Row& row) { return reader(read_resource(row)); });
}

}  // namespace cpis::store
