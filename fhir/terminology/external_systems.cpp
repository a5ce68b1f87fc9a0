#include "fhir/terminology/external_systems.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fhir/path/ucum.h"

namespace cpis::fhir {

namespace {

constexpr Membership known(bool is) { return is ? Membership::yes : Membership::no; }

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_alpha(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
constexpr bool is_alnum(char c) { return is_digit(c) || is_alpha(c); }
constexpr char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

template <class Test>
bool all(std::string_view text, Test test) {
  return !text.empty() && std::ranges::all_of(text, test);
}

bool listed(std::string_view code, std::size_t size, std::string_view codes) {
  if (code.size() != size) return false;
  for (std::size_t at = 0; at + size <= codes.size(); at += size + 1) {
    if (codes.substr(at, size) == code) return true;
  }
  return false;
}

// ISO 4217, current codes with funds, metals and the testing codes.
constexpr std::string_view currencies =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN "
    "BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP "
    "ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR "
    "ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD "
    "MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR "
    "PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL "
    "THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF "
    "XAG XAU XBA XBB XBC XBD XCD XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWL";

// ISO 3166-1 alpha-2.
constexpr std::string_view countries =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ "
    "EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW "
    "GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY "
    "KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV "
    "MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY "
    "QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG "
    "TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM "
    "ZW";

// ISO 639-1.
constexpr std::string_view languages =
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy "
    "da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu "
    "hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb "
    "lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om "
    "or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv "
    "sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

constexpr std::array<std::string_view, 11> media_types{"application", "audio", "example", "font",
                                                       "haptics",     "image", "message", "model",
                                                       "multipart",   "text",  "video"};

std::vector<std::string_view> subtags(std::string_view tag) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t dash = tag.find('-');
    parts.push_back(tag.substr(0, dash));
    if (dash == std::string_view::npos) return parts;
    tag.remove_prefix(dash + 1);
  }
}

bool is_region(std::string_view part) {
  if (part.size() == 3) return all(part, is_digit);
  std::string upper{part};
  for (char& c : upper) c = is_alpha(c) ? static_cast<char>(c & ~0x20) : c;
  // Codes ISO leaves to users: AA, QM to QZ, XA to XZ, ZZ.
  const bool own =
      upper == "AA" || upper == "ZZ" || upper[0] == 'X' || (upper[0] == 'Q' && upper[1] >= 'M');
  return (own && all(upper, is_upper)) || listed(upper, 2, countries);
}

bool is_variant(std::string_view part) {
  if (part.size() == 4) return is_digit(part[0]) && all(part, is_alnum);
  return part.size() >= 5 && part.size() <= 8 && all(part, is_alnum);
}

/// What follows the language: script, region, variants, extensions, private use, in this order.
bool rest_is_well_formed(const std::vector<std::string_view>& parts) {
  std::size_t at = 1;
  const auto here = [&] { return at < parts.size() ? parts[at] : std::string_view{}; };
  for (int more = 0; more < 3 && here().size() == 3 && all(here(), is_alpha); ++more) ++at;
  if (here().size() == 4 && all(here(), is_alpha)) ++at;
  if ((here().size() == 2 && all(here(), is_alpha)) ||
      (here().size() == 3 && all(here(), is_digit))) {
    if (!is_region(here())) return false;
    ++at;
  }
  while (is_variant(here())) ++at;
  while (here().size() == 1 && is_alnum(here()[0])) {
    const bool is_private = lower(here()[0]) == 'x';
    const std::size_t first = ++at;
    while (here().size() >= (is_private ? 1U : 2U) && here().size() <= 8 && all(here(), is_alnum)) {
      ++at;
    }
    if (at == first) return false;
    if (is_private) break;
  }
  return at == parts.size();
}

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return all(text, [&](char c) { return is_alnum(c) || marks.find(c) != std::string_view::npos; });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool are_parameters(std::string_view text) {
  while (!text.empty()) {
    const std::size_t semicolon = text.find(';');
    const std::string_view one = trimmed(text.substr(0, semicolon));
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos || !is_token(one.substr(0, equals))) return false;
    const std::string_view value = one.substr(equals + 1);
    const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    if (!quoted && !is_token(value)) return false;
    if (semicolon == std::string_view::npos) break;
    text.remove_prefix(semicolon + 1);
  }
  return true;
}

Membership country_membership(std::string_view code) {
  if (code.size() == 2) return known(listed(code, 2, countries));
  // Alpha-3 and numeric codes are not enumerated here; only their form is.
  const bool formed = code.size() == 3 && (all(code, is_upper) || all(code, is_digit));
  return formed ? Membership::unknown : Membership::no;
}

Membership currency_membership(std::string_view code) { return known(listed(code, 3, currencies)); }

Membership snomed_membership(std::string_view code) {
  if (all(code, is_digit)) return is_snomed_id(code) ? Membership::unknown : Membership::no;
  return code.empty() ? Membership::no : Membership::unknown;  // a post-coordinated expression
}

Membership loinc_membership(std::string_view code) {
  return is_loinc_code(code) ? Membership::unknown : Membership::no;
}

Membership ucum_membership(std::string_view code) {
  return known(path::ucum::parse(code).has_value());
}

struct ExternalSystem {
  std::string_view url;
  Membership (*decide)(std::string_view code);
  bool can_say_yes;
};

constexpr std::array external_systems{
    ExternalSystem{"urn:ietf:bcp:13", mime_type_membership, true},
    ExternalSystem{"urn:ietf:bcp:47", language_membership, true},
    ExternalSystem{"urn:iso:std:iso:4217", currency_membership, true},
    ExternalSystem{"urn:iso:std:iso:3166", country_membership, true},
    ExternalSystem{"http://unitsofmeasure.org", ucum_membership, true},
    ExternalSystem{"http://snomed.info/sct", snomed_membership, false},
    ExternalSystem{"http://loinc.org", loinc_membership, false},
};

const ExternalSystem* find_system(std::string_view url) {
  const auto found = std::ranges::find(external_systems, url, &ExternalSystem::url);
  return found == external_systems.end() ? nullptr : &*found;
}

}  // namespace

Membership external_membership(std::string_view system, std::string_view code) {
  const ExternalSystem* const found = find_system(system);
  return found == nullptr ? Membership::unknown : found->decide(code);
}

bool is_external_system(std::string_view system) {
  const ExternalSystem* const found = find_system(system);
  return found != nullptr && found->can_say_yes;
}

Membership language_membership(std::string_view tag) {
  const auto parts = subtags(tag);
  const std::string_view language = parts.front();
  if (language.size() == 1) {
    // Private use, and the tags registered before the grammar (`i-klingon`).
    const bool formed = (lower(language[0]) == 'x' || lower(language[0]) == 'i') &&
                        parts.size() > 1 && all(parts[1], is_alnum) && parts[1].size() <= 8;
    return known(formed);
  }
  if (!all(language, is_alpha) || language.size() > 8 || language.size() == 4) {
    return Membership::no;
  }
  if (!rest_is_well_formed(parts)) return Membership::no;
  if (language.size() > 2) return Membership::unknown;
  std::string small{language};
  std::ranges::transform(small, small.begin(), lower);
  return known(listed(small, 2, languages));
}

Membership mime_type_membership(std::string_view text) {
  if (text == "xml" || text == "json" || text == "ttl") return Membership::yes;
  const std::size_t semicolon = text.find(';');
  const std::string_view name = trimmed(text.substr(0, semicolon));
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return Membership::no;
  std::string type{name.substr(0, slash)};
  std::ranges::transform(type, type.begin(), lower);
  const bool known_type =
      std::ranges::find(media_types, type) != media_types.end() || type.starts_with("x-");
  if (!known_type || !is_token(type) || !is_token(name.substr(slash + 1))) return Membership::no;
  return known(semicolon == std::string_view::npos || are_parameters(text.substr(semicolon + 1)));
}

bool is_snomed_id(std::string_view code) {
  // Verhoeff: the dihedral group D5 and the permutation that moves digits through it.
  static constexpr std::array<std::array<std::uint8_t, 10>, 10> product{{
      {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
      {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
      {2, 3, 4, 0, 1, 7, 8, 9, 5, 6},
      {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
      {4, 0, 1, 2, 3, 9, 5, 6, 7, 8},
      {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
      {6, 5, 9, 8, 7, 1, 0, 4, 3, 2},
      {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
      {8, 7, 6, 5, 9, 3, 2, 1, 0, 4},
      {9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
  }};
  static constexpr std::array<std::uint8_t, 10> step{1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
  if (code.size() < 6 || code.size() > 18 || !all(code, is_digit) || code[0] == '0') return false;
  std::uint8_t check = 0;
  for (std::size_t place = 0; place < code.size(); ++place) {
    auto digit = static_cast<std::uint8_t>(code[code.size() - 1 - place] - '0');
    for (std::size_t times = 0; times < place % 8; ++times) digit = step[digit];
    check = product[check][digit];
  }
  return check == 0;
}

bool is_loinc_code(std::string_view code) {
  const bool lettered = code.starts_with("LA") || code.starts_with("LP") ||
                        code.starts_with("LL") || code.starts_with("LG");
  if (lettered) code.remove_prefix(2);
  const std::size_t dash = code.find('-');
  if (dash == std::string_view::npos || dash + 2 != code.size() || dash > 9) return false;
  const std::string_view digits = code.substr(0, dash);
  if (!all(digits, is_digit) || !is_digit(code.back())) return false;
  if (lettered) return true;
  // Modulus 10 as LOINC describes it: every second digit, from the last, is doubled.
  int sum = 0;
  for (std::size_t place = 0; place < digits.size(); ++place) {
    const int digit = digits[digits.size() - 1 - place] - '0';
    const int weighed = place % 2 == 0 ? digit * 2 : digit;
    sum += weighed / 10 + weighed % 10;
  }
  return (10 - sum % 10) % 10 == code.back() - '0';
}

std::optional<std::vector<std::string_view>> listed_snomed_ids(std::string_view constraint) {
  std::string_view rest = trimmed(constraint);
  if (rest.starts_with('(') && rest.ends_with(')')) {
    rest = trimmed(rest.substr(1, rest.size() - 2));
  }
  std::vector<std::string_view> ids;
  for (;;) {
    const auto end = std::ranges::find_if_not(rest, is_digit);
    ids.push_back(rest.substr(0, static_cast<std::size_t>(end - rest.begin())));
    if (!is_snomed_id(ids.back())) return std::nullopt;
    rest = trimmed(rest.substr(ids.back().size()));
    if (rest.starts_with('|')) {  // the term, for people
      const std::size_t close = rest.find('|', 1);
      if (close == std::string_view::npos) return std::nullopt;
      rest = trimmed(rest.substr(close + 1));
    }
    if (rest.empty()) return ids;
    if (!rest.starts_with("OR ")) return std::nullopt;
    rest = trimmed(rest.substr(3));
  }
}

}  // namespace cpis::fhir
