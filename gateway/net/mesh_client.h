#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "adapters/core/ports/clock.h"
#include "adapters/core/ports/mailbox.h"
#include "adapters/mesh/authorization.h"
#include "adapters/mesh/bodies.h"
#include "adapters/mesh/call.h"
#include "adapters/mesh/message.h"
#include "gateway/net/http_sender.h"

namespace cpis::net {

struct MeshSettings {
  std::string url;  ///< of the environment, up to but without `/messageexchange`
  mesh::Credentials who;
  std::size_t chunk_bytes = 20'000'000;  ///< of the content before it is compressed
  bool gzip = true;
  std::size_t content_bytes_max = std::size_t{512} * 1024 * 1024;  ///< of a file that comes
  std::string client_version = "cpis-gateway";
};

/// HMAC-SHA256, raw.
std::string hmac_sha256(std::string_view key, std::string_view message);

/// A mailbox of MESH, API version 2: a new token for each call, chunks out and in, gzip, paging.
/// One thread at a time. `sender` and `clock` must outlive it.
class MeshClient final : public Mailbox {
 public:
  MeshClient(MeshSettings settings, HttpSender& sender, const Clock& clock);

  Status handshake() override;
  Result<std::vector<std::string>> waiting(std::size_t most) override;
  Result<IncomingParcel> fetch(const std::string& id) override;
  Status acknowledge(const std::string& id) override;
  PostOutcome post(const OutgoingParcel& parcel, const std::string& resume_id) override;
  Result<Whereabouts> find(const std::string& local_id) override;

 private:
  HttpOutcome call(const mesh::Call& call, const mesh::Headers& more = {}, std::string body = {});
  HttpOutcome get(std::string_view method, const std::string& target, const mesh::Headers& more,
                  std::string body);
  PostOutcome post_chunks(const OutgoingParcel& parcel, std::size_t total, std::string id);
  std::string chunk_of(std::string_view content, std::size_t number) const;

  const MeshSettings settings_;
  HttpSender& sender_;
  const Clock& clock_;
};

}  // namespace cpis::net
