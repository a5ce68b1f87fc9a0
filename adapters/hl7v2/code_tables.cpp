#include "adapters/hl7v2/code_tables.h"

#include <array>
#include <cstddef>

namespace cpis::hl7v2 {
namespace {

template <class Meaning>
struct Row {
  std::string_view code;
  Meaning meaning;
};

template <class Meaning, std::size_t size>
const Row<Meaning>* find_row(const std::array<Row<Meaning>, size>& rows, std::string_view code) {
  const std::string capitals = in_capitals(code);
  for (const Row<Meaning>& row : rows) {
    if (row.code == capitals) return &row;
  }
  return nullptr;
}

// NHS data dictionary PERSON STATED GENDER CODE, HL7 table 0001, and the words.
constexpr std::array sex_rows{
    Row<Sex>{"1", Sex::male},      Row<Sex>{"M", Sex::male},
    Row<Sex>{"MALE", Sex::male},   Row<Sex>{"2", Sex::female},
    Row<Sex>{"F", Sex::female},    Row<Sex>{"FEMALE", Sex::female},
    Row<Sex>{"9", Sex::other},     Row<Sex>{"O", Sex::other},
    Row<Sex>{"A", Sex::other},     Row<Sex>{"N", Sex::other},
    Row<Sex>{"OTHER", Sex::other}, Row<Sex>{"I", Sex::other},
    Row<Sex>{"0", Sex::unknown},   Row<Sex>{"U", Sex::unknown},
    Row<Sex>{"X", Sex::unknown},   Row<Sex>{"UNKNOWN", Sex::unknown},
    Row<Sex>{"NK", Sex::unknown},  Row<Sex>{"NOT KNOWN", Sex::unknown},
};

constexpr std::array class_rows{
    Row<PatientClass>{"E", PatientClass::emergency},
    Row<PatientClass>{"EMER", PatientClass::emergency},
    Row<PatientClass>{"EMERGENCY", PatientClass::emergency},
    Row<PatientClass>{"ED", PatientClass::emergency},
    Row<PatientClass>{"AE", PatientClass::emergency},
    Row<PatientClass>{"A&E", PatientClass::emergency},
    Row<PatientClass>{"I", PatientClass::inpatient},
    Row<PatientClass>{"IMP", PatientClass::inpatient},
    Row<PatientClass>{"INPATIENT", PatientClass::inpatient},
    Row<PatientClass>{"DAY CASE", PatientClass::inpatient},
    Row<PatientClass>{"DAYCASE", PatientClass::inpatient},
    Row<PatientClass>{"DC", PatientClass::inpatient},
    Row<PatientClass>{"O", PatientClass::outpatient},
    Row<PatientClass>{"AMB", PatientClass::outpatient},
    Row<PatientClass>{"OUTPATIENT", PatientClass::outpatient},
    Row<PatientClass>{"P", PatientClass::preadmit},
    Row<PatientClass>{"PRENC", PatientClass::preadmit},
    Row<PatientClass>{"PREADMIT", PatientClass::preadmit},
    Row<PatientClass>{"B", PatientClass::obstetrics},
    Row<PatientClass>{"OBSTETRICS", PatientClass::obstetrics},
    Row<PatientClass>{"MATERNITY", PatientClass::obstetrics},
    Row<PatientClass>{"NEWBORN", PatientClass::newborn},
    Row<PatientClass>{"R", PatientClass::recurring},
    Row<PatientClass>{"RECURRING", PatientClass::recurring},
    Row<PatientClass>{"W", PatientClass::waiting},
    Row<PatientClass>{"WAITING LIST", PatientClass::waiting},
    Row<PatientClass>{"U", PatientClass::unknown},
    Row<PatientClass>{"N", PatientClass::unknown},  // table 0004: not applicable
    Row<PatientClass>{"NA", PatientClass::unknown},
    Row<PatientClass>{"C", PatientClass::unknown},  // commercial account
    Row<PatientClass>{"UNKNOWN", PatientClass::unknown},
};

using TextRow = Row<std::string_view>;

constexpr std::array name_use_rows{
    TextRow{"L", "usual"},
    TextRow{"D", "usual"},
    TextRow{"CURRENT", "usual"},
    TextRow{"USUAL", "usual"},
    TextRow{"A", "nickname"},
    TextRow{"N", "nickname"},
    TextRow{"ALIAS", "nickname"},
    TextRow{"PREFERRED", "nickname"},
    TextRow{"M", "maiden"},
    TextRow{"PREVIOUS-MAIDEN", "maiden"},
    TextRow{"B", "old"},
    TextRow{"PREVIOUS", "old"},
    TextRow{"PREVIOUS-BIRTH", "old"},
    TextRow{"PREVIOUS-BACHELOR", "old"},
    TextRow{"T", "temp"},
    TextRow{"S", "anonymous"},
    TextRow{"C", "official"},
    TextRow{"LEGAL", "official"},
};

constexpr std::array address_use_rows{
    TextRow{"H", "home"}, TextRow{"HOME", "home"},  TextRow{"P", "home"},    TextRow{"B", "work"},
    TextRow{"O", "work"}, TextRow{"WORK", "work"},  TextRow{"C", "temp"},    TextRow{"TMP", "temp"},
    TextRow{"BA", "old"}, TextRow{"BI", "billing"}, TextRow{"TEMP", "temp"},
};

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string in_capitals(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  std::string capitals{text};
  for (char& c : capitals) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return capitals;
}

std::optional<Sex> sex_of(std::string_view code) {
  const auto* row = find_row(sex_rows, code);
  return row == nullptr ? std::nullopt : std::optional{row->meaning};
}

std::optional<PatientClass> patient_class_of(std::string_view code) {
  const auto* row = find_row(class_rows, code);
  return row == nullptr ? std::nullopt : std::optional{row->meaning};
}

std::string_view name_use_of(std::string_view code) {
  const auto* row = find_row(name_use_rows, code);
  return row == nullptr ? std::string_view{} : row->meaning;
}

std::string_view address_use_of(std::string_view code) {
  const auto* row = find_row(address_use_rows, code);
  return row == nullptr ? std::string_view{} : row->meaning;
}

std::string nhs_number_status_of(std::string_view code) {
  std::string plain = in_capitals(code);
  if (plain.starts_with("NSTS")) plain.erase(0, 4);
  if (plain.size() == 1) plain.insert(plain.begin(), '0');
  const bool known = plain.size() == 2 && plain[0] == '0' && plain[1] >= '1' && plain[1] <= '8';
  return known ? plain : std::string{};
}

bool looks_like_ods(std::string_view code) {
  if (code.size() < 3 || code.size() > 6) return false;
  bool letters = false;
  bool digits = false;
  for (const char c : code) {
    if (!is_capital(c) && !is_digit(c)) return false;
    letters = letters || is_capital(c);
    digits = digits || is_digit(c);
  }
  const bool trust_or_site = code[0] == 'R' && (code.size() == 3 || code.size() == 5);
  return trust_or_site || (letters && digits);
}

}  // namespace cpis::hl7v2
