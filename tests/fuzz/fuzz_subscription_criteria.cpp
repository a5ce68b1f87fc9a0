#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/usecases/subscription.h"

/// The first line is a criteria, each further line a filter of it. What is read keeps its limits,
/// and means the same when its own values are asked about.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::size_t end = text.find('\n');
  const std::string_view criteria = text.substr(0, end);
  std::vector<std::string_view> filters;
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  while (!text.empty() && filters.size() < 20) {
    const std::size_t line = text.find('\n');
    filters.push_back(text.substr(0, line));
    text.remove_prefix(line == text.npos ? text.size() : line + 1);
  }
  const auto read = cpis::usecases::read_criteria(criteria, filters);
  if (!read) return 0;
  if (read->filters.size() > 10) std::abort();
  if (read->filters.size() != 1) return 0;
  const auto& filter = read->filters.front();
  if (filter.values.empty() || filter.values.size() > 50) std::abort();
  const std::string& value = filter.values.back();
  const bool by_patient = filter.name == "patient";
  if (!read->wants(by_patient ? value : "", by_patient ? "" : value)) std::abort();
  return 0;
}
