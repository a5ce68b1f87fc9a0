#include "gateway/net/http_sender.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/RejectCertificateHandler.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/URI.h>

#include <algorithm>
#include <istream>
#include <map>
#include <mutex>
#include <ostream>

#include "gateway/net/revocation.h"

namespace cpis::net {
namespace {

namespace pn = Poco::Net;

Poco::Timespan timespan(std::chrono::milliseconds time) {
  return Poco::Timespan{static_cast<Poco::Timespan::TimeDiff>(time.count()) * 1000};
}

// A session that knows whether its connection ever stood: up to there nothing was sent.
template <class Base>
class Watched final : public Base {
 public:
  using Base::Base;
  bool stood = false;

 protected:
  void connect(const pn::SocketAddress& address) override {
    Base::connect(address);
    stood = true;
  }
};

class Session {
 public:
  virtual ~Session() = default;
  virtual pn::HTTPClientSession& http() = 0;
  virtual bool stood() const = 0;
  std::chrono::steady_clock::time_point last_used{};
};

template <class Base>
class SessionOf final : public Session {
 public:
  template <class... Args>
  explicit SessionOf(Args&&... args) : session_{std::forward<Args>(args)...} {}
  pn::HTTPClientSession& http() override { return session_; }
  bool stood() const override { return session_.stood; }

 private:
  Watched<Base> session_;
};

pn::Context::Ptr make_context(const SenderSettings& settings) {
  pn::Context::Params params;
  params.privateKeyFile = settings.key_file;
  params.certificateFile = settings.certificate_file;
  params.caLocation = settings.authority_file;
  params.loadDefaultCAs = settings.authority_file.empty();
  params.verificationMode = pn::Context::VERIFY_STRICT;
  params.cipherList = "HIGH:!aNULL:!MD5";
  pn::Context::Ptr context{
      std::make_unique<pn::Context>(pn::Context::TLS_CLIENT_USE, params).release()};
  context->requireMinimumProtocol(pn::Context::PROTO_TLSV1_2);
  context->enableSessionCache(true);
  return context;
}

void prepare_tls(const pn::Context::Ptr& context) {
  static std::once_flag once;
  std::call_once(once, [&] {
    pn::SSLManager::instance().initializeClient(
        nullptr, std::make_unique<pn::RejectCertificateHandler>(false).release(), context);
  });
}

class PocoSender final : public HttpSender {
 public:
  explicit PocoSender(SenderSettings settings, pn::Context::Ptr context)
      : settings_{std::move(settings)}, context_{std::move(context)} {}

  HttpOutcome send(const HttpCall& call) override;

 private:
  std::unique_ptr<Session> borrow(const Poco::URI& uri, const std::string& key);
  void give_back(const std::string& key, std::unique_ptr<Session> session);
  HttpOutcome exchange(pn::HTTPClientSession& session, const HttpCall& call, const Poco::URI& uri);
  std::unique_ptr<Session> make(const Poco::URI& uri) const;

  const SenderSettings settings_;
  const pn::Context::Ptr context_;
  std::mutex mutex_;
  std::map<std::string, std::vector<std::unique_ptr<Session>>> idle_;
};

std::unique_ptr<Session> PocoSender::make(const Poco::URI& uri) const {
  std::unique_ptr<Session> session;
  if (uri.getScheme() == "https") {
    session =
        std::make_unique<SessionOf<pn::HTTPSClientSession>>(uri.getHost(), uri.getPort(), context_);
  } else {
    session = std::make_unique<SessionOf<pn::HTTPClientSession>>(uri.getHost(), uri.getPort());
  }
  session->http().setTimeout(timespan(settings_.connect_time), timespan(settings_.answer_time),
                             timespan(settings_.answer_time));
  session->http().setKeepAlive(true);
  session->http().setKeepAliveTimeout(timespan(settings_.idle_time * 10));
  return session;
}

std::unique_ptr<Session> PocoSender::borrow(const Poco::URI& uri, const std::string& key) {
  for (;;) {
    std::unique_ptr<Session> session;
    {
      const std::lock_guard lock{mutex_};
      auto& idle = idle_[key];
      if (idle.empty()) break;
      session = std::move(idle.back());
      idle.pop_back();
    }
    const bool fresh = std::chrono::steady_clock::now() - session->last_used < settings_.idle_time;
    // Something to read on an idle connection is its end: the server has let it go.
    const bool quiet =
        fresh && !session->http().socket().poll(Poco::Timespan{0}, pn::Socket::SELECT_READ);
    if (quiet) return session;
  }
  return make(uri);
}

void PocoSender::give_back(const std::string& key, std::unique_ptr<Session> session) {
  session->last_used = std::chrono::steady_clock::now();
  const std::lock_guard lock{mutex_};
  auto& idle = idle_[key];
  if (idle.size() < settings_.idle_connections_max) idle.push_back(std::move(session));
}

HttpOutcome PocoSender::exchange(pn::HTTPClientSession& session, const HttpCall& call,
                                 const Poco::URI& uri) {
  const std::string path = uri.getPathAndQuery().empty() ? "/" : uri.getPathAndQuery();
  pn::HTTPRequest request{call.method, path, pn::HTTPMessage::HTTP_1_1};
  for (const auto& [name, value] : call.headers) request.set(name, value);
  if (!call.content_type.empty()) request.setContentType(call.content_type);
  if (!call.body.empty() || call.method == "POST" || call.method == "PUT") {
    request.setContentLength(static_cast<std::streamsize>(call.body.size()));
  }
  session.sendRequest(request) << call.body << std::flush;
  pn::HTTPResponse response;
  std::istream& in = session.receiveResponse(response);
  HttpOutcome outcome;
  outcome.kind = HttpOutcome::Kind::answered;
  outcome.status = static_cast<int>(response.getStatus());
  outcome.content_type = response.getContentType();
  for (const auto& [name, value] : response) outcome.headers.emplace_back(name, value);
  // Each read has a time limit of its own; a peer that drips bytes needs one for them all.
  const auto until = std::chrono::steady_clock::now() + settings_.answer_time;
  for (int c = in.get(); c != std::char_traits<char>::eof(); c = in.get()) {
    outcome.body += static_cast<char>(c);
    if (outcome.body.size() > settings_.answer_bytes_max) {
      throw Poco::Net::MessageException{"the answer is too large"};
    }
    const bool look = in.rdbuf()->in_avail() <= 0;
    if (look && std::chrono::steady_clock::now() > until) throw Poco::TimeoutException{};
  }
  // A body that ends before its announced length was cut off.
  if (response.hasContentLength() && response.getContentLength64() >= 0 &&
      static_cast<std::uint64_t>(response.getContentLength64()) != outcome.body.size()) {
    throw Poco::Net::MessageException{"the answer was cut off"};
  }
  return outcome;
}

HttpOutcome PocoSender::send(const HttpCall& call) {
  const auto failed = [](bool stood, ErrorKind kind, const std::string& what) {
    HttpOutcome outcome;
    outcome.kind = stood ? HttpOutcome::Kind::lost : HttpOutcome::Kind::not_sent;
    outcome.why = {kind, what};
    return outcome;
  };
  std::unique_ptr<Session> session;
  bool stood = false;
  try {
    const Poco::URI uri{call.url};
    const std::string key = uri.getScheme() + "//" + uri.getAuthority();
    session = borrow(uri, key);
    HttpOutcome outcome = exchange(session->http(), call, uri);
    if (session->http().connected()) give_back(key, std::move(session));
    return outcome;
  } catch (const Poco::TimeoutException&) {
    stood = session && session->stood();
    return failed(stood, ErrorKind::timeout, "no answer in time");
  } catch (const Poco::Exception& e) {
    // The class of the exception and not its text, which may quote an address with parameters.
    stood = session && session->stood();
    return failed(stood, ErrorKind::unavailable, e.name());
  } catch (const std::exception&) {
    stood = session && session->stood();
    return failed(stood, ErrorKind::fault, "the call failed");
  }
}

}  // namespace

std::string_view HttpOutcome::header(std::string_view name) const {
  const auto same = [](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(a) == lower(b);
  };
  for (const auto& [key, value] : headers) {
    if (std::equal(key.begin(), key.end(), name.begin(), name.end(), same)) return value;
  }
  return {};
}

Result<std::unique_ptr<HttpSender>> open_http_sender(SenderSettings settings) {
  try {
    pn::Context::Ptr context = make_context(settings);
    if (!settings.revocation_file.empty()) {
      const Status used = refuse_revoked(context->sslContext(), settings.revocation_file);
      if (!used) return used.error();
    }
    prepare_tls(context);
    return std::unique_ptr<HttpSender>{
        std::make_unique<PocoSender>(std::move(settings), std::move(context))};
  } catch (const Poco::Exception& e) {
    return Error{ErrorKind::bad_input, "certificate, key or authority file: " + e.message()};
  }
}

}  // namespace cpis::net
