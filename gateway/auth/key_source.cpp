#include "gateway/auth/key_source.h"

#include <fstream>
#include <iterator>

#include "gateway/http/http_client.h"
#include "gateway/observe/log.h"

namespace cpis::auth {
namespace {

constexpr net::Milliseconds fetch_time{10'000};

Result<std::string> read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) return Error{ErrorKind::bad_input, "cannot open " + path};
  std::string text(key_set_bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

std::shared_ptr<const KeySet> KeySource::current() const {
  const std::lock_guard lock{mutex_};
  if (keys_ && clock_.now() - read_at_ > settings_.keep_max) return nullptr;
  return keys_;
}

bool KeySource::may_look_again() const {
  const std::lock_guard lock{mutex_};
  return !tried_ || clock_.now() - tried_at_ >= settings_.look_again;
}

void KeySource::look_again() {
  const std::lock_guard one{reading_};
  if (may_look_again()) read(clock_.now());
}

void KeySource::refresh_when_due() {
  const std::lock_guard one{reading_};
  const Time now = clock_.now();
  {
    const std::lock_guard lock{mutex_};
    const bool fresh = keys_ && now - read_at_ < settings_.refresh;
    if (fresh || (tried_ && now - tried_at_ < settings_.look_again)) return;
  }
  read(now);
}

void KeySource::read(Time now) {
  auto text = fetch();
  Result<KeySet> keys = text ? KeySet::read(*text) : Result<KeySet>{text.error()};
  if (!keys) {
    ++failures_;
    observe::log(observe::Level::warning, "auth.keys_not_read", {{"reason", keys.error().message}});
  }
  const std::lock_guard lock{mutex_};
  tried_ = true;
  tried_at_ = now;
  if (!keys) return;
  keys_ = std::make_shared<const KeySet>(*std::move(keys));
  read_at_ = now;
}

Result<std::string> KeySource::fetch() const {
  if (settings_.place.find("://") == std::string::npos) return read_file(settings_.place);
  http::HttpClientSettings client;
  client.tls.authority_file = settings_.authority;
  client.idle_connections_max = 0;
  auto opened = http::HttpClient::open(std::move(client));
  if (!opened) return opened.error();
  http::HttpCall call;
  call.url = settings_.place;
  call.headers = {{"Accept", "application/jwk-set+json, application/json"}};
  call.deadline = fetch_time;
  call.answer_bytes_max = key_set_bytes_max;
  auto answer = (*opened)->send(call);
  if (!answer) return answer.error();
  if (answer->status != 200) {
    return Error{ErrorKind::unavailable,
                 "the JWKS was answered with " + std::to_string(answer->status)};
  }
  return std::move(answer->body);
}

}  // namespace cpis::auth
