#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/attendance.h"
#include "adapters/core/nhs_number.h"
#include "adapters/core/time.h"

namespace cpis::hospital {

/// Whose way of writing HL7 v2 a message follows (hl7v2.md 1).
enum class Dialect : std::uint8_t { itk, ed_system, epic, pims, ipm, cerner };
inline constexpr std::array all_dialects{Dialect::itk,  Dialect::ed_system, Dialect::epic,
                                         Dialect::pims, Dialect::ipm,       Dialect::cerner};

std::string_view name_of(Dialect dialect);
std::optional<Dialect> dialect_named(std::string_view name);

/// A person of the simulation. All are invented; numbers come from the 999 range.
struct FeedPerson {
  std::optional<NhsNumber> nhs_number;
  std::string given;
  std::string family;
  Date birth_date{};
  Sex sex = Sex::unknown;
  bool expectant_mother = false;
};

/// What a hospital has written down about one visit at one moment.
struct Visit {
  Dialect dialect = Dialect::itk;
  FeedPerson person;
  std::string person_key;     ///< the same for every message about this person, never written
  std::string record_number;  ///< the hospital's own patient number
  std::string visit_number;
  std::string trust_ods, site_ods;
  std::string patient_class = "E";
  std::string point_of_care = "ED";
  std::string bed;
  std::string complaint;
  std::string postcode_part;  ///< invented; ZZ99
  bool by_ambulance = false;
  Time began{};
  std::optional<Time> ended;
  std::string merged_record_number;  ///< of the record that an A40 ends
};

/// The trigger event with which this dialect announces an arrival in the ED: A04 or A01.
std::string_view arrival_trigger(Dialect dialect);

/// One ADT message about the visit as it stands, segments ended by CR. Times are England's local
/// times as the dialect writes them.
std::string write_message(const Visit& visit, std::string_view trigger, Time at,
                          std::string_view control_id);

}  // namespace cpis::hospital
