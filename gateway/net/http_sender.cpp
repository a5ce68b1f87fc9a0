#include "gateway/net/http_sender.h"

#include <algorithm>

#include "gateway/http/http_client.h"

namespace cpis::net {
namespace {

class KeptSender final : public HttpSender {
 public:
  KeptSender(const SenderSettings& settings, std::unique_ptr<http::HttpClient> client)
      : answer_time_{settings.answer_time},
        answer_bytes_max_{settings.answer_bytes_max},
        client_{std::move(client)} {}

  HttpOutcome send(const HttpCall& call) override;

 private:
  const std::chrono::milliseconds answer_time_;
  const std::size_t answer_bytes_max_;
  const std::unique_ptr<http::HttpClient> client_;
};

HttpOutcome KeptSender::send(const HttpCall& call) {
  http::HttpCall request;
  request.method = call.method;
  request.url = call.url;
  request.headers = call.headers;
  if (!call.content_type.empty()) request.headers.emplace_back("Content-Type", call.content_type);
  request.body = call.body;
  request.deadline = answer_time_;
  request.answer_bytes_max = answer_bytes_max_;
  bool began = false;
  auto answer = client_->send(request, began);
  HttpOutcome outcome;
  if (!answer) {
    outcome.kind = began ? HttpOutcome::Kind::lost : HttpOutcome::Kind::not_sent;
    outcome.why = answer.error();
    // However little of it left: what became of it is unknown.
    if (began) outcome.why.kind = ErrorKind::timeout;
    return outcome;
  }
  outcome.kind = HttpOutcome::Kind::answered;
  outcome.status = answer->status;
  outcome.headers = std::move(answer->headers);
  outcome.content_type = outcome.header("Content-Type");
  outcome.body = std::move(answer->body);
  return outcome;
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
  http::HttpClientSettings client;
  client.tls.authority_file = settings.authority_file;
  client.tls.certificate_file = settings.certificate_file;
  client.tls.key_file = settings.key_file;
  client.tls.revocation_file = settings.revocation_file;
  client.tls.older_ciphers = true;
  client.connect_time = settings.connect_time;
  client.idle_time = settings.idle_time;
  client.idle_connections_max = settings.idle_connections_max;
  auto opened = http::HttpClient::open(std::move(client));
  if (!opened) return opened.error();
  return std::unique_ptr<HttpSender>{std::make_unique<KeptSender>(settings, *std::move(opened))};
}

}  // namespace cpis::net
