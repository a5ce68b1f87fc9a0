// What counts as valid at the door: profiles of packages and local severities, in $validate, in
// writes and in the terminology operations.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/integration/gateway_fixture.h"
#include "tests/support/tcp_client.h"
#include "tests/support/text.h"

using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(fhir_validation_tests)

namespace {

std::string person(std::string_view number, std::string_view more = "") {
  return R"({"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number",)"
         R"("value":")" +
         std::string{number} + R"("}],"name":[{"family":"Sample","given":["Alex"]}],)" +
         R"("birthDate":"2018-04-12")" + std::string{more} + "}";
}

struct Server : RunningGateway {
  explicit Server(std::string_view more = "") : RunningGateway{more} {
    upload_people(gateway->registry());
  }
  std::string post(const std::string& path, const std::string& body) const {
    return request("POST", "/FHIR/R4/" + path, "Content-Type: application/fhir+json\r\n", body);
  }
  std::string read(const std::string& path) const { return get("/FHIR/R4/" + path); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(packages_bring_profiles_and_value_sets_to_the_server) {
  const ScratchFolder place;
  std::ofstream{place.file("profile.json")}
      << R"({"resourceType":"StructureDefinition","url":"http://example.org/fhir/named",)"
      << R"("name":"Named","status":"active","kind":"resource","abstract":false,"type":"Patient",)"
      << R"("baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient",)"
      << R"("derivation":"constraint","differential":{"element":[{"id":"Patient.contact",)"
      << R"("path":"Patient.contact","min":1}]}})";
  std::ofstream{place.file("wards.json")}
      << R"({"resourceType":"ValueSet","url":"http://example.org/fhir/wards","status":"active",)"
      << R"("compose":{"include":[{"system":"http://example.org/ward","concept":[)"
      << R"({"code":"w1","display":"Ward 1"}]}]}})";
  const Server server{"validate.packages = " + place.path() + "\n"};
  const std::string declared = R"(,"meta":{"profile":["http://example.org/fhir/named"]})";
  const std::string plain = person(child_on_plan);
  BOOST_TEST(!has(server.post("Patient/$validate", plain), "\"severity\":\"error\""));
  const std::string asked =
      server.post("Patient/$validate?profile=http://example.org/fhir/named", plain);
  BOOST_TEST(has(asked, "cardinality-min"));
  BOOST_TEST(has(asked, "Patient.contact"));
  BOOST_TEST(server.post("Patient", person(child_on_plan, declared)).substr(0, 3) == "422");
  BOOST_TEST(server
                 .post("Patient",
                       person(child_on_plan, declared + R"(,"contact":[{"name":{"text":"A"}}])"))
                 .substr(0, 3) == "201");
  const std::string expanded = server.read("ValueSet/$expand?url=http://example.org/fhir/wards");
  BOOST_TEST(has(expanded, "\"code\":\"w1\""));
}

BOOST_AUTO_TEST_CASE(a_severity_policy_holds_for_validation_and_for_writes) {
  const ScratchFolder place;
  const std::string file = place.file("policy.json");
  std::ofstream{file} << R"({"name":"ours","rules":[{"rule":"pat-1","severity":"warning",)"
                      << R"("why":"Some contacts come without a name."}]})";
  const std::string contact = R"(,"contact":[{"gender":"female"}])";
  {
    const Server standard;
    BOOST_TEST(standard.post("Patient", person(child_on_plan, contact)).substr(0, 3) == "422");
  }
  const Server server{"validate.policy = " + file + "\n"};
  const std::string said = server.post("Patient/$validate", person(child_on_plan, contact));
  BOOST_TEST(has(said, "pat-1"));
  BOOST_TEST(has(said, "\"severity\":\"warning\""));
  BOOST_TEST(!has(said, "\"severity\":\"error\""));
  BOOST_TEST(server.post("Patient", person(child_on_plan, contact)).substr(0, 3) == "201");
  BOOST_TEST(server.post("Patient", person("9990000018", R"(,"gender":"none")")).substr(0, 3) ==
             "422");
}

BOOST_AUTO_TEST_SUITE_END()
