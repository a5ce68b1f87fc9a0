#include "adapters/spine/plan_parts.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "adapters/spine/author.h"
#include "adapters/spine/hl7_time.h"
#include "adapters/spine/oids.h"
#include "adapters/spine/xml_tree.h"

namespace cpis::spine {
namespace {

// How one kind of plan is spelt on the wire.
struct PlanWords {
  PlanType type;
  std::string_view class_name;
  std::string_view upload_content, upload_element;
  std::string_view answer_content, answer_element;
  std::string_view start, end, deleted;
};

constexpr std::array plan_words{
    PlanWords{PlanType::cpp, "CPPInformation", "COCT_TP146101GB01#CPPInformation",
              "COCT_TP146101GB01.CPPInformation", "COCT_TP146105GB01#CPPInformation",
              "COCT_TP146105GB01.CPPInformation", "cPPStartDate", "cPPEndDate", "cPPDeleteDate"},
    PlanWords{PlanType::lac, "LACInformation", "COCT_TP146100GB01#LACInformation",
              "COCT_TP146100GB01.LACInformation", "COCT_TP146103GB01#LACInformation",
              "COCT_TP146103GB01.LACInformation", "lACStartDate", "lACEndDate", "lACDeleteDate"},
    PlanWords{PlanType::ucp, "UCPInformation", "COCT_TP146102GB01#UCPInformation",
              "COCT_TP146102GB01.UCPInformation", "COCT_TP146104GB01#UCPInformation",
              "COCT_TP146104GB01.UCPInformation", "uCPStartDate", "uCPEndDate", "uCPDeleteDate"},
};
static_assert(plan_words[static_cast<std::size_t>(PlanType::ucp)].type == PlanType::ucp);

std::string_view class_of(std::string_view element) {
  return element.substr(element.rfind('.') + 1);
}

void write_plan_part(XmlWriter& xml, std::string_view component, std::string_view name,
                     const PlanDate& date) {
  xml.open(component).open(name).value("value", write_plan_date(date)).close(2);
}

// The element of this name below any of the components, whatever their order.
XmlView date_element(XmlView plan, std::string_view name) {
  for (XmlView component = plan.first_child(); component; component = component.next()) {
    if (const XmlView found = component.child(name)) return found;
  }
  return {};
}

// Reads an optional plan date; false when one is there that cannot be read.
bool read_part(XmlView plan, std::string_view name, std::optional<PlanDate>& date,
               Findings& findings) {
  const XmlView element = date_element(plan, name);
  if (!element) return true;
  date = read_plan_date(element.value_of("value"));
  if (!date) report(findings, Severity::error, "CPR07", element, "not a plan date");
  return date.has_value();
}

void write_ids(XmlWriter& xml, const PlanSubject& subject) {
  xml.open("id").attr("root", oid::nhs_number).attr("extension", subject.nhs_number.digits());
  xml.close();
  if (subject.local_id.empty()) return;
  xml.open("id").attr("root", oid::local_person).attr("extension", subject.local_id);
  if (!subject.local_id_authority.empty()) {
    xml.attr("assigningAuthorityName", subject.local_id_authority);
  }
  xml.close();
}

void write_person(XmlWriter& xml, const PlanSubject& subject) {
  if (subject.birth_date) xml.value("birthTime", write_date(*subject.birth_date));
  xml.open("name").leaf("given", subject.name.given).leaf("family", subject.name.family).close();
}

std::string join_given(XmlView name) {
  std::string out;
  for (XmlView given = name.child("given"); given; given = given.next_same()) {
    if (!out.empty()) out += ' ';
    out += given.text();
  }
  return out;
}

std::optional<PlanSubject> subject_from(XmlView ids, XmlView person, Findings& findings) {
  std::optional<NhsNumber> number;
  XmlView local;
  for (XmlView id = ids.child("id"); id; id = id.next_same()) {
    const std::string_view root = id.attr("root");
    if (root == oid::local_person) {
      local = id;
    } else if (!number && (root == oid::nhs_number || root.empty())) {
      number = NhsNumber::parse(id.attr("extension"));
    }
  }
  if (!number) {
    report(findings, Severity::error, "CPR04", ids, "no valid NHS number");
    return std::nullopt;
  }
  PlanSubject subject{
      *number,
      std::string{local.attr("extension")},
      std::string{local.attr("assigningAuthorityName")},
      {join_given(person.child("name")), std::string{person.child("name").text_of("family")}},
      read_date(person.value_of("birthTime")),
      false};
  if (!subject.birth_date) {
    report(findings, Severity::warning, "V3-BIRTH", person, "birthTime is missing or not a day");
  }
  return subject;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Phone {
  std::string number, extension;
};

// What is to be dialled. A prefix of a scheme that is no telephone, a mail address for instance,
// leaves nothing: its digits would be somebody else's number.
Phone phone_from(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view scheme = detail::trim(text.substr(0, colon));
    if (scheme != "tel" && scheme != "TEL" && scheme != "Tel") return {};
    text.remove_prefix(colon + 1);
  }
  if (text.find('@') != std::string_view::npos) return {};
  Phone phone;
  bool behind = false;  // the extension has begun
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    // +44 (0)1632: the zero is for those who do not dial the country.
    if (text.substr(i, 3) == "(0)" && phone.number.substr(0, 1) == "+") {
      i += 2;
    } else if (c == '%') {
      i += 2;  // an escaped blank
    } else if (is_digit(c)) {
      (behind ? phone.extension : phone.number) += c;
    } else if (c == '+' && phone.number.empty()) {
      phone.number += c;
    } else if (!phone.number.empty() &&
               std::string_view{";,#xXeE"}.find(c) != std::string_view::npos) {
      behind = true;
    }
  }
  return phone;
}

}  // namespace

void write_plan(XmlWriter& xml, const Plan& plan, PlanForm form) {
  const PlanWords& words = plan_words[static_cast<std::size_t>(plan.type)];
  const bool upload = form == PlanForm::upload;
  write_content_id(xml, upload ? words.upload_content : words.answer_content);
  xml.open(upload ? words.upload_element : words.answer_element);
  write_plan_part(xml, "component", words.start, plan.start);
  if (plan.end) write_plan_part(xml, "component1", words.end, *plan.end);
  if (upload && plan.deleted) write_plan_part(xml, "component2", words.deleted, *plan.deleted);
  xml.close();
}

std::optional<Plan> read_plan(XmlView information, Findings& findings) {
  for (XmlView at = information.first_child(); at; at = at.next()) {
    const std::string_view kind = class_of(at.name());
    for (const PlanWords& words : plan_words) {
      if (kind != words.class_name) continue;
      Plan plan;
      plan.type = words.type;
      std::optional<PlanDate> start;
      bool readable = read_part(at, words.start, start, findings);
      readable = read_part(at, words.end, plan.end, findings) && readable;
      readable = read_part(at, words.deleted, plan.deleted, findings) && readable;
      if (!start && readable) report(findings, Severity::error, "CPR07", at, "no plan start date");
      if (!start || !readable) return std::nullopt;
      plan.start = *start;
      return plan;
    }
  }
  report(findings, Severity::error, "CPR07", information, "not a kind of plan that is known");
  return std::nullopt;
}

void write_subject(XmlWriter& xml, const PlanSubject& subject) {
  if (subject.is_mother) {
    write_content_id(xml, "COCT_TP145100GB01#UnbornChild");
    xml.open("COCT_TP145100GB01.UnbornChild").open("parentMotherPerson");
    write_person(xml, subject);
    xml.open("playedMother");
    write_ids(xml, subject);
    xml.close(3);
  } else {
    write_content_id(xml, "COCT_TP145101GB01#Child");
    xml.open("COCT_TP145101GB01.Child");
    write_ids(xml, subject);
    xml.open("childPerson");
    write_person(xml, subject);
    xml.close(2);
  }
}

std::optional<PlanSubject> read_subject(XmlView subject, Findings& findings) {
  for (XmlView at = subject.first_child(); at; at = at.next()) {
    const std::string_view kind = class_of(at.name());
    if (kind == "Child") return subject_from(at, at.child("childPerson"), findings);
    if (kind != "UnbornChild") continue;
    const XmlView mother = at.child("parentMotherPerson");
    auto read = subject_from(mother.child("playedMother"), mother, findings);
    if (read) read->is_mother = true;
    return read;
  }
  report(findings, Severity::error, "CPR07", subject, "neither a child nor an unborn child");
  return std::nullopt;
}

std::vector<UploadRecord> read_record(XmlView record, std::string_view plan_element,
                                      Findings& findings) {
  std::vector<Plan> plans;
  for (XmlView at = record.child(plan_element); at; at = at.next_same()) {
    if (auto plan = read_plan(at, findings)) plans.push_back(*plan);
  }
  std::vector<UploadRecord> read;
  for (XmlView at = record.child("subject"); at; at = at.next_same()) {
    if (auto subject = read_subject(at, findings)) read.push_back({std::move(*subject), {}});
  }
  for (const Plan& plan : plans) {
    const auto fits = [&](const UploadRecord& candidate) {
      return read.size() == 1 || candidate.subject.is_mother == (plan.type == PlanType::ucp);
    };
    const auto owner = std::find_if(read.begin(), read.end(), fits);
    if (owner != read.end()) {
      owner->plans.push_back(plan);
    } else if (!read.empty()) {
      report(findings, Severity::error, "CPR07", record, "a plan of which no subject can be told");
    }
  }
  std::erase_if(read, [](const UploadRecord& candidate) { return candidate.plans.empty(); });
  return read;
}

std::string phone_digits(std::string_view text) { return phone_from(text).number; }

std::string read_phone(std::string_view text) {
  const Phone phone = phone_from(text);
  return phone.extension.empty() ? phone.number : phone.number + " ext " + phone.extension;
}

void write_council(XmlWriter& xml, const Council& council) {
  xml.open("organisation");
  xml.open("id").attr("root", oid::organisation).attr("extension", council.ods_code).close();
  xml.leaf("name", council.name);
  const auto telecom = [&](const std::string& phone, std::string_view use) {
    if (phone.empty()) return;
    xml.open("telecom").attr("value", "tel:" + phone_digits(phone)).attr("use", use).close();
  };
  telecom(council.office_phone, "WP");
  telecom(council.emergency_phone, "EC");
  xml.close();
}

Council read_council(XmlView organisation, Findings& findings) {
  Council council;
  council.ods_code = organisation.child("id").attr("extension");
  council.name = organisation.text_of("name");
  for (XmlView at = organisation.child("telecom"); at; at = at.next_same()) {
    std::string& phone = at.attr("use") == "EC" ? council.emergency_phone : council.office_phone;
    const bool ours = at.attr("use") == "EC" || at.attr("use") == "WP";
    if (ours && phone.empty()) phone = read_phone(at.attr("value"));
  }
  if (council.ods_code.empty()) {
    report(findings, Severity::warning, "V3-COUNCIL", organisation, "the council has no code");
  }
  if (council.emergency_phone.empty()) {
    report(findings, Severity::information, "V3-PHONE", organisation,
           "no emergency duty telephone (use EC)");
  }
  return council;
}

}  // namespace cpis::spine
