#include "gateway/fhir_api/wishes.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string_view>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "gateway/fhir_api/present.h"
#include "gateway/fhir_api/subset.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::fhir_api;

BOOST_AUTO_TEST_SUITE(wishes_tests)

namespace {

http::Request get(std::string_view accept) {
  std::vector<http::HeaderField> headers;
  if (!accept.empty()) headers.push_back({"Accept", accept});
  return http::Request::make("GET", "/FHIR/R4/Patient/1", headers);
}

struct FormatCase {
  std::string_view accept, query, want;  // json, xml or 406
};
std::ostream& operator<<(std::ostream& out, const FormatCase& c) {
  return out << c.accept << " ?" << c.query;
}

constexpr FormatCase formats[] = {
    {"", "", "json"},
    {"*/*", "", "json"},
    {"application/fhir+xml", "", "xml"},
    {"text/xml", "", "xml"},
    {"application/json", "", "json"},
    {"text/html", "", "406"},
    {"text/html, */*;q=0.1", "", "json"},
    {"application/fhir+json;q=0.5, application/fhir+xml", "", "xml"},
    {"application/fhir+json, application/fhir+xml;q=0.9", "", "json"},
    {"application/fhir+json;q=0, application/fhir+xml;q=0", "", "406"},
    {"application/fhir+xml; fhirVersion=4.0", "", "xml"},
    {"application/fhir+xml; fhirVersion=5.0", "", "406"},
    {"text/html", "_format=json", "json"},
    {"application/fhir+json", "_format=xml", "xml"},
    {"", "_format=application/fhir%2Bxml", "xml"},
    {"", "_format=application/fhir+xml", "xml"},
    {"", "_format=text/turtle", "406"},
};

}  // namespace

BOOST_DATA_TEST_CASE(formats_are_negotiated, data::make(formats), c) {
  const auto read = read_wishes(get(c.accept), *http::QueryString::parse(c.query));
  const auto* wishes = std::get_if<Wishes>(&read);
  if (c.want == "406") {
    BOOST_REQUIRE(wishes == nullptr);
    BOOST_TEST(std::get<http::Response>(read).status == 406);
    return;
  }
  BOOST_REQUIRE(wishes != nullptr);
  BOOST_TEST(wishes->xml == (c.want == "xml"));
}

BOOST_AUTO_TEST_CASE(prefer_says_what_comes_back_and_how_strict_to_be) {
  const auto request = http::Request::make(
      "GET", "/", {{"Prefer", "return=minimal; handling=lenient"}, {"Prefer", "respond-async"}});
  const auto read = read_wishes(request, *http::QueryString::parse(""));
  const auto& wishes = std::get<Wishes>(read);
  BOOST_TEST((wishes.returned == Return::minimal));
  BOOST_TEST((wishes.handling == Handling::lenient));
}

BOOST_AUTO_TEST_CASE(copies_of_a_client_are_compared) {
  http::Response response{200, "application/fhir+json", "{}"};
  response.set("ETag", "W/\"3\"");
  response.set("Last-Modified", "Sun, 22 Nov 2026 01:02:03 GMT");
  const auto with = [&](std::string_view name, std::string_view value) {
    return not_modified(http::Request::make("GET", "/", {{name, value}}), response);
  };
  BOOST_TEST(with("If-None-Match", "W/\"3\""));
  BOOST_TEST(with("If-None-Match", "\"1\", \"3\""));
  BOOST_TEST(with("If-None-Match", "*"));
  BOOST_TEST(!with("If-None-Match", "W/\"4\""));
  BOOST_TEST(with("If-Modified-Since", "Sun, 22 Nov 2026 01:02:03 GMT"));
  BOOST_TEST(!with("If-Modified-Since", "Sun, 22 Nov 2026 01:02:02 GMT"));
  BOOST_TEST(!with("If-Modified-Since", "yesterday"));
}

BOOST_AUTO_TEST_CASE(parts_of_resources_are_kept) {
  const auto cut = [](const Wishes& wishes) {
    fhir::Document doc;
    fhir::Issues issues;
    BOOST_REQUIRE(fhir::json::read(
        R"({"resourceType":"Encounter","id":"1","text":{"status":"generated","div":"<div/>"},)"
        R"("status":"planned","class":{"code":"AMB"},"subject":{"reference":"Patient/1"},)"
        R"("diagnosis":[{"condition":{"display":"x"},"rank":1}]})",
        doc, issues));
    keep_only(doc, wishes);
    return fhir::json::write(doc.root());
  };
  Wishes elements;
  elements.elements = {"subject"};
  const std::string some = cut(elements);
  BOOST_TEST_CONTEXT(some) {
    // Mandatory and modifier elements stay.
    BOOST_TEST(some.find("\"status\":\"planned\"") != std::string::npos);
    BOOST_TEST(some.find("Patient/1") != std::string::npos);
    BOOST_TEST(some.find("diagnosis") == std::string::npos);
    BOOST_TEST(some.find("SUBSETTED") != std::string::npos);
  }
  Wishes summary;
  summary.summary = Summary::on;
  const std::string short_form = cut(summary);
  BOOST_TEST_CONTEXT(short_form) {
    BOOST_TEST(short_form.find("\"text\"") == std::string::npos);
    BOOST_TEST(short_form.find("\"rank\"") == std::string::npos);
    BOOST_TEST(short_form.find("condition") != std::string::npos);
  }
  Wishes data_only;
  data_only.summary = Summary::data;
  BOOST_TEST(cut(data_only).find("<div") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
