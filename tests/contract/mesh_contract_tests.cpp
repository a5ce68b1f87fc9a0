#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "gateway/usecases/mesh_book.h"
#include "tests/support/store_under_test.h"

using namespace cpis;
using namespace cpis::usecases;
using test::store_engines;
using test::StoreUnderTest;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(mesh_contract_tests)

namespace {

const Time noon = *parse_iso_time("2026-06-15T12:00:00Z");

MeshUpload upload(std::int64_t sequence) {
  MeshUpload one;
  one.council = "E10";
  one.sequence = sequence;
  one.local_id = "cpis-E10-" + std::to_string(sequence) + "-abcd";
  one.made = one.next_at = noon;
  one.extract = {std::string(64, 'a'), parse_iso_date("2026-06-14"), {3, 2, 1}};
  one.content = std::string{"<File>\0\xFF</File>", 15};
  return one;
}

IncomingParcel parcel(std::string id, std::string content) {
  return {
      IncomingParcel::Kind::data, std::move(id), "X26CPIS", "CPIS_RESPONSE", "L1", "", "", "", "",
      std::move(content)};
}

}  // namespace

BOOST_DATA_TEST_CASE(a_number_is_used_once_and_its_upload_survives_a_restart,
                     data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  BOOST_REQUIRE(
      store->write([](store::Session& session) { return insert_mesh_upload(session, upload(7)); }));
  BOOST_TEST(!store->write(
      [](store::Session& session) { return insert_mesh_upload(session, upload(7)); }));
  MeshUpload sent = upload(7);
  sent.state = MeshUploadState::sent;
  sent.message_id = "M1";
  sent.trouble = std::string(400, 'x');  // cut, not refused
  BOOST_REQUIRE(store->write(
      [&](store::Session& session) { return update_mesh_upload(session, sent, noon); }));
  store.reopen();
  BOOST_REQUIRE(store->read([&](store::Session& session) -> Status {
    BOOST_TEST(*last_mesh_number(session, "E10") == 7);
    BOOST_TEST(*last_mesh_number(session, "E1") == 0);
    const auto under_way = mesh_upload_under_way(session, "E10");
    BOOST_REQUIRE(under_way && *under_way);
    BOOST_TEST((*under_way)->message_id == "M1");
    const auto whole = find_mesh_upload(session, "E10", 7);
    BOOST_REQUIRE(whole && *whole);
    BOOST_TEST((*whole)->content == upload(7).content);
    BOOST_TEST(((*whole)->extract.made == upload(7).extract.made));
    BOOST_TEST(((*whole)->extract.open_by_type == upload(7).extract.open_by_type));
    for (const auto& [message, local] :
         {std::pair{"M1", "none"}, std::pair{"", "cpis-E10-7-abcd"}}) {
      const auto found = find_mesh_upload_by(session, "E10", message, local);
      BOOST_REQUIRE(found);
      BOOST_TEST(found->has_value());
    }
    BOOST_TEST(!find_mesh_upload_by(session, "E10", "", "")->has_value());
    return done;
  }));
  sent.state = MeshUploadState::answered;
  BOOST_REQUIRE(store->write(
      [&](store::Session& session) { return update_mesh_upload(session, sent, noon); }));
  BOOST_REQUIRE(store->read([&](store::Session& session) -> Status {
    BOOST_TEST(!mesh_upload_under_way(session, "E10")->has_value());
    BOOST_TEST(*last_mesh_number(session, "E10") == 7);
    return done;
  }));
}

BOOST_DATA_TEST_CASE(a_file_is_kept_once_and_its_content_is_known_again, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  const auto keep = [&](const IncomingParcel& one) {
    bool added = false;
    BOOST_REQUIRE(store->write([&](store::Session& session) -> Status {
      const auto kept = keep_mesh_message(session, "X26ABC1", one, noon);
      if (!kept) return kept.error();
      added = *kept;
      return done;
    }));
    return added;
  };
  BOOST_TEST(keep(parcel("A", "answer")));
  BOOST_TEST(!keep(parcel("A", "answer")));
  BOOST_TEST(keep(parcel("B", "answer")));
  store.reopen();
  MeshMessage first;
  BOOST_REQUIRE(store->read([&](store::Session& session) -> Status {
    BOOST_TEST(*has_mesh_message(session, "X26ABC1", "A"));
    BOOST_TEST(!*has_mesh_message(session, "X26ABC2", "A"));
    first = **next_kept_message(session, "X26ABC1");
    BOOST_TEST(first.parcel.id == "A");
    BOOST_TEST(first.parcel.content == "answer");
    BOOST_TEST(!*is_processed_content(session, first));
    return done;
  }));
  BOOST_REQUIRE(store->write([&](store::Session& session) -> Status {
    if (const Status set = set_mesh_acknowledged(session, "X26ABC1", "A"); !set) return set;
    return settle_mesh_message(session, first, MeshMessageState::processed, "FileResponse");
  }));
  BOOST_REQUIRE(store->read([&](store::Session& session) -> Status {
    const auto second = next_kept_message(session, "X26ABC1");
    BOOST_REQUIRE(second && *second);
    BOOST_TEST((*second)->parcel.id == "B");
    BOOST_TEST(*is_processed_content(session, **second));
    return done;
  }));
}

BOOST_AUTO_TEST_SUITE_END()
