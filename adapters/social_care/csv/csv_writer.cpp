#include "adapters/social_care/csv/csv_writer.h"

namespace cpis::social_care {
namespace {

bool runs_as_formula(std::string_view field) {
  return !field.empty() && std::string_view{"=+-@\t\r"}.find(field[0]) != std::string_view::npos;
}

void append_field(std::string& out, std::string_view field) {
  const bool formula = runs_as_formula(field);
  if (!formula && field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out.append(field);
    return;
  }
  out.push_back('"');
  if (formula) out.push_back('\'');
  for (const char c : field) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

}  // namespace

void append_csv(std::string& out, std::span<const std::string_view> fields) {
  bool first = true;
  for (const std::string_view field : fields) {
    if (!first) out.push_back(',');
    first = false;
    append_field(out, field);
  }
  out.append("\r\n");
}

void append_csv(std::string& out, std::initializer_list<std::string_view> fields) {
  append_csv(out, std::span{fields.begin(), fields.size()});
}

}  // namespace cpis::social_care
