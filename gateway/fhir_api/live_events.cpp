#include "gateway/fhir_api/live_events.h"

#include <utility>

#include "gateway/http/http_server.h"

namespace cpis::fhir_api {
namespace {

constexpr std::size_t unsent_bytes_max = std::size_t{16} * 1024;
constexpr int quiet_ticks_max = 15;

std::string event_of(std::size_t number, const std::string& counts) {
  return "id: " + std::to_string(number) + "\nevent: counts\ndata: " + counts + "\n\n";
}

}  // namespace

void LiveEvents::add(http::Reply&& reply) {
  const std::string counts = counts_();
  const std::lock_guard lock{mutex_};
  if (stopped_ || streams_.size() >= streams_max) return reply.send(http::busy_response(10));
  http::Response head{200, "text/event-stream", ""};
  head.set("Cache-Control", "no-store");
  head.set("X-Accel-Buffering", "no");
  http::StreamWriter stream = reply.start_stream(std::move(head), unsent_bytes_max);
  if (stream.write(event_of(number_, counts))) streams_.push_back(std::move(stream));
}

void LiveEvents::tick() {
  std::string counts = counts_();
  const std::lock_guard lock{mutex_};
  if (counts != last_) {
    last_ = std::move(counts);
    quiet_ticks_ = 0;
    return tell(event_of(++number_, last_));
  }
  if (++quiet_ticks_ < quiet_ticks_max) return;
  quiet_ticks_ = 0;
  tell(": still here\n\n");
}

void LiveEvents::tell(const std::string& text) {
  std::vector<http::StreamWriter> kept;
  for (http::StreamWriter& stream : streams_) {
    if (stream.write(text)) kept.push_back(std::move(stream));
  }
  streams_.swap(kept);
}

void LiveEvents::stop() {
  const std::lock_guard lock{mutex_};
  stopped_ = true;
  for (http::StreamWriter& stream : streams_) stream.finish();
  streams_.clear();
}

std::size_t LiveEvents::readers() const {
  const std::lock_guard lock{mutex_};
  return streams_.size();
}

}  // namespace cpis::fhir_api
