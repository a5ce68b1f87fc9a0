// Whether a resource is found: FHIR R4, 3.1.1.4.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "fhir/json/reader.h"
#include "fhir/search/match.h"

namespace data = boost::unit_test::data;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(match_tests)

namespace {

constexpr std::string_view patient =
    R"({"resourceType":"Patient","id":"p1","active":true,
    "meta":{"lastUpdated":"2026-01-05T09:30:15.250Z","tag":[{"system":"urn:t","code":"x"}]},
    "identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000042",
      "type":{"coding":[{"system":"urn:types","code":"NH"}]}}],
    "name":[{"family":"Márlow","given":["Ida","Jo"]}],"telecom":[{"system":"email","value":"a@b"}],
    "gender":"female","birthDate":"2015-03-04","deceasedBoolean":false,
    "generalPractitioner":[{"reference":"Practitioner/gp"}],
    "managingOrganization":{"reference":"https://cpis.example/FHIR/R4/Organization/o1"}})";

constexpr std::string_view observation =
    R"({"resourceType":"Observation","id":"o","status":"final",
    "code":{"coding":[{"system":"http://loinc.org","code":"29463-7","display":"Body weight"}],
      "text":"Weight"},
    "subject":{"reference":"Patient/p1",
      "identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000042"}},
    "effectivePeriod":{"start":"2025-12-01","end":"2025-12-31"},
    "valueQuantity":{"value":12.50,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"},
    "component":[
      {"code":{"coding":[{"code":"a"}]},"valueQuantity":{"value":1,"unit":"m"}},
      {"code":{"coding":[{"code":"b"}]},"valueQuantity":{"value":2,"unit":"m"}}]})";

constexpr std::string_view value_set =
    R"({"resourceType":"ValueSet","url":"http://a.example/b/c","status":"active","version":"2"})";

struct Case {
  const std::string_view* resource;
  std::string_view query;
  bool found;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.query << ": " << c.why;
}

constexpr Case cases[] = {
    {&patient, "_id=p1", true, "logical id"},
    {&patient, "_id=p2,p1", true, "one of several"},
    {&patient, "_id=p1&_id=p2", false, "all of several parameters"},
    {&patient, "_tag=urn:t|x", true, "tag"},
    {&patient, "_lastUpdated=2026-01-05", true, "an instant inside the day"},
    {&patient, "_lastUpdated=gt2026-01-05", false, "nothing after the day"},
    {&patient, "identifier=https://fhir.nhs.uk/Id/nhs-number|9990000042", true, "system and code"},
    {&patient, "identifier=9990000042", true, "code of any system"},
    {&patient, "identifier=|9990000042", false, "the system is not absent"},
    {&patient, "identifier=https://fhir.nhs.uk/Id/nhs-number|", true, "any code of the system"},
    {&patient, "identifier=https://other|9990000042", false, "another system"},
    {&patient, "identifier:of-type=urn:types|NH|9990000042", true, "by type"},
    {&patient, "identifier:of-type=urn:types|MR|9990000042", false, "by another type"},
    {&patient, "family=marl", true, "start, without case and accents"},
    {&patient, "family=arlow", false, "not in the middle"},
    {&patient, "family:contains=ARL", true, "in the middle"},
    {&patient, "family:exact=Marlow", false, "accents count"},
    {&patient, "family:exact=M%C3%A1rlow", true, "to the letter"},
    {&patient, "name=jo", true, "any part of a name"},
    {&patient, "gender=female", true, "code"},
    {&patient, "gender:not=female", false, "not"},
    {&patient, "gender:not=male", true, "not another"},
    {&patient, "active=true", true, "boolean"},
    {&patient, "deceased=false", true, "the expression gives a boolean"},
    {&patient, "email=a@b", true, "part of telecom"},
    {&patient, "phone=a@b", false, "another part of telecom"},
    {&patient, "birthdate=2015-03-04", true, "day"},
    {&patient, "birthdate=2015", true, "a day is inside its year"},
    {&patient, "birthdate=2015-03-04T10:00", false, "a day is not inside a minute"},
    {&patient, "birthdate=ne2015", false, "ne"},
    {&patient, "birthdate=lt2015-03-05", true, "lt"},
    {&patient, "birthdate=ge2015-03-04", true, "ge"},
    {&patient, "birthdate=sa2015-03-04", false, "does not start after itself"},
    {&patient, "birthdate=eb2016", true, "ends before"},
    {&patient, "birthdate=gt2015-03-03&birthdate=lt2015-03-05", true, "between two"},
    {&patient, "general-practitioner=gp", true, "reference by id"},
    {&patient, "general-practitioner=Practitioner/gp", true, "reference by type and id"},
    {&patient, "general-practitioner:Organization=gp", false, "of another type"},
    {&patient, "organization=Organization/o1", true, "the resource writes its own base"},
    {&patient, "organization=https://other.example/Organization/o1", false, "another server"},
    {&patient, "link:missing=true", true, "missing"},
    {&patient, "gender:missing=true", false, "not missing"},
    {&patient, "gender:missing=false", true, "present"},
    {&observation, "code=http://loinc.org|29463-7", true, "coding"},
    {&observation, "code:text=weigh", true, "text of the concept"},
    {&observation, "code:text=body", true, "display of the coding"},
    {&observation, "patient=p1", true, "a parameter for subjects that are patients"},
    {&observation, "patient:identifier=https://fhir.nhs.uk/Id/nhs-number|9990000042", true,
     "identifier of the reference"},
    {&observation, "subject=Group/p1", false, "another type of subject"},
    {&observation, "date=2025-12", true, "a period inside the month"},
    {&observation, "date=2025-12-15", false, "a period is not inside one of its days"},
    {&observation, "date=ap2025-12-15", true, "about"},
    {&observation, "value-quantity=12.5", true, "number alone"},
    {&observation, "value-quantity=12.54", false, "digits count"},
    {&observation, "value-quantity=12", false, "11.5 to 12.5, the end is outside"},
    {&observation, "value-quantity=12.5||kg", true, "by unit"},
    {&observation, "value-quantity=12.5||lb", false, "another unit"},
    {&observation, "value-quantity=12500|http://unitsofmeasure.org|g", true, "converted by UCUM"},
    {&observation, "value-quantity=gt12|http://unitsofmeasure.org|kg", true, "greater"},
    {&observation, "value-quantity=le12.4", false, "less or equal"},
    {&observation, "component-code-value-quantity=a$1", true, "both parts in one component"},
    {&observation, "component-code-value-quantity=a$2", false, "parts of different components"},
    {&observation, "status=http://hl7.org/fhir/observation-status|final", true, "implied system"},
    {&observation, "status=http://example.org|final", false, "not the implied system"},
    {&value_set, "url=http://a.example/b/c", true, "uri"},
    {&value_set, "url=http://a.example/b", false, "a uri is compared as a whole"},
    {&value_set, "url:below=http://a.example/b", true, "below"},
    {&value_set, "url:below=http://a.example/bb", false, "not below a mere prefix"},
    {&value_set, "version=2", true, "a string as a token"},
};

}  // namespace

BOOST_DATA_TEST_CASE(finds_what_the_specification_says, data::make(cases), c) {
  BOOST_TEST_CONTEXT(c.why) {
    Document document;
    Issues issues;
    BOOST_REQUIRE(json::read_view(*c.resource, document, issues));
    Definitions::r4().types().annotate(document);
    const std::string base = "https://cpis.example/FHIR/R4";
    search::QueryOptions options;
    options.own_base = base;
    options.strict = true;
    const auto items = search::split_query(c.query, issues);
    const auto query = search::read_query(document.root().resource_type(), items, Definitions::r4(),
                                          options, issues);
    BOOST_REQUIRE(issues.ok());
    search::Lookups lookups;
    lookups.now = 1'767'605'415'000;  // 2026-01-05
    search::Matcher matcher{Definitions::r4(), base, lookups};
    BOOST_TEST(matcher.matches(query, document.root()) == c.found);
    BOOST_TEST(!matcher.unanswered());
  }
}

namespace {

// Answers chains within one small world.
struct World {
  Document patient_document;
  Document observation_document;

  World() {
    Issues issues;
    json::read_view(patient, patient_document, issues);
    json::read_view(observation, observation_document, issues);
  }

  search::Lookups lookups() const {
    search::Lookups all;
    all.resolve = [this](const search::ReferenceKey& key) -> const Element* {
      return key.id == "p1" ? &patient_document.root() : nullptr;
    };
    all.referring = [this](std::string_view type, const SearchParameterDefinition&,
                           const Element&) -> std::vector<const Element*> {
      if (type != "Observation") return {};
      return {&observation_document.root()};
    };
    return all;
  }

  bool found(const Element& resource, std::string_view text, bool& unanswered,
             search::Lookups with) const {
    Issues issues;
    const auto items = search::split_query(text, issues);
    const auto query =
        search::read_query(resource.resource_type(), items, Definitions::r4(), {}, issues);
    BOOST_REQUIRE(issues.ok());
    search::Matcher matcher{Definitions::r4(), {}, std::move(with)};
    const bool result = matcher.matches(query, resource);
    unanswered = matcher.unanswered();
    return result;
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(chains_follow_references_both_ways) {
  const World world;
  bool unanswered = false;
  const Element& o = world.observation_document.root();
  const Element& p = world.patient_document.root();
  BOOST_TEST(world.found(o, "subject:Patient.given=ida", unanswered, world.lookups()));
  BOOST_TEST(world.found(o, "patient.family=marlow", unanswered, world.lookups()));
  BOOST_TEST(!world.found(o, "patient.family=jones", unanswered, world.lookups()));
  BOOST_TEST(world.found(p, "_has:Observation:patient:status=final", unanswered, world.lookups()));
  BOOST_TEST(
      !world.found(p, "_has:Observation:patient:status=amended", unanswered, world.lookups()));
  BOOST_TEST(!unanswered);
}

// "No match" and "could not be asked" must not look the same.
BOOST_AUTO_TEST_CASE(what_cannot_be_decided_is_marked) {
  const World world;
  for (const std::string_view query : {"patient.family=marlow", "code:in=http://example.org/vs",
                                       "code:not-in=http://example.org/vs", "code:below=x"}) {
    bool unanswered = false;
    BOOST_TEST(!world.found(world.observation_document.root(), query, unanswered, {}), query);
    BOOST_TEST(unanswered, query);
  }
}

BOOST_AUTO_TEST_SUITE_END()
