#include "conformance/peers/hospital/feed.h"

#include <algorithm>
#include <array>

namespace cpis::hospital {
namespace {

namespace chr = std::chrono;

constexpr std::array<std::string_view, 24> given_names{
    "Fern", "Rowan", "Hazel", "Ivy",     "Linden", "Bryony", "Heath", "Sorrel",
    "Reed", "Holly", "Ash",   "Juniper", "Moss",   "Willow", "Cedar", "Clover",
    "Sage", "Briar", "Aspen", "Poppy",   "Robin",  "Tansy",  "Alder", "Marigold"};
constexpr std::array<std::string_view, 24> family_names{
    "Oakhanger",  "Elmsett",    "Birchover",   "Thornaby",  "Ashwater",  "Mossdale",
    "Fernhurst",  "Hollyoake",  "Larkfield",   "Marshgate", "Nettleton", "Quarrybank",
    "Ravenglass", "Saltwick",   "Tidewell",    "Underhill", "Vixenmoor", "Wetherlam",
    "Yewdale",    "Applegarth", "Bramblecote", "Coldwater", "Dunnockby", "Eastlea"};
constexpr std::array<std::string_view, 12> complaints{
    "Injury of arm", "Fever", "Wheeze",   "Abdominal pain",      "Head injury", "Fall",
    "Burn or scald", "Rash",  "Vomiting", "Foreign body in ear", "Chest pain",  "Swallowed a coin"};
constexpr std::array<std::string_view, 5> bays{"MINORS", "MAJORS 03", "PAEDS 2", "RESUS 1",
                                               "TRIAGE"};

// Arrivals of a day by hour of local time, in thousandths: quiet before dawn, busiest from late
// morning to the evening.
constexpr std::array<int, 24> hour_weights{24, 20, 17, 15, 14, 15, 19, 28, 42, 55, 60, 59,
                                           57, 56, 55, 56, 58, 60, 59, 56, 51, 45, 37, 42};

constexpr int minutes_in_department_min = 45;
constexpr int minutes_in_department_max = 330;
constexpr int adult_age_max = 95;

std::string padded(std::uint64_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  while (digits.size() < width) digits.insert(digits.begin(), '0');
  return digits;
}

// A number of the 999 range with its check digit; a few nine-digit stems have none.
std::optional<NhsNumber> number_from(std::uint64_t stem) {
  const std::string front = "999" + padded(stem % 1'000'000, 6);
  for (char check = '0'; check <= '9'; ++check) {
    if (const auto number = NhsNumber::parse(front + check)) return number;
  }
  return std::nullopt;
}

}  // namespace

HospitalFeed::HospitalFeed(HospitalSettings settings, std::vector<FeedPerson> known, Time start)
    : settings_{std::move(settings)},
      known_{std::move(known)},
      random_{settings_.seed},
      clock_{start} {
  if (settings_.dialects.empty()) settings_.dialects = {Dialect::itk};
  settings_.arrivals_per_day = std::max(settings_.arrivals_per_day, 1);
}

FeedMessage HospitalFeed::next() {
  // A visit's first message is its earliest, so nothing older than the arrivals' clock can follow.
  while (pending_.empty() || pending_.top().at >= clock_) begin_next_visit();
  FeedMessage first = pending_.top();
  pending_.pop();
  return first;
}

std::vector<FeedMessage> HospitalFeed::visit_of(const FeedPerson& person, Time arrival,
                                                Dialect dialect) {
  return ordinary_course(begin_visit(person, arrival, dialect));
}

FeedMessage HospitalFeed::arrival_of(const FeedPerson& person, Time arrival, Dialect dialect) {
  const Visit visit = begin_visit(person, arrival, dialect);
  return message(visit, arrival_trigger(dialect), arrival, "arrival");
}

void HospitalFeed::begin_next_visit() {
  advance_to_next_arrival();
  const bool is_known = !known_.empty() && random_.chance(settings_.share_known);
  Visit visit = begin_visit(is_known ? random_.one_of(known_) : invent_person(), clock_,
                            random_.one_of(settings_.dialects));
  std::vector<FeedMessage> messages;
  if (random_.chance(settings_.share_unidentified)) {
    Visit unidentified = visit;
    unidentified.person.nhs_number.reset();
    unidentified.record_number = "T" + visit.record_number;
    messages.push_back(
        message(unidentified, arrival_trigger(visit.dialect), clock_, "arrival, not identified"));
    visit.merged_record_number = unidentified.record_number;
    merge_later(visit, clock_ + chr::minutes{random_.between(10, 60)}, messages);
  } else {
    messages = ordinary_course(visit);
    add_mishaps(visit, messages);
  }
  for (FeedMessage& each : messages) pending_.push(std::move(each));
}

void HospitalFeed::advance_to_next_arrival() {
  const Time local = clock_ + chr::minutes{london_offset_minutes(clock_)};
  const auto hour = static_cast<std::size_t>(
      chr::duration_cast<chr::hours>(local - chr::floor<chr::days>(local)).count());
  // The mean gap of this hour; drawn between none and twice that.
  const std::int64_t gap_ms = std::int64_t{3'600'000} * 1000 /
                              (std::int64_t{settings_.arrivals_per_day} * hour_weights[hour]);
  clock_ += chr::milliseconds{1 + random_.between(0, 2 * gap_ms)};
}

FeedPerson HospitalFeed::invent_person() {
  FeedPerson person;
  while (!person.nhs_number) person.nhs_number = number_from(random_.next());
  person.given = random_.one_of(given_names);
  person.family = random_.one_of(family_names);
  person.sex = random_.chance(0.5) ? Sex::female : Sex::male;
  const bool child = random_.chance(settings_.share_children);
  const std::int64_t days =
      child ? random_.between(0, 18 * 365) : random_.between(18 * 366, adult_age_max * 365);
  person.birth_date = add_days(london_date(clock_), -static_cast<int>(days));
  person.expectant_mother =
      !child && person.sex == Sex::female && random_.chance(settings_.share_expectant);
  return person;
}

Visit HospitalFeed::begin_visit(const FeedPerson& person, Time arrival, Dialect dialect) {
  Visit visit;
  visit.dialect = dialect;
  visit.person = person;
  // A person comes back under the same number at the same hospital.
  visit.record_number = person.nhs_number
                            ? "H" + padded(person.nhs_number->value() * 7919 % 10'000'000, 7)
                            : "U" + padded(next_record_++, 7);
  visit.person_key = visit.record_number;
  visit.visit_number = std::string{name_of(dialect).substr(0, 2)} + padded(next_visit_++, 8);
  visit.trust_ods = settings_.trust_ods;
  visit.site_ods = settings_.site_ods;
  if (person.expectant_mother) {
    visit.patient_class = "B";
    visit.point_of_care = "MATERNITY TRIAGE";
    visit.complaint = "Reduced movements";
  } else {
    visit.bed = random_.one_of(bays);
    visit.complaint = random_.one_of(complaints);
  }
  visit.postcode_part = padded(random_.below(1000), 3);
  visit.by_ambulance = random_.chance(0.25);
  visit.began = arrival;
  return visit;
}

FeedMessage HospitalFeed::message(const Visit& visit, std::string_view trigger, Time at,
                                  std::string story) {
  FeedMessage made;
  made.at = at;
  made.control_id = padded(settings_.seed % 1000, 3) + padded(next_control_++, 12);
  made.text = write_message(visit, trigger, at, made.control_id);
  made.trigger = trigger;
  made.dialect = visit.dialect;
  made.story = std::move(story);
  made.person = visit.person;
  made.person_key = visit.person_key;
  made.visit_number = visit.visit_number;
  return made;
}

std::vector<FeedMessage> HospitalFeed::ordinary_course(Visit visit) {
  std::vector<FeedMessage> messages;
  const Time leaves = visit.began + chr::minutes{random_.between(minutes_in_department_min,
                                                                 minutes_in_department_max)};
  const auto within = [&](int percent) {
    return visit.began + (leaves - visit.began) * percent / 100;
  };
  messages.push_back(message(visit, arrival_trigger(visit.dialect), visit.began, "arrival"));
  if (random_.chance(settings_.share_updated)) {
    visit.complaint = random_.one_of(complaints);
    messages.push_back(message(visit, "A08", within(20), "update"));
  }
  if (random_.chance(settings_.share_moved)) {
    visit.bed = random_.one_of(bays);
    messages.push_back(message(visit, "A02", within(50), "move"));
  }
  if (random_.chance(settings_.share_admitted)) {
    visit.patient_class = "I";
    visit.point_of_care = "WARD 7";
    messages.push_back(message(visit, "A06", within(90), "admitted to a ward"));
  }
  visit.ended = leaves;
  messages.push_back(message(visit, "A03", leaves, "discharge"));
  return messages;
}

void HospitalFeed::add_mishaps(Visit visit, std::vector<FeedMessage>& messages) {
  const Time leaves = messages.back().at;
  if (random_.chance(settings_.share_cancelled)) {
    messages.resize(1);
    messages.push_back(message(visit, "A11", visit.began + chr::minutes{3}, "arrival cancelled"));
    return;
  }
  if (random_.chance(settings_.share_reopened)) {
    messages.push_back(message(visit, "A13", leaves + chr::minutes{5}, "discharge cancelled"));
    visit.ended = leaves + chr::minutes{40};
    messages.push_back(message(visit, "A03", *visit.ended, "discharge"));
  }
  if (random_.chance(settings_.share_late)) {
    FeedMessage late = message(visit, "A08", visit.began + chr::minutes{10}, "late update");
    late.at = leaves + chr::minutes{15};
    messages.push_back(std::move(late));
  }
  if (random_.chance(settings_.share_resent)) {
    FeedMessage again = random_.one_of(messages);
    again.at += chr::seconds{random_.between(5, 60)};
    again.story = "re-send";
    messages.push_back(std::move(again));
  }
}

void HospitalFeed::merge_later(const Visit& visit, Time at, std::vector<FeedMessage>& messages) {
  messages.push_back(message(visit, "A28", at, "person identified"));
  messages.push_back(message(visit, "A40", at + chr::minutes{1}, "records merged"));
  Visit identified = visit;
  messages.push_back(message(identified, "A08", at + chr::minutes{2}, "update"));
  identified.ended = at + chr::minutes{random_.between(30, 200)};
  messages.push_back(message(identified, "A03", *identified.ended, "discharge"));
}

}  // namespace cpis::hospital
