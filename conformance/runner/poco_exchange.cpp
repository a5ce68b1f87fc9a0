#include "conformance/runner/poco_exchange.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/Timespan.h>

#include <array>
#include <charconv>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>

namespace cpis::conformance {

namespace {

namespace net = Poco::Net;

struct Address {
  bool secure = false;
  std::string host;
  std::uint16_t port = 80;
  std::string target;  ///< path and query as they are sent
};

std::optional<Address> parse(std::string_view url) {
  Address address;
  if (url.starts_with("https://")) {
    address.secure = true;
    address.port = 443;
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  const std::size_t slash = url.find_first_of("/?");
  std::string_view authority = url.substr(0, slash);
  address.target = slash == std::string_view::npos ? "/" : std::string{url.substr(slash)};
  if (address.target.starts_with('?')) address.target.insert(0, "/");
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const std::string_view port = authority.substr(colon + 1);
    const auto read = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (read.ec != std::errc{} || read.ptr != port.data() + port.size()) return std::nullopt;
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  if (authority.empty()) return std::nullopt;
  address.host = authority;
  return address;
}

std::unique_ptr<net::HTTPClientSession> open(const Address& address,
                                             const ExchangeOptions& options) {
  if (!address.secure) {
    return std::make_unique<net::HTTPClientSession>(address.host, address.port);
  }
  const net::Context::Ptr context{
      std::make_unique<net::Context>(net::Context::TLS_CLIENT_USE, options.certificate_file,
                                     options.certificate_file, options.authorities_file,
                                     net::Context::VERIFY_STRICT, 9,
                                     options.authorities_file.empty())
          .release()};
  return std::make_unique<net::HTTPSClientSession>(address.host, address.port, context);
}

/// False when the answer is larger than allowed.
bool read_body(std::istream& in, std::size_t bytes_max, std::string& body) {
  std::array<char, 16384> chunk{};
  while (in.good()) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    body.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
    if (body.size() > bytes_max) return false;
  }
  return true;
}

Result<HttpResponse> exchange(net::HTTPClientSession& session, const Address& address,
                              const HttpRequest& request, const ExchangeOptions& options) {
  net::HTTPRequest out{request.method, address.target, net::HTTPMessage::HTTP_1_1};
  for (const HttpHeader& header : request.headers) out.add(header.name, header.value);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    out.setContentLength64(static_cast<Poco::Int64>(request.body.size()));
  }
  session.sendRequest(out) << request.body;
  net::HTTPResponse in;
  std::istream& stream = session.receiveResponse(in);
  HttpResponse response;
  response.status = static_cast<int>(in.getStatus());
  for (const auto& [name, value] : in) response.headers.push_back({name, value});
  if (!read_body(stream, options.body_bytes_max, response.body)) {
    return Error{ErrorKind::bad_input, "the answer is larger than allowed"};
  }
  return response;
}

}  // namespace

Result<HttpResponse> PocoExchange::send(const HttpRequest& request) {
  const auto address = parse(request.url);
  if (!address) return Error{ErrorKind::bad_input, "not an http or https url"};
  try {
    const auto session = open(*address, options_);
    session->setTimeout(Poco::Timespan{static_cast<long>(options_.timeout.count()), 0});
    return exchange(*session, *address, request, options_);
  } catch (const Poco::TimeoutException&) {
    return Error{ErrorKind::timeout, "no answer in time"};
  } catch (const Poco::Exception& failure) {
    return Error{ErrorKind::unavailable, failure.displayText()};
  }
}

}  // namespace cpis::conformance
