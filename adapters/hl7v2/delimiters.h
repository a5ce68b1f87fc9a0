#pragma once

namespace cpis::hl7v2 {

/// The separators of one message as its MSH-1 and MSH-2 declare them; `none` where MSH-2 is too
/// short to declare one, in which case that character has no meaning in the message.
struct Delimiters {
  static constexpr char none = '\0';

  char field = '|';
  char component = '^';
  char repetition = '~';
  char escape = '\\';
  char subcomponent = '&';
  char truncation = none;  ///< from 2.7 on, the fifth character of MSH-2

  friend bool operator==(const Delimiters&, const Delimiters&) = default;
};

}  // namespace cpis::hl7v2
