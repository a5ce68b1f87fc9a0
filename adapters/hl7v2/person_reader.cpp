#include "adapters/hl7v2/person_reader.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "adapters/hl7v2/code_tables.h"
#include "adapters/hl7v2/nhs_number_finder.h"

namespace cpis::hl7v2 {
namespace {

constexpr int age_years_max = 130;
constexpr std::size_t phone_digits_min = 7;

void tell(Findings& findings, Severity severity, std::string_view rule, std::string_view field,
          std::string text) {
  findings.push_back({severity, std::string{rule}, {}, 0, std::string{field}, std::move(text)});
}

void add_local(std::vector<LocalIdentifier>& ids, LocalIdentifier id, bool only_new_values) {
  const bool known = std::any_of(ids.begin(), ids.end(), [&](const LocalIdentifier& other) {
    return only_new_values ? other.value == id.value : other == id;
  });
  if (!known) ids.push_back(std::move(id));
}

void read_local_ids(const Segment& segment, std::span<const std::size_t> fields,
                    const std::optional<NhsNumber>& nhs_number, const FeedSettings& settings,
                    std::vector<LocalIdentifier>& ids) {
  for (const std::size_t number : fields) {
    const Field field = segment.field(number);
    for (Repetitions all{field}; all.next();) {
      const Repetition cx = *all;
      LocalIdentifier id{cx.text(4), cx.text(1), cx.text(5)};
      if (id.value.empty() || in_capitals(id.value) == "NULL") continue;
      if (kind_of(cx, settings) == IdentifierKind::nhs_number || cx.is_cut_off()) continue;
      if (nhs_number && NhsNumber::parse(id.value) == nhs_number) continue;
      if (id.authority.empty()) id.authority = settings.local_authority;
      add_local(ids, std::move(id), number != fields.front());
    }
  }
}

std::string status_elsewhere(const Message& message, const Segment& pid) {
  const Field reliability = pid.field(32);
  for (Repetitions all{reliability}; all.next();) {
    if (auto status = nhs_number_status_of((*all).text(1)); !status.empty()) {
      return status;
    }
  }
  return nhs_number_status_of(message.field("ZU1", 27).text());
}

// XPN: family ^ given ^ further given ^ suffix ^ prefix ^ degree ^ type.
std::vector<HumanName> read_names(const Field& field) {
  std::vector<HumanName> names;
  for (Repetitions all{field}; all.next();) {
    const Repetition xpn = *all;
    HumanName name;
    name.family = xpn.text(1);
    for (const std::size_t place : {std::size_t{2}, std::size_t{3}}) {
      if (std::string given = xpn.text(place); !given.empty()) name.given.push_back(given);
    }
    name.suffix = xpn.text(4);
    name.prefix = xpn.text(5);
    name.use = name_use_of(xpn.text(7));
    if (!name.family.empty() || !name.given.empty()) names.push_back(std::move(name));
  }
  return names;
}

void read_birth_date(const Segment& pid, std::optional<Time> sent, const FeedSettings& settings,
                     PatientDetails& details, Findings& findings) {
  const std::string text = pid.field(7).text();
  if (text.empty()) return;
  const auto date = read_date(text, settings.day_first_dates);
  if (!date) {
    tell(findings, Severity::warning, "HL7-PID-7a", "PID-7",
         "not a full date that can be read; taken as no birth date");
    return;
  }
  if (sent) {
    const Date today = london_date(*sent);
    if (*date > add_days(today, 1) || age_on(*date, today) > age_years_max) {
      tell(findings, Severity::warning, "HL7-PID-7b", "PID-7",
           "after the message or more than 130 years before it; taken as no birth date");
      return;
    }
  }
  details.birth_date = date;
  // Table 0445 with the UK's additions: UD unknown or default, ED estimated.
  const Field reliability = pid.field(32);
  for (Repetitions all{reliability}; all.next();) {
    const std::string code = in_capitals((*all).text(1));
    if (code == "UD" || code == "ED") details.birth_date_estimated = true;
  }
  constexpr Date usual_placeholder{std::chrono::year{1900}, std::chrono::January,
                                   std::chrono::day{1}};
  if (*date == usual_placeholder) details.birth_date_estimated = true;
  if (details.birth_date_estimated) {
    tell(findings, Severity::information, "HL7-PID-7c", "PID-7",
         "a default or estimated date; the age counts as not known");
  }
}

void read_sex(const Segment& pid, const FeedSettings& settings, PatientDetails& details,
              Findings& findings) {
  const std::string code = pid.field(8).text();
  if (code.empty()) return;
  const auto local = settings.sex_codes.find(code);
  const auto sex = sex_of(local == settings.sex_codes.end() ? code : local->second);
  if (!sex)
    tell(findings, Severity::warning, "HL7-PID-8", "PID-8", "a code without a meaning here");
  details.sex = sex.value_or(Sex::unknown);
}

// XAD: four lines as UK systems use them (1, 2 lines; 3 town; 4 county), 5 postcode, 6 country.
std::vector<Address> read_addresses(const Field& field) {
  std::vector<Address> addresses;
  for (Repetitions all{field}; all.next();) {
    const Repetition xad = *all;
    Address address;
    for (const std::size_t place : {std::size_t{1}, std::size_t{2}}) {
      if (std::string line = xad.text(place); !line.empty()) address.lines.push_back(line);
    }
    address.city = xad.text(3);
    address.district = xad.text(4);
    address.postcode = xad.text(5);
    address.country = xad.text(6);
    const bool says_something = !address.lines.empty() || !address.city.empty() ||
                                !address.district.empty() || !address.postcode.empty();
    address.use = address_use_of(xad.text(7));
    if (says_something) addresses.push_back(std::move(address));
  }
  return addresses;
}

// A number as it is dialled: free text behind it ("07... TEST PTNR") is not part of it.
std::string dialled_part(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789 +()-./x");
  std::string_view number = text.substr(0, end);
  while (number.ends_with(' ') || number.ends_with('-') || number.ends_with('(')) {
    number.remove_suffix(1);
  }
  const auto digits =
      std::count_if(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
  return static_cast<std::size_t>(digits) >= phone_digits_min ? std::string{number} : std::string{};
}

std::string_view telecom_use(std::string_view use, std::string_view equipment, bool business) {
  if (equipment == "CP" || use == "PRS") return "mobile";
  if (business || use == "WPN") return "work";
  return use == "PRN" || use == "ORN" || use == "HOME" || use == "VHN" || use.empty() ? "home" : "";
}

void read_telecoms(const Field& field, std::string_view path, bool business,
                   std::vector<Telecom>& telecoms, Findings& findings) {
  const auto add = [&](Telecom telecom) {
    const bool known = std::any_of(telecoms.begin(), telecoms.end(), [&](const Telecom& other) {
      return other.system == telecom.system && other.value == telecom.value;
    });
    if (!known) telecoms.push_back(std::move(telecom));
  };
  for (Repetitions all{field}; all.next();) {
    const Repetition xtn = *all;
    const std::string first = xtn.text(1);
    std::string email = xtn.text(4);
    if (email.empty() && first.find('@') != std::string::npos) email = first;
    if (email.find('@') != std::string::npos) add({"email", email, business ? "work" : ""});
    const std::string number = dialled_part(first.empty() ? xtn.text(12) : first);
    if (!number.empty()) {
      const auto use = telecom_use(in_capitals(xtn.text(2)), in_capitals(xtn.text(3)), business);
      add({"phone", number, std::string{use}});
    } else if (!first.empty() && email != first) {
      tell(findings, Severity::information, "HL7-XTN", path, "holds no number that can be dialled");
    }
  }
}

// National codes: a GP practice is a letter and five digits; `G1234567~W12345` in PD1-4 and
// `^GPPRC^W12345` in PD1-3 both carry it.
bool is_practice_code(std::string_view code) {
  if (code.size() != 6 || code[0] < 'A' || code[0] > 'Z') return false;
  return std::all_of(code.begin() + 1, code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string read_practice(const Message& message) {
  const Field organisations = message.field("PD1", 3);
  for (Repetitions all{organisations}; all.next();) {
    for (const std::size_t place : {std::size_t{3}, std::size_t{10}, std::size_t{1}}) {
      std::string code = (*all).text(place);
      if (is_practice_code(code)) return code;
    }
  }
  const Field practitioners = message.field("PD1", 4);
  for (Repetitions all{practitioners}; all.next();) {
    std::string code = (*all).text(1);
    if (is_practice_code(code)) return code;
  }
  return {};
}

void read_death(const Segment& pid, const FeedSettings& settings, PatientDetails& details,
                Findings& findings) {
  const std::string indicator = in_capitals(pid.field(30).text());
  const std::string when = pid.field(29).text();
  details.deceased = indicator == "Y" || indicator == "1" || (indicator.empty() && !when.empty());
  if (when.empty()) return;
  const auto died = read_time(when, settings.clocks);
  // PIMS sends `^D`; a time beside "N" contradicts itself, and "N" is what was said in words.
  if (!died)
    tell(findings, Severity::warning, "HL7-PID-29", "PID-29", "a time that cannot be read");
  if (!details.deceased) {
    tell(findings, Severity::warning, "HL7-PID-30", "PID-30",
         "says alive while PID-29 holds a time of death; taken as alive");
    return;
  }
  details.died = died;
}

void read_shielding(const Message& message, PatientDetails& details, Findings& findings) {
  const std::string hiding = in_capitals(message.field("ZU8", 4).text());
  const std::string protection = in_capitals(message.field("PD1", 12).text());
  // 1 and 2 hide, by a local or the national flag. Whoever sends another word hides too, unless it
  // says no: where a child is must not show because a code is not known.
  const bool shown = hiding == "0" || hiding == "N" || hiding == "NO";
  const bool hidden = !hiding.empty() && !shown;
  details.shielding_stated = shown || hidden || protection == "Y" || protection == "N";
  details.shielded = hidden || protection == "Y";
  if (hidden && hiding != "1" && hiding != "2") {
    tell(findings, Severity::warning, "HL7-ZU8-4", "ZU8-4",
         "a code that is not known; taken as a wish to hide the location");
  }
  if (!details.shielded) return;
  tell(findings, Severity::information, "HL7-ZU8-4", "ZU8-4",
       "the location is to be hidden; addresses, telecoms and practice were not read");
  details.addresses.clear();
  details.telecoms.clear();
  details.gp_practice_ods.clear();
}

}  // namespace

PatientIdentity read_identity(const Message& message, const Segment& pid,
                              const FeedSettings& settings, Findings& findings) {
  constexpr std::array<std::size_t, 4> number_fields{3, 2, 4, 19};
  constexpr std::array<std::size_t, 3> local_fields{3, 2, 4};
  const NhsNumberFound found = find_nhs_number(pid, number_fields, settings, findings);
  PatientIdentity identity;
  identity.nhs_number = found.number;
  identity.nhs_number_ambiguous = found.ambiguous;
  if (found.number) {
    identity.nhs_number_status =
        found.status.empty() ? status_elsewhere(message, pid) : found.status;
  }
  read_local_ids(pid, local_fields, found.number, settings, identity.local_ids);
  return identity;
}

bool surely_identifies(const Field& pid_3, const FeedSettings& settings) {
  for (Repetitions all{pid_3}; all.next();) {
    const Repetition cx = *all;
    const std::string value = cx.text(1);
    // A valid number is one or the other: the person's NHS number, an ambiguity, or a local one.
    if (NhsNumber::parse(value)) return true;
    if (value.empty() || in_capitals(value) == "NULL" || cx.is_cut_off()) continue;
    if (kind_of(cx, settings) != IdentifierKind::nhs_number) return true;
  }
  return false;
}

PatientIdentity read_merged_away(const Segment& mrg, const PatientIdentity& survivor,
                                 const FeedSettings& settings, Findings& findings) {
  constexpr std::array<std::size_t, 3> fields{1, 4, 2};
  const NhsNumberFound found = find_nhs_number(mrg, fields, settings, findings);
  PatientIdentity identity;
  identity.nhs_number = found.number;
  identity.nhs_number_ambiguous = found.ambiguous;
  identity.nhs_number_status = found.status;
  read_local_ids(mrg, fields, found.number, settings, identity.local_ids);
  for (LocalIdentifier& id : identity.local_ids) {
    if (!id.authority.empty() || !id.type.empty() || survivor.local_ids.empty()) continue;
    id.authority = survivor.local_ids.front().authority;
    id.type = survivor.local_ids.front().type;
  }
  return identity;
}

PatientDetails read_details(const Message& message, const Segment& pid, std::optional<Time> sent,
                            const FeedSettings& settings, Findings& findings) {
  PatientDetails details;
  details.names = read_names(pid.field(5));
  read_birth_date(pid, sent, settings, details, findings);
  read_sex(pid, settings, details, findings);
  details.addresses = read_addresses(pid.field(11));
  read_telecoms(pid.field(13), "PID-13", false, details.telecoms, findings);
  read_telecoms(pid.field(14), "PID-14", true, details.telecoms, findings);
  details.gp_practice_ods = read_practice(message);
  read_death(pid, settings, details, findings);
  read_shielding(message, details, findings);
  return details;
}

}  // namespace cpis::hl7v2
