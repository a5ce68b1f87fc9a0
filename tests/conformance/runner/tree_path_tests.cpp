#include "conformance/runner/tree_path.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "conformance/runner/record.h"

using namespace cpis::conformance;
namespace data = boost::unit_test::data;

namespace {

constexpr std::string_view bundle = R"({"resourceType":"Bundle","type":"searchset","total":2,
  "link":[{"relation":"self","url":"http://s"}],
  "entry":[
    {"fullUrl":"http://x/1","resource":{"resourceType":"Patient","id":"1","active":true,
      "name":[{"use":"official","family":"Ng","given":["Ann","Bea"]},
      {"use":"old","family":"Ode"}]}},
    {"fullUrl":"http://x/2","resource":{"resourceType":"Flag","id":"2","status":"active",
      "extension":[{"url":"http://e","valueCode":"c"}]}}]})";

struct Case {
  std::string_view path;
  std::string_view wanted;  // values joined by |; "?" when not understood
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.path; }

constexpr Case cases[] = {
    {"fhir:Bundle/fhir:type/@value", "searchset", "XPath with prefixes"},
    {"/f:Bundle/f:total/@value", "2", "absolute"},
    {"Bundle/type", "searchset", "an element's own value"},
    {"type/@value", "searchset", "from inside the root"},
    {"Bundle/entry/resource/Patient/name/given/@value", "Ann|Bea", "through a resource"},
    {"Bundle/entry/resource/name/family/@value", "Ng|Ode", "the type may be left out"},
    {"//f:family/@value", "Ng|Ode", "anywhere"},
    {"Bundle//f:Flag/f:status/@value", "active", "anywhere below, by type"},
    {"Bundle/entry[2]/fullUrl/@value", "http://x/2", "by place"},
    {"Bundle/entry[last()]/fullUrl/@value", "http://x/2", "the last"},
    {"Bundle/entry[3]/fullUrl/@value", "", "no such place"},
    {"//name[use/@value='old']/family/@value", "Ode", "by a child's value"},
    {"//name[use/@value != 'old']/family/@value", "Ng", "by a child's other value"},
    {"//name[f:given]/f:family/@value", "Ng", "by a child"},
    {"//name[not(f:given)]/f:family/@value", "Ode", "by a missing child"},
    {"//name[use/@value='official' and contains(family/@value,'N')]/given[1]/@value", "Ann", "and"},
    {"//name[use/@value='x' or starts-with(family/@value,'O')]/use/@value", "old", "or"},
    {"//extension/@url", "http://e", "the url attribute"},
    {"//f:Patient/@id", "1", "an id"},
    {"count(//name)", "2", "count"},
    {"boolean(//given)", "true", "boolean"},
    {"not(//given)", "false", "not"},
    {"Patient/name/family", "Ng|Ode", "a type that is not the root's, anywhere below"},
    {"Observation/status", "", "a type that is not there"},
    {"Flag/extension[@url='http://e']/valueCode", "c", "a predicate on an attribute"},
    {"Bundle/*/relation/@value", "self", "any child"},
    {"$.type", "searchset", "JSONPath"},
    {".type", "searchset", "without root"},
    {"$.entry[0].resource.name[1].family", "Ode", "by index"},
    {"$.entry[*].fullUrl", "http://x/1|http://x/2", "all"},
    {"$..family", "Ng|Ode", "anywhere"},
    {"$['entry'][1]['resource'].status", "active", "quoted names"},
    {"$.entry[?(@.fullUrl=='http://x/2')].resource.id", "2", "a filter"},
    {"$.entry[?(@.resource.active)].fullUrl", "http://x/1", "a filter by presence"},
    {"$.entry[0].resource.resourceType", "Patient", "the resource type"},
    {"$.resourceType", "Bundle", "of the root"},
    {"$.entry[0", "?", "an open bracket"},
    {"Bundle/entry[position()<2]", "?", "a function that is not here"},
    {"Bundle/entry[", "?", "an open predicate"},
    {"", "?", "nothing"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tree_path_tests)

BOOST_DATA_TEST_CASE(paths_of_both_kinds, data::make(cases), c) {
  BOOST_TEST_CONTEXT(c.path << ": " << c.why) {
    Body body{std::string{bundle}};
    BOOST_REQUIRE(body.resource() != nullptr);
    const auto values = select_path(body.resource()->root(), c.path);
    std::string found = "?";
    if (values) {
      found.clear();
      for (const std::string& value : *values) found += (found.empty() ? "" : "|") + value;
    }
    BOOST_TEST(found == c.wanted);
  }
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_refused) {
  Body body{std::string{bundle}};
  std::string path = "entry";
  for (int depth = 0; depth < 100; ++depth) path = "entry[" + path + "]";
  BOOST_TEST(!select_path(body.resource()->root(), path).has_value());
  BOOST_TEST(!select_path(body.resource()->root(), std::string(10'000, 'a')).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
