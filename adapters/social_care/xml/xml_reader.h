#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/social_care/source.h"

namespace cpis::social_care {

inline constexpr int xml_depth_max = 32;
inline constexpr std::size_t xml_text_bytes_max = std::size_t{64} * 1024;

/// Reads XML of a file from front to end, in bounded memory. There is no document type, no entity
/// beyond the five of XML, no network: a document with a DTD is refused. Namespaces are ignored,
/// names are local names.
class XmlReader {
 public:
  enum class Step : std::uint8_t {
    open,   ///< `name()` begins; `attribute()` is there until the next step
    text,   ///< `text()`, not blank, possibly a part of the whole
    close,  ///< `name()` ends
    end,
    refused,  ///< `problem()` at `line()`; never repeats the document
  };

  /// `source` must outlive the reader.
  explicit XmlReader(Source& source);
  ~XmlReader();
  XmlReader(const XmlReader&) = delete;
  XmlReader& operator=(const XmlReader&) = delete;

  Step next();

  std::string_view name() const { return name_; }
  std::string_view text() const { return text_; }
  std::string attribute(std::string_view name) const;
  std::size_t line() const { return line_; }
  const std::string& problem() const { return problem_; }

 private:
  struct State;
  Step refuse(std::string_view why);

  std::unique_ptr<State> state_;
  std::string name_;
  std::string text_;
  std::size_t line_ = 0;
  bool close_after_open_ = false;
  bool stopped_ = false;
  std::string problem_;
};

}  // namespace cpis::social_care
