#include "gateway/net/token_source.h"

#include <algorithm>

#include "gateway/edge/ids.h"

namespace cpis::net {
namespace {

constexpr std::chrono::seconds between_renewals{5};

}  // namespace

Result<std::string> TokenSource::access_token() {
  const std::lock_guard lock{mutex_};
  const Time now = clock_.now();
  if (!token_.empty() && now < renew_at_) return token_;
  const Status renewed = renew(now);
  if (renewed) return token_;
  if (token_.empty() || now >= ends_at_) return renewed.error();
  renew_at_ = std::min<Time>(now + between_renewals, ends_at_);  // the old one is still good
  return token_;
}

Status TokenSource::renew(Time now) {
  const auto jwt = signer_.sign({settings_.key_id, settings_.api_key, settings_.token_url,
                                 random_uuid(), now + spine::assertion_life});
  if (!jwt) return jwt.error();
  HttpCall call;
  call.method = "POST";
  call.url = settings_.token_url;
  call.content_type = "application/x-www-form-urlencoded";
  call.body = spine::token_request(*jwt);
  const HttpOutcome outcome = sender_.send(call);
  if (outcome.kind != HttpOutcome::Kind::answered) return outcome.why;
  const auto token = spine::read_token(outcome.status, outcome.body);
  if (!token) return token.error();
  token_ = token->access;
  // At least half of its life, however short that is.
  renew_at_ = now + std::max<Duration>(token->life - settings_.renew_before, token->life / 2);
  ends_at_ = now + token->life;
  return done;
}

void TokenSource::refused(const std::string& token) {
  const std::lock_guard lock{mutex_};
  if (token == token_) token_.clear();
}

}  // namespace cpis::net
