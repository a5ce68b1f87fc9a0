#pragma once

#include <span>
#include <string>

#include "adapters/core/attendance.h"
#include "gateway/usecases/attendance_book.h"

namespace cpis::usecases {

/// What there is to tell an attendance by, besides the message itself.
struct MatchContext {
  const AttendanceBook& book;
  const std::string& feed;
  const std::string& sender;
  const PatientState& patient;                 ///< whom the message is about
  std::span<const AttendanceState> following;  ///< attendances that this message gives to `patient`
  Time occurred{};
};

/// Which attendance a message is about, and the key it goes by from now on.
struct AttendanceMatch {
  const AttendanceState* known = nullptr;  ///< null: one that is new
  std::string key;
};

/// The attendance that `event.visit` describes (hl7v2.md 1.1, PV1-19).
///
/// A visit number tells it, in its authority or else in its sender; the same number of the same
/// person without the authority, or with it, is the same visit. Another feed's visit of another
/// person is another visit, even when authority and number are alike. Without a number it is what
/// the person has with this feed: the visit that began at PV1-44, else the one that is open, and
/// for anything but an arrival else the last one. A number that is sent later is that visit's.
AttendanceMatch match_attendance(const AdtEvent& event, const MatchContext& context);

}  // namespace cpis::usecases
