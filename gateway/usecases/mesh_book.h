#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/ports/mailbox.h"
#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "adapters/social_care/difference.h"
#include "gateway/store/database.h"

// What travels over MESH, durably. Everything runs inside a work or a read.

namespace cpis::usecases {

/// Where an upload is. Numbers are in the store: never change one.
enum class MeshUploadState : std::uint8_t {
  waiting = 0,   ///< never handed over
  doubtful = 1,  ///< an attempt was begun; MESH may have it
  sent = 2,      ///< MESH has it
  answered = 3,  ///< CP-IS has said what became of it
  failed = 4,    ///< MESH said that CP-IS never got it, or will not take it
};
std::string_view name_of(MeshUploadState state);

struct MeshUpload {
  std::string council;
  std::int64_t sequence = 0;
  MeshUploadState state = MeshUploadState::waiting;
  std::string local_id;
  std::string message_id;  ///< of MESH, once known
  int attempts = 0;
  int again = 0;  ///< how often the same records were sent before (CPF05)
  Time next_at{};
  Time made{};
  std::string outcome;  ///< CPF code, or the code of MESH
  std::string trouble;  ///< of the last attempt; names no person
  social_care::ExtractIdentity extract;
  std::string content;  ///< the message, byte for byte as it goes out

  bool under_way() const { return state <= MeshUploadState::sent; }
};

/// The largest number that was ever used; 0 when there is none.
Result<std::int64_t> last_mesh_number(store::Session& session, std::string_view council);
/// `conflict` when the number was used.
Status insert_mesh_upload(store::Session& session, const MeshUpload& upload);
/// All but the content and what never changes.
Status update_mesh_upload(store::Session& session, const MeshUpload& upload, Time now);
/// The upload that is under way, without its content.
Result<std::optional<MeshUpload>> mesh_upload_under_way(store::Session& session,
                                                        std::string_view council);
Result<std::optional<MeshUpload>> find_mesh_upload(store::Session& session,
                                                   std::string_view council, std::int64_t sequence);
/// By the id that MESH gave, or by ours.
Result<std::optional<MeshUpload>> find_mesh_upload_by(store::Session& session,
                                                      std::string_view council,
                                                      std::string_view message_id,
                                                      std::string_view local_id);
/// The newest uploads, without their content.
Result<std::vector<MeshUpload>> list_mesh_uploads(store::Session& session, std::string_view council,
                                                  int limit);

enum class MeshMessageState : std::uint8_t {
  kept = 0,
  processed = 1,
  repeated = 2,  ///< the same content was processed before
  unclear = 3,   ///< nobody could make sense of it; a person must look
};

struct MeshMessage {
  std::string mailbox;
  IncomingParcel parcel;
  Time received{};
  MeshMessageState state = MeshMessageState::kept;
  std::string what;  ///< root element, or why it is unclear
};

/// False when the message is there already.
Result<bool> keep_mesh_message(store::Session& session, std::string_view mailbox,
                               const IncomingParcel& parcel, Time now);
Result<bool> has_mesh_message(store::Session& session, std::string_view mailbox,
                              std::string_view id);
Status set_mesh_acknowledged(store::Session& session, std::string_view mailbox,
                             std::string_view id);
/// The oldest message that is still to be processed, with its content.
Result<std::optional<MeshMessage>> next_kept_message(store::Session& session,
                                                     std::string_view mailbox);
/// Whether another message with the same content was processed. Reports have no content and are
/// told apart by what they are about.
Result<bool> is_processed_content(store::Session& session, const MeshMessage& message);
Status settle_mesh_message(store::Session& session, const MeshMessage& message,
                           MeshMessageState state, std::string_view what);
Result<std::vector<MeshMessage>> list_mesh_messages(store::Session& session,
                                                    std::string_view mailbox, int limit);

}  // namespace cpis::usecases
