#include "tests/adapters/spine/generate.h"

#include <array>

namespace cpis::test {
namespace {

constexpr std::array<const char*, 16> word_list{
    "Alex",      "O'Neill",   "Sm\xC3\xAFth", "A&E",          "<ward>", "\"Jo\"",
    "Testshire", "Quay-Side", "\xC5\x81",     "Robin",        "Sam",    "\xE6\x9D\x8E",
    "Lee",       "Ash",       "B'ob",         "M\xC3\xBCller"};

char hex(std::size_t value) { return "0123456789ABCDEF"[value % 16]; }

}  // namespace

NhsNumber Generate::nhs_number() {
  for (;;) {
    std::uint64_t value = 9990000000ULL + below(1'000'000) * 10;
    for (std::uint64_t check = 0; check < 10; ++check) {
      if (const auto number = NhsNumber::from_value(value + check)) return *number;
    }
  }
}

std::string Generate::uuid() {
  std::string out;
  for (const std::size_t length : {8U, 4U, 4U, 4U, 12U}) {
    if (!out.empty()) out += '-';
    for (std::size_t i = 0; i < length; ++i) out += hex(below(16));
  }
  return out;
}

std::string Generate::digits(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += static_cast<char>('0' + below(10));
  return out;
}

std::string Generate::word() { return word_list[below(word_list.size())]; }

std::string Generate::words(std::size_t most) {
  std::string out = word();
  for (std::size_t i = below(most); i > 0; --i) out += ' ' + word();
  return out;
}

Time Generate::time() {
  return Time{std::chrono::seconds{1'300'000'000 + static_cast<std::int64_t>(below(500'000'000))}};
}

Date Generate::date() {
  return Date{std::chrono::sys_days{std::chrono::days{12'000 + static_cast<int>(below(8'000))}}};
}

PlanDate Generate::plan_date() {
  return {date(), coin() ? std::uint16_t{0} : static_cast<std::uint16_t>(below(1440))};
}

Caller Generate::person() {
  Caller caller;
  caller.kind = Caller::Kind::person;
  caller.organisation_code = "RX" + digits(1);
  caller.organisation_name = words(4);
  caller.role_code = "R" + digits(4);
  caller.role_name = words(3);
  caller.person_name = (coin() ? "Dr " : "") + words(7);
  caller.user_id = digits(12);
  if (coin()) caller.role_profile_id = digits(12);
  return caller;
}

Caller Generate::system() {
  Caller caller = person();
  caller.kind = Caller::Kind::system;
  caller.user_id.clear();
  caller.role_profile_id.clear();
  caller.system_id = digits(12);
  return caller;
}

Council Generate::council() {
  return {digits(3), words(4), coin() ? "0163296" + digits(4) : "+44163296" + digits(4),
          "0163296" + digits(4)};
}

AccessEvent Generate::access() { return {uuid(), time(), nhs_number(), caller()}; }

AccessNotice Generate::access_notice() {
  AccessNotice notice{uuid(), time(), digits(3), words(4), {}};
  for (std::size_t i = below(5); i > 0; --i) {
    NoticeEntry entry{access(), "", "", static_cast<std::int64_t>(below(100'000))};
    if (coin()) {
      entry.local_id = "LCS-" + digits(5);
      if (coin()) entry.local_id_authority = digits(3) + ":" + words(3);
    }
    notice.entries.push_back(entry);
  }
  return notice;
}

InactiveNotice Generate::inactive_notice() {
  InactiveNotice notice{uuid(), time(), digits(3), words(4), {}};
  for (std::size_t i = 1 + below(4); i > 0; --i) {
    InactiveEntry entry{nhs_number(),
                        coin() ? "LCS-" + digits(5) : "",
                        {},
                        static_cast<std::int64_t>(below(100'000))};
    for (std::size_t n = below(3); n > 0; --n) entry.replaced_by.push_back(nhs_number());
    notice.entries.push_back(entry);
  }
  return notice;
}

Plan Generate::plan(PlanType type) {
  Plan plan{type, plan_date(), {}, {}};
  if (type == PlanType::ucp || coin()) {
    plan.end = PlanDate{add_days(plan.start.day, static_cast<int>(below(400)) + 1), 0};
  }
  return plan;
}

PlanSubject Generate::subject(bool mother) {
  PlanSubject subject{nhs_number(), "", "", {words(3), words(2)}, date(), mother};
  if (coin()) {
    subject.local_id = "LCS-" + digits(6);
    subject.local_id_authority = digits(3) + ":TESTSHIRE";
  }
  return subject;
}

UploadRecord Generate::record() {
  const bool mother = below(5) == 0;
  UploadRecord record{subject(mother), {}};
  if (mother) {
    record.plans.push_back(plan(PlanType::ucp));
  } else {
    if (coin()) record.plans.push_back(plan(PlanType::cpp));
    if (record.plans.empty() || coin()) record.plans.push_back(plan(PlanType::lac));
  }
  if (below(6) == 0) record.plans.front().deleted = plan_date();
  return record;
}

UploadFile Generate::upload() {
  UploadFile file{static_cast<std::int64_t>(1 + below(90'000)), time(), council(), {}};
  for (std::size_t i = 1 + below(6); i > 0; --i) file.records.push_back(record());
  return file;
}

ProtectionRecord Generate::protection(std::size_t plans, std::size_t accesses) {
  ProtectionRecord answer{nhs_number(), {}, {}};
  for (std::size_t i = 0; i < plans; ++i) {
    const bool mother = below(5) == 0;
    PlanSubject about = subject(mother);
    about.nhs_number = answer.person;
    const PlanType type = mother ? PlanType::ucp : coin() ? PlanType::cpp : PlanType::lac;
    answer.plans.push_back({plan(type), council(), about, Time{}, ""});
  }
  for (std::size_t i = 0; i < accesses; ++i) {
    AccessEvent event = access();
    event.person = answer.person;
    answer.accesses.push_back(event);
  }
  return answer;
}

}  // namespace cpis::test
