#include "tests/integration/hook_listener.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/StreamCopier.h>

#include <chrono>
#include <utility>

namespace cpis::test {
namespace {

using namespace Poco::Net;

class Handler final : public HTTPRequestHandler {
 public:
  explicit Handler(HookListener& listener) : listener_{listener} {}
  void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
    HookListener::Call call;
    call.method = request.getMethod();
    call.path = request.getURI();
    call.authorization = request.get("Authorization", "");
    call.content_type = request.getContentType();
    call.traceparent = request.get("traceparent", "");
    Poco::StreamCopier::copyToString(request.stream(), call.body);
    response.setStatus(static_cast<HTTPResponse::HTTPStatus>(listener_.take(std::move(call))));
    response.setContentLength(0);
    response.send();
  }

 private:
  HookListener& listener_;
};

class Factory final : public HTTPRequestHandlerFactory {
 public:
  explicit Factory(HookListener& listener) : listener_{listener} {}
  HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
    return std::make_unique<Handler>(listener_).release();  // Poco takes ownership
  }

 private:
  HookListener& listener_;
};

}  // namespace

HookListener::HookListener() {
  const ServerSocket socket{SocketAddress{"127.0.0.1", 0}};
  auto parameters = Poco::makeAuto<HTTPServerParams>();
  // Poco gives a connection its thread for as long as the client keeps it: more than the gateway
  // has senders, or the last of them would wait for somebody else's idle time.
  parameters->setMaxThreads(8);
  server_ = std::make_unique<HTTPServer>(Poco::makeShared<Factory>(*this), socket, parameters);
  server_->start();
}

HookListener::~HookListener() { server_->stopAll(true); }

std::string HookListener::url() const {
  return "http://127.0.0.1:" + std::to_string(server_->port()) + "/hook";
}

void HookListener::answer_with(int status) {
  const std::lock_guard lock{mutex_};
  status_ = status;
}

int HookListener::take(Call call) {
  const std::lock_guard lock{mutex_};
  calls_.push_back(std::move(call));
  changed_.notify_all();
  return status_;
}

std::vector<HookListener::Call> HookListener::wait_for(std::size_t count) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return calls_.size() >= count; });
  return calls_;
}

}  // namespace cpis::test
