#include "conformance/peers/hospital/dialects.h"

#include <cstddef>
#include <vector>

#include "adapters/hl7v2/escapes.h"

namespace cpis::hospital {
namespace {

// One dialect in the words of its MSH and of its identifiers; `#` stands for the number.
struct DialectRow {
  Dialect dialect;
  std::string_view name;
  std::string_view application;
  std::string_view version;
  std::string_view acknowledgement;  // MSH-15|MSH-16
  std::string_view charset;          // MSH-18
  std::string_view nhs_identifier;
  std::string_view local_identifier;
  std::string_view name_type;  // XPN-7
  std::string_view arrival;
  bool full_type;  // MSH-9 with three components
  bool has_evn;
  bool sex_in_digits;
  bool zone_in_times;
  bool facility_in_location;  // PL-4; otherwise PV1-42.4
};

constexpr std::array dialects{
    DialectRow{Dialect::itk, "itk", "PAS", "2.4", "|", "UNICODE", "#^^^NHS", "#^^^RXX^PI", "L",
               "A04", true, true, true, false, true},
    DialectRow{Dialect::ed_system, "ed-system", "EDSYSTEM", "2.4", "AL|NE", "", "#^^^NHS^NhsNumber",
               "#^^^NHS^HospitalNumber", "", "A01", false, false, false, false, false},
    DialectRow{Dialect::epic, "epic", "EPIC", "2.4", "AL|NE", "", "#^^^NHS^HN", "#^^^MRENTR^MEDREC",
               "D", "A01", false, true, false, false, true},
    DialectRow{Dialect::pims, "pims", "PIMS", "2.3.1", "|", "", "#^01^^^NI", "#^^^^PI", "", "A04",
               true, true, false, true, true},
    DialectRow{Dialect::ipm, "ipm", "iPM", "2.4", "AL|AL", "", "#^NSTS01^^NHS^NHS", "#^^^RXX^HOSP",
               "", "A01", false, true, false, false, true},
    DialectRow{Dialect::cerner, "cerner", "MILLENNIUM", "2.3", "AL|", "ASCII", "#^^^NHSNBR^NHSNMBR",
               "#^^^RXX MRN^MRN", "CURRENT", "A04", false, true, false, false, true},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < dialects.size(); ++i) {
    if (dialects[i].dialect != static_cast<Dialect>(i)) return false;
  }
  return dialects.size() == all_dialects.size();
}
static_assert(in_order());

const DialectRow& row_of(Dialect dialect) { return dialects[static_cast<std::size_t>(dialect)]; }

std::string escaped(std::string_view text) { return hl7v2::escape(text, hl7v2::Delimiters{}); }

std::string digits_of(std::string_view iso) {
  std::string digits;
  for (const char c : iso) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

std::string stamp(Time time, bool with_zone) {
  if (with_zone) return digits_of(to_iso(time).substr(0, 19)) + "+0000";
  const Time local = time + std::chrono::minutes{london_offset_minutes(time)};
  return digits_of(to_iso(local).substr(0, 19));
}

std::string with_number(std::string_view pattern, std::string_view number) {
  std::string text{pattern};
  return text.replace(text.find('#'), 1, number);
}

// A segment built by field number; gaps become empty fields.
class SegmentText {
 public:
  explicit SegmentText(std::string_view name) : fields_{std::string{name}} {}
  SegmentText& set(std::size_t field, std::string value) {
    if (fields_.size() <= field) fields_.resize(field + 1);
    fields_[field] = std::move(value);
    return *this;
  }
  std::string end() const {
    std::string text;
    for (std::size_t i = 0; i < fields_.size(); ++i) text += (i == 0 ? "" : "|") + fields_[i];
    return text + '\r';
  }

 private:
  std::vector<std::string> fields_;
};

std::string structure_of(std::string_view trigger) {
  if (trigger == "A03") return "ADT_A03";
  if (trigger == "A06") return "ADT_A06";
  if (trigger == "A11") return "ADT_A09";
  if (trigger == "A28" || trigger == "A31") return "ADT_A05";
  if (trigger == "A40") return "ADT_A39";
  return trigger == "A02" ? "ADT_A02" : "ADT_A01";
}

std::string msh(const Visit& visit, const DialectRow& row, std::string_view trigger, Time at,
                std::string_view control_id) {
  std::string type = "ADT^" + std::string{trigger};
  if (row.full_type) type += "^" + structure_of(trigger);
  const std::string acknowledgement{row.acknowledgement};
  const std::size_t bar = acknowledgement.find('|');
  // MSH-1 is the separator: what is set as field n here is MSH-(n+1).
  return SegmentText{"MSH"}
      .set(1, "^~\\&")
      .set(2, std::string{row.application})
      .set(3, visit.site_ods)
      .set(4, "CPIS-GATEWAY")
      .set(5, visit.trust_ods)
      .set(6, stamp(at, row.zone_in_times))
      .set(8, type)
      .set(9, std::string{control_id})
      .set(10, "P")
      .set(11, std::string{row.version})
      .set(14, acknowledgement.substr(0, bar))
      .set(15, acknowledgement.substr(bar + 1))
      .set(17, std::string{row.charset})
      .end();
}

std::string identifiers(const Visit& visit, const DialectRow& row) {
  std::string text = with_number(row.local_identifier, visit.record_number);
  if (!visit.person.nhs_number) return text;
  const std::string number{visit.person.nhs_number->digits()};
  const bool grouped = row.dialect == Dialect::ipm;
  const std::string written =
      grouped ? number.substr(0, 3) + " " + number.substr(3, 3) + " " + number.substr(6) : number;
  return text + "~" + with_number(row.nhs_identifier, written);
}

std::string sex_code(Sex sex, bool in_digits) {
  switch (sex) {
    case Sex::male:
      return in_digits ? "1" : "M";
    case Sex::female:
      return in_digits ? "2" : "F";
    case Sex::other:
      return in_digits ? "9" : "O";
    case Sex::unknown:
      return in_digits ? "0" : "U";
  }
  return "U";
}

std::string birth_date(const DialectRow& row, Date date) {
  const std::string digits = digits_of(to_iso(date));
  if (row.dialect == Dialect::pims) return digits + "+^D";
  return row.dialect == Dialect::cerner || row.dialect == Dialect::ipm ? digits + "000000" : digits;
}

std::string pid(const Visit& visit, const DialectRow& row) {
  const FeedPerson& person = visit.person;
  std::string name = escaped(person.family) + "^" + escaped(person.given);
  if (!row.name_type.empty()) name += "^^^^^" + std::string{row.name_type};
  SegmentText segment{"PID"};
  segment.set(1, "1").set(3, identifiers(visit, row)).set(5, name);
  segment.set(7, birth_date(row, person.birth_date));
  segment.set(8, sex_code(person.sex, row.sex_in_digits));
  segment.set(11, visit.postcode_part + " Made Up Lane^^Netherby^^ZZ99 9ZZ^^H");
  segment.set(13, "01632960" + visit.postcode_part + "^PRN^PH");
  const bool status_in_pid_32 = row.dialect == Dialect::itk && person.nhs_number;
  if (status_in_pid_32) segment.set(32, "NSTS01");
  return segment.end();
}

std::string pv1(const Visit& visit, const DialectRow& row) {
  SegmentText segment{"PV1"};
  std::string location = escaped(visit.point_of_care) + "^" + escaped(visit.bed);
  if (row.facility_in_location) location += "^^" + visit.site_ods;
  segment.set(1, "1").set(2, visit.patient_class).set(3, location);
  segment.set(4, visit.person.expectant_mother && visit.patient_class == "B" ? "31" : "21");
  segment.set(10, "180").set(19, visit.visit_number);
  if (!row.facility_in_location) segment.set(42, "^^^" + visit.site_ods);
  segment.set(44, stamp(visit.began, row.zone_in_times));
  if (visit.ended) segment.set(45, stamp(*visit.ended, row.zone_in_times));
  return segment.end();
}

std::string pv2(const Visit& visit) {
  return SegmentText{"PV2"}
      .set(3, escaped(visit.complaint))
      .set(38, visit.by_ambulance ? "A" : "O")
      .end();
}

}  // namespace

std::string_view name_of(Dialect dialect) { return row_of(dialect).name; }

std::optional<Dialect> dialect_named(std::string_view name) {
  for (const DialectRow& row : dialects) {
    if (row.name == name) return row.dialect;
  }
  return std::nullopt;
}

std::string_view arrival_trigger(Dialect dialect) { return row_of(dialect).arrival; }

std::string write_message(const Visit& visit, std::string_view trigger, Time at,
                          std::string_view control_id) {
  const DialectRow& row = row_of(visit.dialect);
  std::string text = msh(visit, row, trigger, at, control_id);
  if (row.has_evn) {
    const std::string when = stamp(at, row.zone_in_times);
    text += SegmentText{"EVN"}.set(1, std::string{trigger}).set(2, when).set(6, when).end();
  }
  text += pid(visit, row);
  if (trigger == "A40") {
    return text + SegmentText{"MRG"}
                      .set(1, with_number(row.local_identifier, visit.merged_record_number))
                      .end();
  }
  if (trigger == "A28" || trigger == "A31") return text + "PV1||U\r";
  return text + pv1(visit, row) + pv2(visit);
}

}  // namespace cpis::hospital
