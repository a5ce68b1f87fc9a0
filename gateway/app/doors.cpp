#include "gateway/app/doors.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "gateway/auth/token_door.h"
#include "gateway/config/feed_rows.h"
#include "gateway/fhir_api/cds_door.h"
#include "gateway/fhir_api/fhir_service.h"
#include "gateway/fhir_api/hl7_door.h"
#include "gateway/fhir_api/websocket_door.h"
#include "gateway/http/http_server.h"
#include "gateway/http/response.h"
#include "gateway/net/file_stamp.h"
#include "gateway/net/tls.h"
#include "gateway/observe/log.h"

namespace cpis::app {
namespace {

constexpr std::size_t spine_connections_max = 1'000;
constexpr std::chrono::milliseconds spine_drain_time{2'000};

void log_fault(const char* what) {
  observe::log(observe::Level::error, "door.fault", {{"reason", what}});
}

// An answer to what never became a request is an OperationOutcome like every other failure.
http::Response refusal(int status, std::string_view reason) {
  return {status, "application/fhir+json",
          R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid",)"
          R"("diagnostics":")" +
              std::string{reason} + R"("}]})"};
}

net::ClientCertificate demanded(const config::TlsFiles& files) {
  return files.client_ca.empty() ? net::ClientCertificate::none : net::ClientCertificate::required;
}

std::string stamp_of(const net::TlsSettings& tls) {
  return net::file_stamp(
      {&tls.certificate_file, &tls.key_file, &tls.client_ca_file, &tls.revocation_file});
}

bool is_fhir(std::string_view path) {
  if (path.starts_with(fhir_api::base_path)) {
    const std::string_view rest = path.substr(fhir_api::base_path.size());
    return rest.empty() || rest.starts_with('/');
  }
  return path == "/PatientFlag" || path == "/CareTeam" || path == "/AuditEvent";
}

}  // namespace

http::HttpHandler& FrontDesk::room_of(std::string_view path) {
  if (auth::TokenDoor::serves(path)) return rooms_.tokens;
  if (is_fhir(path)) return rooms_.fhir;
  if (fhir_api::CdsDoor::serves(path)) return rooms_.cds;
  if (path == fhir_api::WebsocketDoor::path) return rooms_.websockets;
  return path.starts_with(fhir_api::Hl7Door::path) ? rooms_.hl7 : rooms_.operations;
}

void FrontDesk::handle(http::Request&& request, http::Reply&& reply) {
  http::HttpHandler& room = room_of(request.path());
  // The JWT of a CDS client is no access token: its door reads it itself.
  if (&room == &rooms_.cds || !rooms_.gatekeeper.has_new_token(request)) {
    return room.handle(std::move(request), std::move(reply));
  }
  http::offload(rooms_.workers, std::move(request), std::move(reply),
                [this, &room](http::Request&& asked, http::Reply&& later) {
                  rooms_.gatekeeper.prepare(asked);
                  room.handle(std::move(asked), std::move(later));
                });
}

void FeedDesk::handle(mllp::MllpMessage&& message, mllp::MllpReply&& reply) {
  auto kept = std::make_shared<mllp::MllpReply>(std::move(reply));
  receive_.run(settings_, std::move(message.bytes),
               [kept](std::optional<std::string> acknowledgement) {
                 if (!acknowledgement) return kept->close_without_answer();
                 if (acknowledgement->empty()) return kept->send_nothing();
                 kept->send(*std::move(acknowledgement));
               });
}

Doors::Doors(const config::Settings& settings, const FrontRooms& rooms)
    : front_{rooms},
      group_{net::LoopSettings{settings.loops, settings.connections_max,
                               settings.connections_per_address_max, log_fault}} {}

Result<std::unique_ptr<Doors>> Doors::open(const config::Settings& settings,
                                           const FrontRooms& rooms,
                                           usecases::ReceiveMessage& receive,
                                           http::HttpHandler* spine_inbound) {
  std::unique_ptr<Doors> doors{nullptr};
  doors.reset(new Doors{settings, rooms});
  if (const Status opened = doors->open_http(settings); !opened) return opened.error();
  for (const config::Feed& feed : settings.feeds) {
    if (const Status opened = doors->open_feed(feed, receive); !opened) return opened.error();
  }
  if (spine_inbound != nullptr) {
    const Status opened = doors->open_spine(settings.spine, *spine_inbound);
    if (!opened) return opened.error();
  }
  return doors;
}

void Doors::start() {
  if (spine_group_) spine_group_->start();
  group_.start();
}

Result<Doors::TlsSlotPtr> Doors::tls_of(const std::string& listener, const config::TlsFiles& files,
                                        net::ClientCertificate wanted) {
  if (!files.enabled()) return TlsSlotPtr{};
  net::TlsSettings tls;
  tls.certificate_file = files.certificate;
  tls.key_file = files.key;
  tls.client_ca_file = files.client_ca;
  tls.revocation_file = files.crl;
  tls.client_certificate = wanted;
  const std::string stamp = stamp_of(tls);
  auto slot = net::TlsSlot::open(tls);
  if (slot) certificates_.push_back({listener, tls, *slot, stamp});
  return slot;
}

void Doors::reload_certificates() {
  for (Certificate& certificate : certificates_) {
    const std::string stamp = stamp_of(certificate.settings);
    if (stamp == certificate.stamp) continue;
    certificate.stamp = stamp;
    const Status replaced = certificate.slot->replace(certificate.settings);
    if (replaced) {
      observe::log(observe::Level::info, "tls.certificate_replaced",
                   {{"listener", certificate.listener}});
    } else {
      observe::log(observe::Level::error, "tls.certificate_not_replaced",
                   {{"listener", certificate.listener}, {"reason", replaced.error().message}});
    }
  }
}

Status Doors::open_http(const config::Settings& settings) {
  http::HttpSettings http;
  http.limits.body_bytes = settings.body_bytes_max;
  http.headers = {{"X-Content-Type-Options", "nosniff"},
                  {"Referrer-Policy", "no-referrer"},
                  {"Content-Security-Policy", "frame-ancestors 'none'"}};
  if (settings.http_tls.enabled()) {
    http.headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
  }
  http.refusal = refusal;
  auto tls = tls_of("fhir", settings.http_tls,
                    settings.client_certificate_required || settings.http_tls.client_ca.empty()
                        ? demanded(settings.http_tls)
                        : net::ClientCertificate::optional);
  if (!tls) return tls.error();
  net::ListenerSettings listener;
  listener.name = "fhir";
  listener.endpoint = {settings.http_address, settings.http_port};
  listener.protocol = http::http_protocol(std::move(http), front_);
  listener.tls = *std::move(tls);
  listener.refusal = http::busy_bytes();
  const auto port = group_.listen(std::move(listener));
  if (!port) return port.error();
  http_port_ = *port;
  return done;
}

Status Doors::open_spine(const config::SpineLink& link, http::HttpHandler& inbound) {
  auto tls = tls_of("spine-inbound", link.inbound_tls, demanded(link.inbound_tls));
  if (!tls) return tls.error();
  spine_group_ = std::make_unique<net::LoopGroup>(
      net::LoopSettings{1, spine_connections_max, spine_connections_max, log_fault});
  net::ListenerSettings listener;
  listener.name = "spine-inbound";
  listener.endpoint = {link.inbound_address, link.inbound_port};
  listener.protocol = http::http_protocol({}, inbound);
  listener.tls = *std::move(tls);
  listener.refusal = http::busy_bytes();
  const auto port = spine_group_->listen(std::move(listener));
  if (!port) return port.error();
  spine_port_ = *port;
  return done;
}

void Doors::drain(std::chrono::milliseconds at_most) {
  group_.drain(at_most);
  if (spine_group_) spine_group_->drain(spine_drain_time);
}

Status Doors::open_feed(const config::Feed& feed, usecases::ReceiveMessage& receive) {
  feeds_.push_back(std::make_unique<FeedDesk>(receive, config::reading_of(feed)));
  mllp::MllpSettings settings;
  settings.framing.message_bytes_max = feed.frame_bytes_max;
  settings.framing.accept_missing_start = true;  // a sender without VT is still a sender
  auto tls = tls_of("feed." + feed.name, feed.tls, demanded(feed.tls));
  if (!tls) return tls.error();
  net::ListenerSettings listener;
  listener.name = "feed." + feed.name;
  listener.endpoint = {feed.address, feed.port};
  listener.protocol = mllp::mllp_protocol(std::move(settings), *feeds_.back());
  listener.tls = *std::move(tls);
  const auto port = group_.listen(std::move(listener));
  if (!port) return port.error();
  feed_ports_[feed.name] = *port;
  return done;
}

std::uint16_t Doors::feed_port(const std::string& feed) const {
  const auto found = feed_ports_.find(feed);
  return found == feed_ports_.end() ? std::uint16_t{0} : found->second;
}

}  // namespace cpis::app
