#include "fhir/validate/narrative.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

namespace data = boost::unit_test::data;
using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(narrative_tests)

namespace {

enum class Fault { none, markup, content, empty };

struct Case {
  std::string_view inside;  // of the div
  Fault fault;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {"text", Fault::none, "text"},
    {"<p class=\"a\">x<br/></p><img src=\"#a\" alt='b'/>", Fault::none, "paragraph and image"},
    {"<table><tr><td colspan=\"2\">x</td></tr></table>", Fault::none, "a table"},
    {"a &amp; b &#160; &#x1F600;", Fault::none, "entities of XML"},
    {"<ol><li value=\"2\">x</li></ol>", Fault::none, "a list that goes on"},
    {"<p xmlns=\"http://www.w3.org/1999/xhtml\">x</p>", Fault::none, "the namespace once more"},
    {"<!-- c -->x", Fault::none, "a comment"},
    {"<a href=\"http://example.org\">x</a>", Fault::none, "a link"},
    {"", Fault::empty, "nothing"},
    {" \n<p> </p>", Fault::empty, "blanks only"},
    {"<!-- c -->", Fault::empty, "a comment only"},
    {"<script>x</script>", Fault::content, "a script"},
    {"<form>x</form>", Fault::content, "a form"},
    {"<p onclick=\"x()\">x</p>", Fault::content, "an event"},
    {"<a href=\"javascript:x()\">x</a>", Fault::content, "a script as address"},
    {"<iframe src=\"a\">x</iframe>", Fault::content, "a frame"},
    {"<p>x", Fault::markup, "an open element"},
    {"x</p>", Fault::markup, "an end without start"},
    {"<b><i>x</b></i>", Fault::markup, "crossing elements"},
    {"a &nbsp; b", Fault::markup, "an entity of HTML"},
    {"a & b", Fault::markup, "a bare ampersand"},
    {"<p class=a>x</p>", Fault::markup, "no quotes"},
    {"<p class>x</p>", Fault::markup, "no value"},
    {"a < b", Fault::markup, "a bare <"},
    {"a ]]> b", Fault::markup, "the end of a section that was not begun"},
    {"a &#x1F; b", Fault::markup, "a character that XML does not have"},
    {"a &#xD800; b", Fault::markup, "half a character"},
    {"a &#99999999999; b", Fault::markup, "a character beyond Unicode"},
    {"<p class=\"a\" class=\"b\">x</p>", Fault::markup, "an attribute twice"},
    {"<p xmlns=\"http://example.org\">x</p>", Fault::markup, "an element of another namespace"},
    {"<a href=\" JavaScript:x()\">x</a>", Fault::content, "a script behind a blank, in capitals"},
    {"<p value=\"x\">x</p>", Fault::content, "a value outside of a list"},
};

Fault fault_of(std::string_view xhtml) {
  const NarrativeFaults faults = check_narrative(xhtml);
  if (faults.markup != nullptr) return Fault::markup;
  if (faults.content != nullptr) return Fault::content;
  return faults.empty != nullptr ? Fault::empty : Fault::none;
}

}  // namespace

BOOST_DATA_TEST_CASE(judges_what_is_inside_a_div, data::make(cases), c) {
  const std::string div =
      "<div xmlns=\"http://www.w3.org/1999/xhtml\">" + std::string{c.inside} + "</div>";
  BOOST_TEST_CONTEXT(c.why) { BOOST_TEST((fault_of(div) == c.fault)); }
}

BOOST_AUTO_TEST_CASE(only_one_div_in_the_xhtml_namespace_will_do) {
  const std::string start = "<div xmlns=\"http://www.w3.org/1999/xhtml\">";
  BOOST_TEST((fault_of("<div>x</div>") == Fault::markup));
  BOOST_TEST((fault_of("<p xmlns=\"http://www.w3.org/1999/xhtml\">x</p>") == Fault::markup));
  BOOST_TEST((fault_of(start + "x</div>" + start + "y</div>") == Fault::markup));
  BOOST_TEST((fault_of(start + "x</div>y") == Fault::markup));
  BOOST_TEST((fault_of("plain") == Fault::markup));
  BOOST_TEST((fault_of("") == Fault::markup));
  std::string deep = start;
  for (int i = 0; i < 1000; ++i) deep += "<b>";
  BOOST_TEST((fault_of(deep) == Fault::markup));
}

BOOST_AUTO_TEST_SUITE_END()
