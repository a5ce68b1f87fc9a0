#include "conformance/peers/mesh/mesh_peer.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/RejectCertificateHandler.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/ThreadPool.h>

#include <iterator>
#include <utility>

namespace cpis::peers {
namespace {

namespace pn = Poco::Net;
constexpr std::size_t body_bytes_max = std::size_t{128} * 1024 * 1024;

pn::Context::Ptr server_context(const Certificates& files) {
  pn::Context::Params params;
  params.certificateFile = files.server_certificate;
  params.privateKeyFile = files.server_key;
  params.caLocation = files.authority;
  params.verificationMode = pn::Context::VERIFY_STRICT;
  params.cipherList = "HIGH:!aNULL:!MD5";
  pn::Context::Ptr context{
      std::make_unique<pn::Context>(pn::Context::TLS_SERVER_USE, params).release()};
  context->requireMinimumProtocol(pn::Context::PROTO_TLSV1_2);
  return context;
}

class Handler final : public pn::HTTPRequestHandler {
 public:
  explicit Handler(MeshOffice& office) : office_{office} {}

  void handleRequest(pn::HTTPServerRequest& request, pn::HTTPServerResponse& response) override {
    std::string body;
    for (std::istreambuf_iterator<char> at{request.stream()}, end; at != end; ++at) {
      if (body.size() >= body_bytes_max) return;
      body += *at;
    }
    mesh::Headers headers;
    for (const auto& [name, value] : request) headers.emplace_back(name, value);
    const OfficeReply reply =
        office_.handle(request.getMethod(), request.getURI(), headers, std::move(body));
    if (reply.fault == MeshFault::lost) return hang_up(request);
    send(response, reply);
  }

 private:
  static void hang_up(pn::HTTPServerRequest& request) {
    if (auto* impl = dynamic_cast<pn::HTTPServerRequestImpl*>(&request)) impl->socket().close();
  }

  static void send(pn::HTTPServerResponse& response, const OfficeReply& reply) {
    response.setStatus(static_cast<pn::HTTPResponse::HTTPStatus>(reply.status));
    for (const auto& [name, value] : reply.headers) response.set(name, value);
    response.setContentLength(static_cast<std::streamsize>(reply.body.size()));
    if (reply.fault == MeshFault::cut_off) {
      response.setKeepAlive(false);
      response.send() << reply.body.substr(0, reply.body.size() / 2) << std::flush;
      return;
    }
    response.send() << reply.body << std::flush;
  }

  MeshOffice& office_;
};

class Factory final : public pn::HTTPRequestHandlerFactory {
 public:
  explicit Factory(MeshOffice& office) : office_{office} {}
  pn::HTTPRequestHandler* createRequestHandler(const pn::HTTPServerRequest&) override {
    return std::make_unique<Handler>(office_).release();  // Poco deletes it
  }

 private:
  MeshOffice& office_;
};

}  // namespace

struct MeshPeer::State {
  MeshPeerSettings settings;
  MeshOffice& office;
  pn::Context::Ptr context = {};
  // Ends before OpenSSL does, which a pool of the process would not.
  std::unique_ptr<Poco::ThreadPool> threads = std::make_unique<Poco::ThreadPool>(2, 64);
  std::unique_ptr<pn::HTTPServer> server = {};
  std::uint16_t port = 0;
};

MeshPeer::MeshPeer(MeshPeerSettings settings, MeshOffice& office)
    : state_{std::make_unique<State>(State{std::move(settings), office})} {}

MeshPeer::~MeshPeer() { stop(); }

Result<std::uint16_t> MeshPeer::start() {
  State& state = *state_;
  try {
    const pn::SocketAddress address{state.settings.address, state.settings.port};
    pn::ServerSocket socket;
    if (state.settings.tls) {
      state.context = server_context(*state.settings.tls);
      pn::SSLManager::instance().initializeServer(
          nullptr, std::make_unique<pn::RejectCertificateHandler>(true).release(), state.context);
      socket = pn::SecureServerSocket{address, 64, state.context};
    } else {
      socket = pn::ServerSocket{address, 64};
    }
    state.port = socket.address().port();
    pn::HTTPServerParams::Ptr params = Poco::makeAuto<pn::HTTPServerParams>();
    params->setMaxThreads(static_cast<int>(state.settings.threads));
    params->setMaxQueued(100);
    params->setKeepAlive(true);
    params->setMaxKeepAliveRequests(0);
    params->setTimeout(Poco::Timespan{30, 0});
    state.server = std::make_unique<pn::HTTPServer>(
        std::make_unique<Factory>(state.office).release(), *state.threads, socket, params);
    state.server->start();
    return state.port;
  } catch (const Poco::Exception& e) {
    return Error{ErrorKind::fault, "the simulated MESH cannot start: " + e.displayText()};
  }
}

void MeshPeer::stop() {
  if (state_->server) state_->server->stopAll(true);
  state_->server.reset();
}

std::string MeshPeer::base_url() const {
  return (state_->settings.tls ? "https://localhost:" : "http://localhost:") +
         std::to_string(state_->port);
}

}  // namespace cpis::peers
