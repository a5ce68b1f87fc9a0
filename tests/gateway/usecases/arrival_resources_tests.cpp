#include "gateway/usecases/arrival_resources.h"

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>
#include <string>

#include "adapters/hl7v2/understanding.h"
#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"
#include "fhir/terminology/terminology.h"
#include "fhir/validate/validator.h"
#include "tests/support/text.h"

using namespace cpis;
using namespace cpis::usecases;
using cpis::test::has;

BOOST_AUTO_TEST_SUITE(arrival_resources_tests)

namespace {

int next_id = 0;
std::string made_id(Time) { return "id" + std::to_string(++next_id); }

const Time now = *parse_iso_time("2026-01-05T12:00:00Z");
constexpr std::string_view child = "9991000003";

// What one message changed, by Type/id.
using Bodies = std::map<std::string, std::string>;

struct Message {
  std::string at = "202601051015";
  std::string event = "A04";
  std::string pid =
      "PID|1||9991000003^^^NHS||OAK^FERN^ANN^^MISS^^L||20190401|2|||1 LONG LANE^NETHERBY^MALTON^"
      "NORTH YORKSHIRE^YO99 9ZZ^GBR^H||01632960001||EN";
  std::string more =
      "PD1|||MADE UP PRACTICE^^Y99901|G9999981^Hazel^Gregory^^^Dr^^^GMC\r"
      "NK1|1|OAK^MOSS^^^MR^^L|13|1 LONG LANE^NETHERBY^MALTON|01632960001\r";
  std::string visit =
      "PV1|1|E|ED^MINORS^CUBICLE 3^RXX55|21|||C9999991^Rowan^Samuel^^^Dr^^^GMC|||180|||||||||"
      "ED0001^^^RXX_VISIT|||||||||||||||||||||||||202601051012\rPV2|||Fell from climbing frame\r";

  std::string text() const {
    return "MSH|^~\\&|PAS|RXX|ROUTE|ROUTE|" + at + "||ADT^" + event + "^ADT_A01|1|P|2.4\rEVN||" +
           at + "\r" + pid + "\r" + more + visit;
  }
};

struct Fixture {
  explicit Fixture(bool with_companions = true)
      : companions{with_companions}, resources{book, mappings, companions} {
    feed.name = "ed";
    feed.organisation_ods = "RXX";
  }

  /// Of one batch with the message before when `together`: that is not in the book yet.
  Bodies take(const Message& message, std::string_view feed_name = "ed", bool together = false) {
    const std::string text = message.text();
    const hl7v2::Understanding read = hl7v2::understand(text, feed);
    BOOST_REQUIRE(read.event.has_value());
    const AdmissionContext context{std::string{feed_name}, "RXX", false, {}, now, !companions};
    AdmissionPlanner planner{known, context, made_id, made_id};
    AdmissionChanges changes = planner.plan(*read.event);
    if (!together) resources.begin();
    resources.complete({*read.message, *read.event, feed, feed_name, ++message_id, now}, changes);
    for (const auto& patient : changes.patients) known.put(patient);
    for (const auto& [identity, id] : changes.links) known.link(identity, id);
    for (const auto& attendance : changes.attendances) known.put(attendance);
    Bodies bodies;
    for (const ResourceBody& one : changes.resources) {
      bodies[one.type + '/' + one.id] = one.body;
      if (one.keys) check_keys(one);
      if (shows) book.put(one.type, one.id, ++version, now, one.body, one.keys);
    }
    return bodies;
  }
  static void check_keys(const ResourceBody& one) {
    const resources::Keys read = resources::keys_of(one.type, one.body);
    BOOST_TEST(one.keys->patient_id == read.patient_id, one.body);
    BOOST_TEST(one.keys->status == read.status, one.body);
    BOOST_TEST(one.keys->class_code == read.class_code, one.body);
    BOOST_TEST(one.keys->birth_date == read.birth_date, one.body);
    BOOST_TEST(one.keys->identifiers == read.identifiers, boost::test_tools::per_element());
    BOOST_TEST((one.keys->start == read.start && one.keys->end == read.end), one.body);
  }
  std::string kept(std::string_view type, std::string_view id) const {
    const auto entry = book.find(type, id);
    return entry ? entry->body : std::string{};
  }
  std::vector<resources::EntryPtr> kin() const { return book.of_patient("RelatedPerson", child); }

  bool companions;
  static FeedMappings published() {
    Findings none;
    return FeedMappings::open({}, none);
  }

  FeedMappings mappings = published();
  resources::ResourceBook book;
  AttendanceBook known;
  ArrivalResources resources;
  hl7v2::FeedSettings feed;
  std::int64_t message_id = 40;
  std::int64_t version = 0;
  bool shows = true;  ///< what was written is in the book: the batch was committed
};

struct WithoutCompanions : Fixture {
  WithoutCompanions() : Fixture{false} {}
};

std::size_t count(const Bodies& bodies, std::string_view type) {
  return static_cast<std::size_t>(std::count_if(bodies.begin(), bodies.end(), [&](const auto& one) {
    return one.first.starts_with(std::string{type} + '/');
  }));
}

std::string errors_in(const std::string& body) {
  static const fhir::Terminology terminology{fhir::Definitions::r4()};
  static fhir::Validator validator{fhir::Definitions::r4(), &terminology};
  fhir::Document doc;
  fhir::Issues issues;
  BOOST_REQUIRE(fhir::json::read_view(body, doc, issues));
  validator.validate(doc, issues, {});
  std::string text;
  for (const fhir::Issue& issue : issues) {
    if (issue.severity <= fhir::Severity::error)
      text += issue.path + ' ' + issue.diagnostics + '\n';
  }
  return text;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(an_arrival_leaves_everything_that_its_message_describes, Fixture) {
  const Bodies made = take({});
  for (const std::string_view type : {"Patient", "Encounter", "RelatedPerson", "Organization",
                                      "Location", "Practitioner", "PractitionerRole"}) {
    BOOST_TEST(count(made, type) >= 1U, type);
  }
  for (const auto& [name, body] : made) {
    const std::string wrong = errors_in(body);
    BOOST_TEST(wrong.empty(), name << ' ' << wrong);
  }
  // What is referred to is there.
  for (const auto& [name, body] : made) {
    for (std::size_t at = body.find("\"reference\":\""); at != std::string::npos;
         at = body.find("\"reference\":\"", at + 1)) {
      const std::string to = body.substr(at + 13, body.find('"', at + 13) - at - 13);
      BOOST_TEST(made.contains(to), name << " refers to " << to);
    }
  }
}

BOOST_FIXTURE_TEST_CASE(the_provenance_of_a_visit_names_the_stored_message, Fixture) {
  const Bodies made = take({});
  BOOST_REQUIRE_EQUAL(count(made, "Provenance"), 1U);
  const auto visit = std::find_if(made.begin(), made.end(), [](const auto& one) {
    return one.first.starts_with("Encounter/");
  });
  const std::string& provenance = made.at("Provenance/" + visit->first.substr(10));
  BOOST_TEST(has(provenance, "\"value\":\"41\""));
  BOOST_TEST(has(provenance, "\"reference\":\"" + visit->first + "\""));
  BOOST_TEST(has(provenance, "\"reference\":\"Patient/9991000003\""));
}

BOOST_FIXTURE_TEST_CASE(a_message_that_says_nothing_new_writes_nothing, Fixture) {
  take({});
  const Bodies again = take({.at = "202601051017", .event = "A08"});
  BOOST_TEST(again.empty(), (again.empty() ? "" : again.begin()->first));
}

BOOST_FIXTURE_TEST_CASE(a_change_writes_what_changed_and_its_provenance, Fixture) {
  take({});
  Message moved{.at = "202601051030", .event = "A02"};
  moved.visit.replace(moved.visit.find("CUBICLE 3"), 9, "CUBICLE 4");
  const Bodies changed = take(moved);
  BOOST_TEST(changed.size() == 3U);  // Encounter, the new bed, Provenance
  BOOST_TEST(count(changed, "Encounter") == 1U);
  BOOST_TEST(count(changed, "Location") == 1U);
  BOOST_TEST(count(changed, "Provenance") == 1U);
}

BOOST_FIXTURE_TEST_CASE(what_a_message_leaves_empty_stays, Fixture) {
  take({});
  Message sparse{.at = "202601051030", .event = "A08"};
  sparse.pid = "PID|1||9991000003^^^NHS||OAK^FERN";
  sparse.more.clear();
  sparse.visit = "PV1|1|E|||||||||||||||||ED0001^^^RXX_VISIT\r";
  take(sparse);
  const std::string patient = kept("Patient", child);
  for (const std::string_view part :
       {"YO99 9ZZ", "01632960001", "\"female\"", "2019-04-01", "generalPractitioner"}) {
    BOOST_TEST(has(patient, part), part);
  }
  BOOST_TEST(!has(patient, "MISS"));  // the name was sent, so it replaces
  const auto visits = book.of_patient("Encounter", child);
  BOOST_REQUIRE_EQUAL(visits.size(), 1U);
  BOOST_TEST(has(visits[0]->body, "Fell from climbing frame"));
  BOOST_TEST(has(visits[0]->body, "\"location\""));
  BOOST_TEST(kin().size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(what_a_message_deletes_goes, Fixture) {
  take({});
  Message taken{.at = "202601051030", .event = "A08"};
  taken.pid = R"(PID|1||9991000003^^^NHS||OAK^FERN||""|""|||""||"")";
  taken.more = "PD1|||\"\"|\"\"\r";
  taken.visit = "PV1|1|E|\"\"||||||||||||||||ED0001^^^RXX_VISIT\rPV2|||\"\"\r";
  take(taken);
  const std::string patient = kept("Patient", child);
  for (const std::string_view part :
       {"YO99 9ZZ", "01632960001", "\"female\"", "2019-04-01", "generalPractitioner"}) {
    BOOST_TEST(!has(patient, part), part);
  }
  const auto visits = book.of_patient("Encounter", child);
  BOOST_TEST(!has(visits[0]->body, "Fell from climbing frame"));
  BOOST_TEST(!has(visits[0]->body, "\"location\""));
}

BOOST_FIXTURE_TEST_CASE(an_older_message_changes_no_person_and_no_visit, Fixture) {
  take({});
  Message older{.at = "202601050900", .event = "A08"};
  older.pid.replace(older.pid.find("LONG LANE"), 9, "OLD STREET");
  BOOST_TEST(take(older).empty());
  BOOST_TEST(has(kept("Patient", child), "LONG LANE"));
}

BOOST_FIXTURE_TEST_CASE(next_of_kin_who_are_not_named_any_more_become_inactive, Fixture) {
  take({});
  Message other{.at = "202601051030", .event = "A08"};
  other.more = "NK1|1|ELM^WREN^^^MRS^^L|12||01632960002\r";
  take(other);
  BOOST_REQUIRE_EQUAL(kin().size(), 2U);
  for (const auto& one : kin()) {
    const bool named_now = has(one->body, "ELM");
    BOOST_TEST(has(one->body, named_now ? "\"active\":true" : "\"active\":false"));
  }
  // Another sender does not know whom this one named.
  Message elsewhere{.at = "202601051040", .event = "A31"};
  elsewhere.more = "NK1|1|ASH^ROWAN^^^MR^^L|13\r";
  elsewhere.visit.clear();
  take(elsewhere, "wales");
  BOOST_TEST(kin().size() == 3U);
  for (const auto& one : kin()) {
    if (has(one->body, "ELM")) BOOST_TEST(has(one->body, "\"active\":true"));
  }
}

BOOST_FIXTURE_TEST_CASE(messages_of_one_batch_see_what_those_before_them_wrote, Fixture) {
  shows = false;
  take({});
  Message other{.at = "202601051030", .event = "A08"};
  other.more = "NK1|1|ELM^WREN^^^MRS^^L|12||01632960002\r";
  const Bodies changed = take(other, "ed", true);
  BOOST_TEST(count(changed, "RelatedPerson") == 2U);
  BOOST_TEST(count(changed, "Location") == 0U);
  BOOST_TEST(take(other, "ed", true).empty());
}

BOOST_FIXTURE_TEST_CASE(of_a_shielded_child_no_kin_and_no_place_is_left, Fixture) {
  take({});
  Message shielded{.at = "202601051030", .event = "A08"};
  shielded.visit += "ZU8||||2\r";
  const Bodies changed = take(shielded);
  BOOST_TEST(count(changed, "Location") == 0U);
  const std::string patient = kept("Patient", child);
  BOOST_TEST(has(patient, "\"restricted\""));
  for (const auto& one : kin()) {
    BOOST_TEST(!has(one->body, "MOSS"));
    BOOST_TEST(has(one->body, "\"restricted\""));
    BOOST_TEST(errors_in(one->body).empty());
  }
  for (const std::string_view part : {"LONG LANE", "01632960001", "generalPractitioner"}) {
    BOOST_TEST(!has(patient, part), part);
  }
  BOOST_TEST(!has(book.of_patient("Encounter", child)[0]->body, "\"location\""));
}

BOOST_FIXTURE_TEST_CASE(a_person_s_message_has_the_provenance_of_the_person, Fixture) {
  Message person{.event = "A31"};
  person.visit.clear();
  const Bodies made = take(person);
  BOOST_TEST(made.contains("Provenance/9991000003"));
  BOOST_TEST(count(made, "Encounter") == 0U);
}

BOOST_FIXTURE_TEST_CASE(identifiers_of_another_hospital_stay_and_a_corrected_one_goes, Fixture) {
  Message first;
  first.pid.replace(first.pid.find("9991000003^^^NHS"), 16,
                    "9991000003^^^NHS~A1^^^RXX^MR~B7^^^RYY^MR");
  take(first);
  Message second{.at = "202601051030", .event = "A08"};
  second.pid.replace(second.pid.find("9991000003^^^NHS"), 16, "9991000003^^^NHS~A2^^^RXX^MR");
  take(second);
  const std::string patient = kept("Patient", child);
  BOOST_TEST(has(patient, "\"A2\""));
  BOOST_TEST(has(patient, "\"B7\""));
  BOOST_TEST(!has(patient, "\"A1\""));
}

BOOST_FIXTURE_TEST_CASE(a_cancelled_discharge_has_no_end, Fixture) {
  take({});
  Message gone{.at = "202601051100", .event = "A03"};
  gone.visit.insert(gone.visit.find("\rPV2"), "|202601051100");
  take(gone);
  BOOST_TEST(has(book.of_patient("Encounter", child)[0]->body, "\"end\""));
  take({.at = "202601051110", .event = "A13"});
  const auto visits = book.of_patient("Encounter", child);
  BOOST_TEST(!has(visits[0]->body, "\"end\""));
  BOOST_TEST(has(visits[0]->body, "\"in-progress\""));
}

namespace {

// The child came as somebody known by a hospital number only, and then turns out to be `child`.
Message unknown_child() {
  Message first;
  first.pid.replace(first.pid.find("9991000003^^^NHS"), 16, "T77^^^RXX^MR");
  return first;
}

Message merge_into_child() {
  Message merge{.at = "202601051130", .event = "A40"};
  merge.more = "MRG|T77^^^RXX^MR\r";
  merge.visit.clear();
  return merge;
}

// The person who will be merged is shielded; the survivor's visit began at this time.
void take_shielded_and_survivor(Fixture& fixture, const std::string& at) {
  Message first = unknown_child();
  first.visit += "ZU8||||2\r";
  fixture.take(first);
  Message survivor{.at = at, .event = "A04"};
  survivor.visit.replace(survivor.visit.find("ED0001"), 6, "ED0002");
  fixture.take(survivor);
}

}  // namespace

BOOST_DATA_TEST_CASE(what_is_about_a_merged_person_follows_the_survivor,
                     boost::unit_test::data::make({false, true}), together) {
  Fixture fixture;
  fixture.shows = !together;
  const Bodies first = fixture.take(unknown_child());
  const Bodies merged = fixture.take(merge_into_child(), "ed", together);
  for (const std::string_view type : {"Encounter", "RelatedPerson"}) {
    const auto before = std::find_if(first.begin(), first.end(), [&](const auto& one) {
      return one.first.starts_with(std::string{type} + '/');
    });
    BOOST_REQUIRE_MESSAGE(merged.contains(before->first), type);
    const std::string& body = merged.at(before->first);
    BOOST_TEST(has(body, "\"reference\":\"Patient/9991000003\""), body);
    BOOST_TEST(!has(body, "versionId"));
    BOOST_TEST(errors_in(body).empty(), errors_in(body));
  }
  BOOST_TEST(count(merged, "Encounter") == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_merged_person_who_was_shielded_stays_so, Fixture) {
  take_shielded_and_survivor(*this, "202601051100");
  take(merge_into_child());
  BOOST_TEST(has(kept("Patient", child), "\"restricted\""));
  for (const auto& one : kin()) BOOST_TEST(!has(one->body, "MOSS"));
}

// What the merge says of the survivor is older than what is known; that the other record was
// shielded is not.
BOOST_FIXTURE_TEST_CASE(a_late_merge_with_a_shielded_record_hides_too, Fixture) {
  take_shielded_and_survivor(*this, "202601051200");
  const auto visits = book.of_patient("Encounter", child);
  BOOST_REQUIRE(visits.size() == 1U);
  BOOST_REQUIRE(has(visits.front()->body, "\"location\""));
  const Bodies merged = take(merge_into_child());
  BOOST_TEST(known.patient(std::string{child})->shielded);
  // At once, and not with the next message.
  BOOST_TEST(has(kept("Patient", child), "\"restricted\""));
  BOOST_TEST(!has(kept("Patient", child), "LONG LANE"));
  BOOST_TEST(!has(kept("Encounter", visits.front()->id), "\"location\""));
  BOOST_TEST(has(kept("Encounter", visits.front()->id), "\"restricted\""));
  for (const auto& one : kin()) BOOST_TEST(!has(one->body, "MOSS"), one->body);
  for (const auto& [name, body] : merged) BOOST_TEST(errors_in(body).empty(), name);
  Message next{.at = "202601051210", .event = "A08"};
  next.visit.replace(next.visit.find("ED0001"), 6, "ED0002");
  take(next);
  BOOST_TEST(has(kept("Patient", child), "\"restricted\""));
}

BOOST_FIXTURE_TEST_CASE(without_companions_there_is_a_patient_and_an_encounter, WithoutCompanions) {
  const Bodies made = take({});
  BOOST_TEST(made.size() == 2U);
  BOOST_TEST(count(made, "Patient") == 1U);
  BOOST_TEST(count(made, "Encounter") == 1U);
  BOOST_TEST(take({.at = "202601051017", .event = "A08"}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
