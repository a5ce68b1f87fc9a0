#include "adapters/spine/author.h"

#include "adapters/spine/hl7_time.h"
#include "adapters/spine/oids.h"
#include "adapters/spine/person_name.h"

namespace cpis::spine {
namespace {

void write_id(XmlWriter& xml, std::string_view root, std::string_view extension) {
  xml.open("id").attr("root", root).attr("extension", extension).close();
}

void write_role(XmlWriter& xml, const Caller& caller) {
  xml.open("code")
      .attr("code", caller.role_code)
      .attr("displayName", caller.role_name)
      .attr("codeSystem", oid::job_role_name)
      .close();
}

void write_organisation(XmlWriter& xml, std::string_view element, const Caller& caller) {
  xml.open(element);
  write_id(xml, oid::organisation, caller.organisation_code);
  xml.leaf("name", caller.organisation_name).close();
}

void write_person_author(XmlWriter& xml, const Caller& caller) {
  write_content_id(xml, "COCT_TP145102GB01#AssignedAuthor");
  xml.open("COCT_TP145102GB01.AssignedAuthor");
  write_role(xml, caller);
  write_id(xml, oid::sds_user, caller.user_id);
  if (!caller.role_profile_id.empty()) {
    write_id(xml, oid::sds_role_profile, caller.role_profile_id);
  }
  xml.open("assignedAuthorPerson");
  write_name(xml, caller.person_name);
  xml.close();
  write_organisation(xml, "representedOrganization", caller);
  xml.close();
}

void write_system_author(XmlWriter& xml, const Caller& caller) {
  write_content_id(xml, "COCT_TP145104GB01#System");
  xml.open("COCT_TP145104GB01.System");
  write_id(xml, oid::asid, caller.system_id);
  if (!caller.role_code.empty() && !caller.role_name.empty() && !caller.person_name.empty()) {
    xml.open("indirectAuthority").open("superiorAssignedEntity");
    write_role(xml, caller);
    xml.open("assignedPerson");
    write_name(xml, caller.person_name);
    xml.close(3);
  }
  write_organisation(xml, "maintainingOrganization", caller);
  xml.close();
}

// The extension of the id with this root.
std::string_view id_with(XmlView parent, std::string_view root) {
  for (XmlView id = parent.child("id"); id; id = id.next_same()) {
    if (id.attr("root") == root) return id.attr("extension");
  }
  return {};
}

// Template element: the child whose name is `<template>.<class>`, or the bare class.
XmlView template_child(XmlView parent, std::string_view wanted) {
  for (XmlView at = parent.first_child(); at; at = at.next()) {
    const std::string_view name = at.name();
    if (name.substr(name.rfind('.') + 1) == wanted) return at;
  }
  return {};
}

void read_organisation(XmlView organisation, Caller& caller) {
  caller.organisation_code = organisation.child("id").attr("extension");
  caller.organisation_name = organisation.text_of("name");
}

void read_person(XmlView author, Caller& caller) {
  caller.kind = Caller::Kind::person;
  caller.role_code = author.child("code").attr("code");
  caller.role_name = author.child("code").attr("displayName");
  caller.user_id = id_with(author, oid::sds_user);
  caller.role_profile_id = id_with(author, oid::sds_role_profile);
  caller.person_name = read_name(author.child("assignedAuthorPerson").child("name"));
  read_organisation(author.child("representedOrganization"), caller);
}

void read_system(XmlView author, Caller& caller) {
  caller.kind = Caller::Kind::system;
  caller.system_id = author.child("id").attr("extension");
  const XmlView entity = author.child("indirectAuthority").child("superiorAssignedEntity");
  caller.role_code = entity.child("code").attr("code");
  caller.role_name = entity.child("code").attr("displayName");
  caller.person_name = read_name(entity.child("assignedPerson").child("name"));
  read_organisation(author.child("maintainingOrganization"), caller);
}

// The NHS number parameter in any of its spellings.
XmlView person_value(XmlView event) {
  const XmlView parameter = event.child("queryByParameter");
  for (const std::string_view name : {"person.NHSnumber", "person.NHSNumber", "person.id"}) {
    for (XmlView at = parameter.child(name).child("value"); at; at = at.next_same()) {
      const std::string_view root = at.attr("root");
      if (root.empty() || root == oid::nhs_number) return at;
    }
  }
  return {};
}

}  // namespace

void write_content_id(XmlWriter& xml, std::string_view template_class) {
  xml.open("npfitlc:contentId")
      .attr("root", oid::content_id)
      .attr("extension", template_class)
      .close();
}

void write_author(XmlWriter& xml, const Caller& caller) {
  xml.open("author");
  if (caller.kind == Caller::Kind::person) {
    write_person_author(xml, caller);
  } else {
    write_system_author(xml, caller);
  }
  xml.close();
}

Caller read_author(XmlView author, Findings& findings) {
  Caller caller;
  caller.setting = CareSetting::unscheduled;
  if (const XmlView person = template_child(author, "AssignedAuthor")) {
    read_person(person, caller);
  } else if (const XmlView system = template_child(author, "System")) {
    read_system(system, caller);
  } else {
    report(findings, Severity::warning, "V3-AUTHOR", author, "neither a person nor a system");
    return caller;
  }
  const std::string_view missing = missing_in(caller);
  if (!missing.empty()) {
    report(findings, Severity::information, "V3-AUTHOR", author,
           "the author has no " + std::string{missing});
  }
  return caller;
}

void write_access(XmlWriter& xml, const AccessEvent& access, PersonParameter parameter,
                  std::string_view local_id, std::string_view local_id_authority) {
  xml.value("effectiveTime", write_timestamp(access.at));
  xml.open("id").attr("root", access.id).close();
  write_author(xml, access.by);
  xml.open("queryByParameter");
  if (parameter == PersonParameter::nhs_number) {
    xml.open("person.NHSnumber");
    xml.open("value").attr("extension", access.person.digits()).close();
  } else {
    xml.open("person.id");
    xml.open("value").attr("root", oid::nhs_number).attr("extension", access.person.digits());
    xml.close();
    if (!local_id.empty()) {
      xml.open("value").attr("root", oid::local_person).attr("extension", local_id);
      if (!local_id_authority.empty()) xml.attr("assigningAuthorityName", local_id_authority);
      xml.close();
    }
  }
  xml.close(2);
}

std::optional<AccessEvent> read_access(XmlView event, Findings& findings) {
  const XmlView value = person_value(event);
  const auto person = NhsNumber::parse(value.attr("extension"));
  const auto at = read_timestamp(event.value_of("effectiveTime"), Zone::london);
  if (!person) {
    report(findings, Severity::error, "V3-NHS-NUMBER", value ? value : event,
           "no valid NHS number");
  }
  if (!at) {
    report(findings, Severity::error, "V3-TIME", event, "effectiveTime is missing or not a time");
  }
  if (!person || !at) return std::nullopt;
  const XmlView id = event.child("id");
  const std::string_view root = id.attr("root");
  return AccessEvent{plain_id(root.empty() ? id.attr("extension") : root), *at, *person,
                     read_author(event.child("author"), findings)};
}

std::string plain_id(std::string_view text) {
  constexpr std::string_view scheme = "uuid:";
  constexpr std::string_view urn = "urn:";
  if (text.substr(0, urn.size()) == urn) text.remove_prefix(urn.size());
  if (text.size() >= scheme.size()) {
    std::string head{text.substr(0, scheme.size())};
    for (char& c : head) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (head == scheme) text.remove_prefix(scheme.size());
  }
  std::string out{text};
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

}  // namespace cpis::spine
