#include "fhir/definitions/archive.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace cpis::fhir {

namespace {

constexpr std::size_t block_bytes = 512;
constexpr std::size_t pax_bytes_max = std::size_t{64} * 1024;

bool refuse(Issues& issues, IssueCode code, std::string_view rule, std::string why) {
  Issue issue;
  issue.severity = Severity::fatal;
  issue.code = code;
  issue.rule = std::string{rule};
  issue.diagnostics = std::move(why);
  issues.add(std::move(issue));
  return false;
}

bool damaged(Issues& issues, std::string why) {
  return refuse(issues, IssueCode::structure, "package-archive", std::move(why));
}

bool too_big(Issues& issues, std::string why) {
  return refuse(issues, IssueCode::too_costly, "package-limit", std::move(why));
}

class Inflater {
 public:
  Inflater() { ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK; }  // 16: gzip
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }

  bool run(std::string_view packed, std::size_t bytes_max, std::string& out, Issues& issues) {
    if (!ready_) return damaged(issues, "decompression could not be started");
    // zlib's interface wants a mutable pointer and does not write through it.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
    std::array<char, 65536> chunk{};
    for (;;) {
      stream_.next_out = reinterpret_cast<Bytef*>(chunk.data());
      stream_.avail_out = static_cast<uInt>(chunk.size());
      const int state = inflate(&stream_, Z_NO_FLUSH);
      if (state != Z_OK && state != Z_STREAM_END) return damaged(issues, "not a whole gzip stream");
      out.append(chunk.data(), chunk.size() - stream_.avail_out);
      if (out.size() > bytes_max) return too_big(issues, "the archive unpacks to too many bytes");
      if (state == Z_STREAM_END) return true;
      if (stream_.avail_in == 0 && stream_.avail_out != 0) {
        return damaged(issues, "the archive is cut off");
      }
    }
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

std::string_view text_field(std::string_view header, std::size_t at, std::size_t size) {
  const std::string_view field = header.substr(at, size);
  return field.substr(0, field.find('\0'));
}

/// Octal digits with blanks around; the base-256 form of GNU is for files beyond our limits.
std::optional<std::size_t> octal_field(std::string_view header, std::size_t at, std::size_t size) {
  std::string_view field = text_field(header, at, size);
  while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
  while (!field.empty() && field.back() == ' ') field.remove_suffix(1);
  std::size_t value = 0;
  const auto read = std::from_chars(field.data(), field.data() + field.size(), value, 8);
  if (read.ec != std::errc{} || read.ptr != field.data() + field.size()) return std::nullopt;
  return value;
}

/// Sum of the header's bytes with the sum's own field as blanks (pax, "ustar Interchange Format").
bool checksum_holds(std::string_view header) {
  const auto wanted = octal_field(header, 148, 8);
  std::size_t sum = 0;
  for (std::size_t index = 0; index < block_bytes; ++index) {
    const bool own = index >= 148 && index < 156;
    sum += own ? std::size_t{' '} : static_cast<unsigned char>(header[index]);
  }
  return wanted == sum;
}

/// The value of `path` in a pax extended header: records `<length> <key>=<value>\n`.
std::optional<std::string> pax_path(std::string_view records) {
  std::optional<std::string> path;
  while (!records.empty()) {
    std::size_t length = 0;
    const auto read = std::from_chars(records.data(), records.data() + records.size(), length);
    const auto digits = static_cast<std::size_t>(read.ptr - records.data());
    if (read.ec != std::errc{} || length > records.size() || length < digits + 3) break;
    const std::string_view record = records.substr(digits + 1, length - digits - 2);
    if (record.starts_with("path=")) path = std::string{record.substr(5)};
    records.remove_prefix(length);
  }
  return path;
}

class TarReader {
 public:
  TarReader(std::string_view bytes, const ArchiveLimits& limits, const ArchiveFile& take,
            Issues& issues)
      : rest_{bytes}, limits_{limits}, take_{take}, issues_{issues} {}

  bool run() {
    while (rest_.size() >= block_bytes) {
      const std::string_view header = rest_.substr(0, block_bytes);
      if (std::ranges::all_of(header, [](char c) { return c == '\0'; })) return true;
      if (!entry(header)) return false;
    }
    // A tar without its two empty blocks at the end is complete when nothing is left over.
    return rest_.empty() || damaged(issues_, "the archive ends in the middle of a header");
  }

 private:
  bool entry(std::string_view header) {
    if (!checksum_holds(header)) return damaged(issues_, "a header has a wrong checksum");
    const auto size = octal_field(header, 124, 12);
    if (!size) return damaged(issues_, "a file size is not a number");
    if (*size > limits_.file_bytes_max) return too_big(issues_, "a file is too big");
    const std::size_t padded = (*size + block_bytes - 1) / block_bytes * block_bytes;
    if (rest_.size() - block_bytes < *size) return damaged(issues_, "a file is cut off");
    const std::string_view content = rest_.substr(block_bytes, *size);
    rest_.remove_prefix(std::min(rest_.size(), block_bytes + padded));
    if (++entries_ > limits_.files_max) return too_big(issues_, "too many files");
    return take(header, content);
  }

  bool take(std::string_view header, std::string_view content) {
    const char type = header[156];
    if (type == 'x' || type == 'L') {
      if (content.size() > pax_bytes_max) return too_big(issues_, "a long header is too long");
      if (type == 'L') long_name_ = std::string{content.substr(0, content.find('\0'))};
      if (type == 'x') long_name_ = pax_path(content);
      return true;
    }
    const std::string name =
        long_name_ ? *std::exchange(long_name_, std::nullopt) : name_of(header);
    if (type != '0' && type != '\0') return true;
    if (name.size() > limits_.name_bytes_max) return too_big(issues_, "a file name is too long");
    if (name.ends_with('/')) return true;  // a folder in the oldest form
    take_(name, std::string{content});
    return true;
  }

  static std::string name_of(std::string_view header) {
    std::string name{text_field(header, 0, 100)};
    const std::string_view prefix = text_field(header, 345, 155);
    const bool ustar = header.substr(257, 5) == "ustar" && header[262] == '\0';
    return ustar && !prefix.empty() ? std::string{prefix} + '/' + name : name;
  }

  std::string_view rest_;
  const ArchiveLimits& limits_;
  const ArchiveFile& take_;
  Issues& issues_;
  std::size_t entries_ = 0;
  std::optional<std::string> long_name_;
};

}  // namespace

bool read_archive(std::string_view packed, const ArchiveLimits& limits, const ArchiveFile& take,
                  Issues& issues) {
  if (packed.size() > limits.packed_bytes_max) return too_big(issues, "the archive is too big");
  std::string bytes;
  if (!Inflater{}.run(packed, limits.unpacked_bytes_max, bytes, issues)) return false;
  return read_tar(bytes, limits, take, issues);
}

bool read_tar(std::string_view bytes, const ArchiveLimits& limits, const ArchiveFile& take,
              Issues& issues) {
  return TarReader{bytes, limits, take, issues}.run();
}

}  // namespace cpis::fhir
