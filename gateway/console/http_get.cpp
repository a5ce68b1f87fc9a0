#include "gateway/console/http_get.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>

#include <array>
#include <cstddef>

namespace cpis::console {
namespace {

constexpr std::size_t body_bytes_max = std::size_t{64} * 1024 * 1024;

Result<Fetched> call(const char* method, const HttpAsk& ask) {
  try {
    const Poco::URI target{ask.url};
    Poco::Net::HTTPClientSession session{target.getHost(), target.getPort()};
    session.setTimeout(Poco::Timespan{10, 0});
    Poco::Net::HTTPRequest request{method, target.getPathAndQuery(), "HTTP/1.1"};
    if (request.getMethod() == "POST") {
      request.setContentLength64(static_cast<Poco::Int64>(ask.json.size()));
      if (!ask.json.empty()) request.setContentType(ask.content_type);
    }
    if (!ask.token.empty()) request.set("Authorization", "Bearer " + ask.token);
    if (!ask.by.empty()) request.set("X-Opened-By", ask.by);
    session.sendRequest(request) << ask.json;
    Poco::Net::HTTPResponse response;
    std::istream& body = session.receiveResponse(response);
    Fetched fetched{response.getStatus(), {}};
    std::array<char, 16384> part{};
    while (body.read(part.data(), part.size()) || body.gcount() > 0) {
      fetched.body.append(part.data(), static_cast<std::size_t>(body.gcount()));
      if (fetched.body.size() > body_bytes_max) {
        return Error{ErrorKind::bad_input, "the answer is larger than 64 MiB"};
      }
    }
    return fetched;
  } catch (const Poco::Exception& e) {
    return Error{ErrorKind::unavailable, "no answer from the gateway: " + e.displayText()};
  }
}

}  // namespace

Result<Fetched> http_get(const std::string& url, const std::string& token) {
  return call("GET", {url, token, {}, {}});
}

Result<Fetched> http_post(const std::string& url, const std::string& token) {
  return call("POST", {url, token, {}, {}});
}

Result<Fetched> http_ask(const HttpAsk& ask) {
  return call(ask.json.empty() ? "GET" : "POST", ask);
}

}  // namespace cpis::console
