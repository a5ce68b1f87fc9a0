#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <memory>
#include <string>

#include "gateway/store/journal_disk.h"
#include "tests/support/memory_journal_disk.h"
#include "tests/support/scratch_folder.h"

namespace cpis::store {
namespace {

namespace data = boost::unit_test::data;

const std::string kinds[] = {"file", "memory"};

/// A disk that can be closed and opened again.
struct DiskUnderTest {
  explicit DiskUnderTest(std::string which) : kind{std::move(which)} { open(); }
  void open() {
    disk.reset();
    if (kind == "memory") {
      disk = std::make_unique<test::MemoryJournalDisk>(medium);
      return;
    }
    auto opened = open_journal_disk(folder.file("store.db.arrivals"));
    BOOST_REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
    disk = *std::move(opened);
  }
  std::string_view pages(char letter, std::size_t count) {
    char* const bytes = memory.make(count * journal_page);
    std::memset(bytes, letter, count * journal_page);
    return {bytes, count * journal_page};
  }
  std::string read(std::uint64_t page, std::size_t count = 1) {
    const auto got = disk->read(page * journal_page, count * journal_page);
    BOOST_REQUIRE(got);
    return *got;
  }

  std::string kind;
  test::ScratchFolder folder;
  test::JournalMedium medium;
  JournalPages memory;
  std::unique_ptr<JournalDisk> disk;
};

std::string page_of(char letter) { return std::string(journal_page, letter); }

BOOST_AUTO_TEST_SUITE(journal_disk_contract_tests)

BOOST_DATA_TEST_CASE(what_was_flushed_is_read_back_now_and_after_opening_again, data::make(kinds),
                     kind) {
  DiskUnderTest under{kind};
  BOOST_REQUIRE(under.disk->write(0, under.pages('a', 2)));
  BOOST_REQUIRE(under.disk->flush());
  BOOST_REQUIRE(under.disk->write(2 * journal_page, under.pages('b', 1)));
  BOOST_REQUIRE(under.disk->flush());
  BOOST_TEST(under.read(1) == page_of('a'));
  BOOST_TEST(under.read(2) == page_of('b'));
  under.open();
  BOOST_TEST(under.read(0, 2) == page_of('a') + page_of('a'));
  BOOST_TEST(under.read(2) == page_of('b'));
}

BOOST_DATA_TEST_CASE(a_page_is_written_over, data::make(kinds), kind) {
  DiskUnderTest under{kind};
  BOOST_REQUIRE(under.disk->write(0, under.pages('a', 3)));
  BOOST_REQUIRE(under.disk->write(journal_page, under.pages('b', 1)));
  BOOST_REQUIRE(under.disk->flush());
  BOOST_TEST(under.read(0, 3) == page_of('a') + page_of('b') + page_of('a'));
}

BOOST_DATA_TEST_CASE(behind_what_was_written_is_nothing_or_zeros, data::make(kinds), kind) {
  DiskUnderTest under{kind};
  BOOST_REQUIRE(under.disk->write(0, under.pages('a', 1)));
  BOOST_REQUIRE(under.disk->flush());
  const std::string behind = under.read(1);
  BOOST_TEST((behind.empty() || behind == page_of('\0')));
  const auto far = under.disk->read(std::uint64_t{1} << 40, journal_page);
  BOOST_REQUIRE(far);
  BOOST_TEST(far->empty());
}

BOOST_DATA_TEST_CASE(a_disk_that_was_cut_is_empty_and_can_be_used_again, data::make(kinds), kind) {
  DiskUnderTest under{kind};
  BOOST_REQUIRE(under.disk->write(0, under.pages('a', 2)));
  BOOST_REQUIRE(under.disk->flush());
  BOOST_REQUIRE(under.disk->cut());
  BOOST_TEST(under.read(0).empty());
  BOOST_REQUIRE(under.disk->write(0, under.pages('b', 1)));
  BOOST_REQUIRE(under.disk->flush());
  under.open();
  BOOST_TEST(under.read(0) == page_of('b'));
}

BOOST_DATA_TEST_CASE(a_write_of_megabytes_is_whole, data::make(kinds), kind) {
  DiskUnderTest under{kind};
  BOOST_REQUIRE(under.disk->write(0, under.pages('a', 2000)));
  BOOST_REQUIRE(under.disk->flush());
  BOOST_TEST(under.read(0, 2000) == std::string(2000 * journal_page, 'a'));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
