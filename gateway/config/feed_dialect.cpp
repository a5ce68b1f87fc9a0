#include "gateway/config/feed_dialect.h"

#include <array>
#include <string_view>
#include <vector>

#include "adapters/hl7v2/adt_reader.h"
#include "adapters/hl7v2/code_tables.h"
#include "gateway/config/values.h"

namespace cpis::config {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// Items between commas; codes may have blanks inside ("DAY CASE").
std::vector<std::string> items_of(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t end = text.find(',');
    const std::string_view one = trimmed(text.substr(0, end));
    if (!one.empty()) items.emplace_back(one);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return items;
}

class DialectReader {
 public:
  DialectReader(const Values& values, const std::string& prefix, Findings& findings)
      : values_{values}, prefix_{prefix}, findings_{findings} {}

  hl7v2::FeedSettings run() {
    hl7v2::FeedSettings dialect;
    if (text("clocks") == "utc") dialect.clocks = hl7v2::Clocks::utc;
    dialect.day_first_dates = values_.flag(prefix_ + ".day_first_dates");
    dialect.reject_unsupported = text("unsupported") == "reject";
    dialect.events =
        list("events", "is not a trigger event that is known, for example A04",
             [](const std::string& event) { return hl7v2::find_trigger(event) != nullptr; });
    dialect.versions = list("versions", "", [](const std::string&) { return true; });
    dialect.site_ods = ods("site_code");
    dialect.organisation_codes =
        table("organisations", "is not an ODS code", hl7v2::looks_like_ods);
    dialect.site_codes = table("sites", "is not an ODS code", hl7v2::looks_like_ods);
    dialect.sex_codes = table("sexes", "say male, female, other or unknown", is_sex);
    dialect.class_codes = table("classes", "say E, I, O, P, B, R, W or U", is_class);
    dialect.class_by_location =
        table("classes_by_location", "say E, I, O, P, B, R, W or U", is_class);
    const auto any = [](const std::string&) { return true; };
    dialect.nhs_authorities = list("nhs_number_authorities", "", any);
    dialect.local_types = list("local_number_types", "", any);
    dialect.local_authority = text("local_number_authority");
    dialect.obstetric_locations = list("obstetric_locations", "", any);
    if (const auto path = hl7v2::Path::parse(text("visit_number"))) {
      dialect.visit_number = *path;
    } else {
      tell("visit_number", "is not a path; say for example PV1-19.1 or PID-18.1");
    }
    return dialect;
  }

 private:
  static bool is_sex(std::string_view code) { return hl7v2::sex_of(code).has_value(); }
  static bool is_class(std::string_view code) {
    return code.size() == 1 && hl7v2::patient_class_of(code).has_value();
  }

  std::string text(std::string_view key) const { return values_.text(full(key)); }
  std::string full(std::string_view key) const { return prefix_ + '.' + std::string{key}; }
  void tell(std::string_view key, std::string why) {
    report(findings_, values_.entry(full(key)), full(key), std::move(why));
  }

  std::string ods(std::string_view key) {
    std::string code = text(key);
    if (!code.empty() && !hl7v2::looks_like_ods(code)) tell(key, "is not an ODS code");
    return code;
  }

  template <class Fits>
  std::vector<std::string> list(std::string_view key, const std::string& why, const Fits& fits) {
    std::vector<std::string> items = items_of(text(key));
    for (const std::string& item : items) {
      if (!fits(item)) tell(key, "\"" + item + "\" " + why);
    }
    return items;
  }

  // `CODE AS SENT=MEANING, ...`
  template <class Fits>
  hl7v2::CodeTable table(std::string_view key, const std::string& why, const Fits& fits) {
    hl7v2::CodeTable rows;
    for (const std::string& item : items_of(text(key))) {
      const std::size_t equals = item.rfind('=');
      const std::string sent{trimmed(std::string_view{item}.substr(0, equals))};
      const std::string meaning{equals == item.npos
                                    ? std::string_view{}
                                    : trimmed(std::string_view{item}.substr(equals + 1))};
      if (sent.empty() || meaning.empty()) {
        tell(key, "\"" + item + "\" is no pair: say CODE=MEANING, with commas between");
      } else if (!fits(meaning)) {
        tell(key, "\"" + meaning + "\": " + why);
      } else {
        rows[sent] = meaning;
      }
    }
    return rows;
  }

  const Values& values_;
  const std::string& prefix_;
  Findings& findings_;
};

}  // namespace

hl7v2::FeedSettings read_dialect(const Values& values, const std::string& prefix,
                                 Findings& findings) {
  return DialectReader{values, prefix, findings}.run();
}

}  // namespace cpis::config
