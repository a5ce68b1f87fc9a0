#include "gateway/console/demo_receiver.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/StreamCopier.h>

#include <chrono>

namespace cpis::console {
namespace {

using namespace Poco::Net;

class Handler final : public HTTPRequestHandler {
 public:
  explicit Handler(DemoReceiver& receiver) : receiver_{receiver} {}
  void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
    std::string body;
    Poco::StreamCopier::copyToString(request.stream(), body);
    receiver_.take(std::move(body));
    response.setStatus(HTTPResponse::HTTP_NO_CONTENT);
    response.setContentLength(0);
    response.send();
  }

 private:
  DemoReceiver& receiver_;
};

class Factory final : public HTTPRequestHandlerFactory {
 public:
  explicit Factory(DemoReceiver& receiver) : receiver_{receiver} {}
  HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
    return std::make_unique<Handler>(receiver_).release();  // Poco takes ownership
  }

 private:
  DemoReceiver& receiver_;
};

}  // namespace

DemoReceiver::DemoReceiver() {
  const ServerSocket socket{SocketAddress{"127.0.0.1", 0}};
  auto parameters = Poco::makeAuto<HTTPServerParams>();
  parameters->setMaxThreads(2);
  server_ = std::make_unique<HTTPServer>(Poco::makeShared<Factory>(*this), socket, parameters);
  server_->start();
}

DemoReceiver::~DemoReceiver() { server_->stopAll(true); }

std::string DemoReceiver::url() const {
  return "http://127.0.0.1:" + std::to_string(server_->port()) + "/alerts";
}

void DemoReceiver::take(std::string body) {
  {
    const std::lock_guard lock{mutex_};
    bodies_.push_back(std::move(body));
  }
  changed_.notify_all();
}

std::vector<std::string> DemoReceiver::wait_for(std::size_t count, int seconds) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, std::chrono::seconds{seconds}, [&] { return bodies_.size() >= count; });
  return bodies_;
}

}  // namespace cpis::console
