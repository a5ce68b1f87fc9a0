#include "adapters/social_care/xlsx/zip_archive.h"

#include <zip.h>

#include <algorithm>
#include <utility>

namespace cpis::social_care {
namespace {

Error refuse(std::string message) { return {ErrorKind::bad_input, std::move(message)}; }

Result<std::string> read_all(Source& source) {
  std::string bytes;
  std::string chunk(std::size_t{64} * 1024, '\0');
  while (true) {
    const auto got = source.read(chunk);
    if (!got) return got.error();
    if (*got == 0) return bytes;
    if (bytes.size() + *got > zip_bytes_max) return refuse("the workbook is larger than 64 MiB");
    bytes.append(chunk, 0, *got);
  }
}

}  // namespace

struct ZipArchive::State {
  std::string bytes;
  zip_t* zip = nullptr;
  std::size_t inflated = 0;

  ~State() {
    if (zip != nullptr) zip_discard(zip);
  }
  std::size_t limit() const {
    return std::min(inflated_bytes_max, bytes.size() * inflated_ratio_max + 65536);
  }
};

namespace {

// Closes the entry with its life; counts into the archive's one budget.
class EntrySource final : public Source {
 public:
  EntrySource(std::string name, zip_file_t* file, std::size_t& inflated, std::size_t limit)
      : name_{std::move(name)}, file_{file}, inflated_{inflated}, limit_{limit} {}
  ~EntrySource() override { zip_fclose(file_); }
  EntrySource(const EntrySource&) = delete;
  EntrySource& operator=(const EntrySource&) = delete;

  const std::string& name() const override { return name_; }
  Result<std::size_t> read(std::span<char> into) override {
    const zip_int64_t got = zip_fread(file_, into.data(), into.size());
    if (got < 0) return refuse("an entry of the workbook cannot be unpacked");
    inflated_ += static_cast<std::size_t>(got);
    if (inflated_ > limit_) return refuse("the workbook unpacks to too much");
    return static_cast<std::size_t>(got);
  }

 private:
  std::string name_;
  zip_file_t* file_;
  std::size_t& inflated_;
  std::size_t limit_;
};

}  // namespace

ZipArchive::ZipArchive(std::unique_ptr<State> state) : state_{std::move(state)} {}
ZipArchive::ZipArchive(ZipArchive&&) noexcept = default;
ZipArchive& ZipArchive::operator=(ZipArchive&&) noexcept = default;
ZipArchive::~ZipArchive() = default;

Result<ZipArchive> ZipArchive::open(Source& source) {
  auto bytes = read_all(source);
  if (!bytes) return bytes.error();
  auto state = std::make_unique<State>();
  state->bytes = std::move(*bytes);
  zip_error_t problem;
  zip_error_init(&problem);
  zip_source_t* buffer =
      zip_source_buffer_create(state->bytes.data(), state->bytes.size(), 0, &problem);
  if (buffer != nullptr) {
    state->zip = zip_open_from_source(buffer, ZIP_RDONLY, &problem);
    if (state->zip == nullptr) zip_source_free(buffer);
  }
  zip_error_fini(&problem);
  if (state->zip == nullptr) return refuse("this is not a workbook: not a zip file");
  if (zip_get_num_entries(state->zip, 0) > static_cast<zip_int64_t>(zip_entries_max)) {
    return refuse("the workbook has too many parts");
  }
  return ZipArchive{std::move(state)};
}

std::unique_ptr<Source> ZipArchive::entry(std::string_view name) {
  std::string text{name};
  zip_file_t* file = zip_fopen(state_->zip, text.c_str(), 0);
  if (file == nullptr) return nullptr;
  return std::make_unique<EntrySource>(std::move(text), file, state_->inflated, state_->limit());
}

}  // namespace cpis::social_care
