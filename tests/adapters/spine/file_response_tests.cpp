#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "adapters/spine/file_response.h"
#include "tests/adapters/spine/generate.h"
#include "tests/adapters/spine/schema.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::spine;

BOOST_AUTO_TEST_SUITE(file_response)

namespace {

// A result that rejects some of the records, each with its own code.
UploadResult some_result(test::Generate& make, const UploadFile& file) {
  UploadResult result;
  result.sequence = file.sequence;
  result.created = make.time();
  for (std::size_t i = 0; i < file.records.size(); ++i) {
    const RecordOutcome outcome = static_cast<RecordOutcome>(make.below(7));
    const bool accepted = outcome == RecordOutcome::cpr06;
    (accepted ? result.accepted : result.rejected) += 1;
    result.records.push_back({i, outcome, accepted ? "" : std::string{words_of(outcome).code}, ""});
  }
  result.outcome = result.rejected == 0   ? FileOutcome::cpf02
                   : result.accepted == 0 ? FileOutcome::cpf04
                                          : FileOutcome::cpf03;
  result.code = words_of(result.outcome).code;
  return result;
}

struct Located {
  const char* xpath;
  const char* name;
  std::size_t ordinal;
};
std::ostream& operator<<(std::ostream& out, const Located& row) { return out << row.xpath; }

const Located located[] = {
    {"/FileResponse/message[2]/cP-ISLAAcknowledgementResponse/pertinentInformation1", "message", 2},
    {"/File/record[17]/CP-ISRecord", "record", 17},
    {"//hl7:record[3]", "record", 3},
    {"/*[local-name()='File']/*[local-name()='record'][5]/*[1]", "record", 5},
    {"record[1]/x/record[9]", "record", 9},
    {"/FileResponse/message", "", 0},
    {"record[last()]", "", 0},
    {"record[99999999999999999999]", "", 0},
    {"", "", 0},
};

}  // namespace

BOOST_DATA_TEST_CASE(the_last_ordinal_of_a_location_is_found, data::make(located), row) {
  const LocatedStep step = last_ordinal(row.xpath);
  BOOST_TEST(step.name == row.name);
  BOOST_TEST(step.ordinal == row.ordinal);
}

BOOST_AUTO_TEST_CASE(responses_read_back_as_they_were_written) {
  test::Generate make{31};
  for (int i = 0; i < 200; ++i) {
    const UploadFile file = make.upload();
    const FileResponse response = make_file_response(some_result(make, file), file);
    const auto read = read_file_response(write_file_response(response));
    BOOST_REQUIRE(read.value);
    BOOST_TEST((*read.value == response));
    BOOST_TEST(read.findings.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_result_that_went_over_the_wire_says_the_same_about_each_record) {
  test::Generate make{32};
  for (int i = 0; i < 200; ++i) {
    const UploadFile file = make.upload();
    const UploadResult result = some_result(make, file);
    const auto read = read_file_response(write_file_response(make_file_response(result, file)));
    BOOST_REQUIRE(read.value);
    Findings findings;
    const UploadResult joined = join_response(*read.value, file, findings);
    BOOST_TEST(findings.empty());
    BOOST_REQUIRE_EQUAL(joined.records.size(), result.records.size());
    // When nothing was loaded, the file code alone says nothing about a record without a code.
    for (std::size_t r = 0; r < result.records.size(); ++r) {
      BOOST_TEST((joined.records[r].outcome == result.records[r].outcome));
    }
  }
}

BOOST_AUTO_TEST_CASE(written_responses_are_valid_against_the_published_schema) {
  if (!test::schemas_here()) return;
  test::Generate make{33};
  for (int i = 0; i < 50; ++i) {
    UploadFile file = make.upload();
    UploadResult result = some_result(make, file);
    for (RecordResult& record : result.records) record.detail.clear();
    BOOST_TEST(test::why_invalid(write_file_response(make_file_response(result, file)),
                                 "REPC_MT000003GB01.xsd") == "");
  }
}

// The service could not read the file: no record can be called accepted.
BOOST_AUTO_TEST_CASE(a_file_level_error_leaves_every_record_unknown) {
  test::Generate make{34};
  const UploadFile file = make.upload();
  FileResponse response;
  response.file_codes = {{"CPF01", "File Level Error"}};
  Findings findings;
  const UploadResult result = join_response(response, file, findings);
  BOOST_TEST((result.outcome == FileOutcome::cpf01));
  BOOST_TEST(result.accepted == 0U);
  for (const RecordResult& record : result.records) {
    BOOST_TEST((record.outcome == RecordOutcome::unknown));
  }
}

BOOST_AUTO_TEST_CASE(both_spellings_of_cpr07_and_unknown_codes_are_taken_by_code) {
  test::Generate make{35};
  UploadFile file = make.upload();
  file.records.assign(1, make.record());
  for (const char* code : {"CPR07", "CPR99"}) {
    FileResponse response;
    response.quantity = 1;
    response.failed = 1;
    response.file_codes = {{"CPF04", ""}, {"CPF99", "something new"}};
    response.details = {{code, "Unsucessful Record Upload", "D12 text", "/File/record[1]"}};
    Findings findings;
    const UploadResult result = join_response(response, file, findings);
    BOOST_TEST(result.records[0].code == code);
    BOOST_TEST(result.records[0].detail == "D12 text");
    BOOST_TEST((result.records[0].outcome == record_outcome_of(code)));
    BOOST_TEST(result.rejected == 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_code_that_fits_nowhere_is_reported_and_marks_nobody) {
  test::Generate make{36};
  UploadFile file = make.upload();
  file.records.assign(3, make.record());
  FileResponse response;
  response.quantity = 3;
  response.failed = 1;
  response.file_codes = {{"CPF03", "Partial File Upload"}};
  response.details = {{"CPR01", "", "", "somewhere"}};
  Findings findings;
  const UploadResult result = join_response(response, file, findings);
  BOOST_TEST(result.rejected == 0U);
  BOOST_TEST(findings.at(0).rule == "V3-LOCATION");
}

BOOST_AUTO_TEST_SUITE_END()
