// FHIRPath Patch: FHIR R4, 3.1.0.2.2.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/path/definitions_model.h"
#include "fhir/path/patch.h"

namespace data = boost::unit_test::data;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(patch_tests)

namespace {

constexpr std::string_view patient =
    R"({"resourceType":"Patient","id":"p","name":[{"given":["Ida"]},{"given":["Jo","Jay"]}],)"
    R"("birthDate":"2015-03-04","contact":[{"gender":"male"}]})";

struct Case {
  std::string_view operations;  // the parts of each operation, JSON, separated by |
  std::string_view want;        // empty: refused
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {R"({"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.birthDate"},)"
     R"({"name":"value","valueDate":"2015-04-04"})",
     R"({"resourceType":"Patient","id":"p","name":[{"given":["Ida"]},{"given":["Jo","Jay"]}],)"
     R"("contact":[{"gender":"male"}],"birthDate":"2015-04-04"})",
     "replaces a primitive"},
    {R"({"name":"type","valueCode":"add"},{"name":"path","valueString":"Patient"},)"
     R"({"name":"name","valueString":"deceased"},{"name":"value","valueBoolean":false})",
     R"({"resourceType":"Patient","id":"p","name":[{"given":["Ida"]},{"given":["Jo","Jay"]}],)"
     R"("birthDate":"2015-03-04","contact":[{"gender":"male"}],"deceasedBoolean":false})",
     "a choice gets the name of its type"},
    {R"({"name":"type","valueCode":"add"},{"name":"path","valueString":"Patient"},)"
     R"({"name":"name","valueString":"telecom"},)"
     R"({"name":"value","valueContactPoint":{"value":"1"}})",
     R"({"resourceType":"Patient","id":"p","name":[{"given":["Ida"]},{"given":["Jo","Jay"]}],)"
     R"("birthDate":"2015-03-04","contact":[{"gender":"male"}],"telecom":[{"value":"1"}]})",
     "a repeating element becomes a list"},
    {R"({"name":"type","valueCode":"add"},{"name":"path","valueString":"Patient"},)"
     R"({"name":"name","valueString":"contact"},{"name":"value","part":[)"
     R"({"name":"name","valueHumanName":{"text":"a"}},{"name":"gender","valueCode":"female"}]})",
     R"({"resourceType":"Patient","id":"p","name":[{"given":["Ida"]},{"given":["Jo","Jay"]}],)"
     R"("birthDate":"2015-03-04","contact":[{"gender":"male"},{"name":{"text":"a"},)"
     R"("gender":"female"}]})",
     "parts build an element that has no type"},
    {R"({"name":"type","valueCode":"insert"},)"
     R"({"name":"path","valueString":"Patient.name[1].given"},)"
     R"({"name":"index","valueInteger":1},{"name":"value","valueString":"Mo"})",
     R"({"resourceType":"Patient","id":"p","name":[{"given":["Ida"]},{"given":["Jo","Mo","Jay"]}],)"
     R"("birthDate":"2015-03-04","contact":[{"gender":"male"}]})",
     "inserts between two"},
    {R"({"name":"type","valueCode":"move"},{"name":"path","valueString":"Patient.name"},)"
     R"({"name":"source","valueInteger":1},{"name":"destination","valueInteger":0})",
     R"({"resourceType":"Patient","id":"p","name":[{"given":["Jo","Jay"]},{"given":["Ida"]}],)"
     R"("birthDate":"2015-03-04","contact":[{"gender":"male"}]})",
     "moves an item to the front"},
    {R"({"name":"type","valueCode":"delete"},)"
     R"({"name":"path","valueString":"Patient.contact.gender"})",
     R"({"resourceType":"Patient","id":"p","name":[{"given":["Ida"]},{"given":["Jo","Jay"]}],)"
     R"("birthDate":"2015-03-04"})",
     "an element that would be empty goes, too"},
    {R"({"name":"type","valueCode":"delete"},{"name":"path","valueString":"Patient.telecom"})",
     R"({"resourceType":"Patient","id":"p","name":[{"given":["Ida"]},{"given":["Jo","Jay"]}],)"
     R"("birthDate":"2015-03-04","contact":[{"gender":"male"}]})",
     "deleting nothing is no error"},
    {R"({"name":"type","valueCode":"delete"},{"name":"path","valueString":"Patient.name"})", "",
     "delete takes one element"},
    {R"({"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.gender"},)"
     R"({"name":"value","valueCode":"male"})",
     "", "what is not there cannot be replaced"},
    {R"({"name":"type","valueCode":"add"},{"name":"path","valueString":"Patient"},)"
     R"({"name":"name","valueString":"colour"},{"name":"value","valueCode":"red"})",
     "", "there is no such element"},
    {R"({"name":"type","valueCode":"add"},{"name":"path","valueString":"Patient"},)"
     R"({"name":"name","valueString":"birthDate"},{"name":"value","valueDate":"2000"})",
     "", "add does not replace a single element"},
    {R"({"name":"type","valueCode":"insert"},{"name":"path","valueString":"Patient.name"},)"
     R"({"name":"index","valueInteger":7},{"name":"value","valueHumanName":{"text":"x"}})",
     "", "an index behind the end"},
    {R"({"name":"type","valueCode":"delete"},{"name":"path","valueString":"Patient"})", "",
     "the resource itself stays"},
    {R"({"name":"type","valueCode":"explode"},{"name":"path","valueString":"Patient.name"})", "",
     "no such operation"},
    {R"({"name":"type","valueCode":"delete"},{"name":"path","valueString":"Patient.name["})", "",
     "the path is no FHIRPath"},
    {R"({"name":"type","valueCode":"delete"})", "", "no path"},
    // The first operation succeeds, the second fails: nothing may have changed.
    {R"({"name":"type","valueCode":"delete"},{"name":"path","valueString":"Patient.birthDate"}|)"
     R"({"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.gender"},)"
     R"({"name":"value","valueCode":"male"})",
     "", "all or nothing"},
};

std::string parameters(std::string_view operations) {
  std::string text = R"({"resourceType":"Parameters","parameter":[)";
  for (std::string_view rest = operations;;) {
    const auto bar = rest.find('|');
    text += R"({"name":"operation","part":[)" + std::string{rest.substr(0, bar)} + "]}";
    if (bar == std::string_view::npos) return text + "]}";
    text += ',';
    rest.remove_prefix(bar + 1);
  }
}

}  // namespace

BOOST_DATA_TEST_CASE(patches_or_leaves_alone, data::make(cases), c) {
  BOOST_TEST_CONTEXT(c.why) {
    Document target;
    Document patch;
    Issues issues;
    BOOST_REQUIRE(json::read(std::string{patient}, target, issues));
    BOOST_REQUIRE(json::read(parameters(c.operations), patch, issues));
    BOOST_REQUIRE(issues.ok());
    const bool done =
        path::apply_patch(patch.root(), target, &path::DefinitionsModel::r4(), issues);
    BOOST_TEST(done == !c.want.empty());
    BOOST_TEST(issues.ok() == done);
    BOOST_TEST(json::write(target.root()) == (done ? c.want : patient));
    if (!done) BOOST_TEST(issues.list().front().path.starts_with("Parameters.parameter["));
  }
}

BOOST_AUTO_TEST_SUITE_END()
