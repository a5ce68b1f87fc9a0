#include "gateway/store/row_ids.h"

#include <algorithm>
#include <stdexcept>

namespace cpis::store {
namespace {

constexpr std::int64_t epoch_micros = 1'577'836'800'000'000;  // 2020-01-01T00:00:00Z

}  // namespace

RowIds::RowIds(int gateway, std::int64_t above) : gateway_{gateway}, last_{above} {
  if (gateway < 0 || gateway >= gateways_max) throw std::out_of_range{"gateway number"};
}

std::int64_t RowIds::next(Time now) {
  std::int64_t last = last_.load();
  std::int64_t id = 0;
  do {
    const std::int64_t following = (last / gateways_max + 1) * gateways_max;
    id = std::max(first_of(now), following) + gateway_;
  } while (!last_.compare_exchange_weak(last, id));
  return id;
}

std::int64_t RowIds::first_of(Time moment) {
  return std::max<std::int64_t>(to_micros(moment) - epoch_micros, 0) * gateways_max;
}

Time RowIds::time_of(std::int64_t id) { return from_micros(id / gateways_max + epoch_micros); }

}  // namespace cpis::store
