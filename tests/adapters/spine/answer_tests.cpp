#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "adapters/spine/answer.h"
#include "adapters/spine/plan_parts.h"
#include "adapters/spine/smsp.h"
#include "tests/adapters/spine/generate.h"
#include "tests/adapters/spine/schema.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::spine;

BOOST_AUTO_TEST_SUITE(answer)

namespace {

Wrapper some_wrapper(test::Generate& make) {
  Wrapper wrapper;
  wrapper.interaction = interaction::records;
  wrapper.message_id = make.uuid();
  wrapper.created = make.time();
  wrapper.to_asid = make.digits(12);
  wrapper.from_asid = make.digits(12);
  return wrapper;
}

Wrapper some_ack(test::Generate& make) {
  Wrapper wrapper = some_wrapper(make);
  wrapper.interaction = interaction::query_failed;
  wrapper.version = "V3NPfIT3.0";
  wrapper.ack_type = "AE";
  wrapper.refers_to = make.uuid();
  return wrapper;
}

ProtectionRecord some_record(test::Generate& make) {
  ProtectionRecord record = make.protection(1 + make.below(3), make.below(6));
  std::stable_sort(record.accesses.begin(), record.accesses.end(),
                   [](const AccessEvent& a, const AccessEvent& b) { return a.at > b.at; });
  return record;
}

std::string with(std::string text, std::string_view what, std::string_view instead) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + instead.size())) {
    text.replace(at, what.size(), instead);
  }
  return text;
}

struct Failure {
  const char* why;
  std::vector<Reason> reasons;
  AnswerKind kind;
  ErrorKind error;
};
std::ostream& operator<<(std::ostream& out, const Failure& row) { return out << row.why; }

const Failure failures[] = {
    {"no records found", {no_records_reason()}, AnswerKind::no_records, ErrorKind::fault},
    {"no reason at all", {}, AnswerKind::failure, ErrorKind::fault},
    {"no records, and an error besides",
     {no_records_reason(), {"0001", "X", "Unknown Error", "ER"}},
     AnswerKind::failure,
     ErrorKind::fault},
    {"NRF of another code system and with other words",
     {{"NRF", "1.2.3", "Not Really Failed", "ER"}},
     AnswerKind::failure,
     ErrorKind::fault},
    {"NRF under a word for a code system",
     {{"NRF", "CPIS", "", ""}},
     AnswerKind::no_records,
     ErrorKind::fault},
    {"NRF alone", {{"NRF", "", "no records found", ""}}, AnswerKind::no_records, ErrorKind::fault},
    {"no match on PDS is not none held",
     {{"1", "2.16.840.1.113883.2.1.3.2.4.17.42", "No match to a Service User record", "ER"}},
     AnswerKind::failure,
     ErrorKind::fault},
    {"access denied",
     {{"300", "x", "Access denied", "ER"}},
     AnswerKind::failure,
     ErrorKind::forbidden},
    {"routing failure", {{"206", "x", "", ""}}, AnswerKind::failure, ErrorKind::unavailable},
    {"a message of ours was bad", {{"201", "x", "", ""}}, AnswerKind::failure, ErrorKind::fault},
};

}  // namespace

BOOST_AUTO_TEST_CASE(records_read_back_as_they_were_written) {
  test::Generate make{51};
  for (int i = 0; i < 300; ++i) {
    const Wrapper wrapper = some_wrapper(make);
    const ProtectionRecord record = some_record(make);
    const std::string id = make.uuid();
    const Time at = make.time();
    const auto read = read_answer(write_records(wrapper, id, at, record));
    BOOST_REQUIRE(read.value);
    const Answer want{AnswerKind::records, wrapper, at, id, record, {}};
    BOOST_TEST((*read.value == want));
    BOOST_TEST(read.findings.empty());
  }
}

BOOST_AUTO_TEST_CASE(written_answers_are_valid_against_the_published_schemas) {
  if (!test::schemas_here()) return;
  test::Generate make{52};
  for (int i = 0; i < 40; ++i) {
    BOOST_TEST(test::why_invalid(
                   write_records(some_wrapper(make), make.uuid(), make.time(), some_record(make)),
                   "REPC_IN000007GB01.xsd") == "");
    BOOST_TEST(test::why_invalid(write_query_failed(some_ack(make), {no_records_reason()}),
                                 "QUQI_IN010000UK14.xsd") == "");
    BOOST_TEST(test::why_invalid(
                   write_application_ack(some_ack(make), {{"200", "1.2", "System failure", "ER"}}),
                   "MCCI_IN010000UK13.xsd") == "");
  }
}

BOOST_DATA_TEST_CASE(only_nrf_and_nothing_else_means_none_held, data::make(failures), row) {
  test::Generate make{53};
  const NhsNumber asked = make.nhs_number();
  for (const std::string& xml : {write_query_failed(some_ack(make), row.reasons),
                                 write_application_ack(some_ack(make), row.reasons)}) {
    const auto read = read_answer(xml);
    BOOST_REQUIRE(read.value);
    BOOST_TEST((read.value->kind == row.kind));
    BOOST_TEST((read.value->reasons == row.reasons));
    const ProtectionAnswer told = to_protection_answer(*read.value, asked);
    BOOST_TEST(std::holds_alternative<NoneHeld>(told) == (row.kind == AnswerKind::no_records));
    if (const auto* unknown = std::get_if<CouldNotAsk>(&told)) {
      BOOST_TEST((unknown->why.kind == row.error));
      BOOST_TEST(unknown->may_have_been_received);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_accepting_acknowledgement_is_not_an_answer_yet) {
  test::Generate make{54};
  Wrapper ack = some_ack(make);
  ack.ack_type = "AA";
  const auto read = read_answer(write_application_ack(ack, {}));
  BOOST_REQUIRE(read.value);
  BOOST_TEST((read.value->kind == AnswerKind::accepted));
}

BOOST_AUTO_TEST_CASE(a_rejection_in_the_acknowledgement_detail_is_a_failure_with_its_reason) {
  test::Generate make{55};
  Wrapper ack = some_ack(make);
  ack.ack_type = "AR";
  ack.ack_details = {{"506", "2.16.840.1.113883.2.1.3.2.4.17.32", "ACL violation", "ER"}};
  const auto read = read_answer(write_application_ack(ack, {}));
  BOOST_REQUIRE(read.value);
  BOOST_TEST((read.value->kind == AnswerKind::failure));
  BOOST_TEST((read.value->reasons == ack.ack_details));
}

BOOST_AUTO_TEST_CASE(an_answer_about_another_person_is_not_passed_on) {
  test::Generate make{56};
  const auto read = read_answer(
      write_records(some_wrapper(make), make.uuid(), make.time(), make.protection(1, 0)));
  BOOST_REQUIRE(read.value);
  const ProtectionAnswer told = to_protection_answer(*read.value, make.nhs_number());
  BOOST_TEST(std::holds_alternative<CouldNotAsk>(told));
}

BOOST_AUTO_TEST_CASE(an_answer_that_cannot_be_read_is_unknown_and_never_none) {
  test::Generate make{57};
  const ProtectionRecord record = make.protection(1, 2);
  const std::string whole = write_records(some_wrapper(make), make.uuid(), make.time(), record);
  for (const auto& [what, instead] :
       {std::pair{"StartDate><value value=\"", "StartDate><value value=\"X"},
        std::pair{"pertinentInformation14", "pertinentInformation99"},
        std::pair{"Information>", "Informatics>"}}) {
    const auto read = read_answer(with(whole, what, instead));
    if (!read.value) continue;
    BOOST_TEST((read.value->kind == AnswerKind::failure));
    BOOST_TEST(has_errors(read.findings));
    const ProtectionAnswer told = to_protection_answer(*read.value, record.person);
    BOOST_TEST(std::holds_alternative<CouldNotAsk>(told));
  }
}

// Whoever dials what is shown must reach the council.
BOOST_AUTO_TEST_CASE(a_telephone_is_the_number_and_nothing_else_is_one) {
  struct Row {
    const char *text, *number, *shown;
  };
  for (const Row& row :
       {Row{"tel:01632960110", "01632960110", "01632960110"},
        Row{"tel:01632%20960110", "01632960110", "01632960110"},
        Row{"+44 (0)1632 960110", "+441632960110", "+441632960110"},
        Row{"(01632) 960-110", "01632960110", "01632960110"},
        Row{"01632 960110 ext. 12", "01632960110", "01632960110 ext 12"},
        Row{"tel:+441632960110;ext=12", "+441632960110", "+441632960110 ext 12"},
        Row{"01632960110 x7", "01632960110", "01632960110 ext 7"},
        Row{"mailto:duty24@wrenshire.test", "", ""}, Row{"duty24@wrenshire.test", "", ""},
        Row{"https://wrenshire.test/24", "", ""}, Row{"", "", ""}}) {
    BOOST_TEST(phone_digits(row.text) == row.number, row.text);
    BOOST_TEST(read_phone(row.text) == row.shown, row.text);
  }
  test::Generate make{59};
  const std::string whole =
      write_records(some_wrapper(make), make.uuid(), make.time(), make.protection(1, 0));
  const std::string mail = "<telecom value=\"mailto:a1@b.test\" use=\"EC\"/>";
  const std::size_t first = whole.find("<telecom");
  const auto phone = [](const std::string& xml) {
    const auto read = read_answer(xml);
    BOOST_REQUIRE(read.value && read.value->record);
    return read.value->record->plans.front().council.emergency_phone;
  };
  const std::string wanted = phone(whole);
  BOOST_TEST(!wanted.empty());
  BOOST_TEST(phone(std::string{whole}.insert(first, mail)) == wanted);
}

BOOST_AUTO_TEST_CASE(a_plan_that_cannot_be_read_beside_one_that_can_makes_the_record_incomplete) {
  test::Generate make{58};
  ProtectionRecord record = make.protection(2, 0);
  for (HeldPlan& held : record.plans) {
    held.subject.is_mother = false;
    held.plan = Plan{PlanType::cpp, make.plan_date(), {}, {}};
  }
  std::string xml = write_records(some_wrapper(make), make.uuid(), make.time(), record);
  const std::size_t start = xml.rfind("<cPPStartDate><value value=\"");
  xml.replace(start + 28, 4, "XXXX");
  const auto read = read_answer(xml);
  BOOST_REQUIRE(read.value && read.value->record);
  BOOST_TEST(read.value->record->plans.size() == 1U);
  BOOST_TEST(read.value->record->incomplete);
}

BOOST_AUTO_TEST_CASE(fewer_records_than_announced_make_the_record_incomplete) {
  test::Generate make{59};
  const std::string xml =
      write_records(some_wrapper(make), make.uuid(), make.time(), make.protection(1, 0));
  const auto read =
      read_answer(with(xml, "ChildRecords><value value=\"1\"", "ChildRecords><value value=\"3\""));
  BOOST_REQUIRE(read.value && read.value->record);
  BOOST_TEST(read.value->record->incomplete);
}

BOOST_AUTO_TEST_CASE(smsp_answers_are_read_by_their_status) {
  test::Generate make{60};
  const ProtectionRecord record = some_record(make);
  const ItkHead head{make.uuid(), "uuid_" + make.uuid(), "RX1", "RX2"};
  for (const std::string_view code :
       {"SMSP-0000", "SMSP-0001", "SMSP-0002", "SMSP-0003", "SMSP-0004", "SMSP-0005", "SMSP-9999",
        "CPIS-0001", "CPIS-9999"}) {
    const auto read =
        read_answer(write_smsp_answer(head, make.uuid(), make.time(), &record, smsp_status(code)));
    BOOST_REQUIRE(read.value);
    const bool none = code == "SMSP-0003" || code == "CPIS-0001";
    const AnswerKind want = code == "SMSP-0000" ? AnswerKind::records
                            : none              ? AnswerKind::no_records
                                                : AnswerKind::failure;
    BOOST_TEST((read.value->kind == want));
    if (want == AnswerKind::records) BOOST_TEST((read.value->record == record));
  }
}

BOOST_AUTO_TEST_SUITE_END()
