#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/core/nhs_number.h"
#include "adapters/core/time.h"

namespace cpis {

/// An identifier that a hospital gave, with the authority that issued it.
struct LocalIdentifier {
  std::string authority;
  std::string value;
  std::string type;  ///< HL7 table 0203 or local; empty when not sent

  friend auto operator<=>(const LocalIdentifier&, const LocalIdentifier&) = default;
};

/// What a hospital says about who a person is.
struct PatientIdentity {
  std::optional<NhsNumber> nhs_number;
  bool nhs_number_ambiguous = false;  ///< two different valid numbers were sent: nobody is checked
  std::string nhs_number_status;      ///< 01..08 as in NSTS01..NSTS08; empty when not sent
  std::vector<LocalIdentifier> local_ids;

  friend bool operator==(const PatientIdentity&, const PatientIdentity&) = default;
};

enum class Sex : std::uint8_t { unknown, male, female, other };

struct Address {
  std::vector<std::string> lines;
  std::string city, district, postcode, country, use;
  friend bool operator==(const Address&, const Address&) = default;
};

struct Telecom {
  std::string system, value, use;  ///< FHIR ContactPoint codes
  friend bool operator==(const Telecom&, const Telecom&) = default;
};

struct HumanName {
  std::string family;
  std::vector<std::string> given;
  std::string prefix, suffix, use;  ///< use: FHIR NameUse code
  friend bool operator==(const HumanName&, const HumanName&) = default;
};

/// One survivor of a merge and the identities that are no longer used.
struct Merge {
  PatientIdentity survivor;
  std::vector<PatientIdentity> merged_away;

  friend bool operator==(const Merge&, const Merge&) = default;
};

/// What a hospital says about a person. Unreadable values are absent, never guessed.
struct PatientDetails {
  std::vector<HumanName> names;
  std::optional<Date> birth_date;
  bool birth_date_estimated = false;
  Sex sex = Sex::unknown;
  std::vector<Address> addresses;
  std::vector<Telecom> telecoms;
  std::string gp_practice_ods;
  std::optional<Time> died;
  bool deceased = false;
  /// Location must be hidden (ZU8-4 is 1 or 2, PD1-12 is Y). The readers then drop addresses,
  /// telecoms and the practice, so nothing that tells where the person lives is kept.
  bool shielded = false;
  bool shielding_stated = false;  ///< only a message that states it may lift earlier shielding

  friend bool operator==(const PatientDetails&, const PatientDetails&) = default;
};

/// HL7 table 0004 as used in England, reduced to what decides something.
enum class PatientClass : std::uint8_t {
  unknown,
  emergency,
  inpatient,
  outpatient,
  preadmit,
  obstetrics,
  newborn,
  recurring,
  waiting
};

enum class VisitState : std::uint8_t { unknown, planned, in_progress, finished, cancelled };

/// One hospital visit as one message describes it.
struct VisitDetails {
  std::string number;  ///< PV1-19; empty when not sent
  std::string number_authority;
  PatientClass patient_class = PatientClass::unknown;
  std::string class_as_sent;
  /// What this message alone says; unknown leaves what is known (see rules::state_after).
  VisitState state = VisitState::unknown;
  std::optional<Time> started;    ///< PV1-44
  std::optional<Time> ended;      ///< PV1-45
  std::string location;           ///< point of care or ward, display form
  std::string site_ods;           ///< facility; empty when it could not be told
  std::string admission_method;   ///< NHS code, PV1-4
  std::string reason;             ///< PV2-3 text
  std::string arrival_mode;       ///< PV2-38
  bool expectant_mother = false;  ///< any of the hints of hl7v2.md 6.3

  friend bool operator==(const VisitDetails&, const VisitDetails&) = default;
};

/// What one ADT message asks to be done.
enum class AdtAction : std::uint8_t {
  arrive,            ///< A01, A04: a visit begins (class says of which kind)
  preadmit,          ///< A05
  update_visit,      ///< A02, A06, A07, A08, A12 and others that restate the visit
  discharge,         ///< A03
  cancel_arrival,    ///< A11, A23, A38
  cancel_discharge,  ///< A13
  update_person,     ///< A28, A31
  merge,             ///< A34, A40, A47 and older forms: one person instead of several
  move_visit,        ///< A45, A50: both persons remain, the visit now belongs to `patient`
  none,              ///< accepted, counted, nothing to do
};

/// One ADT message, understood.
struct AdtEvent {
  AdtAction action = AdtAction::none;
  std::string trigger;           ///< A04
  std::string control_id;        ///< MSH-10 as sent, not unescaped
  std::string sender;            ///< MSH-3 and MSH-4, `application|facility`
  std::string organisation_ods;  ///< sending organisation, when it could be told
  std::optional<Time> occurred;  ///< EVN-6, else EVN-2, else MSH-7
  std::optional<Time> recorded;  ///< EVN-2, else MSH-7: when what it says of the person was known
  /// A zone was sent, so that in the hour that England's clocks repeat the time is not one of two.
  bool occurred_is_exact = false;
  bool recorded_is_exact = false;
  /// It takes something back: `occurred` may be when that had happened (HL7 v2.5, 3.4.1.6) or when
  /// it was taken back, so `recorded` may order it.
  bool takes_back = false;
  PatientIdentity patient;
  PatientDetails details;
  std::optional<VisitDetails> visit;
  std::vector<PatientIdentity> merged_away;  ///< MRG: identities that `patient` survives, or
                                             ///< from whom a visit is moved
  std::vector<Merge> further_merges;         ///< A40 with several pairs and different survivors
  std::string previous_visit_number;         ///< MRG-5, when a visit is moved or renumbered
  std::string processing_id;                 ///< MSH-11: P, T or D; empty when not sent
  std::vector<std::string> cleared;  ///< HL7 paths of read fields that were sent as `""`: the
                                     ///< sender says that no value holds any more

  friend bool operator==(const AdtEvent&, const AdtEvent&) = default;
};

}  // namespace cpis
