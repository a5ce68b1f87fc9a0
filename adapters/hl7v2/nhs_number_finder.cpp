#include "adapters/hl7v2/nhs_number_finder.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "adapters/hl7v2/code_tables.h"

namespace cpis::hl7v2 {
namespace {

struct Candidate {
  NhsNumber number;
  std::string status;
  std::string path;
};

// HL7 table 0203 and local words for numbers that a provider issues.
constexpr std::array<std::string_view, 22> usual_local_types{
    "MR",  "MRN", "PI",  "PT", "PAS",    "HOSP", "HOSPITALNUMBER", "HOSPITAL NUMBER",
    "PN",  "VN",  "AN",  "EI", "MEDREC", "PRN",  "CASENO",         "DISTRICT",
    "EVO", "LR",  "RRI", "XX", "DL",     "PPN"};

// FHIR's and ISO's names of the NHS number, as they leak into CX-4.
constexpr std::array<std::string_view, 2> nhs_number_namespaces{"HTTPS://FHIR.NHS.UK/ID/NHS-NUMBER",
                                                                "2.16.840.1.113883.2.1.4.1"};

bool contains(const std::vector<std::string>& list, std::string_view capitals) {
  return std::any_of(list.begin(), list.end(),
                     [&](const std::string& item) { return in_capitals(item) == capitals; });
}

bool is_local_type(const std::string& type, const FeedSettings& settings) {
  return std::find(usual_local_types.begin(), usual_local_types.end(), type) !=
             usual_local_types.end() ||
         contains(settings.local_types, type);
}

bool is_nhs_authority(const Component& authority, const FeedSettings& settings) {
  const std::string name = in_capitals(authority.sub(1));
  const std::string universal = in_capitals(authority.sub(2));
  const auto is_namespace = [](const std::string& text) {
    return std::find(nhs_number_namespaces.begin(), nhs_number_namespaces.end(), text) !=
           nhs_number_namespaces.end();
  };
  return name.starts_with("NHS") || is_namespace(name) || is_namespace(universal) ||
         contains(settings.nhs_authorities, name);
}

class Finder {
 public:
  Finder(const FeedSettings& settings, Findings& findings)
      : settings_{settings}, findings_{findings} {}

  void look_at(const Repetition& cx, std::string path) {
    const std::string text = cx.text(1);
    if (text.empty()) return;
    const IdentifierKind kind = kind_of(cx, settings_);
    if (kind == IdentifierKind::local) return;
    const auto number = NhsNumber::parse(text);
    if (!number) {
      if (kind == IdentifierKind::nhs_number) {
        tell(Severity::error, "HL7-NHS-1", path,
             "marked as an NHS number but not ten digits with a right check digit; not used");
      }
      return;
    }
    auto& candidates = kind == IdentifierKind::nhs_number ? marked_ : unmarked_;
    candidates.push_back({*number, nhs_number_status_of(cx.text(2)), std::move(path)});
  }

  NhsNumberFound choose() {
    const bool use_marked = !marked_.empty();
    const std::vector<Candidate>& from = use_marked ? marked_ : unmarked_;
    if (from.empty()) return {};
    for (const Candidate& other : from) {
      if (other.number == from.front().number) continue;
      tell(Severity::error, "HL7-NHS-2", other.path,
           "two different valid NHS numbers were sent; nobody is looked up");
      return {std::nullopt, true, {}, other.path};
    }
    if (!use_marked) {
      tell(Severity::warning, "HL7-NHS-3", from.front().path,
           "taken as the NHS number by its check digit; nothing marks it as one");
    }
    const auto stated = std::find_if(from.begin(), from.end(),
                                     [](const Candidate& c) { return !c.status.empty(); });
    return {from.front().number, false, stated == from.end() ? std::string{} : stated->status,
            from.front().path};
  }

 private:
  void tell(Severity severity, std::string_view rule, const std::string& path, std::string text) {
    findings_.push_back({severity, std::string{rule}, {}, 0, path, std::move(text)});
  }

  const FeedSettings& settings_;
  Findings& findings_;
  std::vector<Candidate> marked_;
  std::vector<Candidate> unmarked_;
};

}  // namespace

IdentifierKind kind_of(const Repetition& cx, const FeedSettings& settings) {
  const std::string type = in_capitals(cx.text(5));
  if (is_local_type(type, settings)) return IdentifierKind::local;
  const bool nhs_authority = is_nhs_authority(cx.component(4), settings);
  // HN is "hospital number" in table 0203, yet Epic sends the NHS number so (NHS^HN).
  if (type == "HN" && !nhs_authority) return IdentifierKind::local;
  if (type == "NH" || type == "NI" || type.starts_with("NHS") || nhs_authority ||
      in_capitals(cx.text(2)).starts_with("NSTS")) {
    return IdentifierKind::nhs_number;
  }
  const std::string authority = in_capitals(cx.text(4));
  const bool names_a_local_number = !type.empty() || authority.find("MRN") != std::string::npos;
  return names_a_local_number ? IdentifierKind::local : IdentifierKind::unmarked;
}

NhsNumberFound find_nhs_number(const Segment& segment, std::span<const std::size_t> fields,
                               const FeedSettings& settings, Findings& findings) {
  Finder finder{settings, findings};
  for (const std::size_t number : fields) {
    const Field field = segment.field(number);
    const bool several = field.size() > 1;
    for (Repetitions all{field}; all.next();) {
      const Path path{std::string{segment.name()},
                      {},
                      number,
                      several ? std::optional{all.number()} : std::nullopt,
                      1,
                      {}};
      finder.look_at(*all, to_text(path));
    }
  }
  return finder.choose();
}

}  // namespace cpis::hl7v2
