#include <charconv>
#include <limits>

#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/local_api.h"
#include "gateway/fhir_api/page_link.h"
#include "gateway/fhir_api/searchset_text.h"
#include "gateway/store/resource_store.h"

namespace cpis::fhir_api {
namespace {

using store::StoredResource;

constexpr std::int64_t no_bound = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t counted_max = 1000;  // more versions than that are not counted

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end.ec != std::errc{} || end.ptr != text.data() + text.size()) return {};
  return value;
}

http::Response version(const Services& services, Exchange& exchange) {
  const Target& target = exchange.target;
  const auto wanted = number(target.version);
  std::optional<StoredResource> found;
  const Status read = services.database.read([&](store::Session& session) -> Status {
    auto one =
        store::ResourceStore{}.read_version(session, target.type, target.id, wanted.value_or(0));
    if (!one) return one.error();
    found = *std::move(one);
    return done;
  });
  if (!read) return error_answer(read.error());
  if (!found) return error_answer({ErrorKind::not_found, "there is no such version"});
  if (found->deleted) {
    fhir_r4::OutcomeIssue issue;
    issue.code = "deleted";
    issue.diagnostics = "this version is the end of the resource";
    return outcome_answer(410, issue);
  }
  resources::Entry entry;
  entry.version = found->version;
  entry.updated = found->updated_at;
  entry.body = resources::with_version(found->body, found->version, found->updated_at);
  return entry_answer(200, entry);
}

struct HistoryQuery {
  std::size_t count = count_default;
  Time since{};
  std::int64_t before = no_bound;
};

std::variant<HistoryQuery, http::Response> read_query(const Services& services,
                                                      const Exchange& exchange) {
  HistoryQuery query;
  for (const auto& [name, value] : exchange.query.parameters()) {
    if (name == "_count") {
      const auto count = number(value);
      if (!count || *count < 0) return bad_parameter(name, "a whole number is needed");
      query.count = std::min<std::size_t>(static_cast<std::size_t>(*count), count_max);
    } else if (name == "_since") {
      const auto since = parse_iso_time(value);
      if (!since) return bad_parameter(name, "an instant like 2026-01-31T09:00:00Z is needed");
      query.since = *since;
    } else if (name == page_parameter) {
      LocalQuery page;
      page.type = exchange.target.type + "/_history/" + exchange.target.id;
      if (!open_page(services, exchange, value, page)) {
        return bad_parameter(name, "this page link is not one of ours, or not for you");
      }
      query.before = number(page.after).value_or(no_bound);
      for (const auto& [each, text] : page.items) {
        if (each == "_count") query.count = static_cast<std::size_t>(number(text).value_or(1));
        if (each == "_since") query.since = parse_iso_time(text).value_or(Time{});
      }
    } else if (name != "_format" && name != "_pretty" && name != "_summary" &&
               name != "_elements") {
      return bad_parameter(name,
                           "a history understands _count, _since, _format, _pretty, _summary and "
                           "_elements");
    }
  }
  return query;
}

http::Response history(const Services& services, Exchange& exchange) {
  auto read_result = read_query(services, exchange);
  if (auto* response = std::get_if<http::Response>(&read_result)) return std::move(*response);
  const auto& query = std::get<HistoryQuery>(read_result);
  const Target& target = exchange.target;
  const bool one = !target.id.empty();
  std::vector<StoredResource> versions;
  bool known = !one;
  // No entries are wanted, but how many there are.
  const bool counts = query.count == 0;
  const std::size_t wanted = counts ? counted_max : query.count + 1;
  const Status read = services.database.read([&](store::Session& session) -> Status {
    const store::ResourceStore resources;
    auto found =
        one ? resources.history(session, target.type, target.id, query.before, wanted)
            : resources.type_history(session, target.type, query.before, query.since, wanted);
    if (!found) return found.error();
    versions = *std::move(found);
    known = known || !versions.empty() || query.before != no_bound;
    return done;
  });
  if (!read) return error_answer(read.error());
  if (!known) return no_such_local(target.type);
  std::erase_if(versions, [&](const auto& each) { return each.updated_at < query.since; });
  BundleText bundle{"history", services.clock.now()};
  std::string self = exchange.base + '/' + target.type + (one ? '/' + target.id : "") + "/_history";
  const std::string parameters = http::write_query(exchange.query.parameters());
  bundle.link("self", parameters.empty() ? self : self + '?' + parameters);
  const std::size_t found = versions.size();
  const bool more = found > query.count;
  if (more) versions.resize(query.count);
  if (more && !counts) {
    LocalQuery page;
    page.type = target.type + "/_history/" + target.id;
    page.items = {{"_count", std::to_string(query.count)}, {"_since", to_iso(query.since)}};
    const StoredResource& last = versions.back();
    const auto sealed =
        seal_page(services, exchange, page, std::to_string(one ? last.version : last.change_id));
    if (!sealed) return error_answer(sealed.error());
    bundle.link("next", self + '?' + std::string{page_parameter} + '=' + *sealed);
  } else if (query.before == no_bound && found < counted_max) {
    bundle.total(found);
  }
  for (const StoredResource& each : versions) {
    const std::string place = each.type + '/' + each.id;
    const bool first = each.version == 1;
    bundle.history_entry(
        exchange.base + '/' + place,
        each.deleted ? "" : resources::with_version(each.body, each.version, each.updated_at),
        each.deleted ? "DELETE" : (first ? "POST" : "PUT"), first ? each.type : place,
        each.deleted ? "204" : (first ? "201" : "200"), each.version, each.updated_at);
  }
  return std::move(bundle).finish();
}

}  // namespace

void vread_local(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange), version);
}
void history_of_instance(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange), history);
}
void history_of_type(const Services& services, Exchange&& exchange) {
  on_worker(services, std::move(exchange), history);
}

}  // namespace cpis::fhir_api
