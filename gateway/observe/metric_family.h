#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cpis::observe {

/// The label of a sample. Values are names of the configuration, which hold nothing that the text
/// format escapes.
struct Label {
  std::string_view name;
  std::string_view value;
};

/// One metric and its samples in the Prometheus text format 0.0.4. `name` is without the `cpis_`
/// that every metric of the gateway begins with; `type` is `counter` or `gauge`.
class MetricFamily {
 public:
  MetricFamily(std::string_view name, std::string_view type, std::string_view help);

  void add(std::int64_t value);
  void add(const Label& label, std::int64_t value);

  /// Empty as long as there is no sample.
  std::string text() const { return samples_.empty() ? std::string{} : head_ + samples_; }

 private:
  std::string name_, head_, samples_;
};

/// A metric with one sample, appended to `out`.
void add_metric(std::string& out, std::string_view name, std::string_view type,
                std::string_view help, std::uint64_t value);

}  // namespace cpis::observe
