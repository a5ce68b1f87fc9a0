#include "tests/support/zip_text.h"

#include <zip.h>

#include <algorithm>
#include <vector>

namespace cpis::test {
namespace {

struct Part {
  std::string name;
  std::string bytes;
};

std::vector<Part> parts_of(const std::string& text) {
  std::vector<Part> parts;
  std::size_t at = text.starts_with("--- ") ? 0 : std::string::npos;
  while (at != std::string::npos) {
    const std::size_t line_end = std::min(text.find('\n', at), text.size());
    const std::size_t next = text.find("\n--- ", line_end == 0 ? 0 : line_end - 1);
    const std::size_t from = std::min(line_end + 1, text.size());
    const std::size_t size = next == std::string::npos || next < from ? next : next - from;
    Part part{text.substr(at + 4, line_end - at - 4), text.substr(from, size)};
    const auto same = [&part](const Part& one) { return one.name == part.name; };
    if (!part.name.empty() && std::none_of(parts.begin(), parts.end(), same)) {
      parts.push_back(std::move(part));
    }
    at = next == std::string::npos ? next : next + 1;
  }
  return parts;
}

}  // namespace

std::string zip_of_text(const std::string& text) {
  const std::vector<Part> parts = parts_of(text);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  if (target == nullptr) return {};
  zip_source_keep(target);
  zip_t* zip = zip_open_from_source(target, ZIP_TRUNCATE, nullptr);
  if (zip == nullptr) return {};
  for (const Part& part : parts) {
    zip_source_t* from = zip_source_buffer(zip, part.bytes.data(), part.bytes.size(), 0);
    if (zip_file_add(zip, part.name.c_str(), from, 0) < 0) zip_source_free(from);
  }
  std::string out;
  if (zip_close(zip) == 0 && zip_source_open(target) == 0) {
    zip_source_seek(target, 0, SEEK_END);
    const zip_int64_t size = zip_source_tell(target);
    zip_source_seek(target, 0, SEEK_SET);
    out.resize(static_cast<std::size_t>(std::max<zip_int64_t>(size, 0)));
    zip_source_read(target, out.data(), out.size());
    zip_source_close(target);
  }
  zip_source_free(target);
  return out;
}

}  // namespace cpis::test
