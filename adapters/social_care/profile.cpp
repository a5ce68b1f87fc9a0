#include "adapters/social_care/profile.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>

#include "adapters/social_care/json/json_tree.h"
#include "adapters/social_care/text.h"

namespace cpis::social_care {
namespace {

constexpr std::size_t profile_values_max = 4096;
constexpr std::string_view csv_set_kind = "csv-set";
constexpr std::size_t profile_bytes_max = std::size_t{256} * 1024;

// The first thing that is wrong wins; everything after it is a consequence.
class Reader {
 public:
  explicit Reader(Profile& profile) : profile_{profile} {}

  const std::optional<Error>& error() const { return error_; }
  void read(const JsonNode& root);

 private:
  using Kind = JsonNode::Kind;
  struct Member {
    std::string_view name;
    std::function<void(const JsonNode&)> take;
    bool needed = false;
  };

  void refuse(const JsonNode& at, const std::string& why) {
    if (error_) return;
    error_ = Error{ErrorKind::bad_input, "line " + std::to_string(at.line) + ": " + why};
  }

  void object(const JsonNode& node, std::string_view path, const std::vector<Member>& known);
  bool expect(const JsonNode& node, Kind kind, std::string_view what);
  std::vector<std::string> texts(const JsonNode& node);
  int whole_number(const JsonNode& node, int min, int max);

  Member text(std::string_view name, std::string& into, bool needed = false) {
    return {name,
            [this, &into](const JsonNode& n) {
              if (n.kind == Kind::null) return;
              if (expect(n, Kind::string, "text")) into = n.text;
            },
            needed};
  }
  Member number(std::string_view name, int& into, int min, int max) {
    return {name, [this, &into, min, max](const JsonNode& n) { into = whole_number(n, min, max); }};
  }

  void read_input(const JsonNode& node);
  void read_encodings(const JsonNode& node);
  void read_tables(const JsonNode& node);
  void read_dates(const JsonNode& node);
  void read_null_dates(const JsonNode& node);
  void read_skip(const JsonNode& node, SkipRule& into);
  void read_person(const JsonNode& node);
  void read_cpp(const JsonNode& node);
  void read_lac(const JsonNode& node);
  void read_scope(const JsonNode& node);
  void read_labels(const JsonNode& node);
  void read_unborn(const JsonNode& node);
  void read_mother(const JsonNode& node);
  void read_identifiers(const JsonNode& node);
  void read_transforms(const JsonNode& node);
  void read_names(const JsonNode& node);
  void read_la(const JsonNode& node);
  void read_guards(const JsonNode& node);

  Profile& profile_;
  std::optional<Error> error_;
};

void Reader::object(const JsonNode& node, std::string_view path, const std::vector<Member>& known) {
  if (!expect(node, Kind::object, "an object")) return;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string& name = node.names[i];
    const JsonNode& value = node.items[i];
    const auto member = std::find_if(known.begin(), known.end(),
                                     [&name](const Member& m) { return m.name == name; });
    if (member == known.end()) {
      return refuse(value, "unknown key " + std::string{path} + name);
    }
    member->take(value);
  }
  for (const Member& member : known) {
    if (member.needed && node.find(member.name) == nullptr) {
      return refuse(node, "missing key " + std::string{path} + std::string{member.name});
    }
  }
}

bool Reader::expect(const JsonNode& node, Kind kind, std::string_view what) {
  if (node.kind == kind) return true;
  refuse(node, "expected " + std::string{what});
  return false;
}

std::vector<std::string> Reader::texts(const JsonNode& node) {
  std::vector<std::string> out;
  if (node.kind == Kind::string) return {node.text};
  if (!expect(node, Kind::array, "a list of texts")) return out;
  for (const JsonNode& item : node.items) {
    if (expect(item, Kind::string, "text")) out.push_back(item.text);
  }
  return out;
}

int Reader::whole_number(const JsonNode& node, int min, int max) {
  int value = 0;
  const char* const end = node.text.data() + node.text.size();
  const auto [at, problem] = std::from_chars(node.text.data(), end, value);
  const bool good = node.kind == Kind::number && problem == std::errc{} && at == end;
  if (!good || value < min || value > max) {
    refuse(node,
           "expected a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return min;
  }
  return value;
}

void Reader::read_encodings(const JsonNode& node) {
  for (const std::string& encoding : texts(node)) {
    if (encoding == "windows-1252") {
      profile_.allow_windows1252 = true;
    } else if (encoding != "utf-8" && encoding != "utf-16") {
      refuse(node, "unknown encoding; known are utf-8, utf-16 and windows-1252");
    }
  }
}

void Reader::read_tables(const JsonNode& node) {
  if (!expect(node, Kind::object, "an object")) return;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const JsonNode& pattern = node.items[i];
    if (!expect(pattern, Kind::string, "a file name pattern")) continue;
    profile_.tables[node.names[i]] = pattern.text;
  }
}

void Reader::read_input(const JsonNode& node) {
  object(node, "input.",
         {text("kind", profile_.kind, true),
          {"encodings", [this](const JsonNode& n) { read_encodings(n); }},
          {"delimiter",
           [this](const JsonNode& n) {
             if (n.text.size() != 1 ||
                 std::string_view{",;\t|"}.find(n.text[0]) == std::string_view::npos) {
               return refuse(n, "the delimiter is one of , ; | and tab");
             }
             profile_.delimiter = n.text[0];
           }},
          {"tables", [this](const JsonNode& n) { read_tables(n); }}});
}

void Reader::read_dates(const JsonNode& node) {
  object(node, "dates.",
         {{"default",
           [this](const JsonNode& n) {
             const auto forms = DateForms::from(texts(n));
             if (!forms) {
               return refuse(n,
                             "a date form needs %Y, %m and %d, and may use %H, "
                             "%M, %S and %f");
             }
             profile_.dates = *forms;
           },
           true}});
}

void Reader::read_null_dates(const JsonNode& node) {
  for (const std::string& date : texts(node)) {
    const auto day = parse_iso_date(date);
    if (!day) return refuse(node, "expected dates as 2300-01-01");
    profile_.null_dates.push_back(to_day(*day));
  }
}

void Reader::read_skip(const JsonNode& node, SkipRule& into) {
  if (!expect(node, Kind::object, "an object")) return;
  if (node.items.size() != 1) return refuse(node, "expected one column with its values");
  into.column = node.names[0];
  into.values = texts(node.items[0]);
}

void Reader::read_person(const JsonNode& node) {
  PersonColumns& to = profile_.person;
  object(node, "person.",
         {text("key", to.key, true),
          text("surname", to.surname),
          text("given", to.given),
          text("birth", to.birth, true),
          text("expected", to.expected),
          text("death", to.death),
          text("sex", to.sex),
          {"nhs", [this, &to](const JsonNode& n) { to.nhs = texts(n); }},
          {"skip_if", [this, &to](const JsonNode& n) { read_skip(n, to.skip); }}});
}

void Reader::read_cpp(const JsonNode& node) {
  PlanColumns& to = profile_.cpp;
  object(node, "cpp.",
         {text("key", to.key),
          text("person", to.person, true),
          text("start", to.start, true),
          text("end", to.end, true),
          {"skip_if", [this, &to](const JsonNode& n) { read_skip(n, to.skip); }}});
}

void Reader::read_scope(const JsonNode& node) {
  for (const std::string& code : texts(node)) {
    const auto status = read_legal_code(code);
    if (!status) return refuse(node, "a scope code is not a legal status of the 903 return");
    profile_.scope.add(*status);
  }
}

void Reader::read_labels(const JsonNode& node) {
  if (!expect(node, Kind::object, "an object")) return;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string& label = node.names[i];
    const JsonNode& value = node.items[i];
    const auto status = read_legal_code(value.text);
    if (!status && value.text != "none") {
      return refuse(value, "a label maps to a legal status code or to none");
    }
    profile_.labels[folded(collapsed(label))] = status.value_or(LegalStatus::not_looked_after);
  }
}

void Reader::read_lac(const JsonNode& node) {
  StatusColumns& to = profile_.status;
  std::string from;
  object(node, "lac.",
         {text("from", from),
          text("key", to.key),
          text("person", to.person),
          text("code", to.code),
          text("start", to.start),
          text("end", to.end),
          {"labels", [this](const JsonNode& n) { read_labels(n); }},
          {"scope", [this](const JsonNode& n) { read_scope(n); }, true},
          number("merge_gap_days", profile_.merge_gap_days, 0, 1)});
}

void Reader::read_unborn(const JsonNode& node) {
  std::string rule;
  object(node, "unborn.",
         {text("rule", rule, true), number("grace_days", profile_.grace_days, 0, 120)});
  if (rule == "expected-present") {
    profile_.unborn = UnbornRule::expected_present;
  } else if (rule == "future-birth") {
    profile_.unborn = UnbornRule::future_birth;
  } else if (rule == "due-date") {
    profile_.unborn = UnbornRule::due_date;
  } else {
    refuse(node, "unborn.rule is expected-present, future-birth or due-date");
  }
}

void Reader::read_mother(const JsonNode& node) {
  object(node, "mother.",
         {text("parent", profile_.mother.parent, true), text("child", profile_.mother.child, true),
          text("ended", profile_.mother.ended)});
}

void Reader::read_identifiers(const JsonNode& node) {
  IdentifierColumns& to = profile_.identifiers;
  object(node, "identifiers.",
         {text("person", to.person, true), text("type", to.type, true),
          text("value", to.value, true), text("nhs_type", to.wanted_type, true)});
}

void Reader::read_transforms(const JsonNode& node) {
  object(node, "transforms.",
         {{"nhs", [this](const JsonNode& n) {
             constexpr std::array<std::string_view, 4> always{"trim", "strip-spaces-hyphens",
                                                              "digits10", "mod11"};
             for (const std::string& step : texts(n)) {
               if (step == "drop-point-zero") {
                 profile_.nhs_point_zero = true;
               } else if (std::find(always.begin(), always.end(), step) == always.end()) {
                 refuse(n, "unknown transform");
               }
             }
           }}});
}

void Reader::read_names(const JsonNode& node) {
  std::string markers;
  object(node, "names.", {text("markers", markers, true)});
  if (markers != "hold" && markers != "warn") refuse(node, "names.markers is hold or warn");
  profile_.hold_marked_names = markers == "hold";
}

void Reader::read_la(const JsonNode& node) {
  Council& council = profile_.council;
  object(node, "la.",
         {text("dfe", profile_.la_dfe, true), text("ods", council.ods_code, true),
          text("name", council.name, true), text("office_phone", council.office_phone),
          text("edt_phone", council.emergency_phone)});
}

void Reader::read_guards(const JsonNode& node) {
  object(node, "guards.",
         {number("max_open_drop_percent", profile_.max_open_drop_percent, 0, 100),
          number("max_open_rise_percent", profile_.max_open_rise_percent, 0, 1000),
          number("max_ends", profile_.max_ends, 0, 1'000'000),
          number("max_deletes", profile_.max_deletes, 0, 1'000'000)});
}

void Reader::read(const JsonNode& root) {
  int local_id_max = static_cast<int>(profile_.local_id_max);
  object(root, "",
         {text("profile", profile_.name, true),
          number("version", profile_.version, 1, 1'000'000),
          text("evidence", profile_.evidence, true),
          {"input", [this](const JsonNode& n) { read_input(n); }, true},
          {"nulls",
           [this](const JsonNode& n) {
             for (const std::string& null : texts(n)) profile_.nulls.push_back(folded(null));
           }},
          {"open_end", [this](const JsonNode& n) { read_null_dates(n); }},
          {"dates", [this](const JsonNode& n) { read_dates(n); }, true},
          {"person", [this](const JsonNode& n) { read_person(n); }},
          {"unborn", [this](const JsonNode& n) { read_unborn(n); }},
          {"cpp", [this](const JsonNode& n) { read_cpp(n); }},
          {"lac", [this](const JsonNode& n) { read_lac(n); }, true},
          {"mother", [this](const JsonNode& n) { read_mother(n); }},
          {"identifiers", [this](const JsonNode& n) { read_identifiers(n); }},
          {"transforms", [this](const JsonNode& n) { read_transforms(n); }},
          {"names", [this](const JsonNode& n) { read_names(n); }},
          number("local_id_max", local_id_max, 1, 64),
          {"la", [this](const JsonNode& n) { read_la(n); }, true},
          {"guards", [this](const JsonNode& n) { read_guards(n); }}});
  profile_.local_id_max = static_cast<std::size_t>(local_id_max);
}

// A table set without one of these columns cannot be read.
std::optional<Error> missing_column(const Profile& profile) {
  struct Needed {
    std::string_view key;
    const std::string& value;
  };
  const std::array needed{
      Needed{"person.key", profile.person.key},
      Needed{"person.given", profile.person.given},
      Needed{"person.surname", profile.person.surname},
      Needed{"cpp.person", profile.cpp.person},
      Needed{"lac.person", profile.status.person},
      Needed{"lac.code", profile.status.code},
      Needed{"lac.start", profile.status.start},
      Needed{"lac.end", profile.status.end},
      Needed{"mother.parent", profile.mother.parent},
  };
  for (const auto& [key, value] : needed) {
    if (value.empty()) return Error{ErrorKind::bad_input, "missing key " + std::string{key}};
  }
  for (const std::string_view role : {"person", "plans", "status", "mother"}) {
    if (profile.tables.find(std::string{role}) == profile.tables.end()) {
      return Error{ErrorKind::bad_input, "missing key input.tables." + std::string{role}};
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Profile> read_profile(std::string_view json) {
  if (json.size() > profile_bytes_max) {
    return Error{ErrorKind::bad_input, "the profile is longer than 256 KiB"};
  }
  const auto root = read_json(json, profile_values_max);
  if (!root) return root.error();
  Profile profile;
  Reader reader{profile};
  reader.read(*root);
  if (reader.error()) return *reader.error();
  if (profile.kind == csv_set_kind) {
    if (auto problem = missing_column(profile)) return *problem;
  }
  return profile;
}

void set_authority(Profile& profile, std::string_view dfe, const Council& council) {
  profile.la_dfe = dfe;
  profile.council = council;
}

bool is_null(const Profile& profile, std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return true;
  return std::any_of(profile.nulls.begin(), profile.nulls.end(),
                     [text](const std::string& null) { return equal_folded(text, null); });
}

}  // namespace cpis::social_care
