#include "conformance/peers/spine/answer_post.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/URI.h>

#include <istream>
#include <ostream>
#include <utility>

namespace cpis::peers {
namespace {

namespace pn = Poco::Net;
constexpr int attempts_max = 3;  // Spine repeats a message that it could not hand over
constexpr std::chrono::milliseconds between_attempts{100};
constexpr std::streamsize answer_bytes_max = std::streamsize{16} * 1024 * 1024;

}  // namespace

AnswerPost::AnswerPost(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

void AnswerPost::later(std::chrono::milliseconds delay, std::function<void()> work) {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    work_.emplace(std::chrono::steady_clock::now() + delay, std::move(work));
  }
  changed_.notify_one();
}

void AnswerPost::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    if (work_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto due = work_.begin()->first;
    if (due > std::chrono::steady_clock::now()) {
      changed_.wait_until(lock, due);
      continue;
    }
    const auto work = std::move(work_.begin()->second);
    work_.erase(work_.begin());
    lock.unlock();
    work();
    lock.lock();
  }
}

void AnswerPost::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void AnswerPost::send_to(std::string url) {
  const std::lock_guard lock{mutex_};
  url_ = std::move(url);
  idle_.clear();
}

void AnswerPost::use(Poco::Net::Context::Ptr context) {
  const std::lock_guard lock{mutex_};
  context_ = std::move(context);
}

bool AnswerPost::pause(std::chrono::milliseconds time) {
  std::unique_lock lock{mutex_};
  return !changed_.wait_for(lock, time, [&] { return stopping_; });
}

AnswerPost::Session AnswerPost::borrow(const std::string& url, bool& fresh) {
  Poco::Net::Context::Ptr context;
  {
    const std::lock_guard lock{mutex_};
    context = context_;
    while (!idle_.empty() && url == url_) {
      Session session = std::move(idle_.back());
      idle_.pop_back();
      // Something to read on an idle connection is its end.
      const bool ended = session->socket().poll(Poco::Timespan{0}, pn::Socket::SELECT_READ);
      if (ended) continue;
      fresh = false;
      return session;
    }
  }
  fresh = true;
  const Poco::URI uri{url};
  Session session;
  if (uri.getScheme() == "https") {
    session = std::make_unique<pn::HTTPSClientSession>(uri.getHost(), uri.getPort(), context);
  } else {
    session = std::make_unique<pn::HTTPClientSession>(uri.getHost(), uri.getPort());
  }
  session->setTimeout(Poco::Timespan{5, 0});
  session->setKeepAlive(true);
  session->setKeepAliveTimeout(Poco::Timespan{60, 0});
  return session;
}

bool AnswerPost::post_once(const std::string& url, const spine::HttpContent& content) {
  for (bool fresh = false; !fresh;) {
    try {
      Session session = borrow(url, fresh);
      pn::HTTPRequest request{"POST", Poco::URI{url}.getPathAndQuery(), "HTTP/1.1"};
      request.setContentType(content.content_type);
      request.setContentLength(static_cast<std::streamsize>(content.body.size()));
      request.set("SOAPAction", content.soap_action);
      session->sendRequest(request) << content.body << std::flush;
      pn::HTTPResponse response;
      session->receiveResponse(response).ignore(answer_bytes_max);
      const bool taken = response.getStatus() < 500;
      const std::lock_guard lock{mutex_};
      if (session->connected() && url == url_) idle_.push_back(std::move(session));
      return taken;
    } catch (const Poco::Exception&) {
      continue;  // the gateway is away, or has ended a kept connection: that is what is tested
    }
  }
  return false;
}

void AnswerPost::post(const spine::HttpContent& content) {
  for (int i = 0; i < attempts_max; ++i) {
    std::string url;
    {
      const std::lock_guard lock{mutex_};
      url = url_;
    }
    if (url.empty()) return;
    if (post_once(url, content)) {
      ++delivered_;
      return;
    }
    if (!pause(between_attempts)) return;
  }
}

}  // namespace cpis::peers
