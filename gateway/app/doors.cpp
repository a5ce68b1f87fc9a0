#include "gateway/app/doors.h"

#include <utility>

#include "gateway/fhir_api/fhir_service.h"
#include "gateway/fhir_api/hl7_door.h"
#include "gateway/http/http_server.h"
#include "gateway/http/response.h"
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

Result<std::shared_ptr<net::TlsSlot>> tls_of(const config::TlsFiles& files) {
  if (!files.enabled()) return std::shared_ptr<net::TlsSlot>{};
  net::TlsSettings tls;
  tls.certificate_file = files.certificate;
  tls.key_file = files.key;
  tls.client_ca_file = files.client_ca;
  tls.client_certificate =
      files.client_ca.empty() ? net::ClientCertificate::none : net::ClientCertificate::required;
  return net::TlsSlot::open(tls);
}

bool is_fhir(std::string_view path) {
  if (path.starts_with(fhir_api::base_path)) {
    return path.size() > fhir_api::base_path.size() && path[fhir_api::base_path.size()] == '/';
  }
  return path == "/PatientFlag" || path == "/CareTeam" || path == "/AuditEvent";
}

}  // namespace

hl7v2::FeedSettings reading_of(const config::Feed& feed) {
  hl7v2::FeedSettings reading;
  reading.name = feed.name;
  reading.organisation_ods = feed.organisation_code;
  reading.limits.bytes_max = feed.frame_bytes_max;
  if (feed.ack_mode == "original") reading.ack_mode = hl7v2::AckMode::original;
  if (feed.ack_mode == "enhanced") reading.ack_mode = hl7v2::AckMode::enhanced;
  return reading;
}

void FrontDesk::handle(http::Request&& request, http::Reply&& reply) {
  const std::string_view path = request.path();
  http::HttpHandler& handler = is_fhir(path)                               ? fhir_
                               : path.starts_with(fhir_api::Hl7Door::path) ? hl7_
                                                                           : operations_;
  handler.handle(std::move(request), std::move(reply));
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

Doors::Doors(const config::Settings& settings, http::HttpHandler& fhir, http::HttpHandler& hl7,
             http::HttpHandler& operations)
    : front_{fhir, hl7, operations},
      group_{net::LoopSettings{settings.loops, 10'000, 10'000, log_fault}} {}

Result<std::unique_ptr<Doors>> Doors::open(const config::Settings& settings,
                                           http::HttpHandler& fhir, http::HttpHandler& hl7,
                                           http::HttpHandler& operations,
                                           usecases::ReceiveMessage& receive,
                                           http::HttpHandler* spine_inbound) {
  std::unique_ptr<Doors> doors{nullptr};
  doors.reset(new Doors{settings, fhir, hl7, operations});
  if (const Status opened = doors->open_http(settings); !opened) return opened.error();
  for (const config::Feed& feed : settings.feeds) {
    if (const Status opened = doors->open_feed(feed, receive); !opened) return opened.error();
  }
  if (spine_inbound != nullptr) {
    const Status opened = doors->open_spine(settings.spine, *spine_inbound);
    if (!opened) return opened.error();
    doors->spine_group_->start();
  }
  doors->group_.start();
  return doors;
}

Status Doors::open_http(const config::Settings& settings) {
  http::HttpSettings http;
  http.limits.body_bytes = settings.body_bytes_max;
  http.headers = {{"X-Content-Type-Options", "nosniff"}};
  http.refusal = refusal;
  auto tls = tls_of(settings.http_tls);
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
  auto tls = tls_of(link.inbound_tls);
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
  feeds_.push_back(std::make_unique<FeedDesk>(receive, reading_of(feed)));
  mllp::MllpSettings settings;
  settings.framing.message_bytes_max = feed.frame_bytes_max;
  auto tls = tls_of(feed.tls);
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
