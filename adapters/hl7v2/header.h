#pragma once

#include <cstddef>
#include <string_view>

#include "adapters/core/finding.h"
#include "adapters/hl7v2/delimiters.h"

namespace cpis::hl7v2 {

/// MSH (or BHS, FHS) as the sender wrote it, every value byte for byte and not unescaped: what an
/// acknowledgement needs even when nothing else of the message can be read. Values are views of the
/// bytes that were read, which must outlive it.
struct MessageHeader {
  bool found = false;  ///< false: the bytes hold no header; all else is default
  Delimiters delimiters;
  std::string_view encoding_characters = "^~\\&";              ///< MSH-2
  std::string_view sending_application, sending_facility;      ///< MSH-3, MSH-4
  std::string_view receiving_application, receiving_facility;  ///< MSH-5, MSH-6
  std::string_view type, trigger, structure;                   ///< MSH-9.1, .2, .3
  std::string_view control_id;                                 ///< MSH-10
  std::string_view processing_id;                              ///< MSH-11
  std::string_view version;                                    ///< MSH-12.1
  std::string_view accept_ack;                                 ///< MSH-15
  std::string_view application_ack;                            ///< MSH-16
  std::string_view charset;                                    ///< MSH-18, first repetition
};

/// Where the message begins: line ends, blanks, a byte order mark and left-over framing bytes
/// before it are skipped.
std::size_t start_of_message(std::string_view bytes);

/// The message without what stands before it, and without the line ends and left-over framing
/// behind it.
std::string_view text_of_message(std::string_view bytes);

/// Whether two segment names are the same. A name has three characters.
inline bool same_name(std::string_view a, std::string_view b) {
  return a.size() == 3 && b.size() == 3 && a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

/// MSH, BHS or FHS: fields of these count from the separator itself.
inline bool is_header(std::string_view name) {
  return same_name(name, "MSH") || same_name(name, "BHS") || same_name(name, "FHS");
}

/// True at the start of a segment: three capitals or digits, the first a capital, then the field
/// separator or the end of the line.
bool starts_segment(std::string_view text, char field_separator);

/// Reads the header segment at the start, bounded by its line, however long that is: an engine
/// takes no answer that does not bring its control id back whole. Never fails: what cannot be read
/// stays empty. With `findings`, says what is wrong with MSH-1 and MSH-2; a fatal finding means
/// that the separators cannot be used.
MessageHeader read_header(std::string_view bytes, Findings* findings = nullptr);

}  // namespace cpis::hl7v2
