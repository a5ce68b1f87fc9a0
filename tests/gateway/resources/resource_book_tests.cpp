#include "gateway/resources/resource_book.h"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <string_view>

using namespace cpis;
using resources::BookWatch;
using resources::ResourceBook;

BOOST_AUTO_TEST_SUITE(resource_book_tests)

namespace {

const std::string ward = R"({"resourceType":"Patient","id":"p1","identifier":[)"
                         R"({"system":"urn:ward","value":"H1"}]})";

void put(ResourceBook& book, std::int64_t version) { book.put("Patient", "p1", version, {}, ward); }

}  // namespace

BOOST_AUTO_TEST_CASE(an_older_version_that_comes_late_changes_nothing) {
  ResourceBook book;
  put(book, 2);
  put(book, 1);
  BOOST_REQUIRE(book.find("Patient", "p1"));
  BOOST_TEST(book.find("Patient", "p1")->version == 2);
  BOOST_TEST(book.by_identifier("Patient", "urn:ward|H1").size() == 1U);
}

// A message's version was committed before somebody deleted the person, and is shown after it.
BOOST_AUTO_TEST_CASE(what_was_deleted_does_not_come_back_with_a_late_older_version) {
  ResourceBook book;
  put(book, 1);
  const BookWatch late{book};
  book.remove("Patient", "p1", 3);
  put(book, 2);
  BOOST_TEST(book.find("Patient", "p1") == nullptr);
  BOOST_TEST(book.by_identifier("Patient", "urn:ward|H1").empty());
  BOOST_TEST(book.size("Patient") == 0U);
}

BOOST_AUTO_TEST_CASE(the_end_of_what_was_not_shown_yet_counts_too) {
  ResourceBook book;
  const BookWatch late{book};
  book.remove("Patient", "p1", 2);
  put(book, 1);
  BOOST_TEST(book.find("Patient", "p1") == nullptr);
}

BOOST_AUTO_TEST_CASE(what_is_written_again_after_its_end_is_there) {
  ResourceBook book;
  put(book, 1);
  book.remove("Patient", "p1", 2);
  put(book, 3);
  BOOST_REQUIRE(book.find("Patient", "p1"));
  BOOST_TEST(book.find("Patient", "p1")->version == 3);
  book.remove("Patient", "p1", 2);
  BOOST_TEST(book.find("Patient", "p1") != nullptr);
}

BOOST_AUTO_TEST_CASE(ends_are_remembered_only_while_somebody_may_come_late) {
  ResourceBook book;
  for (int i = 0; i < 1000; ++i) book.remove("Patient", "p" + std::to_string(i), 2);
  BOOST_TEST(book.ends_remembered() == 0U);
  auto first = std::make_unique<BookWatch>(book);
  book.remove("Patient", "p1", 4);
  auto second = std::make_unique<BookWatch>(book);
  book.remove("Patient", "p2", 4);
  BOOST_TEST(book.ends_remembered() == 2U);
  first.reset();
  BOOST_TEST(book.ends_remembered() == 1U);
  put(book, 3);
  BOOST_TEST(book.find("Patient", "p1") != nullptr);  // nobody who could be late for it is left
  second.reset();
  BOOST_TEST(book.ends_remembered() == 0U);
}

// Ended, written again and ended again while somebody watches: the newest end counts.
BOOST_AUTO_TEST_CASE(the_newest_of_two_ends_counts_until_nobody_watches_it) {
  ResourceBook book;
  auto first = std::make_unique<BookWatch>(book);
  book.remove("Patient", "p1", 2);
  const BookWatch second{book};
  put(book, 3);
  book.remove("Patient", "p1", 4);
  first.reset();
  put(book, 3);
  BOOST_TEST(book.find("Patient", "p1") == nullptr);
}

// Bodies with and without meta, and with a meta whose end looks like another's.
BOOST_AUTO_TEST_CASE(a_body_is_known_again_without_its_version) {
  constexpr std::string_view bodies[] = {
      R"({"resourceType":"Patient","id":"p1"})",
      R"({"resourceType":"Patient","id":"p1","active":true})",
      R"({"resourceType":"Patient","id":"p1","meta":{}})",
      R"({"resourceType":"Patient","id":"p1","meta":{"source":"a"},"active":true})",
      R"({"resourceType":"Patient","id":"p1","meta":{"profile":["b"],"source":"a"},"active":true})",
      R"({"resourceType":"Patient"})",
  };
  for (const std::string_view kept : bodies) {
    ResourceBook book;
    book.put("Patient", "p1", 12, Time{std::chrono::hours{496'000}}, kept);
    const auto entry = book.find("Patient", "p1");
    for (const std::string_view body : bodies) {
      const bool same =
          entry->body == resources::with_version(body, entry->version, entry->updated);
      BOOST_TEST(resources::has_body(*entry, body) == same, kept << " and " << body);
      BOOST_TEST((same || body != kept), kept << " and " << body);
    }
  }
}

BOOST_AUTO_TEST_CASE(keys_that_are_at_hand_are_those_that_count) {
  ResourceBook book;
  resources::Keys keys;
  keys.identifiers = {"urn:other|H2"};
  book.put("Patient", "p1", 1, {}, ward, keys);
  BOOST_TEST(book.by_identifier("Patient", "urn:other|H2").size() == 1U);
  BOOST_TEST(book.by_identifier("Patient", "urn:ward|H1").empty());
}

BOOST_AUTO_TEST_SUITE_END()
