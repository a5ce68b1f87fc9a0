#include "gateway/app/webhook.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/URI.h>

#include <memory>

namespace cpis::app {
namespace {

constexpr int call_seconds_max = 10;

std::unique_ptr<Poco::Net::HTTPClientSession> session_to(const Poco::URI& url) {
  using namespace Poco::Net;
  if (url.getScheme() == "http") {
    return std::make_unique<HTTPClientSession>(url.getHost(), url.getPort());
  }
  const Context::Ptr context =
      Poco::makeAuto<Context>(Context::CLIENT_USE, "", Context::VERIFY_STRICT, 9, true);
  return std::make_unique<HTTPSClientSession>(url.getHost(), url.getPort(), context);
}

int post(const std::string& target, const std::string& token, const std::string& content_type,
         const std::string& payload, const std::string& id) {
  const Poco::URI url{target};
  const auto session = session_to(url);
  session->setTimeout(Poco::Timespan{call_seconds_max, 0});
  Poco::Net::HTTPRequest request{
      "POST", url.getPathAndQuery().empty() ? "/" : url.getPathAndQuery(), "HTTP/1.1"};
  request.setContentType(content_type);
  request.setContentLength64(static_cast<Poco::Int64>(payload.size()));
  request.set("Idempotency-Key", id);
  if (!token.empty()) request.set("Authorization", "Bearer " + token);
  session->sendRequest(request) << payload;
  Poco::Net::HTTPResponse response;
  std::istream& body = session->receiveResponse(response);
  body.ignore(std::streamsize{64} * 1024);
  return response.getStatus();
}

}  // namespace

usecases::DeliverAlerts::Post webhook_post(const std::string& token) {
  return [token](const std::string& url, const std::string& content_type,
                 const std::string& payload, const std::string& id) -> Result<int> {
    try {
      return post(url, token, content_type, payload, id);
    } catch (const Poco::TimeoutException&) {
      return Error{ErrorKind::timeout, "the webhook did not answer in time"};
    } catch (const Poco::Exception& e) {
      return Error{ErrorKind::unavailable, "the webhook cannot be reached: " + e.displayText()};
    }
  };
}

}  // namespace cpis::app
