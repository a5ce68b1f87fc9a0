#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "adapters/core/result.h"

namespace cpis::social_care {

/// One file of an export, given by the caller, read once from beginning to end. Readers hold a
/// bounded window of it, so memory does not grow with the size of the file.
class Source {
 public:
  virtual ~Source() = default;

  /// The file name without its folder; it appears in findings.
  virtual const std::string& name() const = 0;

  /// Fills a part of `into` (at least one byte unless the end is reached) and returns how much;
  /// 0 is the end. An error stops the import of the whole set.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
};

/// A file that is already in memory.
class MemorySource final : public Source {
 public:
  MemorySource(std::string name, std::string bytes)
      : name_{std::move(name)}, bytes_{std::move(bytes)} {}

  const std::string& name() const override { return name_; }
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t n = std::min(into.size(), bytes_.size() - at_);
    std::copy_n(bytes_.data() + at_, n, into.data());
    at_ += n;
    return n;
  }

 private:
  std::string name_;
  std::string bytes_;
  std::size_t at_ = 0;
};

/// The files of one extract. Their order does not matter.
struct ExportSet {
  std::vector<std::unique_ptr<Source>> files;

  void add(std::string name, std::string bytes) {
    files.push_back(std::make_unique<MemorySource>(std::move(name), std::move(bytes)));
  }
};

}  // namespace cpis::social_care
