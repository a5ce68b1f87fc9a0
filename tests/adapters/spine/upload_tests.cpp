#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "adapters/spine/upload.h"
#include "tests/adapters/spine/generate.h"
#include "tests/adapters/spine/schema.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::spine;

BOOST_AUTO_TEST_SUITE(upload)

namespace {

std::string written(const UploadFile& file) {
  std::string out;
  const Status status = write_upload(file, [&](std::string_view bytes) -> Status {
    out += bytes;
    return done;
  });
  BOOST_REQUIRE_MESSAGE(status, (status ? "" : status.error().message));
  return out;
}

struct Unsendable {
  const char* why;
  void (*spoil)(UploadRecord&);
};
std::ostream& operator<<(std::ostream& out, const Unsendable& row) { return out << row.why; }

const Unsendable unsendable[] = {
    {"no plan", [](UploadRecord& r) { r.plans.clear(); }},
    {"the same kind twice", [](UploadRecord& r) { r.plans.push_back(r.plans[0]); }},
    {"no given name", [](UploadRecord& r) { r.subject.name.given.clear(); }},
    {"no family name", [](UploadRecord& r) { r.subject.name.family.clear(); }},
    {"no birth date", [](UploadRecord& r) { r.subject.birth_date.reset(); }},
    {"an unborn plan without its end",
     [](UploadRecord& r) {
       r.subject.is_mother = true;
       r.plans = {Plan{PlanType::ucp, r.plans[0].start, {}, {}}};
     }},
    {"a child's plan on a mother", [](UploadRecord& r) { r.subject.is_mother = true; }},
    {"an end before the start",
     [](UploadRecord& r) {
       r.plans[0].end = PlanDate{add_days(r.plans[0].start.day, -1), 0};
     }},
};

}  // namespace

BOOST_AUTO_TEST_CASE(uploads_read_back_as_they_were_written) {
  test::Generate make{21};
  for (int i = 0; i < 300; ++i) {
    const UploadFile file = make.upload();
    const auto read = read_upload(written(file));
    BOOST_REQUIRE(read.value);
    BOOST_TEST((*read.value == file));
    BOOST_TEST(read.findings.empty());
  }
}

BOOST_AUTO_TEST_CASE(written_uploads_are_valid_against_the_published_schema) {
  if (!test::schemas_here()) return;
  test::Generate make{22};
  for (int i = 0; i < 50; ++i) {
    BOOST_TEST(test::why_invalid(written(make.upload()), "REPC_MT000002GB01.xsd") == "");
  }
}

BOOST_DATA_TEST_CASE(records_that_spine_would_refuse_are_not_written, data::make(unsendable), row) {
  test::Generate make{23};
  UploadRecord record{make.subject(false), {make.plan(PlanType::cpp)}};
  BOOST_REQUIRE(why_not_sendable(record).empty());
  row.spoil(record);
  BOOST_TEST(!why_not_sendable(record).empty());
}

BOOST_AUTO_TEST_CASE(a_file_without_an_emergency_telephone_or_a_number_is_not_written) {
  test::Generate make{24};
  const Sink nowhere = [](std::string_view) -> Status { return done; };
  UploadFile file = make.upload();
  file.council.emergency_phone.clear();
  BOOST_TEST(!write_upload(file, nowhere));
  file = make.upload();
  file.sequence = 0;
  BOOST_TEST(!write_upload(file, nowhere));
  file = make.upload();
  file.records.clear();
  BOOST_TEST(!write_upload(file, nowhere));
}

BOOST_AUTO_TEST_CASE(a_full_disk_ends_the_writing) {
  test::Generate make{25};
  const Status status = write_upload(make.upload(), [](std::string_view) -> Status {
    return Error{ErrorKind::unavailable, "the disk is full"};
  });
  BOOST_REQUIRE(!status);
  BOOST_TEST((status.error().kind == ErrorKind::unavailable));
}

BOOST_AUTO_TEST_CASE(a_record_with_a_bad_number_is_told_by_its_position) {
  test::Generate make{26};
  UploadFile file = make.upload();
  file.records.assign(3, UploadRecord{make.subject(false), {make.plan(PlanType::lac)}});
  for (UploadRecord& record : file.records) record.subject.nhs_number = make.nhs_number();
  std::string xml = written(file);
  const std::string number{file.records[1].subject.nhs_number.digits()};
  xml.replace(xml.find(number), number.size(), "ABC1234567");

  const auto read = read_upload(xml);
  BOOST_REQUIRE(read.value);
  BOOST_TEST(read.value->records.size() == 2U);
  BOOST_REQUIRE_EQUAL(read.findings.size(), 1U);
  BOOST_TEST(read.findings[0].rule == "CPR04");
  BOOST_TEST(read.findings[0].source == "record 2");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_cut_off_is_refused_as_a_whole) {
  test::Generate make{27};
  const std::string xml = written(make.upload());
  for (std::size_t cut = 0; cut + 1 < xml.size(); cut += 37) {
    BOOST_TEST(!read_upload(xml.substr(0, cut)).value.has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_record_about_mother_and_child_becomes_two) {
  test::Generate make{28};
  UploadFile file = make.upload();
  file.records = {UploadRecord{make.subject(true), {make.plan(PlanType::ucp)}},
                  UploadRecord{make.subject(false), {make.plan(PlanType::cpp)}}};
  std::string xml = written(file);
  // Join both records: plans first, then both subjects.
  const std::string seam = "</subject></CP-ISRecord></record><record><CP-ISRecord>";
  const std::size_t first_subject = xml.find("<subject>");
  const std::size_t seam_at = xml.find(seam);
  const std::size_t second_subject = xml.rfind("<subject>");
  const std::string subject_one = xml.substr(first_subject, seam_at + 10 - first_subject);
  const std::string plan_two =
      xml.substr(seam_at + seam.size(), second_subject - seam_at - seam.size());
  xml = xml.substr(0, first_subject) + plan_two + subject_one + xml.substr(second_subject);

  const auto read = read_upload(xml);
  BOOST_REQUIRE(read.value);
  BOOST_TEST((read.value->records == file.records));
}

BOOST_AUTO_TEST_SUITE_END()
