// POST [base] of a Bundle (http://hl7.org/fhir/R4/http.html, 3.1.0.11): batch, each entry for
// itself, and transaction, all or nothing.

#include <algorithm>
#include <memory>
#include <mutex>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/local_api.h"
#include "gateway/fhir_api/resource_body.h"
#include "gateway/fhir_api/searchset_text.h"
#include "gateway/fhir_api/transaction.h"

namespace cpis::fhir_api {
namespace {

std::string text_of(std::string_view name, std::string_view value) {
  std::string out = ",\"" + std::string{name} + "\":";
  fhir::json::write_string(out, value);
  return out;
}

// Our bodies carry it in meta, in front.
std::string last_updated_in(std::string_view body) {
  constexpr std::string_view mark = "\"lastUpdated\":\"";
  const std::size_t at = body.find(mark);
  if (at == body.npos) return {};
  body.remove_prefix(at + mark.size());
  return std::string{body.substr(0, body.find('"'))};
}

void add_entry(BundleText& bundle, const http::Response& response) {
  std::string members = "\"response\":{\"status\":\"" + std::to_string(response.status) + '"';
  const std::string_view location = response.header("Location");
  if (!location.empty()) members += text_of("location", location);
  const std::string_view etag = response.header("ETag");
  if (!etag.empty()) members += text_of("etag", etag);
  const bool failed = response.status >= 400;
  if (!failed && !etag.empty()) {
    const std::string at = last_updated_in(response.body);
    if (!at.empty()) members += text_of("lastModified", at);
  }
  if (failed && !response.body.empty()) members += ",\"outcome\":" + response.body;
  members += '}';
  if (!failed && !response.body.empty()) {
    members = "\"resource\":" + response.body + ',' + members;
  }
  bundle.raw_entry(members);
}

// Runs the entries that are still open one after the other through the front door's own routes,
// then answers. Each answer arrives on some thread; the next entry is started from a worker, so
// that no stack grows.
class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(const Services& services, Exchange&& exchange, std::string type,
      std::vector<BundleEntry> entries)
      : services_{services},
        exchange_{std::move(exchange)},
        type_{std::move(type)},
        entries_{std::move(entries)} {}

  void next() {
    while (at_ < entries_.size() && entries_[at_].response) ++at_;
    if (at_ == entries_.size()) return finish();
    start(entries_[at_]);
  }

 private:
  void start(BundleEntry& entry) {
    std::vector<http::HeaderField> headers{{"Content-Type", "application/fhir+json"}};
    const auto add = [&](std::string_view name, const std::string& value) {
      if (!value.empty()) headers.push_back({name, value});
    };
    add("If-Match", entry.if_match);
    add("If-None-Match", entry.if_none_match);
    add("If-Modified-Since", entry.if_modified_since);
    add("If-None-Exist", entry.if_none_exist);
    const std::string unscheduled{
        exchange_.request.header("IsUnscheduledAccessEvent").value_or("")};
    add("IsUnscheduledAccessEvent", unscheduled);
    http::Request request =
        http::Request::make(entry.method, "/" + entry.url, headers, std::move(entry.body));
    request.set_trace_id(exchange_.request.trace_id());
    auto query = http::QueryString::parse(request.query());
    auto self = shared_from_this();
    http::Reply reply{[self](http::Response response) { self->take(std::move(response)); }};
    if (!query) return reply.send(error_answer(query.error()));
    Exchange sub{std::move(request),
                 std::move(reply),
                 exchange_.caller,
                 exchange_.client,
                 exchange_.admin,
                 exchange_.base,
                 {},
                 *std::move(query),
                 exchange_.correlation_id,
                 exchange_.who};
    auto wishes = read_wishes(sub.request, sub.query);
    if (auto* response = std::get_if<http::Response>(&wishes)) return sub.send(*response);
    sub.wishes = std::get<Wishes>(wishes);
    sub.wishes.xml = sub.wishes.pretty = sub.wishes.gzip = false;
    sub.wishes.returned = exchange_.wishes.returned;
    const std::string below = entry.url.substr(0, entry.url.find('?'));
    services_.dispatch(std::move(sub), below);
  }

  void take(http::Response response) {
    entries_[at_].response = std::move(response);
    auto self = shared_from_this();
    // Every place taken: go on here. The stack is bounded by the entries of one Bundle.
    if (!services_.workers.try_submit([self] { self->next(); })) next();
  }

  void finish() {
    BundleText bundle{type_ + "-response", services_.clock.now()};
    for (const BundleEntry& entry : entries_) add_entry(bundle, *entry.response);
    exchange_.send(std::move(bundle).finish());
  }

  const Services& services_;
  Exchange exchange_;
  std::string type_;
  std::vector<BundleEntry> entries_;
  std::size_t at_ = 0;
};

void process(const Services& services, const std::shared_ptr<Exchange>& exchange) {
  std::string text;
  const std::size_t bytes_max = services.settings.body_bytes_max;
  if (auto response = take_plain_body(exchange->request, bytes_max, text)) {
    return exchange->send(*std::move(response));
  }
  fhir::Document body;
  const std::string content_type{exchange->request.header("Content-Type").value_or("")};
  if (auto response =
          read_resource(content_type, std::move(text), body, services.validation.policy())) {
    return exchange->send(*std::move(response));
  }
  const std::string type{body.root().value_of("type")};
  const bool known =
      body.root().resource_type() == "Bundle" && (type == "batch" || type == "transaction");
  if (!known) {
    return exchange->send(
        bad_parameter("", "a Bundle of the type batch or transaction is needed here"));
  }
  auto read = read_entries(body, exchange->base);
  if (auto* response = std::get_if<http::Response>(&read)) {
    return exchange->send(std::move(*response));
  }
  auto entries = std::move(std::get<std::vector<BundleEntry>>(read));
  if (type == "transaction") {
    if (auto response = run_transaction(services, *exchange, body, entries)) {
      return exchange->send(*std::move(response));
    }
  }
  // Each entry is audited by itself; only what a condition found is shown without a write.
  exchange->audited = std::none_of(entries.begin(), entries.end(), [&](const BundleEntry& entry) {
    return type == "transaction" && !entry.if_none_exist.empty() && entry.response &&
           entry.response->status == 200;
  });
  std::make_shared<Run>(services, std::move(*exchange), type, std::move(entries))->next();
}

}  // namespace

void process_bundle(const Services& services, Exchange&& exchange) {
  auto place = services.workers.reserve();
  if (!place) return exchange.send(error_answer({ErrorKind::busy, "try again in a moment"}));
  auto asked = std::make_shared<Exchange>(std::move(exchange));
  place->submit([&services, asked] { process(services, asked); });
}

}  // namespace cpis::fhir_api
