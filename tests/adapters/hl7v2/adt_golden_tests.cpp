#include <boost/test/unit_test.hpp>
#include <string>

#include "adapters/hl7v2/ack_writer.h"
#include "adapters/hl7v2/explain.h"
#include "adapters/hl7v2/understanding.h"
#include "tests/adapters/hl7v2/event_text.h"
#include "tests/support/golden.h"

using namespace cpis;
using namespace cpis::hl7v2;

BOOST_AUTO_TEST_SUITE(adt_golden_tests)

namespace {

std::string read_and_explain(const std::string& input) {
  const FeedSettings feed;
  const Understanding u = understand(input, feed);
  const auto code = ack_code(u.intake, u.header, feed.ack_mode, feed.reject_unsupported);
  // What is answered before anything is understood is the same answer.
  const Receipt receipt = read_receipt(input, feed);
  BOOST_TEST((receipt.intake == u.intake));
  BOOST_TEST(receipt.header.control_id == u.header.control_id);
  std::string text = "answer: " + std::string{code.value_or("none")} + "\n";
  if (u.event) text += cpis::test::event_text(*u.event);
  text += "--- findings\n" + cpis::test::findings_text(u.findings);
  text += "--- explain\n" + explain(input, {});
  return text;
}

}  // namespace

// The dialects of hl7v2.md 1, one folder each; all people and numbers are invented.
BOOST_AUTO_TEST_CASE(every_dialect_is_read_as_agreed) {
  cpis::test::check_golden_cases("hl7v2", 37, read_and_explain);
}

BOOST_AUTO_TEST_SUITE_END()
