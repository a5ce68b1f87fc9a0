#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "adapters/core/result.h"
#include "conformance/peers/mesh/mesh_office.h"
#include "conformance/peers/spine/certificates.h"

namespace cpis::peers {

struct MeshPeerSettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;           ///< 0: any
  std::optional<Certificates> tls;  ///< mutual TLS; nothing: plain HTTP
  std::size_t threads = 16;
};

/// A MESH on the desk: the API below `/messageexchange/` over HTTP, mailboxes in memory.
class MeshPeer {
 public:
  /// `office` must outlive the peer.
  MeshPeer(MeshPeerSettings settings, MeshOffice& office);
  ~MeshPeer();
  MeshPeer(const MeshPeer&) = delete;
  MeshPeer& operator=(const MeshPeer&) = delete;

  /// The port that it listens on.
  Result<std::uint16_t> start();
  void stop();
  /// `https://localhost:port` (or http).
  std::string base_url() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cpis::peers
