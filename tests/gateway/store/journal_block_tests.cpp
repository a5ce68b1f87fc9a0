#include "gateway/store/journal_block.h"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <string>
#include <vector>

#include "gateway/store/sha256.h"

namespace cpis::store {
namespace {

/// Messages and what they are views of.
struct Messages {
  std::deque<std::string> bodies;
  std::deque<Sha256> hashes;
  std::vector<NewMessage> all;

  void add(std::int64_t id, std::string body, std::string_view control_id = "C1") {
    bodies.push_back(std::move(body));
    hashes.push_back(sha256(bodies.back()));
    all.push_back({id, "ed", "PAS|RXX01", control_id, bytes_of(hashes.back()),
                   from_micros(1'700'000'000'000'000 + id), bodies.back(), std::nullopt,
                   std::nullopt});
  }
  std::string block(std::uint64_t store = 7, std::uint64_t first = 41) const {
    std::vector<const NewMessage*> pointers;
    for (const NewMessage& one : all) pointers.push_back(&one);
    JournalPages pages;
    return std::string{write_block(pages, store, first, pointers)};
  }
};

Messages two_messages() {
  Messages messages;
  messages.add(5, "MSH|one");
  messages.add(6, std::string(5000, 'x'), "");
  return messages;
}

BOOST_AUTO_TEST_SUITE(journal_block_tests)

BOOST_AUTO_TEST_CASE(a_block_gives_its_messages_back) {
  const Messages messages = two_messages();
  const std::string block = messages.block();
  BOOST_TEST(block.size() % journal_page == 0U);
  const auto head = read_block_head(block);
  BOOST_REQUIRE(head.has_value());
  BOOST_TEST(head->store == 7U);
  BOOST_TEST(head->first == 41U);
  BOOST_TEST(head->messages == 2U);
  BOOST_TEST(head->padded() == block.size());
  const auto read = read_block(block);
  BOOST_REQUIRE(read.has_value());
  BOOST_REQUIRE_EQUAL(read->size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const NewMessage& expected = messages.all[i];
    const NewMessage& got = (*read)[i];
    BOOST_TEST(got.id == expected.id);
    BOOST_TEST(got.feed == expected.feed);
    BOOST_TEST(got.sender == expected.sender);
    BOOST_TEST(got.control_id == expected.control_id);
    BOOST_TEST(got.content_hash == expected.content_hash);
    BOOST_TEST((got.received_at == expected.received_at));
    BOOST_TEST(got.body == expected.body);
    BOOST_TEST(!got.patient_key.has_value());
    BOOST_TEST(!got.event_at.has_value());
  }
}

// A loss of power in the middle of a write leaves any part of it, and a failing disk anything.
BOOST_AUTO_TEST_CASE(a_block_with_any_byte_wrong_is_no_block) {
  const std::string block = two_messages().block();
  const std::size_t bytes = read_block_head(block)->bytes;
  for (std::size_t i = 0; i < bytes; ++i) {
    std::string wrong = block;
    wrong[i] = static_cast<char>(wrong[i] ^ 0x20);
    BOOST_TEST_INFO("byte " << i);
    BOOST_REQUIRE(!read_block(wrong).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_block_that_was_cut_is_no_block) {
  const std::string block = two_messages().block();
  const std::size_t bytes = read_block_head(block)->bytes;
  for (std::size_t size = 0; size < bytes; ++size) {
    BOOST_TEST_INFO("size " << size);
    BOOST_REQUIRE(!read_block(std::string_view{block}.substr(0, size)).has_value());
  }
  BOOST_TEST(read_block(std::string_view{block}.substr(0, bytes)).has_value());
}

BOOST_AUTO_TEST_CASE(zeros_are_no_block) {
  BOOST_TEST(!read_block_head(std::string(journal_page, '\0')).has_value());
  BOOST_TEST(!read_block(std::string(journal_page, '\0')).has_value());
}

BOOST_AUTO_TEST_CASE(what_a_block_has_no_place_for_does_not_fit) {
  Messages messages;
  messages.add(1, "MSH|");
  NewMessage message = messages.all.front();
  BOOST_TEST(fits_block(message));
  const std::string long_name(70'000, 'n');
  message.sender = long_name;
  BOOST_TEST(!fits_block(message));
  message = messages.all.front();
  message.patient_key = "somebody";
  BOOST_TEST(!fits_block(message));
  message = messages.all.front();
  message.event_at = message.received_at;
  BOOST_TEST(!fits_block(message));
  message = messages.all.front();
  message.content_hash = "short";
  BOOST_TEST(!fits_block(message));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
