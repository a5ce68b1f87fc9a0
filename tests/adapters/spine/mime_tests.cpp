#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "adapters/spine/mime.h"
#include "tests/adapters/spine/generate.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::spine;

BOOST_AUTO_TEST_SUITE(mime)

namespace {

const std::string type = "multipart/related; boundary=\"B\"";

struct Row {
  const char* why;
  std::string body;
  std::vector<std::string> parts;  // empty: refused
  const char* rule;                // of the first finding; empty: none
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.why; }

const Row rows[] = {
    {"two parts, CRLF",
     "--B\r\nContent-Type: a/b\r\n\r\none\r\n--B\r\n\r\ntwo\r\n--B--\r\n",
     {"one", "two"},
     ""},
    {"LF only", "--B\nContent-Type: a/b\n\none\n--B--\n", {"one"}, ""},
    {"text before the first boundary",
     "POST / HTTP/1.1\r\nHost: x\r\n\r\n--B\r\n\r\none\r\n--B--",
     {"one"},
     ""},
    {"text after the last boundary", "--B\r\n\r\none\r\n--B--\r\nbye\r\n--B\r\n", {"one"}, ""},
    {"blanks after a boundary", "--B \t\r\n\r\none\r\n--B-- \r\n", {"one"}, ""},
    {"a line that begins like the boundary",
     "--B\r\n\r\n--Bx\r\none\r\n--B--",
     {"--Bx\r\none"},
     ""},
    {"an empty part", "--B\r\n\r\n\r\n--B--", {""}, ""},
    {"base64",
     "--B\r\nContent-Transfer-Encoding: BASE64\r\n\r\nb25l\r\nIQ==\r\n--B--",
     {"one!"},
     ""},
    {"quoted-printable",
     "--B\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db=\r\nc\r\n--B--",
     {"a=bc"},
     ""},
    {"no closing boundary", "--B\r\n\r\none", {"one"}, "MIME-END"},
    {"a folded header", "--B\r\nContent-Type: a/b;\r\n c=d\r\n\r\none\r\n--B--", {"one"}, ""},
    {"no boundary in the body", "hello", {}, "MIME-BOUNDARY"},
    {"only the last boundary", "--B--", {}, "MIME-BOUNDARY"},
    {"a header without a colon", "--B\r\nContent\r\n\r\none\r\n--B--", {}, "MIME-HEADER"},
    {"a part that ends in its headers", "--B\r\nContent-Type: a/b\r\n", {}, "MIME-HEADER"},
    {"an unknown encoding",
     "--B\r\nContent-Transfer-Encoding: rot13\r\n\r\none\r\n--B--",
     {},
     "MIME-ENCODING"},
    {"broken base64",
     "--B\r\nContent-Transfer-Encoding: base64\r\n\r\n!!\r\n--B--",
     {},
     "MIME-ENCODING"},
    {"a multipart in a part",
     "--B\r\nContent-Type: multipart/mixed\r\n\r\none\r\n--B--",
     {},
     "MIME-NESTED"},
};

}  // namespace

BOOST_DATA_TEST_CASE(bodies_are_cut_into_parts_or_refused, data::make(rows), row) {
  const auto read = read_mime(type, row.body);
  BOOST_REQUIRE_EQUAL(read.value.has_value(), !row.parts.empty());
  BOOST_TEST((read.findings.empty() ? "" : read.findings[0].rule) == row.rule);
  if (!read.value) return;
  BOOST_REQUIRE_EQUAL(read.value->size(), row.parts.size());
  for (std::size_t i = 0; i < row.parts.size(); ++i) {
    BOOST_TEST((*read.value)[i].body == row.parts[i]);
  }
}

BOOST_AUTO_TEST_CASE(limits_are_kept) {
  MimeLimits limits;
  limits.parts_max = 2;
  std::string many;
  for (int i = 0; i < 3; ++i) many += "--B\r\n\r\nx\r\n";
  many += "--B--";
  BOOST_TEST(!read_mime(type, many, limits).value.has_value());
  std::string headers = "--B\r\n";
  for (int i = 0; i < 70; ++i) headers += "X: y\r\n";
  BOOST_TEST(!read_mime(type, headers + "\r\nx\r\n--B--").value.has_value());
  limits.bytes_max = 10;
  BOOST_TEST(!read_mime(type, many, limits).value.has_value());
}

BOOST_AUTO_TEST_CASE(media_types_are_read_quoted_bare_and_sloppy) {
  const MediaType quoted =
      parse_media_type("Multipart/Related; Boundary=\"--=_x;y\"; type=text/xml;start=a@b; odd");
  BOOST_TEST(quoted.type == "multipart/related");
  BOOST_TEST(quoted.parameters.at("boundary") == "--=_x;y");
  BOOST_TEST(quoted.parameters.at("type") == "text/xml");
  BOOST_TEST(quoted.parameters.at("start") == "a@b");
  BOOST_TEST(parse_media_type("").type == "");
  BOOST_TEST(parse_media_type("a/b; x=\"unended").parameters.at("x") == "unended");
}

BOOST_AUTO_TEST_CASE(parts_read_back_as_they_were_written) {
  test::Generate make{71};
  for (int i = 0; i < 200; ++i) {
    std::vector<MimePart> parts;
    for (std::size_t n = 1 + make.below(4); n > 0; --n) {
      parts.push_back({make.uuid() + "@x", "text/plain; charset=UTF-8",
                       make.words(5) + (make.coin() ? "\r\n--=_MIME-Boundary" : "")});
      if (make.coin()) parts.back().body = "----=_MIME-Boundary\r\n" + parts.back().body;
    }
    const std::string boundary = boundary_for(parts);
    const auto read =
        read_mime("multipart/related; boundary=\"" + boundary + "\"", write_mime(parts, boundary));
    BOOST_REQUIRE(read.value);
    BOOST_TEST((*read.value == parts));
    BOOST_TEST(read.findings.empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()
