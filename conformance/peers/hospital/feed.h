#pragma once

#include <cstddef>
#include <cstdint>
#include <queue>
#include <string>
#include <vector>

#include "adapters/core/attendance.h"
#include "adapters/core/nhs_number.h"
#include "adapters/core/time.h"
#include "conformance/peers/hospital/dialects.h"
#include "conformance/peers/hospital/random.h"

namespace cpis::hospital {

/// How a simulated hospital behaves. Shares are between 0 and 1.
struct HospitalSettings {
  std::uint64_t seed = 1;
  std::vector<Dialect> dialects{all_dialects.begin(), all_dialects.end()};
  std::string trust_ods = "RXX";
  std::string site_ods = "RXX01";
  int arrivals_per_day = 400;        ///< spread over the hours as an English ED sees them
  double share_known = 0.1;          ///< arrivals of the persons given to the feed
  double share_children = 0.25;      ///< of the arrivals that the feed invents
  double share_expectant = 0.02;     ///< of invented adult women
  double share_updated = 0.5;        ///< visits with at least one A08
  double share_moved = 0.3;          ///< A02 within the department
  double share_admitted = 0.1;       ///< A06: the visit goes on as an inpatient
  double share_cancelled = 0.02;     ///< A11: registered in error
  double share_reopened = 0.01;      ///< A13 after A03
  double share_resent = 0.02;        ///< the same message again, byte for byte
  double share_unidentified = 0.02;  ///< registered without NHS number, merged later by A40
  double share_late = 0.01;          ///< an update that arrives after the discharge it precedes
};

/// One message of the feed, without framing, segments ended by CR.
struct FeedMessage {
  Time at{};  ///< when it is sent
  std::string text;
  std::string control_id;
  std::string trigger;  ///< A04
  Dialect dialect = Dialect::itk;
  std::string story;  ///< for people: "arrival", "update", "re-send" ...; nobody is named
  FeedPerson person;  ///< whom it is about
  /// The same for every message about a person: these are to arrive in the order of the feed.
  std::string person_key;
  std::string visit_number;
};

/// Invents the ADT feed of emergency departments: who arrives, what is corrected, cancelled,
/// merged and sent twice, in the dialects of UK systems. The same settings, persons and start give
/// the same bytes. Not thread-safe.
class HospitalFeed {
 public:
  /// `known` are persons who are to turn up among invented ones, for instance those with plans.
  HospitalFeed(HospitalSettings settings, std::vector<FeedPerson> known, Time start);

  /// The next message in order of time; never ends. Time runs as in the simulated hospital: the
  /// caller decides whether to wait.
  FeedMessage next();

  /// The messages of one visit of this person from arrival to discharge, without mishaps.
  std::vector<FeedMessage> visit_of(const FeedPerson& person, Time arrival, Dialect dialect);

  /// The arrival alone.
  FeedMessage arrival_of(const FeedPerson& person, Time arrival, Dialect dialect);

 private:
  struct Later {
    bool operator()(const FeedMessage& a, const FeedMessage& b) const {
      return a.at != b.at ? a.at > b.at : a.control_id > b.control_id;
    }
  };

  void begin_next_visit();
  void advance_to_next_arrival();
  FeedPerson invent_person();
  Visit begin_visit(const FeedPerson& person, Time arrival, Dialect dialect);
  FeedMessage message(const Visit& visit, std::string_view trigger, Time at, std::string story);
  std::vector<FeedMessage> ordinary_course(Visit visit);
  void add_mishaps(Visit visit, std::vector<FeedMessage>& messages);
  void merge_later(const Visit& visit, Time at, std::vector<FeedMessage>& messages);

  HospitalSettings settings_;
  std::vector<FeedPerson> known_;
  Random random_;
  Time clock_;
  std::uint64_t next_control_ = 1;
  std::uint64_t next_visit_ = 1;
  std::uint64_t next_record_ = 1;
  std::priority_queue<FeedMessage, std::vector<FeedMessage>, Later> pending_;
};

}  // namespace cpis::hospital
