#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/hl7v2/feed_settings.h"
#include "gateway/auth/gatekeeper.h"
#include "gateway/config/settings.h"
#include "gateway/http/reply.h"
#include "gateway/mllp/mllp_server.h"
#include "gateway/net/loop_group.h"
#include "gateway/net/tls.h"
#include "gateway/net/worker_pool.h"
#include "gateway/usecases/receive_message.h"

namespace cpis::app {

/// What stands behind the front door. Everything outlives it.
struct FrontRooms {
  auth::Gatekeeper& gatekeeper;
  net::WorkerPool& workers;
  http::HttpHandler& tokens;
  http::HttpHandler& fhir;
  http::HttpHandler& hl7;
  http::HttpHandler& cds;
  http::HttpHandler& websockets;
  http::HttpHandler& operations;
};

/// Sends requests on by their path: the token endpoint, the FHIR base and the NHS England shapes at
/// the root, CDS Hooks, HL7 v2 over HTTP, and everything else to the operations pages. A token that
/// was not seen before is verified on a worker first.
class FrontDesk final : public http::HttpHandler {
 public:
  explicit FrontDesk(const FrontRooms& rooms) : rooms_{rooms} {}
  void handle(http::Request&& request, http::Reply&& reply) override;

 private:
  http::HttpHandler& room_of(std::string_view path);
  FrontRooms rooms_;
};

/// One MLLP feed: hands messages to the use case and acknowledges when it says so.
class FeedDesk final : public mllp::MllpHandler {
 public:
  FeedDesk(usecases::ReceiveMessage& receive, hl7v2::FeedSettings settings)
      : receive_{receive}, settings_{std::move(settings)} {}
  void handle(mllp::MllpMessage&& message, mllp::MllpReply&& reply) override;

 private:
  usecases::ReceiveMessage& receive_;
  const hl7v2::FeedSettings settings_;
};

/// The listening sockets of the gateway and what is spoken at each.
class Doors {
 public:
  static Result<std::unique_ptr<Doors>> open(const config::Settings& settings,
                                             const FrontRooms& rooms,
                                             usecases::ReceiveMessage& receive,
                                             http::HttpHandler* spine_inbound);
  /// Whoever connected since `open` waits for this. Call once, when the rooms are ready.
  void start();
  std::uint16_t http_port() const { return http_port_; }
  std::uint16_t feed_port(const std::string& feed) const;
  /// Of the listener that Spine brings answers to; 0 when there is none.
  std::uint16_t spine_port() const { return spine_port_; }
  const net::Counters& counters() const { return group_.counters(); }
  /// Takes certificates and keys that were replaced since they were last read: connections
  /// accepted from now on use them, open ones keep theirs. What cannot be used is logged and the
  /// old stays. One thread at a time.
  void reload_certificates();
  /// The listener for Spine closes last: callers still wait for what comes in there.
  void drain(std::chrono::milliseconds at_most);

 private:
  Doors(const config::Settings& settings, const FrontRooms& rooms);
  using TlsSlotPtr = std::shared_ptr<net::TlsSlot>;
  Result<TlsSlotPtr> tls_of(const std::string& listener, const config::TlsFiles& files,
                            net::ClientCertificate wanted);
  Status open_http(const config::Settings& settings);
  Status open_spine(const config::SpineLink& link, http::HttpHandler& inbound);
  Status open_feed(const config::Feed& feed, usecases::ReceiveMessage& receive);

  struct Certificate {
    std::string listener;
    net::TlsSettings settings;
    TlsSlotPtr slot;
    std::string stamp;  ///< when the files were last written, and how large they are
  };

  FrontDesk front_;
  std::vector<Certificate> certificates_;
  std::vector<std::unique_ptr<FeedDesk>> feeds_;
  std::map<std::string, std::uint16_t> feed_ports_;
  std::uint16_t http_port_ = 0;
  std::uint16_t spine_port_ = 0;
  std::unique_ptr<net::LoopGroup> spine_group_;
  net::LoopGroup group_;  // last: its threads use what stands above
};

}  // namespace cpis::app
