#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "adapters/social_care/csv/csv_reader.h"

namespace {

using cpis::social_care::CsvReader;

// Gives its bytes in pieces of one size.
class PieceSource final : public cpis::social_care::Source {
 public:
  PieceSource(std::string bytes, std::size_t piece) : bytes_{std::move(bytes)}, piece_{piece} {}
  const std::string& name() const override { return name_; }
  cpis::Result<std::size_t> read(std::span<char> into) override {
    const std::size_t n = std::min({into.size(), bytes_.size() - at_, piece_});
    std::copy_n(bytes_.data() + at_, n, into.data());
    at_ += n;
    return n;
  }

 private:
  std::string name_ = "fuzz.csv";
  std::string bytes_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

std::vector<std::string> read_all(const std::string& bytes, std::size_t piece) {
  PieceSource source{bytes, piece};
  CsvReader reader{source, {',', true, "#END"}};
  std::vector<std::string> out;
  while (true) {
    const auto step = reader.next();
    out.push_back(std::to_string(static_cast<int>(step)));
    if (step == CsvReader::Step::refused) {
      const auto& problem = reader.problem();
      out.push_back(problem.text + std::to_string(problem.line) + "." +
                    std::to_string(problem.character));
    }
    if (step == CsvReader::Step::refused || step == CsvReader::Step::end) return out;
    out.push_back(std::to_string(reader.line()));
    for (const auto field : reader.fields()) out.emplace_back(field);
  }
}

}  // namespace

/// However the bytes arrive, the rows, the verdict and its place are the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes{reinterpret_cast<const char*>(data), size};
  if (read_all(bytes, bytes.size() + 1) != read_all(bytes, 3)) std::abort();
  return 0;
}
