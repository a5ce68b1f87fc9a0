#include "gateway/usecases/mesh_transport.h"

#include <algorithm>
#include <utility>

#include "adapters/spine/upload.h"
#include "gateway/edge/ids.h"
#include "gateway/usecases/mesh_book.h"

namespace cpis::usecases {

std::string mesh_local_id(std::string_view council, std::int64_t sequence) {
  return "cpis-" + std::string{council} + '-' + std::to_string(sequence) + '-' +
         random_hex_id().substr(0, 8);
}

Result<std::int64_t> next_mesh_number(store::Session& session, std::string_view council,
                                      std::int64_t first_number) {
  const auto used = last_mesh_number(session, council);
  if (!used) return used.error();
  std::int64_t last = std::max(*used, first_number - 1);
  const Status read =
      session.query("SELECT COALESCE(MAX(sequence), 0) FROM upload WHERE council = ?", {council},
                    [&](const store::Row& row) -> Status {
                      last = std::max(last, row.integer(0));
                      return done;
                    });
  if (!read) return read.error();
  return last + 1;
}

MeshTransport::MeshTransport(store::Database& database, const Clock& clock,
                             std::int64_t first_number, std::function<void()> wake)
    : database_{database}, clock_{clock}, first_number_{first_number}, wake_{std::move(wake)} {}

Result<std::optional<std::int64_t>> MeshTransport::under_way(std::string_view council) {
  std::optional<std::int64_t> number;
  const Status read = database_.read([&](store::Session& session) -> Status {
    const auto upload = mesh_upload_under_way(session, council);
    if (!upload) return upload.error();
    if (*upload) number = (*upload)->sequence;
    return done;
  });
  if (!read) return read.error();
  return number;
}

Result<std::int64_t> MeshTransport::next_number(store::Session& session, std::string_view council) {
  return next_mesh_number(session, council, first_number_);
}

Result<std::optional<UploadResult>> MeshTransport::send(
    const UploadFile& file, const social_care::ExtractIdentity& extract) {
  MeshUpload upload;
  upload.council = file.council.ods_code;
  upload.sequence = file.sequence;
  upload.local_id = mesh_local_id(upload.council, upload.sequence);
  upload.made = upload.next_at = clock_.now();
  upload.extract = extract;
  const Status written = spine::write_upload(file, [&](std::string_view piece) -> Status {
    upload.content += piece;
    return done;
  });
  if (!written) return written.error();
  const Status kept = database_.write([&](store::Session& session) -> Status {
    // The work may run again after a commit whose outcome was unknown.
    const auto there = find_mesh_upload(session, upload.council, upload.sequence);
    if (!there) return there.error();
    if (*there && (*there)->local_id == upload.local_id) return done;
    return insert_mesh_upload(session, upload);
  });
  if (!kept) return kept.error();
  if (wake_) wake_();
  return std::optional<UploadResult>{};
}

Result<bool> MeshTransport::never_left(std::string_view council, std::int64_t sequence) {
  bool there = false;
  const Status read = database_.read([&](store::Session& session) -> Status {
    const auto upload = find_mesh_upload(session, council, sequence);
    if (!upload) return upload.error();
    there = upload->has_value();
    return done;
  });
  if (!read) return read.error();
  return !there;
}

}  // namespace cpis::usecases
