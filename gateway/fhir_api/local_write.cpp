#include <mutex>

#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/local_api.h"
#include "gateway/fhir_api/resource_body.h"
#include "gateway/fhir_api/write_answer.h"
#include "gateway/fhir_api/write_plan.h"

namespace cpis::fhir_api {
namespace {

enum class Kind { create, update, patch, remove };

WriteWish wish_of(Exchange& exchange, Kind kind) {
  WriteWish wish;
  wish.type = exchange.target.type;
  wish.id = exchange.target.id;
  if (kind == Kind::create) {
    const auto condition = exchange.request.header("If-None-Exist");
    wish.conditional = condition.has_value();
    wish.condition = condition.value_or("");
    if (const std::size_t mark = wish.condition.find('?'); mark != std::string::npos) {
      wish.condition.erase(0, mark + 1);
    }
  } else if (wish.id.empty()) {
    wish.conditional = true;
    wish.condition = exchange.request.query();
  }
  wish.if_match = exchange.request.header("If-Match").value_or("");
  wish.if_none_match = exchange.request.header("If-None-Match").value_or("");
  wish.content_type = exchange.request.header("Content-Type").value_or("");
  return wish;
}

PlanOutcome plan(WritePlanner& planner, Kind kind, const WriteWish& wish, fhir::Document& body) {
  switch (kind) {
    case Kind::create:
      return planner.create(wish, body);
    case Kind::update:
      return planner.update(wish, body);
    case Kind::patch:
      return planner.patch(wish);
    case Kind::remove:
      break;
  }
  return planner.remove(wish);
}

http::Response write(const Services& services, Exchange& exchange, Kind kind) {
  WriteWish wish = wish_of(exchange, kind);
  fhir::Document body;
  if (kind != Kind::remove) {
    std::string text;
    if (auto response = take_plain_body(exchange.request, services.settings.body_bytes_max, text)) {
      return *std::move(response);
    }
    if (kind == Kind::patch) {
      wish.body = std::move(text);
    } else {
      if (auto response = read_resource(wish.content_type, std::move(text), body,
                                        services.validation.policy())) {
        return *std::move(response);
      }
      if (body.root().resource_type() != wish.type) {
        return bad_parameter("", "the body is no " + wish.type);
      }
    }
  }
  if (kind == Kind::create && wish.conditional) {
    if (auto response = refuse_condition(services, exchange, wish.type, wish.condition)) {
      return *std::move(response);
    }
  }
  std::unique_lock<std::mutex> lock;
  if (wish.conditional) lock = std::unique_lock{services.writes.conditional()};
  // A patch whose resource somebody changed meanwhile is made of what stands there now.
  constexpr int attempts_max = 4;
  for (int attempt = 1;; ++attempt) {
    WritePlanner planner{services, exchange.base, exchange.client};
    PlanOutcome outcome = plan(planner, kind, wish, body);
    if (auto* response = std::get_if<http::Response>(&outcome)) return std::move(*response);
    auto& planned = std::get<Planned>(outcome);
    if (!planned.write) return unwritten_answer(exchange.base, exchange.wishes, planned);
    const bool demanded = !wish.if_match.empty() || !wish.if_none_match.empty();
    const std::string stored = planned.write->body;
    auto written = services.writes.run({std::move(*planned.write)}, writer_of(exchange));
    if (written) {
      exchange.audited = true;
      return written_answer(exchange.base, exchange.wishes, planned, stored,
                            written->versions.front(), written->at);
    }
    const ErrorKind why = written.error().kind;
    const bool again = kind == Kind::patch && why == ErrorKind::conflict && !demanded;
    if (again && attempt < attempts_max) continue;
    const bool gone = kind == Kind::remove && why == ErrorKind::not_found;
    return gone ? http::Response{204} : write_failed(written.error(), demanded);
  }
}

}  // namespace

void create_local(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange),
            [](const Services& all, Exchange& asked) { return write(all, asked, Kind::create); });
}
void update_local(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange),
            [](const Services& all, Exchange& asked) { return write(all, asked, Kind::update); });
}
void patch_local(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange),
            [](const Services& all, Exchange& asked) { return write(all, asked, Kind::patch); });
}
void delete_local(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange),
            [](const Services& all, Exchange& asked) { return write(all, asked, Kind::remove); });
}

}  // namespace cpis::fhir_api
