#include "gateway/app/webhook.h"

#include <memory>

#include "gateway/http/http_client.h"

namespace cpis::app {
namespace {

constexpr std::chrono::milliseconds call_time{10'000};
constexpr std::size_t answer_bytes_max = std::size_t{64} * 1024;

}  // namespace

Result<usecases::DeliverAlerts::Post> webhook_post(const std::string& token) {
  auto opened = http::HttpClient::open({});
  if (!opened) return opened.error();
  const std::shared_ptr<http::HttpClient> client = *std::move(opened);
  return usecases::DeliverAlerts::Post{
      [token, client](const std::string& url, const std::string& content_type,
                      const std::string& payload, const std::string& id) -> Result<int> {
        http::HttpCall call;
        call.method = "POST";
        call.url = url;
        call.headers = {{"Content-Type", content_type}, {"Idempotency-Key", id}};
        if (!token.empty()) call.headers.emplace_back("Authorization", "Bearer " + token);
        call.body = payload;
        call.deadline = call_time;
        call.answer_bytes_max = answer_bytes_max;
        const auto answer = client->send(call);
        if (!answer) return answer.error();
        return answer->status;
      }};
}

Result<usecases::TellSubscribers::Post> subscriber_post() {
  auto opened = http::HttpClient::open({});
  if (!opened) return opened.error();
  const std::shared_ptr<http::HttpClient> client = *std::move(opened);
  return usecases::TellSubscribers::Post{
      [client](const usecases::SubscriberCall& asked) -> Result<int> {
        http::HttpCall call;
        call.method = asked.method;
        call.url = asked.url;
        call.headers = asked.headers;
        call.body = asked.body;
        call.deadline = std::chrono::seconds{asked.timeout_seconds};
        call.answer_bytes_max = answer_bytes_max;
        const auto answer = client->send(call);
        if (!answer) return answer.error();
        return answer->status;
      }};
}

}  // namespace cpis::app
