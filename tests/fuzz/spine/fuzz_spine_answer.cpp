#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "adapters/spine/answer.h"

/// What was read as plans reads the same when written again; and nothing but NRF is none held.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cpis::spine;
  const auto read = read_answer(std::string_view{reinterpret_cast<const char*>(data), size});
  if (!read.value) {
    if (read.findings.empty()) std::abort();
    return 0;
  }
  const Answer& answer = *read.value;
  if (answer.record.has_value() != (answer.kind == AnswerKind::records)) std::abort();
  if (answer.kind == AnswerKind::no_records && answer.reasons.empty()) std::abort();
  const auto asked = *cpis::NhsNumber::parse("9990000018");
  const auto told = to_protection_answer(answer, asked);
  const bool none = std::holds_alternative<cpis::NoneHeld>(told);
  if (none != (answer.kind == AnswerKind::no_records)) std::abort();
  if (!answer.record) return 0;
  if (answer.record->plans.empty()) std::abort();
  const auto again =
      read_answer(write_records(answer.wrapper, answer.id, answer.at, *answer.record));
  if (!again.value || !again.value->record ||
      again.value->record->plans.size() != answer.record->plans.size()) {
    std::abort();
  }
  return 0;
}
