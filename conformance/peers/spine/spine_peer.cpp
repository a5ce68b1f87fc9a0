#include "conformance/peers/spine/spine_peer.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/RejectCertificateHandler.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/URI.h>
#include <Poco/UUIDGenerator.h>

#include <array>
#include <istream>
#include <utility>

#include "conformance/peers/spine/spine_state.h"

namespace cpis::peers {
namespace {

namespace pn = Poco::Net;
constexpr std::size_t body_bytes_max = std::size_t{16} * 1024 * 1024;
constexpr std::size_t piece_bytes = std::size_t{16} * 1024;
constexpr std::chrono::milliseconds drip{20};

pn::Context::Ptr make_context(const Certificates& files, bool server) {
  pn::Context::Params params;
  params.certificateFile = server ? files.server_certificate : files.client_certificate;
  params.privateKeyFile = server ? files.server_key : files.client_key;
  params.caLocation = files.authority;
  params.verificationMode = pn::Context::VERIFY_STRICT;
  params.cipherList = "HIGH:!aNULL:!MD5";
  pn::Context::Ptr context{
      std::make_unique<pn::Context>(
          server ? pn::Context::TLS_SERVER_USE : pn::Context::TLS_CLIENT_USE, params)
          .release()};  // counted by Poco
  context->requireMinimumProtocol(pn::Context::PROTO_TLSV1_2);
  return context;
}

std::optional<spine::Pattern> pattern_of(const std::string& path) {
  if (path == "/sync-service") return spine::Pattern::sync;
  if (path == "/reliablemessaging/queryrequest") return spine::Pattern::express;
  if (path == "/reliablemessaging/reliablerequest") return spine::Pattern::reliable;
  return std::nullopt;
}

class Handler final : public pn::HTTPRequestHandler {
 public:
  explicit Handler(SpinePeer::State& state) : state_{state} {}

  void handleRequest(pn::HTTPServerRequest& request, pn::HTTPServerResponse& response) override {
    std::string body;
    std::array<char, piece_bytes> piece;
    std::istream& in = request.stream();
    while (in.read(piece.data(), piece.size()), in.gcount() > 0) {
      body.append(piece.data(), static_cast<std::size_t>(in.gcount()));
      if (body.size() > body_bytes_max) return;
    }
    const Poco::URI uri{request.getURI()};
    state_.note(uri.getPath(), request.get("traceparent", ""));
    const auto pattern = pattern_of(uri.getPath());
    const auto told = parse_misbehaviour(request.get("X-Misbehave", ""));
    const PeerReply reply =
        pattern ? answer_messaging(state_, *pattern, request.getContentType(), body, told)
                : answer_lookup(state_,
                                {uri.getPath(), uri.getRawQuery(), body, request.get("TraceID", ""),
                                 told, request.get("Authorization", "")});
    send(response, reply);
  }

 private:
  void send(pn::HTTPServerResponse& response, const PeerReply& reply) {
    response.setStatus(static_cast<pn::HTTPResponse::HTTPStatus>(reply.status));
    response.setContentType(reply.content_type);
    response.setContentLength(static_cast<std::streamsize>(reply.body.size()));
    if (reply.wire == Misbehaviour::cut_off) {
      response.setKeepAlive(false);
      response.send() << reply.body.substr(0, reply.body.size() / 2) << std::flush;
      return;
    }
    if (reply.wire == Misbehaviour::slow_drip) {
      response.setKeepAlive(false);
      std::ostream& out = response.send();
      for (const char c : reply.body) {
        out << c << std::flush;
        if (!out || !state_.pause(drip)) return;
      }
      return;
    }
    response.send() << reply.body << std::flush;
  }

  SpinePeer::State& state_;
};

class Factory final : public pn::HTTPRequestHandlerFactory {
 public:
  explicit Factory(SpinePeer::State& state) : state_{state} {}
  pn::HTTPRequestHandler* createRequestHandler(const pn::HTTPServerRequest&) override {
    return std::make_unique<Handler>(state_).release();  // Poco deletes it
  }

 private:
  SpinePeer::State& state_;
};

}  // namespace

std::string peer_uuid() {
  std::string text = Poco::UUIDGenerator::defaultGenerator().createRandom().toString();
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return text;
}

SpinePeer::SpinePeer(SpinePeerSettings settings, ProtectionSource& source, const Clock& clock)
    : state_{std::make_shared<State>(std::move(settings), source, clock)} {}

SpinePeer::~SpinePeer() { stop(); }

Result<std::uint16_t> SpinePeer::start() {
  State& state = *state_;
  try {
    const pn::SocketAddress address{state.settings.address, state.settings.port};
    pn::ServerSocket socket;
    if (state.settings.tls) {
      state.server_context = make_context(*state.settings.tls, true);
      const pn::Context::Ptr client = make_context(*state.settings.tls, false);
      state.post.use(client);
      pn::SSLManager::instance().initializeServer(
          nullptr, std::make_unique<pn::RejectCertificateHandler>(true).release(),
          state.server_context);
      pn::SSLManager::instance().initializeClient(
          nullptr, std::make_unique<pn::RejectCertificateHandler>(false).release(), client);
      socket = pn::SecureServerSocket{address, 256, state.server_context};
    } else {
      socket = pn::ServerSocket{address, 256};
    }
    state.port = socket.address().port();
    pn::HTTPServerParams::Ptr params = Poco::makeAuto<pn::HTTPServerParams>();
    params->setMaxThreads(static_cast<int>(state.settings.threads));
    params->setMaxQueued(1000);
    params->setKeepAlive(true);
    params->setMaxKeepAliveRequests(0);
    params->setTimeout(Poco::Timespan{30, 0});
    state.server = std::make_unique<pn::HTTPServer>(std::make_unique<Factory>(state).release(),
                                                    state.threads, socket, params);
    state.server->start();
    return state.port;
  } catch (const Poco::Exception& e) {
    return Error{ErrorKind::fault, "the simulated Spine cannot start: " + e.displayText()};
  }
}

void SpinePeer::stop() {
  State& state = *state_;
  {
    const std::lock_guard lock{state.mutex};
    if (state.stopping) return;
    state.stopping = true;
  }
  state.stop.notify_all();
  state.post.stop();
  if (state.server) state.server->stopAll(true);
}

std::string SpinePeer::base_url() const { return state_->base_url(); }

void SpinePeer::send_answers_to(std::string gateway_url) {
  state_->post.send_to(std::move(gateway_url));
}

void SpinePeer::misbehave(const NhsNumber& person, Misbehaviour how) {
  const std::lock_guard lock{state_->mutex};
  state_->script.insert_or_assign(person, how);
}

void SpinePeer::know(spine::PdsPerson person) {
  const std::lock_guard lock{state_->mutex};
  state_->people.insert_or_assign(person.nhs_number, std::move(person));
}

void SpinePeer::know(spine::PdsPerson person, spine::PdsHome home) {
  const std::lock_guard lock{state_->mutex};
  state_->homes.insert_or_assign(person.nhs_number, std::move(home));
  state_->people.insert_or_assign(person.nhs_number, std::move(person));
}

void SpinePeer::supersede(const NhsNumber& old, spine::PdsPerson person) {
  const std::lock_guard lock{state_->mutex};
  state_->people.insert_or_assign(old, std::move(person));
}

std::vector<SeenQuery> SpinePeer::seen() const {
  const std::lock_guard lock{state_->mutex};
  return state_->seen;
}

std::size_t SpinePeer::seen_count() const {
  const std::lock_guard lock{state_->mutex};
  return state_->seen.size();
}

std::vector<SeenRequest> SpinePeer::requests() const {
  const std::lock_guard lock{state_->mutex};
  return state_->requests;
}

std::size_t SpinePeer::answers_sent() const { return state_->post.delivered(); }

}  // namespace cpis::peers
