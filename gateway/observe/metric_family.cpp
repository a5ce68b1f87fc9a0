#include "gateway/observe/metric_family.h"

namespace cpis::observe {

MetricFamily::MetricFamily(std::string_view name, std::string_view type, std::string_view help)
    : name_{"cpis_" + std::string{name}},
      head_{"# HELP " + name_ + ' ' + std::string{help} + "\n# TYPE " + name_ + ' ' +
            std::string{type} + '\n'} {}

void MetricFamily::add(std::int64_t value) {
  samples_ += name_ + ' ' + std::to_string(value) + '\n';
}

void MetricFamily::add(const Label& label, std::int64_t value) {
  samples_ += name_ + '{' + std::string{label.name} + "=\"" + std::string{label.value} + "\"} " +
              std::to_string(value) + '\n';
}

void add_metric(std::string& out, std::string_view name, std::string_view type,
                std::string_view help, std::uint64_t value) {
  MetricFamily family{name, type, help};
  family.add(static_cast<std::int64_t>(value));
  out += family.text();
}

}  // namespace cpis::observe
