#include "gateway/usecases/attendance_match.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace cpis::usecases {
namespace {

constexpr std::string_view prefix = "visit|";
// An arrival that names no visit is told of again within this time; after it, somebody has come
// again whose last visit was never ended.
constexpr Duration one_visit = std::chrono::hours{24};

bool is_open(const AttendanceState& one) {
  return one.state != VisitState::finished && one.state != VisitState::cancelled;
}

bool is_near(Time one, Time other) { return std::chrono::abs(one - other) <= one_visit; }

class Matcher {
 public:
  Matcher(const AdtEvent& event, const MatchContext& context)
      : event_{event}, visit_{*event.visit}, context_{context} {}

  AttendanceMatch run() { return visit_.number.empty() ? unnumbered() : numbered(); }

 private:
  AttendanceMatch numbered() {
    std::string key = key_of(visit_.number);
    const AttendanceState* known = context_.book.attendance(key);
    if (known != nullptr && known->feed != context_.feed && !is_of_patient(*known)) {
      key += '|' + context_.feed;
      known = context_.book.attendance(key);
    }
    // The visit goes on under another number: it is still the attendance that was asked about.
    if (known == nullptr && !event_.previous_visit_number.empty()) {
      known = context_.book.attendance(key_of(event_.previous_visit_number));
    }
    if (known == nullptr) {
      known = latest([&](const AttendanceState& one) { return has_this_number(one); });
    }
    if (known == nullptr) {
      known = latest([&](const AttendanceState& one) {
        return is_unnumbered(one) && is_open(one) && began_near(one);
      });
    }
    return {known, std::move(key)};
  }

  AttendanceMatch unnumbered() {
    const Time began = visit_.started.value_or(context_.occurred);
    std::string key = std::string{prefix} + context_.sender + '|' + context_.patient.id + '|' +
                      std::to_string(to_micros(began));
    const AttendanceState* known = context_.book.attendance(key);
    if (known == nullptr && visit_.started) {
      known = latest([&](const AttendanceState& one) {
        return is_unnumbered(one) && one.started == visit_.started;
      });
    }
    if (known == nullptr && !event_.previous_visit_number.empty()) {
      known = context_.book.attendance(key_of(event_.previous_visit_number));
    }
    const bool plans = event_.action == AdtAction::preadmit;
    const bool arrives = plans || event_.action == AdtAction::arrive;
    const bool other_time = visit_.started.has_value();
    if (known == nullptr && !(arrives && other_time)) {
      known = latest([&](const AttendanceState& one) {
        return is_open(one) && (!plans || one.state == VisitState::planned) &&
               (!(arrives || other_time) || began_near(one));
      });
    }
    // What is said of a visit after its end: coding, a discharge that is taken back.
    if (known == nullptr && !arrives && !other_time) {
      known = latest([&](const AttendanceState& one) { return is_unnumbered(one); });
    }
    return {known, known == nullptr ? std::move(key) : known->visit_key};
  }

  std::string key_of(const std::string& number) const {
    const std::string& authority =
        visit_.number_authority.empty() ? context_.sender : visit_.number_authority;
    return std::string{prefix} + authority + '|' + number;
  }

  bool has_this_number(const AttendanceState& one) const {
    return one.visit_key.starts_with(prefix) && one.visit_key.ends_with('|' + visit_.number);
  }

  // Keys of visits without a number hold sender (application and facility), person and a time;
  // those that an older gateway wrote, `open`.
  static bool is_unnumbered(const AttendanceState& one) {
    const std::string_view key = one.visit_key;
    const std::string_view end = key.substr(key.rfind('|') + 1);
    const bool is_time = end.size() > 12 && end.find_first_not_of("-0123456789") == end.npos;
    return (is_time || end == "open") && std::count(key.begin(), key.end(), '|') >= 4;
  }

  bool began_near(const AttendanceState& one) const {
    return is_near(one.started.value_or(one.last_event),
                   visit_.started.value_or(context_.occurred));
  }

  bool is_of_patient(const AttendanceState& one) const {
    const PatientState* whose = context_.book.patient(one.patient_id);
    return (whose != nullptr && whose->id == context_.patient.id) ||
           std::any_of(context_.following.begin(), context_.following.end(),
                       [&](const AttendanceState& follows) { return follows.id == one.id; });
  }

  // The newest of the person's attendances with this feed that fit.
  template <class Fits>
  const AttendanceState* latest(const Fits& fits) {
    const AttendanceState* found = nullptr;
    const auto consider = [&](const AttendanceState& one) {
      if (one.feed != context_.feed || !fits(one)) return;
      const AttendanceState* kept = context_.book.attendance_by_id(one.id);
      if (kept == nullptr) return;
      if (found == nullptr || found->last_event < kept->last_event) found = kept;
    };
    for (const AttendanceState& one : context_.book.attendances_of(context_.patient.id)) {
      consider(one);
    }
    for (const AttendanceState& one : context_.following) consider(one);
    return found;
  }

  const AdtEvent& event_;
  const VisitDetails& visit_;
  const MatchContext& context_;
};

}  // namespace

AttendanceMatch match_attendance(const AdtEvent& event, const MatchContext& context) {
  return Matcher{event, context}.run();
}

}  // namespace cpis::usecases
