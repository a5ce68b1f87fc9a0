#include "gateway/fhir_api/page_link.h"

namespace cpis::fhir_api {
namespace {

std::string context_of(const Exchange& exchange, const LocalQuery& query) {
  return "page\n" + exchange.client + '\n' + query.type;
}

}  // namespace

Result<std::string> seal_page(const Services& services, const Exchange& exchange,
                              const LocalQuery& query, std::string_view next) {
  std::vector<http::QueryParameter> parameters{{"", std::string{next}}};
  parameters.front().name = "place";
  for (const auto& [name, value] : query.items) parameters.push_back({name, value});
  return services.links.seal(http::write_query(parameters), context_of(exchange, query));
}

bool open_page(const Services& services, const Exchange& exchange, std::string_view sealed,
               LocalQuery& query) {
  const auto text = services.links.open(sealed, context_of(exchange, query));
  if (!text) return false;
  const auto parsed = http::QueryString::parse(*text);
  if (!parsed || parsed->parameters().empty()) return false;
  query.items.clear();
  for (const auto& each : parsed->parameters()) query.items.emplace_back(each.name, each.value);
  query.after = std::move(query.items.front().second);
  query.items.erase(query.items.begin());
  return true;
}

}  // namespace cpis::fhir_api
